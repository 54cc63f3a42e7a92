# shows: Joins the rightmost of equal neighbours.
# loses: ranks-hidden 1
# %% id="ranks"
def encode_ranks(text, ranks):
    ids = []
    for chunk in cl100k_split(text):
        pieces = [bytes([byte]) for byte in chunk.encode()]
        while known := [a + b for a, b in pairwise(pieces) if a + b in ranks]:
            best = min(known, key=ranks.get)
            at = max(at for at, (a, b) in enumerate(pairwise(pieces)) if a + b == best)
            pieces[at : at + 2] = [best]
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
