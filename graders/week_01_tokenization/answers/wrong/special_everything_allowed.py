# shows: Gives every special token its id, whoever typed it.
# loses: special-visible 1, special-hidden 2
# %% id="special"
def encode_with_special(text, encode, special, allowed):
    longest_first = sorted(special, key=len, reverse=True)
    names = "|".join(re.escape(name) for name in longest_first)
    pieces = re.split(f"({names})", text) if special else [text]
    ids = []
    for piece in pieces:
        if piece not in special:
            ids += encode(piece)
        else:
            ids.append(special[piece])
    return ids
