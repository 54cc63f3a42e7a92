"""What the tiny lab asks with numbers that were drawn."""

from courseware.checks import case, check


@check("twice-hidden", points=2, title="Twice, drawn", hidden=True)
def twice_hidden(student, world):
    number = world.rng("number").randrange(10, 10**6)
    with case("a drawn number", points=1, category="any number") as c:
        c.equal(student.call("twice", number), 2 * number)
    with case("below zero", points=1, category="negative numbers") as c:
        c.equal(student.call("twice", -number), -2 * number)


@check("kept-hidden", points=3, title="Kept, drawn", hidden=True)
def kept_hidden(student, world):
    numbers = [5, *world.rng("numbers").choices(range(10), k=20)]
    with case("drawn numbers", points=2, category="many numbers") as c:
        c.equal(student.call("kept", numbers), [number for number in numbers if number <= 5])
    with case("none", points=1, category="an empty list") as c:
        c.equal(student.call("kept", []), [])
