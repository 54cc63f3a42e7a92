# shows: Keeps the pieces in a list and lets Python count -1 from its end.
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
    pieces = [bytes([byte]) for byte in range(256)]
    for left, right in merges:
        pieces.append(pieces[left] + pieces[right])
    try:
        return b"".join(pieces[i] for i in ids).decode(errors="replace")
    except IndexError:
        raise ValueError("no such token id") from None
