# shows: Divides by the length of the whole table.
# loses: normalise-hidden 2
# %% id="normalise"
def normalise(rows):
    return rows / np.linalg.norm(rows)
