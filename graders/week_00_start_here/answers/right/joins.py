# shows: Builds the text by concatenation and tests the length.
# %% id="greet"
def greet(name):
    inner = name.strip()
    if len(inner) == 0:
        raise ValueError(name)
    return "Hello, " + inner + "."
