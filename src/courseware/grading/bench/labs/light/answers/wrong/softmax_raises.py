# shows: Has no idea.
# loses: softmax-visible 1, softmax-hidden 2
# %% id="softmax"
def softmax(scores):
    raise ValueError("no idea")
