# shows: Keeps tokens while the total stays below p and drops the one that crosses it.
# loses: sampling-visible 1, sampling-hidden 2
# %% id="sampling"
def next_token_probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("bad settings")
    logits = np.asarray(logits, dtype=float)
    order = np.argsort(-logits, kind="stable")[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - logits[order[0]]) / (temperature or 1))
    if top_p is not None:
        totals = np.cumsum(weights / weights.sum())
        weights = weights[: max(1, int((totals <= top_p + 1e-9).sum()))]
    probabilities = np.zeros(len(logits))
    probabilities[order[: len(weights)]] = weights / weights.sum()
    return probabilities


def sample(probabilities, rng):
    return int(rng.choice(len(probabilities), p=probabilities))
