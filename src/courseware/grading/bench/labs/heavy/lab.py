# %% [markdown] id="title"
r"""
# Semantic search over 200 documents

What `course bench grading` grades as its heavy lab: sentence embeddings, a vector store, a picture. It is no week of
the course.
"""

# %% id="setup" role="locked"
import chromadb
import matplotlib.pyplot as plt
import numpy as np
from sentence_transformers import SentenceTransformer

from courseware.models import path

model = SentenceTransformer(str(path("all-minilm-l6-v2")), device="cpu")
TOPICS = (
    "cats", "stock markets", "volcanoes", "baking bread", "football",
    "quantum physics", "gardening", "jazz music", "space travel", "tax law",
)  # fmt: skip
VERBS = ("explains", "describes", "questions", "summarises", "praises")
documents = [
    f"Document {number}: this text {VERBS[number % 5]} {TOPICS[number % 10]} for reader number {number // 10}."
    for number in range(200)
]


# %% id="normalise" role="answer"
def normalise(rows):
    """Return the rows scaled to length 1; a row of zeros stays as it is."""
    ### BEGIN SOLUTION
    rows = np.asarray(rows, dtype=float)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths == 0, 1, lengths)
    ### END SOLUTION


# %% id="normalise-visible" role="check" points=1

# %% id="normalise-hidden" role="hidden" points=2


# %% id="embed" role="answer"
def embed(texts):
    """Return one row of length 1 for each text, made by `model`."""
    ### BEGIN SOLUTION
    return model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
    ### END SOLUTION


# %% id="vectors" role="locked"
vectors = embed(documents)

# %% id="embed-visible" role="check" points=1

# %% id="embed-hidden" role="hidden" points=3


# %% id="top-k" role="answer"
def top_k(query, rows, k):
    """Return the numbers of the k rows with the highest cosine similarity to `query`, best first."""
    ### BEGIN SOLUTION
    rows, query = np.asarray(rows, dtype=float), np.asarray(query, dtype=float)
    similarities = rows @ query / np.linalg.norm(rows, axis=1)
    return np.argsort(-similarities, kind="stable")[:k]
    ### END SOLUTION


# %% id="top-k-visible" role="check" points=1

# %% id="top-k-hidden" role="hidden" points=2


# %% id="index" role="answer"
def build_index(texts, rows):
    """Return a Chroma collection with cosine distance that holds the texts under the ids "0", "1", ..."""
    ### BEGIN SOLUTION
    client = chromadb.EphemeralClient()
    collection = client.create_collection("lab", embedding_function=None, metadata={"hnsw:space": "cosine"})
    ids = [str(number) for number in range(len(texts))]
    collection.add(ids=ids, documents=list(texts), embeddings=np.asarray(rows).tolist())
    return collection
    ### END SOLUTION


# %% id="collection" role="locked"
index = build_index(documents, vectors)

# %% id="index-visible" role="check" points=2

# %% id="index-hidden" role="hidden" points=3


# %% id="precision" role="answer"
def precision_at_k(ranked, relevant, k):
    """Return the share of the first k of `ranked` that is in `relevant`."""
    ### BEGIN SOLUTION
    return sum(number in set(relevant) for number in list(ranked)[:k]) / k
    ### END SOLUTION


# %% id="precision-visible" role="check" points=1

# %% id="precision-hidden" role="hidden" points=2


# %% id="flatten" role="answer"
def flatten(rows):
    """Return the rows projected on their first two principal components, two numbers each."""
    ### BEGIN SOLUTION
    centred = np.asarray(rows) - np.mean(rows, axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    return centred @ directions[:2].T
    ### END SOLUTION


# %% id="map" role="locked"
flat = flatten(vectors)
figure, axes = plt.subplots()
axes.scatter(*flat.T, c=np.arange(200) % 10, cmap="tab10")
plt.show()

# %% id="flatten-visible" role="check" points=1

# %% id="flatten-hidden" role="hidden" points=2

# %% [markdown] id="memo" role="manual" points=2
r"""
Why does the cosine serve better here than the distance?

### BEGIN SOLUTION
Because the length of a vector says nothing about the meaning of a text.
### END SOLUTION
"""
