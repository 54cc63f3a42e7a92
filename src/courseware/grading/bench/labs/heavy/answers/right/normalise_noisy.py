# shows: Prints a lot.
# %% id="normalise"
def normalise(rows):
    print("x" * 2000)
    rows = np.asarray(rows, dtype=float)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    return rows / lengths
