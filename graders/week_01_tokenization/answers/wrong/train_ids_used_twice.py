# shows: Replaces overlapping places too, so that one id serves in two tokens.
# loses: train-hidden 1
# %% id="train"
def replace_pair(ids, pair, new_id):
    replaced = []
    for i in ids:
        replaced.append(i)
        if tuple(replaced[-2:]) == pair:
            replaced[-2:] = [new_id]
    return replaced


def replace_overlapping(ids, pair, new_id):
    places = [at for at in range(len(ids) - 1) if (ids[at], ids[at + 1]) == pair]
    inside = {at + 1 for at in places}
    kept = [new_id if at in places else i for at, i in enumerate(ids) if at in places or at not in inside]
    return kept


def train(text, vocab_size):
    if vocab_size < 256:
        raise ValueError(f"the 256 bytes do not fit into a vocabulary of {vocab_size}")
    words = [(list(chunk.encode()), times) for chunk, times in Counter(split(text)).items()]
    merges = []
    for new_id in range(256, vocab_size):
        counts = Counter()
        for ids, times in words:
            counts.update(list(pairwise(ids)) * times)
        best = min(counts, key=lambda pair: (-counts[pair], pair), default=None)
        if counts[best] < 2:
            break
        words = [(replace_overlapping(ids, best, new_id), times) for ids, times in words]
        merges.append(best)
    return merges
