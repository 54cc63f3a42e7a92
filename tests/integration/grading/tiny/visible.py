"""What the tiny lab asks openly."""

from courseware.checks import case, check


@check("twice-visible", points=1, title="Twice")
def twice_visible(student, world):
    with case("twice three", points=1) as c:
        c.equal(student.call("twice", 3), 6)


@check("kept-visible", points=1, title="Kept")
def kept_visible(student, world):
    with case("two of three", points=1) as c:
        c.equal(student.call("kept", [1, 9, 5]), [1, 5])
