# shows: A text at a time, which takes longer.
# %% id="embed"
def embed(texts):
    return np.vstack([model.encode(text, normalize_embeddings=True) for text in texts])
