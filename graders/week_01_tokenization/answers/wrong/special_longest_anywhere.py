# shows: Cuts out the longest name first, wherever it stands, before it looks from the left.
# loses: special-hidden 1
# %% id="special"
def encode_with_special(text, encode, special, allowed):
    for name in sorted(special, key=len, reverse=True):
        before, found, after = text.partition(name)
        if found:
            if name not in allowed:
                raise ValueError(f"the special token {name!r} is not allowed in this text")
            left = encode_with_special(before, encode, special, allowed)
            return [*left, special[name], *encode_with_special(after, encode, special, allowed)]
    return encode(text)
