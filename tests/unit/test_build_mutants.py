"""Mutants differ from the reference in one place, compile, and have names that stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from courseware.build.errors import SourceError
from courseware.build.mutants import mutants
from courseware.build.mutation import MutationScore, Survivor, read_survivors

MIXED = '''
async def f(items, limit=3):
    """Text."""
    async with items as rows:
        for row in rows[1:-1]:
            if row is not None and not row < limit or "x" in row:
                continue
            total = max(row, key=len) @ row ** 2
            raise ValueError("too large", f"{total:.2f}")
    match limit:
        case 1:
            return sorted(items, reverse=True)
        case _:
            del items[0]
    return await g(*items, last=1)
'''


def sources(text: str) -> list[str]:
    return [mutant.source for mutant in mutants("a", text)]


@pytest.mark.parametrize(
    ("statement", "changed"),
    [
        ("x = a < b", "x = a <= b"),
        ("x = a == b", "x = a != b"),
        ("x = a in b", "x = a not in b"),
        ("x = a is b", "x = a is not b"),
        ("x = a + b", "x = a - b"),
        ("x -= b", "x += b"),
        ("x = a and b", "x = a or b"),
        ("x = not a", "x = not not a"),
        ("x = -a", "x = +a"),
        ("x = a[1:]", "x = a[:]"),
        ("x = 3", "x = 4"),
        ("x = 3", "x = 2"),
        ("x = True", "x = False"),
        ("x = 'a'", "x = 'ax'"),
        ("x = min(a)", "x = max(a)"),
        ("x = a.argmax()", "x = a.argmin()"),
        ("x = sorted(a, key=b)", "x = list(a)"),
        ("x = f(a, b)", "x = f(b, a)"),
        ("x = f(a, key=b)", "x = f(a)"),
        ("x = a if b else c", "x = a if not b else c"),
        ("return a", "return None"),
        ("x.append(a)", "pass"),
        ("while a:\n        break", "while a:\n        continue"),
    ],
)
def test_each_operator_makes_its_change(statement: str, changed: str) -> None:
    assert f"def f():\n    {changed}" in sources(f"def f():\n    {statement}\n")


def test_every_mutant_compiles_and_is_another_program() -> None:
    found = sources(MIXED)
    assert len(found) == len(set(found)) > 25
    for source in found:
        compile(source, "<mutant>", "exec")


def test_docstrings_annotations_and_messages_are_left_alone() -> None:
    text = 'def f(x: "int" = 1) -> "str":\n    """Text."""\n    raise ValueError("no")\n'
    changed = {"def f(x=2):\n    raise ValueError", "def f(x=0):\n    raise ValueError", "def f(x=1):\n    pass"}
    assert set(sources(text)) == changed


def test_a_function_of_a_docstring_alone_has_no_mutants() -> None:
    assert sources('def f():\n    """Text."""\n') == []


def test_names_are_stable_and_different() -> None:
    twice = "def f(i):\n    i += n\n\ndef g(i):\n    i += n\n"
    names = [mutant.change for mutant in mutants("a", twice)]
    assert names == [mutant.change for mutant in mutants("a", twice)]
    assert len(names) == len(set(names))
    assert names.count("a: i += n  ->  i -= n") == names.count("a: i += n  ->  i -= n (number 2)") == 1


def test_the_score_leaves_out_equivalent_survivors() -> None:
    twice_explained = (Survivor("a", True, "same"), Survivor("a", True, "same"), Survivor("b", False, "rare"))
    assert MutationScore(8, ("a", "b"), twice_explained).score == 8 / 9


@pytest.mark.parametrize(
    ("score", "says"),
    [
        (MutationScore(99, ("a",), ()), "survives unexplained: a"),
        (MutationScore(99, (), (Survivor("a", True, "same"),)), "explained but does not survive: a"),
        (MutationScore(8, ("a",), (Survivor("a", False, "rare"),)), "mutation score 89% is below 90%"),
    ],
)
def test_a_weak_grader_is_told_why(score: MutationScore, says: str) -> None:
    assert any(says in problem for problem in score.problems())


def test_a_strong_grader_has_no_problems() -> None:
    assert MutationScore(9, ("a",), (Survivor("a", True, "same"),)).problems() == []


def test_survivors_are_read_and_a_malformed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "survivors.toml"
    assert read_survivors(path) == ()
    path.write_text('[[survivor]]\nchange = "a"\nequivalent = true\nwhy = "b"\n')
    assert read_survivors(path) == (Survivor("a", True, "b"),)
    path.write_text('[[survivor]]\nchange = "a"\n')
    with pytest.raises(SourceError, match="each \\[\\[survivor\\]\\] has change, equivalent and why"):
        read_survivors(path)
