# shows: Skips a turn that is too large and goes on with older ones.
# loses: trim-hidden 1
# %% id="trim"
def trim(messages, budget, count):
    instructions = [message for message in messages if message["role"] in ("system", "developer")]
    starts = [place for place, message in enumerate(messages) if message["role"] == "user"]
    turns = [messages[start:end] for start, end in pairwise([*starts, len(messages)])]
    left = budget - sum(map(count, instructions))
    kept = []
    for turn in reversed(turns):
        cost = sum(map(count, turn))
        if cost > left and kept:
            continue
        left -= cost
        kept = turn + kept
    return instructions + kept
