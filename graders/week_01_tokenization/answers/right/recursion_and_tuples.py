# shows: Recursive encoding, decoding and scanning; results are tuples where the task allows them.
# %% id="train"
def _step(words, room):
    counts = Counter(pair for word in words for pair in pairwise(word))
    if room == 0 or not counts or max(counts.values()) == 1:
        return ()
    most = max(counts.values())
    best = sorted(pair for pair in counts if counts[pair] == most)[0]
    return (best,)


def _swap(word, pair, new_id):
    out = ()
    while word:
        if word[:2] == pair:
            out, word = (*out, new_id), word[2:]
        else:
            out, word = (*out, word[0]), word[1:]
    return out


def train(text, vocab_size):
    if not vocab_size >= 256:
        raise ValueError("a vocabulary holds 256 bytes at least")
    words, merges = [tuple(chunk.encode()) for chunk in split(text)], ()
    while found := _step(words, vocab_size - 256 - len(merges)):
        words = [_swap(word, found[0], 256 + len(merges)) for word in words]
        merges = (*merges, found[0])
    return merges


# %% id="codec"
def _encode(word, merges, position):
    if position == len(merges) or len(word) < 2:
        return word
    return _encode(_swap(word, merges[position], 256 + position), merges, position + 1)


def encode(text, merges):
    return sum((_encode(tuple(chunk.encode()), tuple(merges), 0) for chunk in split(text)), ())


def _bytes(i, merges):
    if not 0 <= i < 256 + len(merges):
        raise ValueError(f"unknown id {i}")
    return bytes([i]) if i < 256 else _bytes(merges[i - 256][0], merges) + _bytes(merges[i - 256][1], merges)


def decode(ids, merges):
    return b"".join([_bytes(i, merges) for i in ids]).decode("utf-8", errors="replace")


# %% id="special"
def encode_with_special(text, encode, special, allowed):
    starts = [(text.index(name), -len(name), name) for name in special if name in text]
    if not starts:
        return tuple(encode(text)) if text else ()
    at, _, name = min(starts)
    if name not in allowed:
        raise ValueError(name)
    rest = encode_with_special(text[at + len(name) :], encode, special, allowed)
    return (*(encode(text[:at]) if at else ()), special[name], *rest)


# %% id="ranks"
def _join(pieces, ranks):
    candidates = [
        (ranks[a + b], at) for at, (a, b) in enumerate(zip(pieces, pieces[1:], strict=False)) if a + b in ranks
    ]
    while candidates:
        at = min(candidates)[1]
        pieces = (*pieces[:at], pieces[at] + pieces[at + 1], *pieces[at + 2 :])
        candidates = [(ranks[a + b], i) for i, (a, b) in enumerate(pairwise(pieces)) if a + b in ranks]
    return pieces


def encode_ranks(text, ranks):
    chunks = [tuple(bytes([byte]) for byte in chunk.encode()) for chunk in cl100k_split(text)]
    return tuple(ranks[piece] for chunk in chunks for piece in _join(chunk, ranks))


def fit(messages, budget, count, overhead):
    if messages and count(messages[-1]["content"]) + overhead <= budget:
        left = budget - count(messages[-1]["content"]) - overhead
        return (*fit(messages[:-1], left, count, overhead), messages[-1])
    return ()
