# shows: Returns an empty list.
# loses: special-visible 4, special-hidden 7
# %% id="special"
def encode_with_special(text, encode, special, allowed):
    return []
