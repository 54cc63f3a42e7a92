# shows: Cuts the text with the lab's own split, not with the publisher's.
# loses: ranks-hidden 2
# %% id="ranks"
def encode_ranks(text, ranks):
    ids = []
    for chunk in split(text):
        pieces = [bytes([byte]) for byte in chunk.encode()]
        while known := [a + b for a, b in pairwise(pieces) if a + b in ranks]:
            best = min(known, key=ranks.get)
            at = [a + b for a, b in pairwise(pieces)].index(best)
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
