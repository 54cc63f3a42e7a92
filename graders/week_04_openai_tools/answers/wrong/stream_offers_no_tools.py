# shows: Leaves the tools out of the request.
# loses: stream-hidden 1
# %% id="stream"
def stream_turn(client, messages, write, tools=None):
    offered = {}
    turn = {"text": "", "calls": [], "finish": None, "usage": None}
    stream = client.chat.completions.create(
        model=MODEL, messages=messages, stream=True, stream_options={"include_usage": True}, **offered
    )
    try:
        for chunk in stream:
            if chunk.usage:
                turn["usage"] = {"input": chunk.usage.prompt_tokens, "output": chunk.usage.completion_tokens}
            for choice in chunk.choices:  # the chunk that carries usage has none
                turn["finish"] = choice.finish_reason or turn["finish"]
                if choice.delta.content:
                    turn["text"] += choice.delta.content
                    write(choice.delta.content)
                for piece in choice.delta.tool_calls or []:
                    if piece.index == len(turn["calls"]):
                        turn["calls"].append({"id": piece.id, "name": piece.function.name, "arguments": ""})
                    turn["calls"][piece.index]["arguments"] += piece.function.arguments
    except (APIError, httpx.TransportError, httpx2.TransportError):  # openai 2 rides on httpx, openai 3 on httpx2
        turn["calls"] = []
    return turn


def remember(messages, turn):
    if turn["finish"] is None:
        return list(messages)
    calls = [
        {"id": call["id"], "type": "function", "function": {"name": call["name"], "arguments": call["arguments"]}}
        for call in turn["calls"]
    ]
    return [*messages, {"role": "assistant", "content": turn["text"], **({"tool_calls": calls} if calls else {})}]
