# shows: Scales the caller's vectors to length 1 in place, and cannot do so with integers.
# loses: search-hidden 2
# %% id="search"
def search(query_vector, document_vectors, k):
    if k < 1:
        raise ValueError("k is below 1")
    lengths = np.linalg.norm(document_vectors, axis=1, keepdims=True)
    document_vectors /= np.where(lengths == 0, 1, lengths)
    cosines = document_vectors @ query_vector / (np.linalg.norm(query_vector) or 1)
    order = np.argsort(-cosines.round(9), kind="stable")[:k]
    return [(int(i), float(cosines[i])) for i in order]
