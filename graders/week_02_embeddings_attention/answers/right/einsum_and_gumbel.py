# shows: Attention by einsum, heads cut with einsum too, Gumbel sampling, search in plain Python.
# %% id="attention"
def attention(q, k, v, mask=None):
    scores = np.einsum("...nd,...md->...nm", q, k) * q.shape[-1] ** -0.5
    seen = np.broadcast_to(True if mask is None else mask, scores.shape)
    scores = np.where(seen, scores, -1e300)
    weights = np.where(seen, np.exp(scores - scores.max(-1, keepdims=True)), 0)
    mixed = np.einsum("...nm,...me->...ne", weights, v)
    return np.divide(mixed, weights.sum(-1, keepdims=True), out=np.zeros_like(mixed), where=seen.any(-1, keepdims=True))


# %% id="heads"
def multi_head(x, wq, wk, wv, wo, heads, causal):
    n, w = x.shape
    if heads not in [h for h in range(1, w + 1) if w % h == 0]:
        raise ValueError("the heads must divide the width")
    cut = lambda m: np.einsum("nw,whd->hnd", x, m.reshape(w, heads, -1))
    scores = np.einsum("hnd,hmd->hnm", cut(wq), cut(wk)) / np.sqrt(w / heads)
    if causal:
        scores[:, ~np.tri(n, dtype=bool)] = -np.inf
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    return np.einsum("hnm,hmd,hdw->nw", weights, cut(wv), wo.reshape(heads, -1, w))


# %% id="sampling"
def next_token_probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and (top_p <= 0 or top_p > 1):
        raise ValueError("top_p")
    ranked = sorted(range(len(logits)), key=lambda i: (-logits[i], i))
    if temperature == 0:
        return [float(i == ranked[0]) for i in range(len(logits))]
    ranked = ranked[: top_k or len(ranked)]
    top = logits[ranked[0]]
    weights = {i: np.exp((logits[i] - top) / temperature) for i in ranked}
    total = sum(weights.values())
    if top_p is not None:
        reached, kept = 0.0, {}
        for i in ranked:
            kept[i] = weights[i]
            reached += weights[i] / total
            if reached >= top_p - 1e-9:
                break
        weights, total = kept, sum(kept.values())
    return [weights.get(i, 0.0) / total for i in range(len(logits))]


def sample(probabilities, rng):
    with np.errstate(divide="ignore"):
        return int(np.argmax(np.log(probabilities) + rng.gumbel(size=len(probabilities))))


# %% id="search"
def search(query_vector, document_vectors, k):
    if not k >= 1:
        raise ValueError("k")
    q = [float(x) for x in query_vector]

    def cosine(row):
        row = [float(x) for x in row]
        lengths = (sum(x * x for x in row) * sum(x * x for x in q)) ** 0.5
        return sum(a * b for a, b in zip(row, q)) / lengths if lengths else 0.0

    ranked = sorted(enumerate(map(cosine, document_vectors)), key=lambda pair: (-round(pair[1], 9), pair[0]))
    return ranked[:k]
