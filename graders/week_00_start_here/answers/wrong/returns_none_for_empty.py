# shows: Returns None for an empty name instead of raising.
# loses: greet-visible 0.25, greet-hidden 0.1
# %% id="greet"
def greet(name):
    return f"Hello, {name.strip()}." if name.strip() else None
