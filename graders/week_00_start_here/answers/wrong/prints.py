# shows: Prints the greeting and returns nothing.
# loses: greet-visible 0.25, greet-hidden 0.4
# %% id="greet"
def greet(name):
    if not name.strip():
        raise ValueError("a name is needed")
    print(f"Hello, {name.strip()}.")
