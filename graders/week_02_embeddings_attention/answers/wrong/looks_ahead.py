# shows: Reads True in the mask as "hidden", as torch's MultiheadAttention does, and so shows each token the future.
# loses: heads-visible 2, heads-hidden 3
# %% id="heads"
def multi_head(x, wq, wk, wv, wo, heads, causal):
    n, w = x.shape
    if heads < 1 or w % heads:
        raise ValueError("heads must divide the width")
    q, k, v = ((x @ m).reshape(n, heads, w // heads).swapaxes(0, 1) for m in (wq, wk, wv))
    mixed = library_attention(q, k, v, np.triu(np.ones((n, n), dtype=bool), k=1) if causal else None)
    return mixed.swapaxes(0, 1).reshape(n, w) @ wo
