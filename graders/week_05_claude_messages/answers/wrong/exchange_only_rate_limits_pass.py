# shows: Takes 429 for the only failure that passes.
# loses: exchange-hidden 3
# %% id="exchange"
def read_openai(body):
    """Return the Reply in a chat completion's body."""
    choice, usage = body["choices"][0], body["usage"]
    stop = "refusal" if choice["message"].get("refusal") else OPENAI_STOPS.get(choice["finish_reason"], "other")
    text = choice["message"]["content"] or ""
    return Reply(text, stop, usage["prompt_tokens"], usage["completion_tokens"], body["model"])


def read_anthropic(body):
    """Return the Reply in a message's body."""
    text = "".join(block["text"] for block in body["content"] if block["type"] == "text")
    stop, usage = ANTHROPIC_STOPS.get(body["stop_reason"], "other"), body["usage"]
    read = sum(usage.get(kind) or 0 for kind in ANTHROPIC_INPUTS)
    return Reply(text, stop, read, usage["output_tokens"], body["model"])


def send_openai(client, request):
    """Ask OpenAI once. Raises Retryable or Permanent."""
    return sent(lambda: read_openai(client.chat.completions.create(**request).model_dump()))


def send_anthropic(client, request):
    """Ask Anthropic once. Raises Retryable or Permanent."""
    return sent(lambda: read_anthropic(client.messages.create(**request).model_dump()))


OPENAI_STOPS = {"stop": "end", "length": "length", "tool_calls": "tools", "content_filter": "refusal"}
ANTHROPIC_STOPS = {
    "end_turn": "end",
    "stop_sequence": "end",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tools",
    "refusal": "refusal",
}
ANTHROPIC_INPUTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def sent(exchange):
    """Return what `exchange` returns, its SDK's errors in neutral words."""
    try:
        return exchange()
    except (openai.APIError, anthropic.APIError) as error:
        failure = neutral(error)
        raise failure from error


def neutral(error):
    """Return the ChatError that an SDK's error stands for; one without a status had no whole answer."""
    status = getattr(error, "status_code", 503)
    if status != 429:
        return Permanent(str(error))
    headers = error.response.headers if hasattr(error, "response") else {}
    wait = headers.get("retry-after")
    return Retryable(str(error), None if wait is None else float(wait))
