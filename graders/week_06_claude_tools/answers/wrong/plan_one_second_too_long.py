# shows: Reads what is exactly five minutes old.
# loses: caching-hidden 1
# %% id="caching"
def cost_usd(usage, price):
    """Return what an answer cost, from the usage that came with it."""
    if "prompt_tokens" in usage:
        details = usage.get("prompt_tokens_details") or {}
        cached, written, hour = details.get("cached_tokens") or 0, details.get("cache_write_tokens") or 0, 0
        fresh, output = usage["prompt_tokens"] - cached - written, usage["completion_tokens"]
    else:
        cached, total = (usage.get(f"cache_{kind}_input_tokens") or 0 for kind in ("read", "creation"))
        hour = (usage.get("cache_creation") or {}).get("ephemeral_1h_input_tokens") or 0
        written, fresh, output = total - hour, usage["input_tokens"], usage["output_tokens"]
    for tokens, factor in ((written, "write_factor"), (hour, "write_1h_factor")):
        if tokens and factor not in price:
            raise ValueError(f"{tokens} tokens were written to the cache and the price has no {factor}")
    written = written * price.get("write_factor", 0) + hour * price.get("write_1h_factor", 0)
    read = fresh * price["input"] + cached * price.get("cached", price["input"]) + written * price["input"]
    return (read + output * price["output"]) / 1e6


def caching_plan(tokens, gaps_s, price):
    """Return what a prefix costs under each plan, in USD."""
    plain = tokens * price["input"] / 1e6
    plans = dict.fromkeys(("none", "5m", "1h"), plain * (len(gaps_s) + 1))
    if tokens >= 1024:
        for plan, kept_s, factor in (("5m", 300, "write_factor"), ("1h", 3600, "write_1h_factor")):
            reads = sum(gap <= kept_s for gap in gaps_s)
            writes = len(gaps_s) + 1 - reads
            plans[plan] = writes * plain * price[factor] + reads * tokens * price["cached"] / 1e6
    return plans


def assistant_request(model, tools, manual, now, history, question):
    """Return the arguments of `messages.create`, what never changes first."""
    mark = {"cache_control": {"type": "ephemeral"}}
    turns = [{"role": turn["role"], "content": turn["text"]} for turn in history]
    asked = [{"type": "text", "text": question, **mark}, {"type": "text", "text": f"The time is {now}."}]
    return {
        "model": model,
        "max_tokens": 300,
        "tools": sorted(tools, key=lambda tool: tool["name"]),
        "system": [{"type": "text", "text": manual, **mark}],
        "messages": [*turns, {"role": "user", "content": asked}],
    }


defended = 0.0232
