"""What the light lab asks openly."""

from __future__ import annotations

import numpy as np

from courseware.checks import Student, World, case, check


@check("scale-visible", points=1, title="Columns from 0 to 1")
def scale_visible(student: Student, world: World) -> None:
    with case("two columns", points=1) as c:
        c.close(student.call("scale", np.array([[1.0, 10.0], [3.0, 20.0]])), [[0, 0], [1, 1]])


@check("softmax-visible", points=1, title="Weights")
def softmax_visible(student: Student, world: World) -> None:
    with case("equal scores", points=1) as c:
        c.close(student.call("softmax", np.zeros(4)), [0.25] * 4)


@check("mean-visible", points=1, title="Moving mean")
def mean_visible(student: Student, world: World) -> None:
    with case("two at a time", points=1) as c:
        c.close(student.call("moving_mean", np.array([1.0, 3.0, 5.0]), 2), [2, 4])


@check("confusion-visible", points=1, title="What was taken for what")
def confusion_visible(student: Student, world: World) -> None:
    with case("one mistake", points=1) as c:
        c.close(student.call("confusion", np.array([0, 0, 1]), np.array([0, 1, 1]), 2), [[1, 1], [0, 1]])
