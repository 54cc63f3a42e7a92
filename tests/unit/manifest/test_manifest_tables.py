"""Documents show what the manifest says, and a document that cannot is refused."""

from pathlib import Path

import pytest

from courseware.manifest import Course
from courseware.manifest.errors import DocumentError
from courseware.manifest.schedule_tables import tracks_table, weeks_table
from courseware.manifest.tables import GENERATED, render_documents, replace_between


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A root whose generated documents hold no tables yet."""
    for path in GENERATED:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("Prose.\n")
    return tmp_path


def _marked(name: str, between: str = "") -> str:
    return f"Before.\n<!-- course:begin {name} -->\n{between}<!-- course:end {name} -->\nAfter.\n"


def test_committed_documents_are_up_to_date(repository: Path, course: Course) -> None:
    for path, expected in render_documents(repository, course).items():
        assert (repository / path).read_text(encoding="utf-8") == expected, f"{path}: run course build"


def test_syllabus_shows_every_week_unit_and_capstone(repository: Path, course: Course) -> None:
    text = render_documents(repository, course)[Path("docs/syllabus.md")]
    titles = [week.title for week in course.weeks] + [unit.title for unit in course.units]
    titles += [capstone.title for capstone in course.capstones] + [track.title for track in course.tracks]
    assert [title for title in titles if title not in text] == []


def test_models_page_shows_every_model_and_role(repository: Path, course: Course) -> None:
    text = render_documents(repository, course)[Path("docs/reference/models.md")]
    assert [model.name for model in course.models if f"`{model.name}`" not in text] == []
    assert [role.alias for role in course.roles.values() if role.alias not in text] == []


def test_rendering_twice_changes_nothing(documents: Path, course: Course) -> None:
    (documents / "README.md").write_text(_marked("tracks"))
    once = render_documents(documents, course)[Path("README.md")]
    (documents / "README.md").write_text(once)
    assert render_documents(documents, course)[Path("README.md")] == once


def test_prose_around_a_table_stays(documents: Path, course: Course) -> None:
    (documents / "README.md").write_text(_marked("tracks", "old\n"))
    expected = _marked("tracks", tracks_table(course) + "\n")
    assert render_documents(documents, course)[Path("README.md")] == expected


def test_readme_without_markers_is_left_alone(documents: Path, course: Course) -> None:
    (documents / "README.md").write_text("Prose.\n")
    assert set(render_documents(documents, course)) == set(GENERATED)


def test_unknown_table_names_document_and_choices(documents: Path, course: Course) -> None:
    (documents / "README.md").write_text(_marked("trakcs"))
    with pytest.raises(DocumentError, match=r"^README\.md: no table is called 'trakcs'; choose one of week-0"):
        render_documents(documents, course)


def test_missing_document_is_named(tmp_path: Path, course: Course) -> None:
    with pytest.raises(DocumentError, match=r"docs/syllabus\.md is missing"):
        render_documents(tmp_path, course)


def test_missing_end_marker_is_named() -> None:
    with pytest.raises(DocumentError, match="<!-- course:end x --> occurs 0 times; write it exactly once"):
        replace_between("<!-- course:begin x -->\n", "x", "new")


def test_doubled_marker_is_named() -> None:
    with pytest.raises(DocumentError, match="<!-- course:begin x --> occurs 2 times"):
        replace_between(_marked("x") * 2, "x", "new")


def test_swapped_markers_are_refused() -> None:
    with pytest.raises(DocumentError, match="stands before its begin; swap the two"):
        replace_between("<!-- course:end x -->\n<!-- course:begin x -->\n", "x", "new")


def test_bars_in_text_do_not_break_the_table(course: Course) -> None:
    week = course.weeks[1].model_copy(update={"title": "This | that"})
    assert r"This \| that" in weeks_table([week])


def test_state_follows_the_manifest(course: Course) -> None:
    assert weeks_table(course.weeks[1:2]).endswith("| ready | ready |")
