# shows: Off by one: leaves no turn that would meet the budget exactly.
# loses: trim-visible 2, trim-hidden 6
# %% id="trim"
def trim(messages, budget, count):
    instructions = [message for message in messages if message["role"] in ("system", "developer")]
    starts = [place for place, message in enumerate(messages) if message["role"] == "user"]
    turns = [messages[start:end] for start, end in pairwise([*starts, len(messages)])]
    left = budget - sum(map(count, instructions))
    kept = []
    for turn in reversed(turns):
        left -= sum(map(count, turn))
        if left <= 0 and kept:
            break
        kept = turn + kept
    return instructions + kept
