# shows: Takes the longest token in the table from the left.
# loses: ranks-hidden 3
# %% id="ranks"
def encode_ranks(text, ranks):
    ids = []
    for chunk in cl100k_split(text):
        data = chunk.encode()
        while data:
            size = max(n for n in range(1, len(data) + 1) if data[:n] in ranks)
            ids.append(ranks[data[:size]])
            data = data[size:]
    return ids


def fit(messages, budget, count, overhead):
    kept = []
    for message in reversed(messages):
        budget -= count(message["content"]) + overhead
        if budget < 0:
            break
        kept.insert(0, message)
    return kept
