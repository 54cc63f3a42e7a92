# shows: Computes exp of the raw scores, which overflows, and divides 0 by 0 where nothing is visible.
# loses: attention-visible 1, attention-hidden 2
# %% id="attention"
def attention(q, k, v, mask=None):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    weights = np.exp(scores)
    return weights / weights.sum(axis=-1, keepdims=True) @ v
