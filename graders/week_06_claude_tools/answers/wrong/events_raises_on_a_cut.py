# shows: Lets the transport's error through.
# loses: events-visible 1, events-hidden 1
# %% id="events"
def stream_events(client, request):
    """Yield what a stream brings as neutral events."""
    if isinstance(client, Anthropic):
        events = anthropic_events(client.messages.create(**request, stream=True))
    else:
        with_usage = {"stream": True, "stream_options": {"include_usage": True}}
        events = openai_events(client.chat.completions.create(**request, **with_usage))
    last = {}
    try:
        for last in events:
            yield last
    except KeyError:
        last = {}
    if last.get("type") != "end":
        yield {"type": "cut"}


def openai_events(chunks):
    """Events of a Chat Completions stream: a call is whole when another begins or the answer ends."""
    call, stop, usage = None, None, None
    for chunk in chunks:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            stop = choice.finish_reason or stop
            if choice.delta.content:
                yield {"type": "text", "text": choice.delta.content}
            for piece in choice.delta.tool_calls or []:
                if piece.id:
                    if call:
                        yield whole(call)
                    call = {"type": "call", "id": piece.id, "name": piece.function.name, "arguments": ""}
                call["arguments"] += piece.function.arguments
            if stop and call:
                yield whole(call)
                call = None
    if stop and usage:
        yield end(stop, usage.prompt_tokens, usage.completion_tokens)


def anthropic_events(stream):
    """Events of a Messages stream: a call is whole when its block stops."""
    call, stop, read, written = None, None, 0, 0
    for event in stream:
        if event.type == "message_start":
            usage = event.message.usage
            read = usage.input_tokens + (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
        elif event.type == "content_block_start" and event.content_block.type == "tool_use":
            call = {"type": "call", "id": event.content_block.id, "name": event.content_block.name, "arguments": ""}
        elif event.type == "content_block_delta" and event.delta.type == "text_delta":
            yield {"type": "text", "text": event.delta.text}
        elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
            call["arguments"] += event.delta.partial_json
        elif event.type == "content_block_stop" and call:
            yield whole(call)
            call = None
        elif event.type == "message_delta":
            stop, written = event.delta.stop_reason, event.usage.output_tokens
        elif event.type == "message_stop":
            yield end(stop, read, written)


def whole(call):
    """A call's event, its arguments read."""
    return call | {"arguments": json.loads(call["arguments"] or "{}")}


def end(stop, read, written):
    """The last event of a whole stream."""
    return {"type": "end", "stop": STOPS.get(stop, "other"), "usage": {"input": read, "output": written}}
