# shows: Counts everything that was ranked.
# loses: precision-visible 1, precision-hidden 1
# %% id="precision"
def precision_at_k(ranked, relevant, k):
    return len(set(ranked) & set(relevant)) / k
