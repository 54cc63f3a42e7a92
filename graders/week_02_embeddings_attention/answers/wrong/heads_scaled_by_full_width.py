# shows: Divides every head's scores by the root of the full width.
# loses: heads-visible 2, heads-hidden 5
# %% id="heads"
def multi_head(x, wq, wk, wv, wo, heads, causal):
    n, w = x.shape
    if heads < 1 or w % heads:
        raise ValueError("heads must divide the width")
    mixed = []
    for columns in np.split(np.arange(w), heads):
        scores = (x @ wq)[:, columns] @ (x @ wk)[:, columns].T / np.sqrt(w)
        if causal:
            scores = np.where(np.tri(n, dtype=bool), scores, -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        mixed.append(weights / weights.sum(axis=1, keepdims=True) @ (x @ wv)[:, columns])
    return np.hstack(mixed) @ wo
