# shows: Smaller batches.
# %% id="embed"
def embed(texts):
    return model.encode(list(texts), normalize_embeddings=True, batch_size=16)
