# shows: Greets nobody instead of refusing.
# loses: greet-visible 0.25, greet-hidden 0.1
# %% id="greet"
def greet(name):
    return f"Hello, {name.strip()}."
