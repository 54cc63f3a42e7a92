# shows: Sets masked weights to 0 after the softmax, so that the rest no longer adds up to 1.
# loses: attention-visible 1, attention-hidden 2
# %% id="attention"
def attention(q, k, v, mask=None):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    if mask is not None:
        weights = weights * mask
    return weights @ v
