# shows: Removes white space inside the name too.
# loses: greet-hidden 0.2
# %% id="greet"
def greet(name):
    if not name.split():
        raise ValueError("a name is needed")
    return f"Hello, {''.join(name.split())}."
