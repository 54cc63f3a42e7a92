# shows: Matches names whatever their capitals.
# loses: special-hidden 1
# %% id="special"
def encode_with_special(text, encode, special, allowed):
    longest_first = sorted(special, key=len, reverse=True)
    names = "|".join(re.escape(name) for name in longest_first)
    pieces = re.split(f"({names})", text, flags=re.IGNORECASE) if special else [text]
    ids = []
    by_lower = {name.lower(): name for name in special}
    for piece in pieces:
        piece = by_lower.get(piece.lower(), piece)
        if piece not in special:
            ids += encode(piece)
        elif piece in allowed:
            ids.append(special[piece])
        else:
            raise ValueError(f"the special token {piece!r} is not allowed in this text")
    return ids
