# shows: A vocabulary class holds ranks and bytes; the functions are thin.
# %% id="train"
class Corpus:
    """Distinct chunks as tuples of ids, with how often each occurs."""

    def __init__(self, text):
        self.words = Counter(tuple(chunk.encode()) for chunk in split(text))

    def best_pair(self):
        counts = {}
        for word, times in self.words.items():
            for left, right in zip(word, word[1:], strict=False):
                counts[left, right] = counts.get((left, right), 0) + times
        frequent = [(-count, pair) for pair, count in counts.items() if count > 1]
        return min(frequent)[1] if frequent else None

    def merge(self, pair, new_id):
        merged = Counter()
        for word, times in self.words.items():
            merged[self._replaced(word, pair, new_id)] += times
        self.words = merged

    @staticmethod
    def _replaced(word, pair, new_id):
        out, at = [], 0
        while at < len(word):
            hit = word[at : at + 2] == pair
            out.append(new_id if hit else word[at])
            at += 2 if hit else 1
        return tuple(out)


def train(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("no room for the bytes")
    corpus, merges = Corpus(text), []
    while 256 + len(merges) < vocab_size and (pair := corpus.best_pair()):
        corpus.merge(pair, 256 + len(merges))
        merges.append(pair)
    return merges


# %% id="codec"
class Vocabulary:
    def __init__(self, merges):
        self.merges = list(enumerate(map(tuple, merges), 256))
        self.bytes_of = [bytes([i]) for i in range(256)]
        for _, (left, right) in self.merges:
            self.bytes_of.append(self.bytes_of[left] + self.bytes_of[right])

    def encode_chunk(self, chunk):
        word = tuple(chunk.encode())
        for new_id, pair in self.merges:
            word = Corpus._replaced(word, pair, new_id)
        return word

    def __getitem__(self, i):
        if i not in range(len(self.bytes_of)):
            raise ValueError(f"id {i} is not in the vocabulary")
        return self.bytes_of[i]


def encode(text, merges):
    vocabulary = Vocabulary(merges)
    return [i for chunk in split(text) for i in vocabulary.encode_chunk(chunk)]


def decode(ids, merges):
    vocabulary = Vocabulary(merges)
    return str(b"".join(vocabulary[i] for i in ids), "utf-8", "replace")


# %% id="special"
class Scanner:
    def __init__(self, special):
        self.special = special

    def name_at(self, text, at):
        return max((name for name in self.special if text.startswith(name, at)), key=len, default=None)


def encode_with_special(text, encode, special, allowed):
    scanner, ids, begin, at = Scanner(special), [], 0, 0
    while at < len(text):
        name = scanner.name_at(text, at)
        if name is None:
            at += 1
            continue
        if name not in allowed:
            raise ValueError(f"{name} may not be used here")
        ids.extend(encode(text[begin:at]))
        ids.append(special[name])
        at += len(name)
        begin = at
    return ids + list(encode(text[begin:]))
