# shows: Adds reasoning tokens to the output, which holds them already.
# loses: ledger-hidden 1
# %% id="ledger"
def cached_tokens(usage):
    return (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0


def cost_usd(usage, price):
    cached = cached_tokens(usage)
    fresh = usage["prompt_tokens"] - cached
    read = price["input"] * fresh + price.get("cached", price["input"]) * cached
    thought = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens") or 0
    return (read + price["output"] * (usage["completion_tokens"] + thought)) / 1_000_000


class Ledger:
    def __init__(self, prices, budget_usd, count):
        self.prices, self.budget_usd, self.count = prices, budget_usd, count
        self.booked = {"calls": 0, "input": 0, "cached": 0, "output": 0, "usd": 0.0}

    def ask(self, client, request, send=plain_send):
        price = self.prices[request["model"]]
        counted = sum(map(self.count, request["messages"]))
        most = cost_usd({"prompt_tokens": counted, "completion_tokens": request["max_completion_tokens"]}, price)
        if self.booked["usd"] + most > self.budget_usd:
            raise OverBudget
        completion = send(client, request)
        usage = completion.usage.model_dump()
        self.booked["calls"] += 1
        self.booked["input"] += usage["prompt_tokens"]
        self.booked["cached"] += cached_tokens(usage)
        self.booked["output"] += usage["completion_tokens"]
        self.booked["usd"] += cost_usd(usage, price)
        return completion

    def report(self):
        return dict(self.booked)
