# shows: Exchanges rows and columns.
# loses: confusion-visible 1, confusion-hidden 2
# %% id="confusion"
def confusion(truth, guess, classes):
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (guess, truth), 1)
    return counts
