# shows: Leaves out the division by the square root of d.
# loses: attention-visible 2, attention-hidden 4
# %% id="attention"
def attention(q, k, v, mask=None):
    scores = q @ np.swapaxes(k, -1, -2)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    highest = np.maximum(scores.max(axis=-1, keepdims=True), -1e300)
    weights = np.exp(scores - highest)
    total = weights.sum(axis=-1, keepdims=True)
    return weights @ v / np.where(total == 0, 1, total)
