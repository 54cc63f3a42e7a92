# shows: Row by row, in place of all at once.
# %% id="normalise"
def normalise(rows):
    rows = np.array(rows, dtype=float)
    for number, row in enumerate(rows):
        length = (row * row).sum() ** 0.5
        if length:
            rows[number] = row / length
    return rows
