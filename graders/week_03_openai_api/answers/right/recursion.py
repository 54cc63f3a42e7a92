# shows: Recursion in place of loops, a closure, a message object turned into a dictionary.
# %% id="turn"
def take_turn(client, model, history, text, *, system="", limit=200, fit=keep_all, send=plain_send):
    new = history + [{"role": "user", "content": text}]
    frame = [dict(role="system", content=system)] * bool(system)
    done = send(client, dict(max_completion_tokens=limit, messages=fit(frame + new), model=model))
    said = done.choices[0].message.model_dump(include={"role", "content"})
    said["content"] = said["content"] if said["content"] is not None else ""
    return dict(
        text=said["content"],
        history=new + [said],
        usage=dict(input=done.usage.total_tokens - done.usage.completion_tokens, output=done.usage.completion_tokens),
        cut=done.choices[0].finish_reason == "length",
    )


# %% id="trim"
def trim(messages, budget, count):
    if messages and messages[0]["role"] in ("system", "developer"):
        return messages[:1] + trim(messages[1:], budget - count(messages[0]), count)
    users = [place for place in range(len(messages)) if messages[place]["role"] == "user"]
    if not users:
        return []
    if users[0] > 0:
        return trim(messages[users[0] :], budget, count)
    if len(users) == 1 or sum(count(message) for message in messages) <= budget:
        return list(messages)
    return trim(messages[users[1] :], budget, count)


# %% id="retries"
def send_with_retries(client, request, *, attempts=4, base_s=0.5, most_s=8.0, sleep=time.sleep, rng=random, _n=0):
    try:
        return client.with_options(max_retries=0).chat.completions.create(**request)
    except (openai.APIConnectionError, openai.APIStatusError) as error:
        status = getattr(error, "status_code", 599)
        if _n + 1 >= attempts or not (status >= 500 or status in {408, 409, 429}):
            raise
        asked = error.response.headers.get("retry-after") if hasattr(error, "response") else None
        seconds = float(asked) if asked else min(base_s * 2**_n, most_s) * rng.uniform(0.5, 1.0)
    sleep(seconds)
    return send_with_retries(
        client, request, attempts=attempts, base_s=base_s, most_s=most_s, sleep=sleep, rng=rng, _n=_n + 1
    )


# %% id="ledger"
def cost_usd(usage, price):
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if details else 0
    tokens = {"input": usage["prompt_tokens"] - (cached or 0), "output": usage["completion_tokens"]}
    tokens["cached"] = cached or 0
    prices = {"cached": price["input"], **price}
    return sum(tokens[name] / 1_000_000 * prices[name] for name in tokens)


def Ledger(prices, budget_usd, count):
    return Books(prices, budget_usd, count, ())


class Books:
    def __init__(self, *settings):
        self.prices, self.budget_usd, self.count, self.entries = settings

    def ask(self, client, request, send=plain_send):
        if request["model"] not in self.prices:
            raise KeyError(request["model"])
        price = self.prices[request["model"]]
        worst = dict(
            prompt_tokens=sum(map(self.count, request["messages"])), completion_tokens=request["max_completion_tokens"]
        )
        if self.report()["usd"] + cost_usd(worst, price) <= self.budget_usd:
            done = send(client, request)
            self.entries = (*self.entries, (done.usage, price))
            return done
        raise OverBudget

    def report(self):
        usages = [usage for usage, _ in self.entries]
        return {
            "calls": len(usages),
            "usd": sum(cost_usd(usage.model_dump(), price) for usage, price in self.entries),
            "input": sum(usage.prompt_tokens for usage in usages),
            "output": sum(usage.completion_tokens for usage in usages),
            "cached": sum(usage.prompt_tokens_details.cached_tokens for usage in usages),
        }
