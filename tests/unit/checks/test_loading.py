"""Checks are found where they are kept; who looks for one that is not there is told what to do."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from courseware.checks import CheckDefinitionError, Student, hidden_check, load_checks, visible_check
from courseware.checks.loading import graders_folder

LAB = "week_01_tokenization"


def write_checks(path: Path, *ids: str, extra: str = "") -> Path:
    """Write a file with a check for each id."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["from courseware.checks import check"]
    for number, name in enumerate(ids):
        lines += [f"@check({name!r}, title={name!r})", f"def check_{number}(student, world): ..."]
    path.write_text("\n".join([*lines, textwrap.dedent(extra)]), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the running notebook, without graders anywhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COURSE_GRADERS", raising=False)
    return tmp_path


def test_checks_of_a_file_are_found_by_id(tmp_path: Path) -> None:
    found = load_checks(write_checks(tmp_path / "checks.py", "a-visible", "b-visible"))
    assert {name: check.title for name, check in found.items()} == {"a-visible": "a-visible", "b-visible": "b-visible"}


def test_two_checks_of_one_id_are_the_authors_error(tmp_path: Path) -> None:
    path = write_checks(tmp_path / "checks.py", "a-visible", "a-visible")
    with pytest.raises(CheckDefinitionError, match=r"checks\.py: two checks have the id 'a-visible'; rename one"):
        load_checks(path)


def test_one_check_under_two_names_is_one(tmp_path: Path) -> None:
    path = write_checks(tmp_path / "checks.py", "a-visible", extra="also = check_0")
    assert list(load_checks(path)) == ["a-visible"]


def test_files_of_one_name_do_not_meet(tmp_path: Path) -> None:
    paths = [write_checks(tmp_path / lab / "checks.py", f"{lab}-visible") for lab in ("a", "b")]
    assert [list(load_checks(path)) for path in paths] == [["a-visible"], ["b-visible"]]


def test_file_is_run_once(tmp_path: Path) -> None:
    path = write_checks(tmp_path / "checks.py", "a-visible")
    assert load_checks(path)["a-visible"] is load_checks(path)["a-visible"]


def test_file_that_failed_is_run_again(tmp_path: Path) -> None:
    path = write_checks(tmp_path / "checks.py", extra="1 / 0")
    with pytest.raises(ZeroDivisionError):
        load_checks(path)
    write_checks(path, "a-visible", extra="# repaired, and of another length than before")
    assert list(load_checks(path)) == ["a-visible"]


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no checks at .*checks\.py"):
        load_checks(tmp_path / "checks.py")


def test_visible_check_is_in_the_notebooks_folder(folder: Path) -> None:
    write_checks(folder / "checks.py", "a-visible")
    assert visible_check("a-visible").id == "a-visible"


def test_unknown_visible_check_names_file_and_known_ids(folder: Path) -> None:
    write_checks(folder / "checks.py", "b-visible", "a-visible")
    with pytest.raises(CheckDefinitionError, match=r"checks\.py has no check 'c'; it has a-visible, b-visible"):
        visible_check("c")


def test_hidden_check_is_found_through_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_checks(folder / "kept" / LAB / "hidden.py", "a-hidden")
    monkeypatch.setenv("COURSE_GRADERS", str(folder / "kept"))
    assert hidden_check(LAB, "a-hidden").id == "a-hidden"


def test_unknown_hidden_check_names_file_and_known_ids(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_checks(folder / "kept" / LAB / "hidden.py", "a-hidden")
    monkeypatch.setenv("COURSE_GRADERS", str(folder / "kept"))
    with pytest.raises(CheckDefinitionError, match=r"hidden\.py has no check 'b-hidden'; it has a-hidden"):
        hidden_check(LAB, "b-hidden")


def test_hidden_check_is_absent_from_a_learners_course(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "course.toml").write_text("", encoding="utf-8")
    write_checks(folder / LAB / "hidden.py", "a-hidden")
    monkeypatch.setenv("COURSE_ROOT", str(folder))
    with pytest.raises(FileNotFoundError, match="set COURSE_GRADERS to the course's graders folder"):
        hidden_check(LAB, "a-hidden")


def test_graders_stand_in_the_course_unless_named(folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_ROOT", str(root))
    assert graders_folder() == root / "graders"
    monkeypatch.setenv("COURSE_GRADERS", "elsewhere")
    assert graders_folder() == Path("elsewhere")


@pytest.mark.parametrize("lab", ["week_00_start_here", LAB])
def test_committed_hidden_checks_are_hidden(root: Path, lab: str) -> None:
    checks = load_checks(root / "graders" / lab / "hidden.py")
    assert checks
    assert all(check.hidden and check.id.endswith("-hidden") for check in checks.values())


def test_public_names_are_those_a_check_needs() -> None:
    import courseware.checks

    assert sorted(courseware.checks.__all__) == sorted(set(courseware.checks.__all__))
    assert all(hasattr(courseware.checks, name) for name in courseware.checks.__all__)
    assert Student.__name__ in courseware.checks.__all__
