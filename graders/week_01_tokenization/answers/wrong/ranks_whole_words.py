# shows: Looks whole chunks up and falls back to single bytes.
# loses: ranks-visible 2, ranks-hidden 4
# %% id="ranks"
def encode_ranks(text, ranks):
    ids = []
    for chunk in cl100k_split(text):
        pieces = [bytes([byte]) for byte in chunk.encode()]
        if chunk.encode() in ranks:
            pieces = [chunk.encode()]
        ids += [ranks[piece] for piece in pieces]
    return ids


def fit(messages, budget, count, overhead):
    kept = []
    for message in reversed(messages):
        budget -= count(message["content"]) + overhead
        if budget < 0:
            break
        kept.insert(0, message)
    return kept
