# shows: Asks tiktoken and never looks at the table it was given.
# loses: ranks-hidden 1
# %% id="ranks"
def encode_ranks(text, ranks):
    return cl100k_ids(text)


def fit(messages, budget, count, overhead):
    kept = []
    for message in reversed(messages):
        budget -= count(message["content"]) + overhead
        if budget < 0:
            break
        kept.insert(0, message)
    return kept
