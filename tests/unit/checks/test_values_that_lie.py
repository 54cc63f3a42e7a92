"""Values of the learner's own classes: what they hold arrives, not what they say of themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from courseware.checks import LearnerError, Ref, Student

Serve = Callable[[str], Student]


def failure(student: Student, *call: Any, **kwargs: Any) -> LearnerError:
    """The exception that a call ends in."""
    with pytest.raises(LearnerError) as caught:
        student.call(*call, **kwargs)
    return caught.value


LIES = """
class Lie:
    def __eq__(self, other): return True
    def __hash__(self): return 1
    def __len__(self): return 10**18
    def __iter__(self): return iter(['lie'])
    def __getitem__(self, key): return 'lie'
    def __bytes__(self): return b'lie'
    def __str__(self): return 'lie'
    __repr__ = __str__
    def __index__(self): return 99
    def __int__(self): return 99
    def __float__(self): return 99.0
    def __complex__(self): return 99j
    def __bool__(self): return True
    def __getattribute__(self, name): return 99
    def items(self): return [('lie', 99)]
    def keys(self): return ['lie']
    def tolist(self): return ['lie']

class Int(Lie, int): ...
class Float(Lie, float): ...
class Complex(Lie, complex): ...
class Str(Lie, str): ...
class Bytes(Lie, bytes): ...
class ByteArray(Lie, bytearray): ...
class List(Lie, list): ...
class Tuple(Lie, tuple): ...
class Set(Lie, set): ...
class Dict(Lie, dict): ...
"""


@pytest.mark.parametrize(
    ("made", "base"),
    [
        ("Int(5)", 5), ("Float(2.5)", 2.5), ("Complex(1, 2)", 1 + 2j), ("Str('abc')", "abc"), ("Bytes(b'abc')", b"abc"),
        ("ByteArray(b'abc')", bytearray(b"abc")), ("List([1, 2])", [1, 2]), ("Tuple((1, 2))", (1, 2)),
        ("Set({3})", {3}), ("Dict(a=1)", {"a": 1}), ("range(Int(1), Int(3))", range(1, 3)),
    ],
)  # fmt: skip
def test_subclasses_that_lie_arrive_as_base_values(serve: Serve, made: str, base: Any) -> None:
    got = serve(f"{LIES}\nvalue = {made}").get("value")
    assert type(got) is type(base)
    assert got == base


def test_object_equal_to_everything_is_not_equal_here(serve: Serve) -> None:
    got = serve("class Any:\n    def __eq__(self, _): return True\ndef f(): return Any()").call("f")
    assert got != 5
    assert isinstance(got, Ref)


@pytest.mark.parametrize(
    "source",
    [
        "class X:\n    @property\n    def __class__(self): raise ValueError('told')\ndef f(): return [X()]",
        "class Meta(type):\n    @property\n    def __module__(cls): raise ValueError('told')\n"
        "class X(metaclass=Meta): ...\ndef f(): return X()",
    ],
)
def test_object_that_raises_while_it_is_read_is_the_learners(serve: Serve, source: str) -> None:
    assert failure(serve(source), "f").message == "told"


def test_object_that_is_slow_to_read_meets_the_limit(serve: Serve) -> None:
    student = serve("class X:\n    @property\n    def __class__(self):\n        while True: pass\ndef f(): return X()")
    assert failure(student, "f", seconds=0.1).kind == "CallTooSlow"


# Values that are too much


@pytest.mark.parametrize("made", ["'x' * 2**26", "bytes(2**26)", "[0] * 2**26", "range(10**30)", "2**20000"])
def test_value_too_large_is_the_learners(serve: Serve, made: str) -> None:
    assert failure(serve(f"def f(): return {made}"), "f").kind == "TooLarge"


@pytest.mark.parametrize("source", ["x = []; x.append(x)", "x = {}; x['x'] = x", "x = 0\nfor _ in range(99): x = (x,)"])
def test_value_nested_without_end_is_the_learners(serve: Serve, source: str) -> None:
    with pytest.raises(LearnerError, match="nested more than"):
        serve(source).get("x")
