# shows: Uses a template and an error of its own kind.
# %% id="greet"
class NoName(ValueError):
    pass


def greet(name):
    if name.isspace() or name == "":
        raise NoName
    return "Hello, {}.".format(name.strip())
