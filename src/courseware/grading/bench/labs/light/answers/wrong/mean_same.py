# shows: Keeps the ends, where the window is not whole.
# loses: mean-visible 1, mean-hidden 2
# %% id="mean"
def moving_mean(values, width):
    return np.convolve(values, np.ones(width) / width, mode="same")
