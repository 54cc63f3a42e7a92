# shows: Column by column.
# %% id="scale"
def scale(table):
    columns = []
    for column in table.T:
        spread = column.max() - column.min()
        columns.append((column - column.min()) / spread if spread else np.zeros(len(column)))
    return np.stack(columns, axis=1)
