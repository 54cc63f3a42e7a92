# shows: Attention query by query, heads by slices, draws by walking the line, search by argpartition and lexsort.
# %% id="attention"
def attention(q, k, v, mask=None):
    q, k, v = map(np.array, (q, k, v))
    if q.ndim > 2:
        masks = [None] * len(q) if mask is None else np.broadcast_to(mask, (*q.shape[:-1], k.shape[-2]))
        return np.stack([attention(*parts) for parts in zip(q, k, v, masks)])
    allowed = np.ones((len(q), len(k)), dtype=bool) if mask is None else np.broadcast_to(mask, (len(q), len(k)))
    rows = []
    for query, seen in zip(q, allowed):
        if not seen.any():
            rows.append(np.zeros(v.shape[1]))
            continue
        scores = k[seen] @ query / len(query) ** 0.5
        weights = np.exp(scores - scores.max())
        rows.append(weights / weights.sum() @ v[seen])
    return np.array(rows)


# %% id="heads"
def multi_head(x, wq, wk, wv, wo, heads, causal):
    n, w = x.shape
    if heads <= 0 or w // heads * heads != w:
        raise ValueError("heads")
    size, out = w // heads, np.zeros((n, w))
    for h in range(heads):
        part = slice(h * size, (h + 1) * size)
        for i in range(n):
            last = i + 1 if causal else n
            scores = x[:last] @ wk[:, part] @ (x[i] @ wq[:, part]) / size**0.5
            weights = np.exp(scores - scores.max())
            out[i, part] = weights / weights.sum() @ (x[:last] @ wv[:, part])
    return out @ wo


# %% id="sampling"
def next_token_probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k <= 0) or (top_p is not None and not (0 < top_p <= 1)):
        raise ValueError("settings")
    logits = np.array(logits, dtype=float)
    chosen = np.zeros(len(logits), dtype=bool)
    if temperature == 0:
        chosen[logits.argmax()] = True
        return chosen.astype(float)
    chosen[np.lexsort((np.arange(len(logits)), -logits))[:top_k]] = True
    probabilities = np.where(chosen, np.exp((logits - logits.max()) / temperature), 0.0)
    probabilities /= probabilities.sum()
    if top_p is not None:
        left, kept, total = probabilities.copy(), np.zeros(len(logits)), 0.0
        while total < top_p - 1e-9:
            best = left.argmax()
            kept[best], left[best] = probabilities[best], -1
            total += probabilities[best]
        probabilities = kept / kept.sum()
    return probabilities


def sample(probabilities, rng):
    left = rng.uniform(0, sum(probabilities))
    for index, probability in enumerate(probabilities):
        left -= probability
        if left < 0:
            return index
    return max(i for i, p in enumerate(probabilities) if p > 0)


# %% id="search"
def search(query_vector, document_vectors, k):
    if k < 1:
        raise ValueError("k")
    query, rows = np.array(query_vector, dtype=np.longdouble), np.array(document_vectors, dtype=np.longdouble)
    unit = lambda a: np.divide(a, n := np.sqrt((a * a).sum(-1, keepdims=True)), out=np.zeros_like(a), where=n > 0)
    cosines = (unit(rows) * unit(query)).sum(axis=1).astype(float)
    rounded = np.round(cosines, 9)
    k = min(k, len(rows))
    threshold = -np.partition(-rounded, k - 1)[k - 1]
    candidates = np.flatnonzero(rounded >= threshold)
    best = candidates[np.lexsort((candidates, -rounded[candidates]))][:k]
    return [[int(i), float(cosines[i])] for i in best]
