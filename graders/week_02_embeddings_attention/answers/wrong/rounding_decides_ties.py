# shows: Sorts the similarities as computed, so that the last bit decides between documents of one direction.
# loses: search-hidden 1
# %% id="search"
def search(query_vector, document_vectors, k):
    if k < 1:
        raise ValueError("k is below 1")
    query, rows = np.asarray(query_vector, dtype=float), np.asarray(document_vectors, dtype=float)
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(query)
    cosines = rows @ query / np.where(lengths == 0, 1, lengths)
    order = np.argsort(-cosines, kind="stable")[:k]
    return [(int(i), float(cosines[i])) for i in order]
