# shows: Content in parts, the developer role, a for loop with exception classes, the wait in milliseconds.
# %% id="turn"
def take_turn(client, model, history, text, *, system="", limit=200, fit=keep_all, send=plain_send):
    def part(words):
        return [{"type": "text", "text": words}]

    messages = []
    if system:
        messages.append({"role": "developer", "content": part(system)})
    messages.extend(dict(message) for message in history)
    messages.append({"role": "user", "content": part(text)})
    request = dict(model=model, messages=list(fit(messages)), max_completion_tokens=limit, temperature=0)
    answer = send(client, request).to_dict()
    message = answer["choices"][0]["message"]
    remembered = list(history) + [
        {"role": "user", "content": text},
        {"role": message["role"], "content": message.get("content") or ""},
    ]
    return {
        "text": remembered[-1]["content"],
        "history": remembered,
        "usage": {"input": answer["usage"]["prompt_tokens"], "output": answer["usage"]["completion_tokens"]},
        "cut": answer["choices"][0]["finish_reason"] != "stop",
    }


# %% id="trim"
def trim(messages, budget, count):
    first = 0
    while first < len(messages) and messages[first]["role"] in ("system", "developer"):
        first += 1
    end = len(messages)
    spent = sum(count(message) for message in messages[:first])
    begin = end
    for place in range(end - 1, first - 1, -1):
        spent += count(messages[place])
        if messages[place]["role"] == "user":
            if spent > budget and begin != end:
                break
            begin = place
    return list(messages[:first]) + list(messages[begin:])


# %% id="retries"
MAY_PASS = (openai.APIConnectionError, openai.RateLimitError, openai.ConflictError, openai.InternalServerError)


def send_with_retries(client, request, *, attempts=4, base_s=0.5, most_s=8.0, sleep=time.sleep, rng=random):
    quiet = client.with_options(max_retries=0)
    full = base_s
    for left in range(attempts - 1, -1, -1):
        try:
            return quiet.chat.completions.create(**request)
        except openai.OpenAIError as error:
            passing = isinstance(error, MAY_PASS) or getattr(error, "status_code", None) == 408
            if not passing or not left:
                raise
            response = getattr(error, "response", None)
            milliseconds = response.headers.get("retry-after-ms") if response is not None else None
        capped = min(full, most_s)
        sleep(int(milliseconds) / 1000 if milliseconds else capped / 2 + rng.random() * capped / 2)
        full *= 2
    return None


# %% id="ledger"
def cost_usd(usage, price):
    try:
        cached = int(usage["prompt_tokens_details"]["cached_tokens"])
    except (KeyError, TypeError):
        cached = 0
    rate = {name: usd / 1e6 for name, usd in price.items()}
    usd = (usage["prompt_tokens"] - cached) * rate["input"] + usage["completion_tokens"] * rate["output"]
    return usd + cached * rate.get("cached", rate["input"])


class Ledger:
    def __init__(self, prices, budget_usd, count):
        self.prices = prices
        self.left = budget_usd
        self.count = count
        self.calls = []

    def ask(self, client, request, send=plain_send):
        price = self.prices[request["model"]]
        sent = sum(self.count(message) for message in request["messages"])
        most = (sent * price["input"] + request["max_completion_tokens"] * price["output"]) / 1e6
        if most > self.left - sum(usd for usd, _ in self.calls):
            raise OverBudget("not enough left")
        completion = send(client, request)
        usage = completion.usage.to_dict()
        self.calls.append((cost_usd(usage, price), usage))
        return completion

    def report(self):
        usages = [usage for _, usage in self.calls]
        return {
            "calls": len(usages),
            "input": sum(usage["prompt_tokens"] for usage in usages),
            "cached": sum(usage["prompt_tokens_details"]["cached_tokens"] for usage in usages),
            "output": sum(usage["completion_tokens"] for usage in usages),
            "usd": sum(usd for usd, _ in self.calls),
        }
