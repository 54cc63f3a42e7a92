# shows: Divides by zero in a column that never changes.
# loses: scale-hidden 1
# %% id="scale"
def scale(table):
    low, high = table.min(axis=0), table.max(axis=0)
    with np.errstate(invalid="ignore"):
        return (table - low) / (high - low)
