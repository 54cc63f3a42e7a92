# shows: Forgets a bracket.
# loses: mean-visible 1, mean-hidden 2
# %% id="mean"
def moving_mean(values, width):
    return np.convolve(values, np.ones(width) / width, mode="valid"
