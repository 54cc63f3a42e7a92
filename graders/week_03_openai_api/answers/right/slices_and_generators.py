# shows: Trimming by slices from the front, waits from a generator, books in a Counter.
# %% id="turn"
def take_turn(client, model, history, text, *, system="", limit=200, fit=keep_all, send=plain_send):
    conversation = history.copy()
    conversation.append({"content": text, "role": "user"})
    outgoing = conversation.copy()
    if system != "":
        outgoing.insert(0, {"content": system, "role": "system"})
    request = {"max_completion_tokens": limit, "messages": fit(outgoing), "model": model, "n": 1}
    answer = send(client, request)
    (choice,) = answer.choices
    text = choice.message.content
    if text is None:
        text = ""
    conversation.append({"content": text, "role": "assistant"})
    usage = {"output": answer.usage.completion_tokens, "input": answer.usage.prompt_tokens}
    return {"cut": choice.finish_reason in ("length",), "usage": usage, "text": text, "history": conversation}


# %% id="trim"
def trim(messages, budget, count):
    def is_user(message):
        return message["role"] == "user"

    head = [message for message in messages if message["role"] in {"system", "developer"}]
    tails = [messages[place:] for place, message in enumerate(messages) if is_user(message)]
    for tail in tails:
        if sum(count(message) for message in head + tail) <= budget:
            return head + tail
    return head + tails[-1] if tails else head


# %% id="retries"
def waits(base_s, most_s, rng):
    while True:
        full = base_s if base_s < most_s else most_s
        yield full * (1 - rng.random() / 2)
        base_s += base_s


def send_with_retries(client, request, *, attempts=4, base_s=0.5, most_s=8.0, sleep=time.sleep, rng=random):
    backoff = waits(base_s, most_s, rng)
    client = client.copy(max_retries=0)
    while True:
        attempts -= 1
        wait = next(backoff)
        try:
            return plain_send(client, request)
        except openai.APIStatusError as error:
            if attempts == 0 or (400 <= error.status_code < 500 and error.status_code not in (408, 409, 429)):
                raise
            if "retry-after" in error.response.headers:
                wait = float(error.response.headers["retry-after"])
        except openai.APIConnectionError:
            if attempts == 0:
                raise
        sleep(wait)


# %% id="ledger"
def cost_usd(usage, price):
    known = usage.get("prompt_tokens_details") or {}
    cached = known.get("cached_tokens", 0) or 0
    millionths = usage["prompt_tokens"] * price["input"] + usage["completion_tokens"] * price["output"]
    return (millionths - cached * (price["input"] - price.get("cached", price["input"]))) / 1_000_000


class Ledger:
    def __init__(self, prices, budget_usd, count):
        from collections import Counter

        self.prices, self.left, self.count, self.books = prices, budget_usd, count, Counter()

    def ask(self, client, request, send=plain_send):
        price = self.prices[request["model"]]
        usage = {"prompt_tokens": 0, "completion_tokens": request["max_completion_tokens"]}
        for message in request["messages"]:
            usage["prompt_tokens"] += self.count(message)
        if cost_usd(usage, price) > self.left:
            raise OverBudget(request["model"])
        answer = send(client, request)
        usage = answer.usage.model_dump()
        spent = cost_usd(usage, price)
        self.left -= spent
        self.books["usd"] += spent
        self.books["calls"] += 1
        self.books["input"] += answer.usage.prompt_tokens
        self.books["cached"] += answer.usage.prompt_tokens_details.cached_tokens
        self.books["output"] += answer.usage.completion_tokens
        return answer

    def report(self):
        return {name: self.books[name] for name in ("calls", "input", "cached", "output", "usd")}
