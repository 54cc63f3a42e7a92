# shows: Ids held as characters of a string, so that counting and replacing are string methods.
# %% id="train"
def _as_string(chunk):
    return chunk.encode().decode("latin-1")


def train(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size is below 256")
    words, merges = Counter(map(_as_string, split(text))), []
    for new_id in range(256, vocab_size):
        counts = Counter()
        for word, times in words.items():
            for at in range(1, len(word)):
                counts[word[at - 1 : at + 1]] += times
        best = min(counts, key=lambda two: (-counts[two], two), default="")
        if counts[best] <= 1:
            return merges
        replaced = Counter()
        for word, times in words.items():
            replaced[word.replace(best, chr(new_id))] += times
        words = replaced
        merges += [tuple(map(ord, best))]
    return merges


# %% id="codec"
import numpy as np


def encode(text, merges):
    ids = []
    for chunk in split(text):
        word = _as_string(chunk)
        for new_id, pair in enumerate(merges, 256):
            word = word.replace("".join(map(chr, pair)), chr(new_id))
        ids += map(ord, word)
    return np.array(ids, dtype=np.int64)


def decode(ids, merges):
    ids = [int(i) for i in ids]
    if any(i < 0 or i >= 256 + len(merges) for i in ids):
        raise ValueError("an id outside the vocabulary")
    word = "".join(map(chr, ids))
    for new_id in range(255 + len(merges), 255, -1):
        word = word.replace(chr(new_id), "".join(map(chr, merges[new_id - 256])))
    return word.encode("latin-1").decode("utf-8", errors="replace")


# %% id="special"
def encode_with_special(text, encode, special, allowed):
    ids, plain = [], ""
    while text:
        starting = sorted((name for name in special if text.startswith(name)), key=len)
        if not starting:
            plain, text = plain + text[0], text[1:]
            continue
        name = starting[-1]
        if name not in allowed:
            raise ValueError(f"refused: {name}")
        ids += [*encode(plain), special[name]]
        plain, text = "", text[len(name) :]
    return [*ids, *encode(plain)]
