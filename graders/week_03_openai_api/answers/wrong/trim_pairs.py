# shows: Takes a turn for two messages.
# loses: trim-hidden 1
# %% id="trim"
def trim(messages, budget, count):
    instructions = [message for message in messages if message["role"] in ("system", "developer")]
    rest = messages[len(instructions) :]
    if rest and rest[0]["role"] == "assistant":
        rest = [message for at, message in enumerate(rest) if "user" in [one["role"] for one in rest[: at + 1]]]
    while len(rest) > 2 and sum(map(count, instructions + rest)) > budget:
        rest = rest[2:]
    return instructions + rest
