# shows: Takes the first two columns.
# loses: flatten-hidden 2
# %% id="flatten"
def flatten(rows):
    return np.asarray(rows)[:, :2]
