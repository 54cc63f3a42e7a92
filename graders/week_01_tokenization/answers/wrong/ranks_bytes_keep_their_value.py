# shows: Takes a single byte's value for its id.
# loses: ranks-visible 2, ranks-hidden 4
# %% id="ranks"
def encode_ranks(text, ranks):
    ids = []
    for chunk in cl100k_split(text):
        pieces = [bytes([byte]) for byte in chunk.encode()]
        while known := [a + b for a, b in pairwise(pieces) if a + b in ranks]:
            best = min(known, key=ranks.get)
            at = [a + b for a, b in pairwise(pieces)].index(best)
            pieces[at : at + 2] = [best]
        ids += [piece[0] if len(piece) == 1 else ranks[piece] for piece in pieces]
    return ids


def fit(messages, budget, count, overhead):
    kept = []
    for message in reversed(messages):
        budget -= count(message["content"]) + overhead
        if budget < 0:
            break
        kept.insert(0, message)
    return kept
