# shows: Every task in torch, tensors given back; sampling by the inverse of the running total.
# %% id="attention"
def attention(q, k, v, mask=None):
    q, k, v = (torch_of(a) for a in (q, k, v))
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~torch_of(mask), float("-inf"))
    return torch_of(np.nan_to_num(scores.softmax(dim=-1).numpy())) @ v


def torch_of(array):
    import torch

    return torch.tensor(np.asarray(array))


# %% id="heads"
def multi_head(x, wq, wk, wv, wo, heads, causal):
    import torch

    x, wq, wk, wv, wo = (torch.tensor(a) for a in (x, wq, wk, wv, wo))
    if heads < 1 or x.shape[1] % heads:
        raise ValueError("heads")
    size = x.shape[1] // heads
    mixed = []
    for q, k, v in zip((x @ wq).split(size, dim=1), (x @ wk).split(size, dim=1), (x @ wv).split(size, dim=1)):
        scores = q @ k.T / size**0.5
        if causal:
            scores = scores + torch.full_like(scores, float("-inf")).triu(1)
        mixed.append(scores.softmax(dim=1) @ v)
    return torch.cat(mixed, dim=1) @ wo


# %% id="sampling"
def next_token_probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    import torch

    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("settings")
    values, order = torch.tensor(logits, dtype=torch.float64).sort(descending=True, stable=True)
    result = torch.zeros_like(values)
    if temperature == 0:
        result[order[0]] = 1
        return result
    values = values / temperature
    if top_k is not None:
        values[top_k:] = float("-inf")
    probabilities = values.softmax(dim=0)
    if top_p is not None:
        before = probabilities.cumsum(dim=0) - probabilities
        probabilities[before >= top_p - 1e-9] = 0
    result[order] = probabilities / probabilities.sum()
    return result


def sample(probabilities, rng):
    totals = np.cumsum(probabilities)
    return int(np.searchsorted(totals, rng.random() * totals[-1], side="right"))


# %% id="search"
def search(query_vector, document_vectors, k):
    import torch

    if k < 1:
        raise ValueError("k")
    query = torch.tensor(np.asarray(query_vector, dtype=np.float64))
    rows = torch.tensor(np.asarray(document_vectors, dtype=np.float64))
    cosines = torch.nan_to_num((rows * query).sum(dim=1) / rows.norm(dim=1) / query.norm())
    order = torch.sort(torch.round(cosines, decimals=9), descending=True, stable=True).indices[:k]
    return [(i, cosines[i].item()) for i in order.tolist()]
