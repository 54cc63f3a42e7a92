# shows: Greets with the white space still there.
# loses: greet-visible 0.25, greet-hidden 0.2
# %% id="greet"
def greet(name):
    if not name.strip():
        raise ValueError("a name is needed")
    return f"Hello, {name}."
