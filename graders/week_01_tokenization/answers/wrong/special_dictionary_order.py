# shows: Tries names in the order of the dictionary, so that a short one hides a longer one.
# loses: special-visible 1, special-hidden 2
# %% id="special"
def encode_with_special(text, encode, special, allowed):
    longest_first = list(special)
    names = "|".join(re.escape(name) for name in longest_first)
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
