"""Text sources become cells with ids; a malformed marker is refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from courseware.build.errors import SourceError
from courseware.build.source import Cell, read_source


def read(tmp_path: Path, text: str) -> tuple[Cell, ...]:
    path = tmp_path / "lab.py"
    path.write_text(text, encoding="utf-8")
    return read_source(path)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(SourceError) as refused:
        read(tmp_path, text)
    return str(refused.value).removeprefix(f"{tmp_path}/")


def test_a_marker_gives_id_role_points_tags_and_line(tmp_path: Path) -> None:
    text = '# %% id="a"\n1\n\n# %% id="b-visible" role="check" points=2.5 tags=["x", "y"]\n'
    assert read(tmp_path, text)[1] == Cell("code", "", "b-visible", "check", 2.5, ("x", "y"), 4)


@pytest.mark.parametrize("quotes", ['"""', 'r"""', "'''"])
def test_prose_stands_in_a_string_of_any_quotes(tmp_path: Path, quotes: str) -> None:
    cell = read(tmp_path, f"# %% [markdown]\n{quotes}\n# A title\n\n$x^2$\n{quotes[-3:]}\n")[0]
    assert (cell.kind, cell.text) == ("markdown", "# A title\n\n$x^2$")


def test_prose_keeps_its_backslashes(tmp_path: Path) -> None:
    assert read(tmp_path, '# %% [markdown]\nr"""\n$\\frac{1}{2}$\n"""\n')[0].text == r"$\frac{1}{2}$"


@pytest.mark.parametrize(
    "comment", ["# cat the pieces", "# why?", "# !pip install x", "# %timeit x", "# ls", "    # rm it"]
)
def test_a_comment_is_never_taken_for_a_shell_command(tmp_path: Path, comment: str) -> None:
    assert read(tmp_path, f"# %%\nif True:\n{comment}\n    x = 1\n")[0].text == f"if True:\n{comment}\n    x = 1"


def test_comments_before_the_first_cell_are_no_cell(tmp_path: Path) -> None:
    cells = read(tmp_path, '# shows: x\n# loses: y 1\n\n# %% id="a"\n1\n')
    assert [(cell.id, cell.line) for cell in cells] == [("a", 4)]


def test_an_empty_source_has_no_cells(tmp_path: Path) -> None:
    assert read(tmp_path, "") == ()


def test_a_derived_id_depends_on_the_cell_alone(tmp_path: Path) -> None:
    before = read(tmp_path, "# %%\nx = 1\n")[0]
    after = read(tmp_path, "# %%\ny = 2\n\n# %%\nx = 1\n")[1]
    assert (before.id, before.named) == (after.id, False)


def test_equal_cells_get_different_ids(tmp_path: Path) -> None:
    first, second, third = (cell.id for cell in read(tmp_path, "# %%\n1\n\n# %%\n1\n\n# %%\n1\n"))
    assert (second, third) == (f"{first}-2", f"{first}-3")


def test_an_id_that_only_looks_derived_is_the_authors(tmp_path: Path) -> None:
    assert read(tmp_path, '# %% id="code-points"\n1\n')[0].named


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1\n# %%\n", "lab.py:1: text before the first cell"),
        ('# %%\n\n# %% colour="red"\n', "lab.py:3: unknown key 'colour'"),
        ('# %% id="a" role="graded"\n', "lab.py:1: unknown role 'graded'; known are locked, answer"),
        ('# %% id="Not_This"\n', "lab.py:1: id 'Not_This' is not lower-case"),
        (f'# %% id="{"x" * 65}"\n', "lab.py:1: id"),
        ("# %% id=7\n", "lab.py:1: id 7"),
        ('# %% role="locked"\n', "lab.py:1: a cell with a role needs an id"),
        ("# %% [raw]\n# x\n", "lab.py:1: a raw cell"),
        ('# %% [markdown] id="a" role="check" points=1\n# x\n', "lab.py:1: a check cell in markdown"),
        ('# %% id="a" role="check"\n', "lab.py:1: a check cell without points"),
        ('# %% id="a" role="check" points="3"\n', "lab.py:1: points are '3'"),
        ('# %% id="a" role="check" points=-1\n', "lab.py:1: points are -1"),
        ('# %% id="a" role="answer" points=3\n', "lab.py:1: 3 points on a cell that is not graded"),
        ('# %% tags="raises-exception"\n', "lab.py:1: 'raises-exception' is not of type 'array'; write markers as"),
        ("# %%\n'a\u2028b'\n", "lab.py:2: an invisible line end"),
        ('# %% id="a"\n\n# %% id="a"\n', "lab.py:1: the id 'a' is used 2 times"),
    ],
)
def test_a_malformed_marker_is_refused_where_it_stands(tmp_path: Path, text: str, says: str) -> None:
    assert says in refusal(tmp_path, text)
