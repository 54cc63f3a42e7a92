# shows: Ranks by dot product; long documents win.
# loses: search-visible 2, search-hidden 7
# %% id="search"
def search(query_vector, document_vectors, k):
    if k < 1:
        raise ValueError("k is below 1")
    scores = np.asarray(document_vectors, dtype=float) @ np.asarray(query_vector, dtype=float)
    order = np.argsort(-scores.round(9), kind="stable")[:k]
    return [(int(i), float(scores[i])) for i in order]
