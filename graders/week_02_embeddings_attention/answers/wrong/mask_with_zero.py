# shows: Gives a masked score the value 0 instead of minus infinity; a score of 0 still has weight.
# loses: attention-visible 1, attention-hidden 3
# %% id="attention"
def attention(q, k, v, mask=None):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, 0)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True) @ v
