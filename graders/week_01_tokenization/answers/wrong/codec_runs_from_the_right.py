# shows: Replaces a pair from right to left, which differs in a run of odd length.
# loses: codec-hidden 1
# %% id="codec"
def encode(text, merges):
    encoded = []
    for chunk in split(text):
        ids = list(chunk.encode())[::-1]
        for new_id, (left, right) in enumerate(merges, 256):
            ids = replace_pair(ids, (right, left), new_id)
        encoded += ids[::-1]
    return encoded


def decode(ids, merges):
    pieces = {byte: bytes([byte]) for byte in range(256)}
    for new_id, (left, right) in enumerate(merges, 256):
        pieces[new_id] = pieces[left] + pieces[right]
    if unknown := set(ids) - pieces.keys():
        raise ValueError(f"no such token ids: {sorted(unknown)}")
    return b"".join(pieces[i] for i in ids).decode(errors="replace")
