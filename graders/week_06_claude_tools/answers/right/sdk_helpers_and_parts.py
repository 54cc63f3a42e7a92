# shows: Recursion, content as parts, the role developer, the SDKs' own stream helpers; two marks that need no order of blocks.
# %% id="run"
def run(client, model, history, tools, functions, *, system="", max_tokens=300, max_rounds=4):
    wire = Messages() if isinstance(client, anthropic.Anthropic) else Chat()
    request = wire.request(model, history, tools, system, max_tokens, max_rounds > 0)
    turn, stop, used = wire.read(wire.create(client)(**request))
    done = {
        "text": turn["text"],
        "stop": STOPS.get(stop, "other"),
        "requests": 1,
        "usage": used,
        "history": history + [turn],
    }
    if not turn["calls"] or max_rounds <= 0:
        return done
    results = {"role": "results", "results": [attempt(functions, **call) for call in turn["calls"]]}
    settings = dict(system=system, max_tokens=max_tokens, max_rounds=max_rounds - 1)
    rest = run(client, model, [*done["history"], results], tools, functions, **settings)
    rest["requests"] += 1
    rest["usage"] = {way: rest["usage"][way] + used[way] for way in used}
    return rest


def attempt(functions, id, name, arguments):
    function = functions.get(name)
    if function is None:
        return {"id": id, "text": f"unknown tool {name}; known: {sorted(functions)}", "failed": True}
    try:
        value = function(**arguments)
    except Exception as error:
        return {"id": id, "text": repr(error), "failed": True}
    text = value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False)
    return {"id": id, "text": text, "failed": False}


class Chat:
    def create(self, client):
        return client.chat.completions.create

    def request(self, model, history, tools, system, max_tokens, may_call):
        messages = [{"role": "developer", "content": [{"type": "text", "text": system}]}] if system else []
        for turn in history:
            messages += getattr(self, turn["role"])(turn)
        request = {"model": model, "messages": messages, "max_completion_tokens": max_tokens}
        if tools:
            request["tools"] = [
                {
                    "type": "function",
                    "function": {"parameters": tool["schema"], **{key: tool[key] for key in ("name", "description")}},
                }
                for tool in tools
            ]
            if not may_call:
                request["tool_choice"] = "none"
        return request

    def user(self, turn):
        return [{"role": "user", "content": [{"type": "text", "text": turn["text"]}]}]

    def assistant(self, turn):
        message = {"role": "assistant", "content": turn["text"] or None}
        if turn.get("calls"):
            message["tool_calls"] = [
                {
                    "id": c["id"],
                    "type": "function",
                    "function": {"name": c["name"], "arguments": json.dumps(c["arguments"], ensure_ascii=False)},
                }
                for c in turn["calls"]
            ]
        elif not turn["text"]:
            message["content"] = ""
        return [message]

    def results(self, turn):
        contents = [
            json.dumps({"error": r["text"], "ok": False}) if r["failed"] else r["text"] for r in turn["results"]
        ]
        return [{"role": "tool", "tool_call_id": r["id"], "content": c} for r, c in zip(turn["results"], contents)]

    def read(self, body):
        choice, usage = body.model_dump()["choices"][0], body.usage
        calls = [
            dict(id=c["id"], name=c["function"]["name"], arguments=json.loads(c["function"]["arguments"]))
            for c in choice["message"].get("tool_calls") or ()
        ]
        turn = {"role": "assistant", "text": choice["message"]["content"] or "", "calls": calls}
        return (
            turn,
            choice["finish_reason"],
            {"input": usage.total_tokens - usage.completion_tokens, "output": usage.completion_tokens},
        )


