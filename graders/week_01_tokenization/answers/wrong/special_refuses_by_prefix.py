# shows: Looks for forbidden names anywhere, also inside a longer name that is allowed.
# loses: special-hidden 1
# %% id="special"
def encode_with_special(text, encode, special, allowed):
    for name in special:
        if name in text and name not in allowed:
            raise ValueError(f"the special token {name!r} is not allowed in this text")
    usable = {name: special[name] for name in special if name in allowed}
    longest_first = sorted(usable, key=len, reverse=True)
    names = "|".join(re.escape(name) for name in longest_first)
    pieces = re.split(f"({names})", text) if usable else [text]
    ids = []
    for piece in pieces:
        ids += [usable[piece]] if piece in usable else encode(piece)
    return ids
