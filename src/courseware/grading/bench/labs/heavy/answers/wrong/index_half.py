# shows: Adds the first hundred documents only.
# loses: index-visible 2
# %% id="index"
def build_index(texts, rows):
    client = chromadb.EphemeralClient()
    collection = client.create_collection("lab", embedding_function=None)
    collection.add(
        ids=[str(number) for number in range(100)],
        documents=texts[:100],
        embeddings=[list(map(float, row)) for row in rows[:100]],
    )
    return collection
