# shows: From running sums.
# %% id="mean"
def moving_mean(values, width):
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return (sums[width:] - sums[:-width]) / width
