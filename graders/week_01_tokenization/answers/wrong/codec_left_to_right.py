# shows: Merges whatever known pair comes first in the text, not the one learnt first.
# loses: codec-visible 1, codec-hidden 2
# %% id="codec"
def encode(text, merges):
    new_ids = {pair: new_id for new_id, pair in enumerate(merges, 256)}
    encoded = []
    for chunk in split(text):
        ids = []
        for byte in chunk.encode():
            ids.append(byte)
            while tuple(ids[-2:]) in new_ids:
                ids[-2:] = [new_ids[tuple(ids[-2:])]]
        encoded += ids
    return encoded


def decode(ids, merges):
    pieces = {byte: bytes([byte]) for byte in range(256)}
    for new_id, (left, right) in enumerate(merges, 256):
        pieces[new_id] = pieces[left] + pieces[right]
    if unknown := set(ids) - pieces.keys():
        raise ValueError(f"no such token ids: {sorted(unknown)}")
    return b"".join(pieces[i] for i in ids).decode(errors="replace")
