# shows: Encodes special tokens as text and never gives one its id.
# loses: special-visible 3, special-hidden 6
# %% id="special"
def encode_with_special(text, encode, special, allowed):
    return encode(text)
