# shows: Counts what stands before the first user message as a turn.
# loses: trim-visible 1, trim-hidden 1
# %% id="trim"
def trim(messages, budget, count):
    instructions = [message for message in messages if message["role"] in ("system", "developer")]
    starts = [place for place, message in enumerate(messages) if message["role"] == "user"]
    starts = sorted({len(instructions), *starts}) if starts else starts
    turns = [messages[start:end] for start, end in pairwise([*starts, len(messages)])]
    left = budget - sum(map(count, instructions))
    kept = []
    for turn in reversed(turns):
        left -= sum(map(count, turn))
        if left < 0 and kept:
            break
        kept = turn + kept
    return instructions + kept
