# shows: With scikit-learn's function.
# %% id="top-k"
def top_k(query, rows, k):
    from sklearn.metrics.pairwise import cosine_similarity

    return cosine_similarity([query], rows)[0].argsort()[::-1][:k]
