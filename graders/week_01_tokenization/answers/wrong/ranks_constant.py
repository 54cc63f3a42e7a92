# shows: Returns empty lists.
# loses: ranks-visible 3, ranks-hidden 8
# %% id="ranks"
def encode_ranks(text, ranks):
    return []


def fit(messages, budget, count, overhead):
    return []
