"""What a call of the learner's code gives back, and what becomes of everything that can go wrong in it."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from courseware.checks import CheckError, LearnerError, Ref, Student, make
from courseware.checks.errors import CodecError, Frame
from courseware.checks.student import MAX_ITEMS

Serve = Callable[[str], Student]


def failure(student: Student, *call: Any, **kwargs: Any) -> LearnerError:
    """The exception that a call ends in."""
    with pytest.raises(LearnerError) as caught:
        student.call(*call, **kwargs)
    return caught.value


def ending(student: Student, *call: Any, **kwargs: Any) -> str:
    """The kind of exception that a call ends in, or nothing."""
    try:
        student.call(*call, **kwargs)
    except LearnerError as error:
        return error.kind
    return ""


# Values and names


def test_call_gives_the_value_and_takes_keywords(serve: Serve) -> None:
    student = serve("def join(a, *rest, sep=','): return sep.join([a, *rest])")
    assert student.call("join", "a", "b", sep="-") == "a-b"


def test_get_gives_a_variable(serve: Serve) -> None:
    assert serve("MERGES = {(97, 98): 256}").get("MERGES") == {(97, 98): 256}


def test_missing_name_is_the_learners_name_error(serve: Serve) -> None:
    student = serve("x = 1")
    for ask in (lambda: student.get("train"), lambda: student.call("train")):
        with pytest.raises(LearnerError, match="NameError: name 'train' is not defined"):
            ask()


def test_name_that_is_no_function_is_a_type_error(serve: Serve) -> None:
    assert str(failure(serve("train = [1]"), "train")) == "TypeError: train is a list, not a function"


def test_observe_gives_arguments_and_output_after_the_call(serve: Serve) -> None:
    student = serve("def grow(items):\n    items.append(3)\n    print('grown')\n    return len(items)")
    seen = student.observe("grow", [1, 2])
    assert (seen.value, seen.args, seen.out, seen.err) == (3, [[1, 2, 3]], "grown\n", "")


def test_arguments_of_the_check_stay_as_they_are(serve: Serve) -> None:
    given = [1, 2]
    serve("def grow(items): items.append(3)").call("grow", given)
    assert given == [1, 2]


def test_argument_too_large_after_the_call_is_the_learners(serve: Serve) -> None:
    student = serve("def grow(items): items.append('x' * 2**25)")
    with pytest.raises(LearnerError, match="TooLarge"):
        student.observe("grow", [])


def test_value_that_cannot_travel_is_refused_with_the_way_out(serve: Serve) -> None:
    with pytest.raises(CheckError, match=r"a Random cannot be passed.*make\(\.\.\.\)"):
        serve("def f(x): ...").call("f", random.Random(1))


# References


COUNTER = """
class Counter:
    def __init__(self): self.count = 0
    def add(self, amount=1):
        self.count += amount
        return self
    def total(self): return self.count

