# shows: Transposes keys with .T, which turns every axis of a batch around, and scales the queries in place.
# loses: attention-hidden 2
# %% id="attention"
def attention(q, k, v, mask=None):
    q /= np.sqrt(q.shape[-1])
    scores = q @ k.T
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    highest = np.maximum(scores.max(axis=-1, keepdims=True), -1e300)
    weights = np.exp(scores - highest)
    total = weights.sum(axis=-1, keepdims=True)
    return weights @ v / np.where(total == 0, 1, total)
