"""The visible check of lab 00."""

from courseware.checks import Student, World, case, check


@check("greet-visible", points=0.5, title="A greeting for a name you can see")
def greet_visible(student: Student, world: World) -> None:
    with case("greets a name without the white space around it", points=0.25, category="white space") as c:
        c.equal(student.call("greet", " Ada "), "Hello, Ada.")
    with (
        case("refuses an empty name", points=0.25, hint="Raise ValueError before you build the greeting.") as c,
        c.raises("ValueError"),
    ):
        student.call("greet", "")
