# shows: Fills the window with the prompt.
# loses: budget-visible 2, budget-hidden 2
# %% id="budget"
def count_anthropic(client, request):
    """Return the input tokens of a request, without sending it to the model."""
    only_answer = {"max_tokens", "stop_sequences", "metadata", "service_tier", "stream"}
    read = {name: value for name, value in request.items() if name not in only_answer}
    return client.messages.count_tokens(**read).input_tokens


def fit(turns, count, window, max_tokens):
    """Return the longest end of `turns` that fits, beginning with the user. Raises Permanent."""
    starts = [place for place, turn in enumerate(turns) if turn["role"] == "user"]
    low, high = 0, len(starts)  # the ends that fit begin at `high` and behind; halving costs few calls
    while low < high:
        middle = (low + high) // 2
        if count(turns[starts[middle] :]) <= window:
            high = middle
        else:
            low = middle + 1
    if low == len(starts):
        raise Permanent(f"the last turn and an answer of {max_tokens} tokens do not fit into {window}")
    return turns[starts[low] :]


def complete(ask, turns, rounds):
    """Return the answer to `turns`, asked for again while it is cut off."""
    asked, replies = list(turns), []
    while len(replies) < rounds:
        reply = ask(asked)
        replies.append(reply)
        if reply.stop != "length" or not reply.text:
            break
        asked = [*asked, {"role": "assistant", "text": reply.text}, {"role": "user", "text": GO_ON}]
    texts, _, read, written, *_ = zip(*replies, strict=True)
    return replies[-1]._replace(text="".join(texts), input_tokens=sum(read), output_tokens=sum(written))
