# shows: One table of differences for both providers; the time as a system message in mid-conversation; tuples and counters.
# %% id="run"
def run(client, model, history, tools, functions, *, system="", max_tokens=300, max_rounds=4):
    claude = type(client).__module__.startswith("anthropic")
    turns, total = [*history], [0, 0]
    rounds = 0
    while True:
        last = rounds >= max_rounds
        if claude:
            body = client.with_options(max_retries=0).messages.create(
                **claude_request(model, turns, tools, system, max_tokens, last)
            )
            words = "".join(b.text for b in body.content if b.type == "text")
            calls = [{"id": b.id, "name": b.name, "arguments": b.input} for b in body.content if b.type == "tool_use"]
            stop, used = body.stop_reason, body.usage
            spent = (
                used.input_tokens + (used.cache_creation_input_tokens or 0) + (used.cache_read_input_tokens or 0),
                used.output_tokens,
            )
        else:
            body = client.chat.completions.create(**chat_request(model, turns, tools, system, max_tokens, last))
            message, stop = body.choices[0].message, body.choices[0].finish_reason
            words = message.content or ""
            calls = [
                {"id": c.id, "name": c.function.name, "arguments": json.loads(c.function.arguments)}
                for c in message.tool_calls or []
            ]
            spent = body.usage.prompt_tokens, body.usage.completion_tokens
        total = [a + b for a, b in zip(total, spent)]
        turns = turns + [{"role": "assistant", "text": words, "calls": calls}]
        rounds += 1
        if last or not calls:
            break
        results = []
        for call in calls:
            try:
                found = functions[call["name"]]
            except KeyError:
                results.append({"id": call["id"], "text": "no such tool: " + " ".join(functions), "failed": True})
                continue
            try:
                value, failed = found(**call["arguments"]), False
            except BaseException as error:
                value, failed = f"{error}" or "failed", True
            results.append(
                {"id": call["id"], "text": value if type(value) is str else json.dumps(value), "failed": failed}
            )
        turns = turns + [{"role": "results", "results": results}]
    stop = STOPS[stop] if stop in STOPS else "other"
    return dict(text=words, stop=stop, requests=rounds, usage=dict(zip(("input", "output"), total)), history=turns)


def claude_request(model, turns, tools, system, max_tokens, last):
    messages = []
    for turn in turns:
        if turn["role"] == "results":
            content = [
                {"type": "tool_result", "tool_use_id": r["id"], "is_error": r["failed"], "content": r["text"]}
                for r in turn["results"]
            ]
            messages.append({"role": "user", "content": content})
        elif turn.get("calls"):
            content = [
                {"type": "tool_use", "id": c["id"], "name": c["name"], "input": c["arguments"]} for c in turn["calls"]
            ]
            messages.append(
                {
                    "role": "assistant",
                    "content": ([{"type": "text", "text": turn["text"]}] if turn["text"] else []) + content,
                }
            )
        else:
            messages.append({"role": turn["role"], "content": turn["text"]})
    request = {"model": model, "messages": messages, "max_tokens": max_tokens, "system": system or anthropic.NOT_GIVEN}
    if tools:
        names = {"name": "name", "description": "description", "input_schema": "schema"}
        request["tools"] = [{wire: tool[own] for wire, own in names.items()} for tool in tools]
        request["tool_choice"] = {"type": "none" if last else "auto"}
    return request


def chat_request(model, turns, tools, system, max_tokens, last):
    messages = [{"role": "system", "content": system}] * bool(system)
    for turn in turns:
        if turn["role"] == "results":
            for r in turn["results"]:
                messages.append(
                    {
                        "role": "tool",
                        "tool_call_id": r["id"],
                        "content": json.dumps(dict(error=r["text"])) if r["failed"] else r["text"],
                    }
                )
        else:
            message = {"role": turn["role"], "content": turn["text"]}
            made = [
                {
                    "id": c["id"],
                    "type": "function",
                    "function": {"name": c["name"], "arguments": json.dumps(c["arguments"])},
                }
                for c in turn.get("calls", [])
            ]
            messages.append(message | ({"tool_calls": made} if made else {}))
    names = {"name": "name", "description": "description", "parameters": "schema"}
    offered = [{"type": "function", "function": {wire: tool[own] for wire, own in names.items()}} for tool in tools]
    extra = {"tools": offered, "tool_choice": "none" if last else "auto"} if offered else {}
    return {"model": model, "messages": messages, "max_completion_tokens": max_tokens, **extra}


# %% id="events"
def stream_events(client, request):
    if type(client).__module__.startswith("anthropic"):
        raw = client.messages.create(**request, stream=True)
        step, state = claude_step, {"read": 0}
    else:
        raw = client.chat.completions.create(**request, stream=True, stream_options={"include_usage": True})
        step, state = chat_step, {"call": None, "stop": None}
    pieces = iter(raw)
    while True:
        try:
            piece = next(pieces)
        except StopIteration:
            break
        except Exception:
            break
        for event in step(piece, state):
            yield event
            if event["type"] == "end":
                return
    yield {"type": "cut"}


