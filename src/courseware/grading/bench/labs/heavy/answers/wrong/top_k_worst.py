# shows: Gives the worst first.
# loses: top-k-visible 1, top-k-hidden 2
# %% id="top-k"
def top_k(query, rows, k):
    return np.argsort(np.asarray(rows) @ np.asarray(query))[:k]
