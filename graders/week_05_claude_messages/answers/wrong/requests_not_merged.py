# shows: Sends one message for each turn and leaves the merging to the provider.
# loses: requests-visible 1, requests-hidden 2
# %% id="requests"
def openai_request(model, system, turns, max_tokens=None):
    """Return the keyword arguments of `client.chat.completions.create`."""
    first = [{"role": "developer", "content": system}] if has_text(system) else []
    limit = {} if max_tokens is None else {"max_completion_tokens": max_tokens}
    return {"model": model, "messages": first + merged(turns), **limit}


def anthropic_request(model, system, turns, max_tokens=None):
    """Return the keyword arguments of `client.messages.create`."""
    instructions = {"system": system} if has_text(system) else {}
    limit = DEFAULT_LIMIT if max_tokens is None else max_tokens
    return {"model": model, "messages": merged(turns), "max_tokens": limit, **instructions}


def openai_history(request):
    """Return (system, turns) of a Chat Completions request."""
    return history(request["messages"])


def anthropic_history(request):
    """Return (system, turns) of a Messages request."""
    return history([{"role": "system", "content": request.get("system")}, *request["messages"]])


def has_text(text):
    """Whether there is anything to read."""
    return bool(text and text.strip())


def merged(turns):
    """Return the turns that say something as messages, one for each change of speaker."""
    messages = []
    for turn in turns:
        if not has_text(turn["text"]):
            continue
        messages.append({"role": turn["role"], "content": turn["text"]})
    return messages


def text_of(content):
    """Return the words of a message's content, whatever its form."""
    if isinstance(content, list):
        return "".join(block["text"] for block in content if block["type"] == "text")
    return content or ""


def history(messages):
    """Return (system, turns) of messages in either shape."""
    said = [(message["role"], text_of(message["content"])) for message in messages]
    system = [text for role, text in said if role in ("system", "developer") and has_text(text)]
    turns = [{"role": role, "text": text} for role, text in said if role in ("user", "assistant") and has_text(text)]
    return "\n\n".join(system), turns
