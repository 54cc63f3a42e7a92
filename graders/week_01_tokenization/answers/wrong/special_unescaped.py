# shows: Uses names as regular expressions without escaping them.
# loses: special-visible 3, special-hidden 5
# %% id="special"
def encode_with_special(text, encode, special, allowed):
    longest_first = sorted(special, key=len, reverse=True)
    names = "|".join(name for name in longest_first)
    pieces = re.split(f"({names})", text) if special else [text]
    ids = []
    for piece in pieces:
        if piece not in special:
            ids += encode(piece)
        elif piece in allowed:
            ids.append(special[piece])
        else:
            raise ValueError(f"the special token {piece!r} is not allowed in this text")
    return ids
