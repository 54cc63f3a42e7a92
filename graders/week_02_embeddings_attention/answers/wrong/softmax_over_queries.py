# shows: Takes the softmax over the queries instead of the keys.
# loses: attention-visible 2, attention-hidden 7
# %% id="attention"
def attention(q, k, v, mask=None):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    highest = np.maximum(scores.max(axis=-2, keepdims=True), -1e300)
    weights = np.exp(scores - highest)
    total = weights.sum(axis=-2, keepdims=True)
    return weights / np.where(total == 0, 1, total) @ v
