"""The hidden checks."""

from courseware.checks import Student, World, case, check


@check("first-hidden", points=20, title="Counting", hidden=True)
def first_hidden(student: Student, world: World) -> None:
    with case("counts hidden text", points=20, category="many words") as c:
        c.equal(student.call("first", f"{world.rng('word').random()} and more"), 2)


@check("second-hidden", points=10, title="Counting", hidden=True)
def second_hidden(student: Student, world: World) -> None:
    with case("counts hidden text", points=10, category="many words") as c:
        c.equal(student.call("second", f"{world.rng('word').random()} and more"), 2)
