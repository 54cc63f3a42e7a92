# shows: Sends nothing but instructions where the newest turn does not fit.
# loses: trim-visible 1, trim-hidden 1
# %% id="trim"
def trim(messages, budget, count):
    instructions = [message for message in messages if message["role"] in ("system", "developer")]
    starts = [place for place, message in enumerate(messages) if message["role"] == "user"]
    turns = [messages[start:end] for start, end in pairwise([*starts, len(messages)])]
    left = budget - sum(map(count, instructions))
    kept = []
    for turn in reversed(turns):
        left -= sum(map(count, turn))
        if left < 0:
            break
        kept = turn + kept
    return instructions + kept
