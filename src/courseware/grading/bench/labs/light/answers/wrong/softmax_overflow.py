# shows: Exponentials of large numbers are infinite.
# loses: softmax-hidden 1
# %% id="softmax"
def softmax(scores):
    with np.errstate(over="ignore", invalid="ignore"):
        weights = np.exp(scores)
        return weights / weights.sum()
