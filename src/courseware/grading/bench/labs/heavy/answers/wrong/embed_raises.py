# shows: Has no idea: everything that needs vectors fails with it.
# loses: embed-visible 1, embed-hidden 3, index-visible 2, index-hidden 3, flatten-visible 1
# %% id="embed"
def embed(texts):
    raise ValueError("no idea")
