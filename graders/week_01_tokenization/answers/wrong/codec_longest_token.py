# shows: Takes the longest known token from the left, which is not byte-pair encoding.
# loses: codec-visible 1, codec-hidden 2
# %% id="codec"
def encode(text, merges):
    pieces = {byte: bytes([byte]) for byte in range(256)}
    for new_id, (left, right) in enumerate(merges, 256):
        pieces[new_id] = pieces[left] + pieces[right]
    ids_of = {piece: i for i, piece in pieces.items()}
    encoded = []
    for chunk in split(text):
        data = chunk.encode()
        while data:
            size = max(n for n in range(1, len(data) + 1) if data[:n] in ids_of)
            encoded.append(ids_of[data[:size]])
            data = data[size:]
    return encoded


def decode(ids, merges):
    pieces = {byte: bytes([byte]) for byte in range(256)}
    for new_id, (left, right) in enumerate(merges, 256):
        pieces[new_id] = pieces[left] + pieces[right]
    if unknown := set(ids) - pieces.keys():
        raise ValueError(f"no such token ids: {sorted(unknown)}")
    return b"".join(pieces[i] for i in ids).decode(errors="replace")
