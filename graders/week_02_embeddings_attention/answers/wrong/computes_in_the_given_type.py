# shows: Computes in the type of the vectors: float16 loses digits, int8 overflows.
# loses: search-hidden 1
# %% id="search"
def search(query_vector, document_vectors, k):
    if k < 1:
        raise ValueError("k is below 1")
    dots = document_vectors @ query_vector
    lengths = np.sqrt((document_vectors * document_vectors).sum(axis=1)) * np.sqrt((query_vector * query_vector).sum())
    cosines = dots / np.where(lengths == 0, 1, lengths)
    order = np.argsort(-cosines.astype(float).round(9), kind="stable")[:k]
    return [(int(i), float(cosines[i])) for i in order]
