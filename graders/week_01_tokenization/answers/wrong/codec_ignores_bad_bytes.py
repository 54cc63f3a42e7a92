# shows: Drops bytes that are not valid UTF-8.
# loses: codec-visible 1, codec-hidden 1
# %% id="codec"
def encode(text, merges):
    new_ids = {pair: new_id for new_id, pair in enumerate(merges, 256)}
    encoded = []
    for chunk in split(text):
        ids = list(chunk.encode())
        while known := new_ids.keys() & set(pairwise(ids)):
            first = min(known, key=new_ids.get)
            ids = replace_pair(ids, first, new_ids[first])
        encoded += ids
    return encoded


def decode(ids, merges):
    pieces = {byte: bytes([byte]) for byte in range(256)}
    for new_id, (left, right) in enumerate(merges, 256):
        pieces[new_id] = pieces[left] + pieces[right]
    if unknown := set(ids) - pieces.keys():
        raise ValueError(f"no such token ids: {sorted(unknown)}")
    return b"".join(pieces[i] for i in ids).decode(errors="ignore")
