# shows: Sorts upwards and returns the k least similar documents.
# loses: search-visible 2, search-hidden 5
# %% id="search"
def search(query_vector, document_vectors, k):
    if k < 1:
        raise ValueError("k is below 1")
    query, rows = np.asarray(query_vector, dtype=float), np.asarray(document_vectors, dtype=float)
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(query)
    cosines = rows @ query / np.where(lengths == 0, 1, lengths)
    order = np.argsort(cosines.round(9), kind="stable")[:k]
    return [(int(i), float(cosines[i])) for i in order]
