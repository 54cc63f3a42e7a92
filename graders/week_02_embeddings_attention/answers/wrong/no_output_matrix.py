# shows: Stops after joining the heads; the output matrix is never used, and heads are cut without a check.
# loses: heads-visible 1, heads-hidden 6
# %% id="heads"
def multi_head(x, wq, wk, wv, wo, heads, causal):
    n, w = x.shape
    d = w // heads
    mixed = [
        library_attention(
            *((x @ m)[:, h * d : (h + 1) * d] for m in (wq, wk, wv)), np.tri(n, dtype=bool) if causal else None
        )
        for h in range(heads)
    ]
    return np.hstack(mixed)
