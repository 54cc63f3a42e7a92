# shows: Sets the tokens outside top-k and top-p to 0 and leaves the rest as they were; they no longer add up to 1.
# loses: sampling-visible 1, sampling-hidden 3
# %% id="sampling"
def next_token_probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("bad settings")
    logits = np.asarray(logits, dtype=float)
    if temperature == 0:
        return np.eye(len(logits))[np.argmax(logits)]
    probabilities = np.exp((logits - logits.max()) / temperature)
    probabilities /= probabilities.sum()
    order = np.argsort(-probabilities, kind="stable")
    if top_k is not None:
        probabilities[order[top_k:]] = 0
    if top_p is not None:
        kept = np.searchsorted(np.cumsum(probabilities[order]), top_p - 1e-9) + 1
        probabilities[order[kept:]] = 0
    return probabilities


def sample(probabilities, rng):
    return int(rng.choice(len(probabilities), p=probabilities))
