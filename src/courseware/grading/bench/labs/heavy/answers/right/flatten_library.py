# shows: With scikit-learn's class.
# %% id="flatten"
def flatten(rows):
    from sklearn.decomposition import PCA

    return PCA(2).fit_transform(rows)
