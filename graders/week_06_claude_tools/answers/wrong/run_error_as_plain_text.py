# shows: Reports a failed tool to OpenAI as if its message were a result.
# loses: run-visible 1, run-hidden 2
# %% id="run"
def run(client, model, history, tools, functions, *, system="", max_tokens=300, max_rounds=4):
    """Answer the last turn of `history` with the help of tools, on whichever provider `client` belongs to."""
    ask = ask_anthropic if isinstance(client, Anthropic) else ask_openai
    turns, spent = list(history), {"input": 0, "output": 0}
    for number in range(max_rounds + 1):
        choice = "none" if number == max_rounds else "auto"
        reply = ask(client, model, turns, tools, choice, system, max_tokens)
        spent = {way: spent[way] + reply["usage"][way] for way in spent}
        turns.append({"role": "assistant", "text": reply["text"], "calls": reply["calls"]})
        if not reply["calls"]:
            break
        turns.append({"role": "results", "results": [result_of(functions, call) for call in reply["calls"]]})
    return {
        "text": reply["text"],
        "stop": STOPS.get(reply["stop"], "other"),
        "requests": number + 1,
        "usage": spent,
        "history": turns,
    }


def result_of(functions, call):
    """Run a call; what goes wrong is a result too, for the model to read."""
    try:
        if call["name"] not in functions:
            raise LookupError(f"there is no tool {call['name']!r}; there are {', '.join(functions)}")
        value = functions[call["name"]](**call["arguments"])
    except Exception as error:
        return {"id": call["id"], "text": f"{type(error).__name__}: {error}", "failed": True}
    return {"id": call["id"], "text": value if isinstance(value, str) else json.dumps(value), "failed": False}


def ask_openai(client, model, turns, tools, choice, system, max_tokens):
    """One exchange over Chat Completions."""
    first = [{"role": "system", "content": system}] if system else []
    offered = {"tools": [openai_tool(tool) for tool in tools], "tool_choice": choice} if tools else {}
    messages = first + [message for turn in turns for message in openai_messages(turn)]
    body = client.chat.completions.create(model=model, messages=messages, max_completion_tokens=max_tokens, **offered)
    said = body.choices[0].message
    calls = [
        {"id": call.id, "name": call.function.name, "arguments": json.loads(call.function.arguments)}
        for call in said.tool_calls or []
    ]
    usage = {"input": body.usage.prompt_tokens, "output": body.usage.completion_tokens}
    return {"text": said.content or "", "calls": calls, "stop": body.choices[0].finish_reason, "usage": usage}


def openai_tool(tool):
    """A tool in OpenAI's words."""
    about = {"name": tool["name"], "description": tool["description"], "parameters": tool["schema"]}
    return {"type": "function", "function": about}


def openai_messages(turn):
    """A turn as OpenAI's messages: every result is one of its own."""
    if turn["role"] == "results":
        return [
            {
                "role": "tool",
                "tool_call_id": result["id"],
                "content": result["text"],
            }
            for result in turn["results"]
        ]
    calls = [
        {
            "id": call["id"],
            "type": "function",
            "function": {"name": call["name"], "arguments": json.dumps(call["arguments"])},
        }
        for call in turn.get("calls", [])
    ]
    return [{"role": turn["role"], "content": turn["text"], **({"tool_calls": calls} if calls else {})}]


def ask_anthropic(client, model, turns, tools, choice, system, max_tokens):
    """One exchange over Messages."""
    words = {"system": system} if system else {}
    offered = {"tools": [anthropic_tool(tool) for tool in tools], "tool_choice": {"type": choice}} if tools else {}
    messages = [anthropic_message(turn) for turn in turns]
    body = client.messages.create(model=model, messages=messages, max_tokens=max_tokens, **words, **offered)
    calls = [
        {"id": block.id, "name": block.name, "arguments": block.input}
        for block in body.content
        if block.type == "tool_use"
    ]
    read = (body.usage.input_tokens, body.usage.cache_read_input_tokens, body.usage.cache_creation_input_tokens)
    return {
        "text": "".join(block.text for block in body.content if block.type == "text"),
        "calls": calls,
        "stop": body.stop_reason,
        "usage": {"input": sum(tokens or 0 for tokens in read), "output": body.usage.output_tokens},
    }


def anthropic_tool(tool):
    """A tool in Anthropic's words."""
    return {"name": tool["name"], "description": tool["description"], "input_schema": tool["schema"]}


def result_block(result):
    """A result as Anthropic's block."""
    return {"type": "tool_result", "tool_use_id": result["id"], "content": result["text"], "is_error": result["failed"]}


def anthropic_message(turn):
    """A turn as Anthropic's message: all results are one user message."""
    if turn["role"] == "results":
        blocks = [result_block(result) for result in turn["results"]]
        return {"role": "user", "content": blocks}
    said = [{"type": "text", "text": turn["text"]}] if turn["text"] else []
    used = [
        {"type": "tool_use", "id": call["id"], "name": call["name"], "input": call["arguments"]}
        for call in turn.get("calls", [])
    ]
    return {"role": turn["role"], "content": said + used}