class Messages:
    def create(self, client):
        return client.messages.create

    def request(self, model, history, tools, system, max_tokens, may_call):
        request = {"model": model, "max_tokens": max_tokens, "messages": [self.message(turn) for turn in history]}
        if system:
            request["system"] = [{"type": "text", "text": system}]
        if tools:
            request["tools"] = [
                {"type": "custom", "name": t["name"], "description": t["description"], "input_schema": t["schema"]}
                for t in tools
            ]
            if not may_call:
                request["tool_choice"] = {"type": "none"}
        return request

    def message(self, turn):
        blocks = []
        for result in turn.get("results", []):
            block = {
                "type": "tool_result",
                "tool_use_id": result["id"],
                "content": [{"type": "text", "text": result["text"]}],
            }
            blocks.append({**block, "is_error": True} if result["failed"] else block)
        if turn.get("text"):
            blocks.append({"type": "text", "text": turn["text"]})
        for call in turn.get("calls", []):
            blocks.append({"type": "tool_use", "id": call["id"], "name": call["name"], "input": call["arguments"]})
        return {"role": "assistant" if turn["role"] == "assistant" else "user", "content": blocks}

    def read(self, body):
        plain = body.to_dict()
        turn = {"role": "assistant", "text": "", "calls": []}
        for block in plain["content"]:
            if block["type"] == "text":
                turn["text"] += block["text"]
            if block["type"] == "tool_use":
                turn["calls"].append({"id": block["id"], "name": block["name"], "arguments": block["input"]})
        usage = plain["usage"]
        total = sum(tokens for name, tokens in usage.items() if name.endswith("input_tokens") and tokens)
        return turn, plain["stop_reason"], {"input": total, "output": usage["output_tokens"]}


# %% id="events"
def stream_events(client, request):
    if isinstance(client, anthropic.Anthropic):
        manager, reader = client.messages.stream(**request), read_messages
    else:
        manager, reader = client.chat.completions.stream(**request, stream_options={"include_usage": True}), read_chat
    with manager as stream:
        ended = False
        try:
            for event in reader(stream):
                ended = event["type"] == "end"
                yield event
        except (httpx.HTTPError, httpx2.HTTPError, openai.OpenAIError, anthropic.AnthropicError):
            pass
        if not ended:
            yield dict(type="cut")


def read_messages(stream):
    for event in stream:
        if event.type == "text":
            yield {"type": "text", "text": event.text}
        if event.type == "content_block_stop" and event.content_block.type == "tool_use":
            block = event.content_block
            yield {"type": "call", "id": block.id, "name": block.name, "arguments": dict(block.input)}
        if event.type == "message_stop":
            usage = event.message.usage
            read = [usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens]
            used = {"input": sum(filter(None, read)), "output": usage.output_tokens}
            yield {"type": "end", "stop": STOPS.get(event.message.stop_reason, "other"), "usage": used}


def read_chat(stream):
    calls, finish, usage = {}, None, None
    for event in stream:
        if event.type != "chunk":
            continue
        usage = event.chunk.usage or usage
        for choice in event.chunk.choices:
            if choice.delta.content:
                yield {"type": "text", "text": choice.delta.content}
            for piece in choice.delta.tool_calls or ():
                held = calls.setdefault(
                    piece.index, {"type": "call", "id": piece.id, "name": piece.function.name, "arguments": ""}
                )
                held["arguments"] += piece.function.arguments or ""
            finish = choice.finish_reason or finish
    if finish is None or usage is None:
        return
    for call in calls.values():
        yield {**call, "arguments": json.loads(call["arguments"])}
    yield {
        "type": "end",
        "stop": STOPS.get(finish, "other"),
        "usage": {"input": usage.prompt_tokens, "output": usage.completion_tokens},
    }


# %% id="caching"
def cost_usd(usage, price):
    bill = {"input": 0, "cached": 0, "write_factor": 0, "write_1h_factor": 0, "output": 0}
    if "input_tokens" in usage:
        bill["input"], bill["output"] = usage["input_tokens"], usage["output_tokens"]
        bill["cached"] = usage.get("cache_read_input_tokens") or 0
        bill["write_factor"] = usage.get("cache_creation_input_tokens") or 0
        long = usage.get("cache_creation")
        bill["write_1h_factor"] = long.get("ephemeral_1h_input_tokens", 0) if long else 0
        bill["write_factor"] -= bill["write_1h_factor"]
    else:
        details = usage.get("prompt_tokens_details")
        bill["cached"] = details and details.get("cached_tokens") or 0
        bill["write_factor"] = details and details.get("cache_write_tokens") or 0
        bill["input"] = usage["prompt_tokens"] - bill["cached"] - bill["write_factor"]
        bill["output"] = usage["completion_tokens"]
    usd = 0.0
    for kind, tokens in bill.items():
        if not tokens:
            continue
        if kind.endswith("factor"):
            try:
                usd += tokens * price["input"] * price[kind]
            except KeyError:
                raise ValueError(kind) from None
        else:
            usd += tokens * price.get(kind, price["input"])
    return usd * 1e-6


