# shows: Deals columns to the heads in turn, instead of giving each head neighbouring columns.
# loses: heads-hidden 4
# %% id="heads"
def multi_head(x, wq, wk, wv, wo, heads, causal):
    n, w = x.shape
    if heads < 1 or w % heads:
        raise ValueError("heads must divide the width")
    q, k, v = ((x @ m).reshape(n, w // heads, heads).transpose(2, 0, 1) for m in (wq, wk, wv))
    mixed = library_attention(q, k, v, np.tri(n, dtype=bool) if causal else None)
    return mixed.transpose(1, 2, 0).reshape(n, w) @ wo
