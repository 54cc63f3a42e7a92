"""What becomes of a learner's notebook when the course has a new edition of it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.learner.workspace import merge

Cell = dict[str, Any]
Notebook = dict[str, Any]
STUB = "raise NotImplementedError()"


def prose(name: str, text: str) -> Cell:
    return {"id": name, "cell_type": "markdown", "metadata": {}, "source": text}


def code(name: str, text: str, **nbgrader: Any) -> Cell:
    metadata = {"nbgrader": {"grade_id": name, **nbgrader}} if nbgrader else {}
    return {
        "id": name,
        "cell_type": "code",
        "metadata": metadata,
        "source": text,
        "outputs": [],
        "execution_count": None,
    }


def answer(name: str, text: str = STUB) -> Cell:
    return code(name, text, locked=False, solution=True)


def locked(name: str, text: str) -> Cell:
    return code(name, text, locked=True, solution=False)


def notebook(*cells: Cell) -> Notebook:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def texts(edition: Notebook) -> list[str]:
    return ["".join(cell["source"]) for cell in edition["cells"]]


def merged_texts(base: Notebook, mine: Notebook, new: Notebook) -> list[str]:
    return texts(merge(base, mine, new).notebook)


BASE = notebook(prose("intro", "Old intro"), answer("task"), locked("check", "check(1)"))
NEW = notebook(prose("intro", "New intro"), answer("task"), locked("check", "check(2)"))


def with_text(edition: Notebook, name: str, text: str) -> Notebook:
    return {**edition, "cells": [cell | {"source": text} if cell["id"] == name else cell for cell in edition["cells"]]}


def with_cells(edition: Notebook, place: int, *cells: Cell) -> Notebook:
    return {**edition, "cells": [*edition["cells"][:place], *cells, *edition["cells"][place:]]}


def test_answer_is_kept_and_the_course_around_it_is_new() -> None:
    mine = with_text(BASE, "task", "return 1")
    assert merged_texts(BASE, mine, NEW) == ["New intro", "return 1", "check(2)"]


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_own_cells_stay_where_they_were_written(place: int) -> None:
    mine = with_cells(BASE, place, prose("x1", "mine"), code("x2", "also = mine"))
    expected = ["New intro", STUB, "check(2)"]
    assert merged_texts(BASE, mine, NEW) == [*expected[:place], "mine", "also = mine", *expected[place:]]


def test_own_cells_without_ids_stay_in_their_order() -> None:
    own = [{key: value for key, value in prose("x", text).items() if key != "id"} for text in ("one", "two", "three")]
    assert merged_texts(BASE, with_cells(BASE, 1, *own), NEW) == ["New intro", "one", "two", "three", STUB, "check(2)"]


def test_edited_prose_is_kept_and_the_learner_is_told_that_it_changed() -> None:
    merged = merge(BASE, with_text(BASE, "intro", "My intro"), NEW)
    assert texts(merged.notebook)[0] == "My intro"
    assert re.match("cell intro: your answer was kept; .* changed", merged.notes[0])


def test_changed_stub_under_an_answer_keeps_the_answer_and_tells_the_learner() -> None:
    merged = merge(BASE, with_text(BASE, "task", "return 1"), with_text(BASE, "task", f"def f(x):\n    {STUB}"))
    assert texts(merged.notebook)[1] == "return 1"
    assert "cell task: your answer was kept" in merged.notes[0]


def test_answer_of_an_unchanged_task_needs_no_note() -> None:
    assert merge(BASE, with_text(BASE, "task", "return 1"), NEW).notes == ()


def test_edited_locked_cell_is_replaced_and_the_learner_is_told() -> None:
    merged = merge(BASE, with_text(BASE, "check", "check(nothing)"), NEW)
    assert texts(merged.notebook)[2] == "check(2)"
    assert merged.notes == ("cell check: your change to a locked cell was replaced by the new edition",)


def test_withdrawn_cell_nobody_touched_goes() -> None:
    assert merged_texts(BASE, BASE, notebook(NEW["cells"][0])) == ["New intro"]


def test_withdrawn_answer_stays_as_a_cell_without_points() -> None:
    merged = merge(BASE, with_text(BASE, "task", "return 1"), notebook(NEW["cells"][0], NEW["cells"][2]))
    assert texts(merged.notebook) == ["New intro", "return 1", "check(2)"]
    assert merged.notebook["cells"][1]["metadata"] == {}
    assert merged.notes == ("cell task: the new edition has no such cell; yours was kept where it stood",)


def test_moved_cells_take_the_order_of_the_new_edition() -> None:
    mine = with_text({**BASE, "cells": BASE["cells"][::-1]}, "task", "return 1")
    assert merged_texts(BASE, mine, NEW) == ["New intro", "return 1", "check(2)"]


def test_deleted_cell_of_the_course_comes_back() -> None:
    assert merged_texts(BASE, notebook(*BASE["cells"][1:]), NEW) == ["New intro", STUB, "check(2)"]


def test_new_cell_stands_between_its_neighbours_and_the_answer_is_kept() -> None:
    new = with_cells(NEW, 2, prose("hint", "A hint"))
    assert merged_texts(BASE, with_text(BASE, "task", "return 1"), new) == [
        "New intro",
        "return 1",
        "A hint",
        "check(2)",
    ]


def test_second_cell_with_an_id_that_is_taken_becomes_a_cell_of_the_learners_own() -> None:
    mine = with_cells(with_text(BASE, "task", "return 1"), 2, answer("task", "return 2"))
    cells = merge(BASE, mine, NEW).notebook["cells"]
    assert [cell["source"] for cell in cells] == ["New intro", "return 1", "return 2", "check(2)"]
    assert len({cell["id"] for cell in cells}) == 4
    assert cells[2]["metadata"] == {}


def test_answer_cell_that_was_cut_and_pasted_is_still_the_answer() -> None:
    pasted = answer("task", "return 1") | {"id": "0d0f"}
    mine = notebook(BASE["cells"][0], BASE["cells"][2], pasted)
    assert merged_texts(BASE, mine, NEW) == ["New intro", "return 1", "check(2)"]


def test_copy_without_ids_is_matched_by_grade_id_and_text() -> None:
    mine = with_text(BASE, "task", "return 1")
    for cell in (stripped := json.loads(json.dumps(mine)))["cells"]:
        del cell["id"]
    assert merged_texts(BASE, stripped | {"nbformat_minor": 4}, NEW) == ["New intro", "return 1", "check(2)"]


def test_source_stored_as_a_list_is_the_same_text() -> None:
    mine = with_text(BASE, "task", ["return", " 1"])
    merged = merge(with_text(BASE, "intro", ["Old ", "intro"]), mine, NEW)
    assert texts(merged.notebook) == ["New intro", "return 1", "check(2)"]
    assert merged.notes == ()


def test_outputs_stay_where_the_cell_is_unchanged_and_go_where_it_changed() -> None:
    output = [{"output_type": "stream", "name": "stdout", "text": "1"}]
    ran = [cell | {"outputs": output} if cell["cell_type"] == "code" else cell for cell in BASE["cells"]]
    cells = merge(BASE, notebook(*ran), NEW).notebook["cells"]
    assert [cell.get("outputs") for cell in cells] == [None, output, []]


def test_unchanged_text_in_another_kind_of_cell_takes_the_kind_of_the_course() -> None:
    mine = notebook(BASE["cells"][0], BASE["cells"][1] | {"cell_type": "raw"}, prose("check", "check(1)"))
    assert [cell["cell_type"] for cell in merge(BASE, mine, NEW).notebook["cells"]] == ["markdown", "code", "code"]


def test_answer_in_another_kind_of_cell_is_code_again() -> None:
    merged = merge(BASE, notebook(BASE["cells"][0], prose("task", "return 1"), BASE["cells"][2]), NEW).notebook
    assert (merged["cells"][1]["cell_type"], merged["cells"][1]["source"]) == ("code", "return 1")


def test_merging_what_was_merged_before_a_kill_changes_and_tells_nothing() -> None:
    merged = merge(BASE, with_text(BASE, "task", "return 1"), NEW).notebook
    again = merge(BASE, merged, NEW)
    assert (again.notebook, again.notes) == (merged, ())


@pytest.mark.parametrize(
    "broken",
    [
        [],
        "text",
        None,
        {},
        {"cells": 5},
        {"worksheets": []},
        {"cells": ["x"]},
        {"cells": [{"cell_type": "code", "metadata": {}}]},
        {"cells": [{"cell_type": "code", "metadata": {}, "source": {"a": 1}}]},
        {"cells": [{"cell_type": "code", "metadata": {}, "source": [1]}]},
        {"cells": [{"cell_type": "heading", "metadata": {}, "source": ""}]},
        {"cells": [{"cell_type": "code", "metadata": [], "source": ""}]},
        {"cells": [{"cell_type": "code", "metadata": {"nbgrader": 1}, "source": ""}]},
    ],
)
def test_json_that_is_not_a_notebook_is_refused_with_a_reason(broken: Any) -> None:
    with pytest.raises(ValueError, match=r"list of cells|its cell 1"):
        merge(BASE, broken, NEW)


@pytest.mark.parametrize("name", [7, "", "has space", "x" * 65, ["a"], None])
def test_odd_id_is_replaced_and_its_text_kept(name: Any) -> None:
    cells = merge(BASE, with_cells(BASE, 1, prose(name, "mine")), NEW).notebook["cells"]
    assert cells[1]["source"] == "mine"
    assert re.fullmatch("[A-Za-z0-9_-]{1,64}", cells[1]["id"])


KINDS = {name: (prose, answer, locked)[place % 3] for place, name in enumerate("abcdefghi")}
EDITIONS = st.lists(st.sampled_from(sorted(KINDS)), unique=True, max_size=9).flatmap(
    lambda names: st.tuples(*[st.sampled_from([f"{name} 1", f"{name} 2", ""]) for name in names]).map(
        lambda chosen: notebook(*[KINDS[name](name, text) for name, text in zip(names, chosen, strict=True)])
    )
)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["type", "type", "add", "paste", "delete", "move", "no id"]),
        st.integers(0, 20),
        st.integers(0, 20),
    ),
    max_size=12,
)


def edited(base: Notebook, edits: list[tuple[str, int, int]]) -> Notebook:
    """What a learner made of `base`; everything typed is `typed N`, each once but for what was pasted."""
    cells: list[Cell] = json.loads(json.dumps(base["cells"]))
    for number, (edit, first, second) in enumerate(edits):
        place, other = first % (len(cells) + 1), second % (len(cells) + 1)
        if edit == "add":
            cells.insert(place, prose(f"own{number}", f"typed {number}"))
        elif place < len(cells):
            cell = cells[place]
            if edit == "type":
                cell["source"] = [f"typed {number}"] if other % 2 else f"typed {number}"
            elif edit == "no id":
                cell.pop("id", None)
            elif edit == "paste":
                cells.insert(other, json.loads(json.dumps(cell)))
            else:
                cells.pop(place)
                if edit == "move":
                    cells.insert(other, cell)
    return {**base, "cells": cells}


@settings(max_examples=400, deadline=None, derandomize=True)
@given(base=EDITIONS, new=EDITIONS, edits=EDITS)
def test_no_edit_meets_a_new_edition_and_is_lost(
    base: Notebook, new: Notebook, edits: list[tuple[str, int, int]]
) -> None:
    mine = edited(base, edits)
    merged = merge(base, mine, new)
    typed = {text for text in texts(mine) if text.startswith("typed")}
    replaced = sum("locked cell was replaced" in note for note in merged.notes)
    assert len(typed - set(texts(merged.notebook))) <= replaced
    ids = [cell["id"] for cell in merged.notebook["cells"]]
    names = [cell["id"] for cell in new["cells"]]
    assert len(set(ids)) == len(ids)
    assert [name for name in ids if name in names] == names
    assert merge(base, merged.notebook, new).notebook == merged.notebook
    assert merge(new, merged.notebook, new).notebook == merged.notebook
