# shows: Keeps distinct chunks and forgets how often each occurs.
# loses: train-visible 1, train-hidden 8
# %% id="train"
def replace_pair(ids, pair, new_id):
    replaced = []
    for i in ids:
        replaced.append(i)
        if tuple(replaced[-2:]) == pair:
            replaced[-2:] = [new_id]
    return replaced


def train(text, vocab_size):
    if vocab_size < 256:
        raise ValueError(f"the 256 bytes do not fit into a vocabulary of {vocab_size}")
    words = [(list(chunk.encode()), times) for chunk, times in Counter(split(text)).items()]
    merges = []
    for new_id in range(256, vocab_size):
        counts = Counter()
        for ids, times in words:
            counts.update(pairwise(ids))
        best = min(counts, key=lambda pair: (-counts[pair], pair), default=None)
        if counts[best] < 2:
            break
        words = [(replace_pair(ids, best, new_id), times) for ids, times in words]
        merges.append(best)
    return merges
