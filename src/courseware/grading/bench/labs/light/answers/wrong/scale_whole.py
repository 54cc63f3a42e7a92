# shows: Scales by the extremes of the whole table.
# loses: scale-visible 1, scale-hidden 2
# %% id="scale"
def scale(table):
    return (table - table.min()) / (table.max() - table.min())
