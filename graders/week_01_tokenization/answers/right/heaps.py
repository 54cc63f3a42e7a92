# shows: Pair counts kept up to date, encoding by a heap of candidates over a linked list, a budget by running sums.
# %% id="train"
def train(text, vocab_size):
    if vocab_size < 256:
        raise ValueError(vocab_size)
    words = [[list(chunk.encode()), times] for chunk, times in Counter(split(text)).items()]
    counts, homes = Counter(), {}

    def note(index, sign):
        ids, times = words[index]
        for pair in pairwise(ids):
            counts[pair] += sign * times
            if sign > 0:
                homes.setdefault(pair, set()).add(index)

    for index in range(len(words)):
        note(index, 1)
    merges = []
    while len(merges) < vocab_size - 256:
        most = max(counts.values(), default=0)
        if most < 2:
            break
        best = min(pair for pair, count in counts.items() if count == most)
        new_id = 256 + len(merges)
        merges.append(best)
        for index in homes.pop(best):
            note(index, -1)
            words[index][0] = _joined(words[index][0], best, new_id)
            note(index, 1)
    return merges


def _joined(ids, pair, new_id):
    out = []
    rest = iter(range(len(ids)))
    for at in rest:
        if at + 1 < len(ids) and (ids[at], ids[at + 1]) == pair:
            out.append(new_id)
            next(rest)
        else:
            out.append(ids[at])
    return out


# %% id="codec"
import heapq


def _merge_by_heap(data, rank_of):
    """Join neighbours by rank, leftmost first, over a doubly linked list; `rank_of(left, right)` may be None."""
    items = list(data)
    before = list(range(-1, len(items) - 1))
    after = [*range(1, len(items)), -1][: len(items)]
    heap = []

    def offer(at):
        if at >= 0 and after[at] >= 0:
            found = rank_of(items[at], items[after[at]])
            if found is not None:
                heapq.heappush(heap, (found[0], at, items[at], items[after[at]], found[1]))

    for at in range(len(items)):
        offer(at)
    while heap:
        _, at, left, right, joined = heapq.heappop(heap)
        second = after[at]
        if items[at] != left or second < 0 or items[second] != right:
            continue
        items[at], items[second], after[at] = joined, None, after[second]
        if after[at] >= 0:
            before[after[at]] = at
        after[second] = -1
        offer(before[at])
        offer(at)
    return [item for item in items if item is not None]


def encode(text, merges):
    new_ids = {tuple(pair): 256 + i for i, pair in enumerate(merges)}

    def rank_of(left, right):
        found = new_ids.get((left, right))
        return None if found is None else (found, found)

    ids = []
    for chunk in split(text):
        ids.extend(_merge_by_heap(chunk.encode(), rank_of))
    return ids


def decode(ids, merges):
    table = dict(zip(range(256), map(bytes, zip(range(256), strict=True)), strict=True))
    for left, right in merges:
        table[len(table)] = table[left] + table[right]
    data = bytearray()
    for i in ids:
        if i not in table:
            raise ValueError(i)
        data += table[i]
    return data.decode("utf-8", "replace")


# %% id="ranks"
from itertools import accumulate


def encode_ranks(text, ranks):
    def rank_of(left, right):
        return (ranks[left + right], left + right) if left + right in ranks else None

    return [
        ranks[piece]
        for chunk in cl100k_split(text)
        for piece in _merge_by_heap((bytes([byte]) for byte in chunk.encode()), rank_of)
    ]


def fit(messages, budget, count, overhead):
    costs = accumulate(count(message["content"]) + overhead for message in messages[::-1])
    number = sum(1 for total in costs if total <= budget)
    return messages[len(messages) - number :]
