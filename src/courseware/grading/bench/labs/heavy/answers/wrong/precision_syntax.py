# shows: Forgets a colon.
# loses: precision-visible 1, precision-hidden 2
# %% id="precision"
def precision_at_k(ranked, relevant, k)
    return 1