def caching_plan(tokens, gaps_s, price):
    def walk(lasts, factor):
        total, left = 0.0, 0.0
        for gap in [0.0, *gaps_s]:
            left -= gap
            total += price["cached"] if left > 0 else price["input"] * factor
            left = lasts
        return total * tokens / 1e6

    short = tokens < 1024
    return {
        name: walk(0 if short else lasts, 1 if short else factor)
        for name, lasts, factor in (
            ("none", 0, 1),
            ("5m", 300, price["write_factor"]),
            ("1h", 3600, price["write_1h_factor"]),
        )
    }


def assistant_request(model, tools, manual, now, history, question):
    keep = {"type": "ephemeral", "ttl": "1h"}
    offered = [dict(tool) for tool in sorted(tools, key=lambda tool: tool["description"])]
    offered[-1]["cache_control"] = keep
    messages = [{"role": turn["role"], "content": [{"type": "text", "text": turn["text"]}]} for turn in history]
    if messages:
        messages[-1]["content"][0]["cache_control"] = {"type": "ephemeral"}
    last = [{"type": "text", "text": f"<time>{now}</time>"}, {"type": "text", "text": question}]
    messages.append({"role": "user", "content": last})
    system = [{"type": "text", "text": manual, "cache_control": keep}]
    return dict(model=model, max_tokens=300, tools=offered, system=system, messages=messages)


defended = 0.0318


# %% id="comparison"
def comparable(runs):
    everyone = len({run["contender"] for run in runs})
    fair = []
    for prompt in {run["prompt"] for run in runs}:
        settings = {
            run["contender"]: json.dumps(run["settings"], sort_keys=True) for run in runs if run["prompt"] == prompt
        }
        if len(settings) == everyone and len(set(settings.values())) == 1:
            fair.append(prompt)
    fair.sort()
    return fair


def scorecard(runs, prices):
    fair = comparable(runs)
    card = {}
    for run in runs:
        if run["prompt"] not in fair:
            continue
        row = card.setdefault(run["contender"], {"prompts": 0, "score": 0.0, "input": 0, "output": 0, "usd": 0.0})
        price = prices[run["wire"]]
        row["score"] = (row["score"] * row["prompts"] + rule_score(run)) / (row["prompts"] + 1)
        row["prompts"] += 1
        for way in ("input", "output"):
            row[way] += run[way]
            row["usd"] += run[way] * price[way] / 1_000_000
    return card


def duel(judge, question, one, two):
    swapped, straight = judge(question, two, one), judge(question, one, two)
    votes = []
    for reply, names in ((straight, ("one", "two")), (swapped, ("two", "one"))):
        found = re.fullmatch(r"[\s.]*(a|b|tie)[\s.]*", reply, re.IGNORECASE)
        if not found:
            return "void"
        votes.append({"A": names[0], "B": names[1], "TIE": "tie"}[found[1].upper()])
    return votes[0] if votes[0] == votes[1] else "tie"


def verdict(outcomes):
    from fractions import Fraction

    one, two = (sum(outcome == name for outcome in outcomes) for name in ("one", "two"))
    row = [Fraction(1)]
    for _ in range(one + two):
        row = [(a + b) / 2 for a, b in zip([0, *row], [*row, 0])]
    p = sum(share for share in row if share <= row[one])  # every outcome at least as unlikely, on either side
    better = None if p >= 0.05 else max((one, "one"), (two, "two"))[1]
    return {
        "better": better,
        "p": float(p),
        "one": one,
        "two": two,
        "tie": outcomes.count("tie"),
        "void": outcomes.count("void"),
    }
