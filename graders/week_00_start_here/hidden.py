"""The hidden check of lab 00."""

from courseware.checks import Student, World, case, check

_NAMES = ("Grace", "Alan", "Katherine", "Edsger", "Radia", "Tim", "Barbara", "Donald")


@check("greet-hidden", points=0.5, title="A greeting for other names", hidden=True)
def greet_hidden(student: Student, world: World) -> None:
    first, second = world.rng("names").sample(_NAMES, 2)
    with case("another name", points=0.2, category="another name") as c:
        c.equal(student.call("greet", first), f"Hello, {first}.")
    with case("a name of two words", points=0.2, category="white space") as c:
        c.equal(student.call("greet", f"\t{first} {second}\n"), f"Hello, {first} {second}.")
    with case("only white space", points=0.1, category="empty input") as c, c.raises("ValueError"):
        student.call("greet", " \n")
