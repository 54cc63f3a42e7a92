# shows: Keeps every token whose logit reaches the k-th largest, ties included, so more than k may stay.
# loses: sampling-visible 1, sampling-hidden 1
# %% id="sampling"
def next_token_probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("bad settings")
    logits = np.asarray(logits, dtype=float)
    if temperature == 0:
        return np.eye(len(logits))[np.argmax(logits)]
    scaled = logits / temperature
    if top_k is not None:
        smallest = np.sort(scaled)[::-1][min(top_k, len(scaled)) - 1]
        scaled = np.where(scaled >= smallest, scaled, -np.inf)
    probabilities = np.exp(scaled - scaled.max())
    probabilities /= probabilities.sum()
    if top_p is not None:
        order = np.argsort(-probabilities, kind="stable")
        kept = np.searchsorted(np.cumsum(probabilities[order]), top_p - 1e-9) + 1
        probabilities[order[kept:]] = 0
    return probabilities / probabilities.sum()


def sample(probabilities, rng):
    return int(rng.choice(len(probabilities), p=probabilities))
