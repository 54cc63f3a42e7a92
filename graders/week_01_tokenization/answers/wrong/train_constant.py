# shows: Returns no merges, whatever the text.
# loses: train-visible 4, train-hidden 9
# %% id="train"
def replace_pair(ids, pair, new_id):
    replaced = []
    for i in ids:
        replaced.append(i)
        if tuple(replaced[-2:]) == pair:
            replaced[-2:] = [new_id]
    return replaced


def train(text, vocab_size):
    return []
