# shows: Divides by a length of 0, so that a vector of zeros gets nan and a place of its own in the ranking.
# loses: search-visible 1, search-hidden 1
# %% id="search"
def search(query_vector, document_vectors, k):
    if k < 1:
        raise ValueError("k is below 1")
    query, rows = np.asarray(query_vector, dtype=float), np.asarray(document_vectors, dtype=float)
    cosines = rows @ query / np.linalg.norm(rows, axis=1) / np.linalg.norm(query)
    order = np.argsort(-cosines.round(9), kind="stable")[:k]
    return [(int(i), float(cosines[i])) for i in order]
