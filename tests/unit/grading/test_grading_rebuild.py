"""A submission becomes the lab again: the learner's text in the lab's frame, whatever was done to the notebook."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.grading.lab import LabCell
from courseware.grading.rebuild import Rebuilt, rebuild
from courseware.grading.submissions import SubmittedCell

LAB = (
    LabCell("title", "markdown", "text", "# Lab", "# Lab"),
    LabCell("setup", "code", "locked", "import math", "import math"),
    LabCell("one", "code", "answer", "raise", "raise"),
    LabCell("one-look", "code", "look", "one()", "one()"),
    LabCell("one-visible", "code", "check", "check one", "check one"),
    LabCell("one-hidden", "code", "check", "check one more", ""),
    LabCell("two", "code", "answer", "raise", "raise"),
    LabCell("two-visible", "code", "check", "check two", "check two"),
    LabCell("memo", "markdown", "manual", "*Write*", "*Write*"),
)
NAMES = [cell.id for cell in LAB]
KINDS = {cell.id: cell.kind == "code" for cell in LAB}


def handed_in(*names: str) -> list[SubmittedCell]:
    """A notebook of the lab's cells in this order, each with a text of its own; `+x` is a cell that was added."""
    return [
        SubmittedCell((name,), KINDS.get(name, True), f"mine: {name}") if name[0] != "+" else
        SubmittedCell((f"random-{name}",), True, name)
        for name in names
    ]  # fmt: skip


def run_order(found: Rebuilt) -> list[str]:
    """Ids of the lab's cells, texts of those that were added."""
    return [cell.text if cell.id.startswith("added") else cell.id for cell in found.cells]


def test_untouched_order_stays_and_the_labs_own_text_wins() -> None:
    found = rebuild(LAB, handed_in(*NAMES))
    assert run_order(found) == NAMES
    texts = {cell.id: cell.text for cell in found.cells}
    assert (texts["setup"], texts["one-hidden"], texts["one"]) == ("import math", "check one more", "mine: one")
    assert found.notes == ()


def test_added_cells_stay_where_they_are() -> None:
    names = [*NAMES[:2], "+helper", *NAMES[2:5], "+more", *NAMES[5:], "+last"]
    assert run_order(rebuild(LAB, handed_in(*names))) == names


ORDERS = {
    "a deleted check comes back": ([name for name in NAMES if name != "one-visible"], NAMES),
    "all locked cells deleted": (["title", "one", "one-look", "two", "memo"], NAMES),
    "a check moved before its answer": (
        ["title", "setup", "one-visible", "one", "one-look", "one-hidden", "two", "two-visible", "memo"],
        NAMES,
    ),
    "checks follow an answer that was moved down": (
        ["title", "setup", "one-look", "one-visible", "one-hidden", "two", "two-visible", "memo", "one"],
        ["title", "setup", "one-look", "two", "memo", "one", "one-visible", "one-hidden", "two-visible"],
    ),
    "the set-up moved to the end": (["title", *NAMES[2:], "setup"], NAMES),
    "a deleted check waits for what was added behind its answer": (
        ["title", "setup", "one", "one-look", "+helper", "two", "two-visible", "memo"],
        ["title", "setup", "one", "one-look", "+helper", "one-visible", "one-hidden", "two", "two-visible", "memo"],
    ),
    "nothing is left": ([], ["setup", "one-visible", "one-hidden", "two-visible", "memo"]),
    "a deleted answer stays away": (["title", "setup", *NAMES[3:]], ["title", "setup", *NAMES[3:]]),
}  # fmt: skip


@pytest.mark.parametrize(("given_names", "expected"), ORDERS.values(), ids=ORDERS)
def test_order_is_repaired(given_names: list[str], expected: list[str]) -> None:
    assert run_order(rebuild(LAB, handed_in(*given_names))) == expected


def test_a_split_answer_runs_in_both_halves() -> None:
    cells = handed_in(*NAMES)
    cells.insert(3, SubmittedCell(("one",), True, "second half"))
    found = rebuild(LAB, cells)
    assert run_order(found)[2:4] == ["one", "second half"]
    assert found.notes == ("cell 'one' is there more than once",)


def test_a_copied_check_runs_once_and_a_split_memo_is_joined() -> None:
    cells = [*handed_in(*NAMES), *handed_in("one-visible", "memo")]
    found = rebuild(LAB, cells)
    assert run_order(found) == NAMES
    assert found.cells[-1].text == "mine: memo\n\nmine: memo"


def test_a_retyped_cell_is_what_the_lab_says() -> None:
    cells = [SubmittedCell(cell.names, not cell.code, cell.text) for cell in handed_in(*NAMES)]
    assert [cell.kind for cell in rebuild(LAB, cells).cells] == [cell.kind for cell in LAB]


def test_added_text_is_left_out_and_a_memo_that_was_deleted_is_as_released() -> None:
    cells = [*handed_in(*NAMES[:-1]), SubmittedCell(("x",), False, "a note")]
    found = rebuild(LAB, cells)
    assert run_order(found) == NAMES
    assert found.cells[-1].text == "*Write*"


@given(st.lists(st.one_of(st.sampled_from(NAMES), st.sampled_from(["+a", "+b", "+c"])), max_size=20))
def test_whatever_was_done_every_check_runs_once_behind_its_answers(names: list[str]) -> None:
    order = [cell.id for cell in rebuild(LAB, handed_in(*names)).cells]
    for place, cell in enumerate(LAB):
        if cell.ours:
            assert order.count(cell.id) == 1
        if cell.role == "check":
            answers = [other.id for other in LAB[:place] if other.role == "answer" and other.id in order]
            assert all(order.index(answer) < order.index(cell.id) for answer in answers)
    assert [name for name in order if name in ("one", "two")] == list(
        dict.fromkeys(n for n in names if n in ("one", "two"))
    )
