# shows: Merges only pairs of bytes and never a token with another.
# loses: codec-visible 1, codec-hidden 3
# %% id="codec"
def encode(text, merges):
    encoded = []
    for chunk in split(text):
        ids = list(chunk.encode())
        for new_id, pair in enumerate(merges, 256):
            if max(pair) < 256:
                ids = replace_pair(ids, pair, new_id)
        encoded += ids
    return encoded


def decode(ids, merges):
    pieces = {byte: bytes([byte]) for byte in range(256)}
    for new_id, (left, right) in enumerate(merges, 256):
        pieces[new_id] = pieces[left] + pieces[right]
    if unknown := set(ids) - pieces.keys():
        raise ValueError(f"no such token ids: {sorted(unknown)}")
    return b"".join(pieces[i] for i in ids).decode(errors="replace")
