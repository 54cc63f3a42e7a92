# shows: Encodes a name that is not allowed as text where it should refuse.
# loses: special-visible 1, special-hidden 2
# %% id="special"
def encode_with_special(text, encode, special, allowed):
    usable = {name: special[name] for name in special if name in allowed}
    longest_first = sorted(usable, key=len, reverse=True)
    names = "|".join(re.escape(name) for name in longest_first)
    pieces = re.split(f"({names})", text) if usable else [text]
    ids = []
    for piece in pieces:
        ids += [usable[piece]] if piece in usable else encode(piece)
    return ids