def claude_step(event, state):
    if event.type == "message_start":
        usage = event.message.usage.model_dump()
        state["read"] = sum(
            usage[name] or 0 for name in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        )
    elif event.type == "content_block_start":
        state["block"], state["json"] = event.content_block, []
    elif event.type == "content_block_delta":
        if event.delta.type == "text_delta" and event.delta.text:
            return [{"type": "text", "text": event.delta.text}]
        state["json"].append(getattr(event.delta, "partial_json", ""))
    elif event.type == "content_block_stop" and state["block"].type == "tool_use":
        text = "".join(state["json"])
        return [
            {
                "type": "call",
                "id": state["block"].id,
                "name": state["block"].name,
                "arguments": json.loads(text) if text else {},
            }
        ]
    elif event.type == "message_delta":
        usage = {"input": state["read"], "output": event.usage.output_tokens}
        return [{"type": "end", "stop": STOPS.get(event.delta.stop_reason, "other"), "usage": usage}]
    return []


def chat_step(chunk, state):
    events = []
    for choice in chunk.choices:
        if choice.delta.content:
            events.append({"type": "text", "text": choice.delta.content})
        for piece in choice.delta.tool_calls or []:
            if piece.function.name:
                events += finished(state)
                state["call"] = [piece.id, piece.function.name, ""]
            state["call"][2] += piece.function.arguments or ""
        if choice.finish_reason:
            events += finished(state)
            state["stop"] = choice.finish_reason
    if chunk.usage:
        usage = {"input": chunk.usage.prompt_tokens, "output": chunk.usage.completion_tokens}
        events.append({"type": "end", "stop": STOPS.get(state["stop"], "other"), "usage": usage})
    return events


def finished(state):
    call, state["call"] = state["call"], None
    return [{"type": "call", "id": call[0], "name": call[1], "arguments": json.loads(call[2])}] if call else []


# %% id="caching"
def cost_usd(usage, price):
    def of(container, name):
        return (container or {}).get(name) or 0

    if "prompt_tokens" in usage:
        details = usage.get("prompt_tokens_details")
        read, five, hour = of(details, "cached_tokens"), of(details, "cache_write_tokens"), 0
        fresh, output = usage["prompt_tokens"] - read - five, usage["completion_tokens"]
    else:
        read, hour = of(usage, "cache_read_input_tokens"), of(usage.get("cache_creation"), "ephemeral_1h_input_tokens")
        five = of(usage, "cache_creation_input_tokens") - hour
        fresh, output = usage["input_tokens"], usage["output_tokens"]
    if (five and price.get("write_factor") is None) or (hour and price.get("write_1h_factor") is None):
        raise ValueError("nobody knows what writing costs")
    weighted = fresh + five * (price.get("write_factor") or 0) + hour * (price.get("write_1h_factor") or 0)
    return (
        weighted * price["input"] + read * price.get("cached", price["input"]) + output * price["output"]
    ) / 1_000_000


def caching_plan(tokens, gaps_s, price):
    each = tokens / 1e6
    plans = {"none": each * price["input"] * (1 + len(gaps_s))}
    for plan, lasts in (("5m", 300), ("1h", 3600)):
        if tokens < 1024:
            plans[plan] = plans["none"]
            continue
        write = each * price["input"] * (price["write_factor"] if plan == "5m" else price["write_1h_factor"])
        plans[plan] = write + sum(write if gap >= lasts else each * price["cached"] for gap in gaps_s)
    return plans


def assistant_request(model, tools, manual, now, history, question):
    # The time follows the question, as a system message in mid-conversation.
    messages = [*({"role": t["role"], "content": t["text"]} for t in history)]
    messages.append(
        {"role": "user", "content": [{"type": "text", "text": question, "cache_control": {"type": "ephemeral"}}]}
    )
    messages.append({"role": "system", "content": f"Now: {now}"})
    return {
        "model": model,
        "max_tokens": 300,
        "system": [{"type": "text", "text": "You answer from the manual."}, {"type": "text", "text": manual}],
        "tools": sorted(tools, key=json.dumps),
        "messages": messages,
    }


defended = 0.0235


# %% id="comparison"
def comparable(runs):
    made = {}
    for run in runs:
        made.setdefault(run["prompt"], {})[run["contender"]] = run["settings"]
    contenders = {run["contender"] for run in runs}
    return [
        p
        for p in sorted(made)
        if set(made[p]) == contenders and all(s == list(made[p].values())[0] for s in made[p].values())
    ]


def scorecard(runs, prices):
    fair = comparable(runs)
    card = {}
    for contender in dict.fromkeys(run["contender"] for run in runs):
        own = [run for run in runs if run["contender"] == contender and run["prompt"] in fair]
        score = math.fsum(rule_score(run) for run in own) / len(own)
        read, written = sum(run["input"] for run in own), sum(run["output"] for run in own)
        price = prices[own[0]["wire"]]
        usd = (read * price["input"] + written * price["output"]) / 1e6
        card[contender] = {"prompts": len(own), "score": score, "input": read, "output": written, "usd": usd}
    return card


def duel(judge, question, one, two):
    first = judge(question, one, two).replace(".", " ").strip().lower()
    second = judge(question, two, one).replace(".", " ").strip().lower()
    if first not in ("a", "b", "tie") or second not in ("a", "b", "tie"):
        return "void"
    if (first, second) == ("a", "b"):
        return "one"
    return "two" if (first, second) == ("b", "a") else "tie"


def verdict(outcomes):
    from collections import Counter

    counts = Counter(outcomes)
    low, n = min(counts["one"], counts["two"]), counts["one"] + counts["two"]
    p = min(1.0, sum(math.comb(n, i) for i in range(low + 1)) / 2 ** (n - 1)) if n else 1.0
    found = {name: counts[name] for name in ("one", "two", "tie", "void")}
    return found | {"p": p, "better": max(("one", "two"), key=lambda name: counts[name]) if p < 0.05 else None}
