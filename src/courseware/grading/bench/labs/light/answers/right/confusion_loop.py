# shows: Counts in a loop.
# %% id="confusion"
def confusion(truth, guess, classes):
    counts = [[0] * classes for _ in range(classes)]
    for row, column in zip(truth, guess):
        counts[row][column] += 1
    return counts
