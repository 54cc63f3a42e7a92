# shows: A document at a time, which takes longer.
# %% id="index"
def build_index(texts, rows):
    client = chromadb.Client()
    space = {"hnsw": {"space": "cosine"}}
    collection = client.get_or_create_collection("lab", embedding_function=None, configuration=space)
    for number, (text, row) in enumerate(zip(texts, rows)):
        collection.upsert(ids=[str(number)], documents=[text], embeddings=[row.tolist()])
    return collection
