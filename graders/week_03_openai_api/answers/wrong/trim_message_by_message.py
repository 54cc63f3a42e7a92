# shows: Drops messages one by one, so that an answer is left without its question.
# loses: trim-visible 2, trim-hidden 6
# %% id="trim"
def trim(messages, budget, count):
    instructions = [message for message in messages if message["role"] in ("system", "developer")]
    rest = messages[len(instructions) :]
    while len(rest) > 1 and sum(map(count, instructions + rest)) > budget:
        rest = rest[1:]
    return instructions + rest
