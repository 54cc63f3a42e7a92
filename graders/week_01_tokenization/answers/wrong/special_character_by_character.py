# shows: Hands the text between names to encode one character at a time.
# loses: special-hidden 1
# %% id="special"
def encode_with_special(text, encode, special, allowed):
    longest_first = sorted(special, key=len, reverse=True)
    names = "|".join(re.escape(name) for name in longest_first)
    pieces = re.split(f"({names})", text) if special else [text]
    ids = []
    for piece in pieces:
        if piece not in special:
            ids += [i for character in piece for i in encode(character)]
        elif piece in allowed:
            ids.append(special[piece])
        else:
            raise ValueError(f"the special token {piece!r} is not allowed in this text")
    return ids
