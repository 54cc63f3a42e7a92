"""The visible checks."""

from courseware.checks import Student, World, case, check


@check("first-visible", points=10, title="Counting")
def first_visible(student: Student, world: World) -> None:
    with case("counts visible text", points=10, category="one word") as c:
        c.equal(student.call("first", "a b"), 2)


@check("second-visible", points=10, title="Counting")
def second_visible(student: Student, world: World) -> None:
    with case("counts visible text", points=10, category="one word") as c:
        c.equal(student.call("second", "a b"), 2)