def counter(): return Counter()
def total(counter): return counter.total()
def pair(): return [Counter(), {"a": Counter()}]
"""


def test_object_stays_there_and_its_methods_are_called(serve: Serve) -> None:
    student = serve(COUNTER)
    ref = student.call("counter")
    student.call(ref.method("add"), amount=5)
    assert (ref.kind, student.call(ref.method("total"))) == ("__main__.Counter", 5)


def test_reference_is_passed_back_as_the_object_itself(serve: Serve) -> None:
    student = serve(COUNTER)
    ref = student.call("counter")
    again = student.call(ref.method("add"))
    assert student.call("total", ref) == student.call("total", again) == 1


def test_references_travel_inside_containers(serve: Serve) -> None:
    student = serve(COUNTER)
    first, named = student.call("pair")
    student.call(first.method("add"), 7)
    assert [student.call("total", ref) for ref in (first, named["a"])] == [7, 0]


def test_missing_method_is_the_learners_attribute_error(serve: Serve) -> None:
    student = serve(COUNTER)
    assert failure(student, student.call("counter").method("reset")).kind == "AttributeError"


def test_reference_nobody_gave_is_a_codec_error(serve: Serve) -> None:
    with pytest.raises(CodecError):
        serve("def f(x): ...").call("f", Ref(99, "x.Y"))


def test_function_is_passed_back_as_an_argument(serve: Serve) -> None:
    student = serve("def double(x): return 2 * x\ndef each(f, items): return [f(x) for x in items]")
    assert student.call("each", student.get("double"), [1, 2]) == [2, 4]


# Recipes


@pytest.mark.parametrize(
    ("recipe", "draw", "local"),
    [
        ("numpy-generator", "generator.random(5)", np.random.default_rng(7).random(5)),
        ("python-random", "[generator.random() for _ in range(5)]", [random.Random(7).random()]),
    ],
)
def test_seeded_generator_makes_the_same_draws_as_a_local_one(serve: Serve, recipe: str, draw: str, local: Any) -> None:
    got = serve(f"def draw(generator): return {draw}").call("draw", make(recipe, seed=7))
    assert list(got)[: len(local)] == list(local)


def test_torch_recipes_make_generator_and_tensor(serve: Serve) -> None:
    torch = pytest.importorskip("torch")
    student = serve("import torch\ndef noise(x, generator): return x + torch.rand(2, generator=generator)")
    got = student.call("noise", make("torch-tensor", values=[1, 2]), make("torch-generator", seed=3))
    expected = torch.tensor([1.0, 2.0]) + torch.rand(2, generator=torch.Generator().manual_seed(3))
    assert got.tolist() == expected.tolist()


def test_iterator_recipe_can_be_read_once(serve: Serve) -> None:
    student = serve("def twice(items): return [list(items), list(items)]")
    assert student.call("twice", make("iterator", items=[1, (2, 3)])) == [[1, (2, 3)], []]


def test_unknown_recipe_names_the_known_ones() -> None:
    with pytest.raises(CodecError, match=r"no recipe 'socket'; known are .*iterator, numpy-generator"):
        make("socket")


def test_recipe_with_wrong_parameters_is_a_codec_error(serve: Serve) -> None:
    with pytest.raises(CodecError, match="sed"):
        serve("def f(x): ...").call("f", make("numpy-generator", sed=7))


# Exceptions


def test_exception_arrives_as_kinds_message_and_learner_frames(serve: Serve) -> None:
    error = failure(serve("import json\ndef outer(x):\n    return json.loads(x)\n"), "outer", "{")
    assert error.kinds[:3] == ("JSONDecodeError", "ValueError", "Exception")
    assert error.message.startswith("Expecting property name")
    assert error.frames == (Frame("outer", 3, "return json.loads(x)"),)


def test_frames_of_a_generator_are_the_learners(serve: Serve) -> None:
    error = failure(serve("def items():\n    yield 1\n    raise KeyError('a')"), "items")
    assert (error.kind, error.message, error.frames[0].function) == ("KeyError", "'a'", "items")


def test_recursion_error_shows_the_last_frames(serve: Serve) -> None:
    error = failure(serve("def down(n):\n    return down(n + 1)"), "down", 0)
    assert (error.kind, len(error.frames)) == ("RecursionError", 5)


@pytest.mark.parametrize("ends", ["sys.exit(1)", "raise GeneratorExit", "raise StopIteration", "raise BaseException"])
def test_whatever_is_raised_is_the_learners(serve: Serve, ends: str) -> None:
    failure(serve(f"import sys\ndef f():\n    {ends}"), "f")


def test_keyboard_interrupt_is_the_persons(serve: Serve) -> None:
    with pytest.raises(KeyboardInterrupt):
        serve("def f(): raise KeyboardInterrupt").call("f")


@pytest.mark.parametrize(
    "body",
    [
        "def __str__(self): raise ValueError('no')",
        "def __str__(self): raise SystemExit",
        "def __str__(self): return 5",
        "def __str__(self):\n        while True: pass",
    ],
)
def test_exception_that_fails_to_print_itself_has_no_message(serve: Serve, body: str) -> None:
    error = failure(serve(f"class Odd(Exception):\n    {body}\ndef f(): raise Odd"), "f")
    assert (error.kinds[0], error.message) == ("Odd", "")


@pytest.mark.parametrize(
    "source",
    [
        "class Odd(Exception):\n    __traceback__ = property(lambda self: 5)\ndef f(): raise Odd('told')",
        "class Meta(type):\n    __mro__ = property(lambda cls: 5)\n"
        "class Odd(Exception, metaclass=Meta): ...\ndef f(): raise Odd('told')",
        "class Meta(type):\n    __name__ = property(lambda cls: [])\n"
        "class Odd(Exception, metaclass=Meta): ...\ndef f(): raise Odd('told')",
    ],
)
def test_exception_that_lies_about_itself_is_still_reported(serve: Serve, source: str) -> None:
    assert failure(serve(source), "f").message == "told"


def test_message_that_is_a_lying_text_arrives_as_text(serve: Serve) -> None:
    error = failure(
        serve("""
        class Text(str):
            def __getitem__(self, _): return 5
            def __str__(self): return self
        class Odd(Exception):
            def __str__(self): return Text("told")
        def f(): raise Odd
        """),
        "f",
    )
    assert error.message == "told"


def test_message_is_clipped_and_can_be_shown(serve: Serve) -> None:
    error = failure(serve("def f(): raise ValueError(chr(0xD800) + 'x' * 10**6)"), "f")
    assert len(error.message.encode()) < 1_100


# Coroutines and generators


def test_coroutines_are_awaited_even_where_a_loop_runs(serve: Serve) -> None:
    student = serve("import asyncio\nasync def f(x):\n    await asyncio.sleep(0)\n    return x + 1")

    async def notebook() -> Any:
        return student.call("f", 1)

    assert asyncio.run(notebook()) == 2


def test_all_calls_share_one_loop(serve: Serve) -> None:
    source = "import asyncio\nasync def loop(): return id(asyncio.get_running_loop())"
    first, second = serve(source), serve(source)
    assert first.call("loop") == first.call("loop") == second.call("loop")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this platform")
def test_forked_process_has_a_loop_of_its_own() -> None:
    source = """
        import os, warnings
        from courseware.checks import LocalChannel, Student
        warnings.simplefilter("ignore")  # threads and forks: the point of this test
        async def works(): return 5
        student = Student(LocalChannel(globals()))
        student.call("works")
        child = os.fork()
        if child == 0:
            os._exit(student.call("works", seconds=30))
        raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) - student.call("works"))
        """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(source)], check=False).returncode == 0


def test_exception_of_a_coroutine_has_the_learners_frames(serve: Serve) -> None:
    error = failure(serve("async def f():\n    raise ValueError('told')"), "f")
    assert (error.kind, [frame.function for frame in error.frames]) == ("ValueError", ["f"])


@pytest.mark.parametrize(
    "body",
    [
        "import sys; sys.exit(1)",
        "asyncio.get_running_loop().stop()",
        "asyncio.current_task().cancel(); await asyncio.sleep(1)",
        "asyncio.create_task(exits()); await asyncio.sleep(0.01)",
        "raise asyncio.CancelledError",
    ],
)
def test_coroutine_that_breaks_the_loop_leaves_one_for_the_next(serve: Serve, body: str) -> None:
    student = serve(f"""
        import asyncio
        async def exits(): raise SystemExit
        async def breaks(): {body}
        async def works(): return 5
        """)
    assert ending(student, "breaks", seconds=20) != "CallTooSlow"
    assert student.call("works", seconds=20) == 5


def test_async_generators_are_drained(serve: Serve) -> None:
    assert serve("async def f():\n    yield 1\n    yield 2").call("f") == [1, 2]


@pytest.mark.parametrize("made", ["(x for x in range(3))", "iter([0, 1, 2])", "map(int, '012')"])
def test_iterators_are_drained(serve: Serve, made: str) -> None:
    assert serve(f"def f(): return {made}").call("f") == [0, 1, 2]


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_generator_without_end_is_too_large(serve: Serve, kind: str) -> None:
    student = serve(f"{kind} f(n):\n    i = 0\n    while i != n:\n        yield i\n        i += 1")
    assert len(student.call("f", MAX_ITEMS)) == MAX_ITEMS
    assert failure(student, "f", -1).kind == "TooLarge"
