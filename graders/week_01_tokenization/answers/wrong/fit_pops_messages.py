# shows: Takes messages off the caller's list until the rest fits.
# loses: ranks-hidden 1
# %% id="ranks"
def encode_ranks(text, ranks):
    ids = []
    for chunk in cl100k_split(text):
        pieces = [bytes([byte]) for byte in chunk.encode()]
        while known := [a + b for a, b in pairwise(pieces) if a + b in ranks]:
            best = min(known, key=ranks.get)
            at = [a + b for a, b in pairwise(pieces)].index(best)
            pieces[at : at + 2] = [best]
        ids += [ranks[piece] for piece in pieces]
    return ids


def fit(messages, budget, count, overhead):
    while messages and sum(count(m["content"]) + overhead for m in messages) > budget:
        messages.pop(0)
    return list(messages)
