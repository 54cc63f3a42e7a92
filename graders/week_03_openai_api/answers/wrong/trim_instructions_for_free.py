# shows: Forgets that the instructions take tokens too.
# loses: trim-visible 1, trim-hidden 6
# %% id="trim"
def trim(messages, budget, count):
    instructions = [message for message in messages if message["role"] in ("system", "developer")]
    starts = [place for place, message in enumerate(messages) if message["role"] == "user"]
    turns = [messages[start:end] for start, end in pairwise([*starts, len(messages)])]
    left = budget
    kept = []
    for turn in reversed(turns):
        left -= sum(map(count, turn))
        if left < 0 and kept:
            break
        kept = turn + kept
    return instructions + kept
