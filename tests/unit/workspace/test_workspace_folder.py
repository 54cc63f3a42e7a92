"""The learner's folder: what is in it, what an update does to it, and what no accident does to it."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from courseware.learner.launch import say_change
from courseware.learner.workspace import WorkspaceError, update_workspace, workspace_folder
from courseware.manifest import Course

LAB = "week_00_start_here"
KILLED = Path(__file__).with_name("killed_updates.py")
MARKS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN", "END HIDDEN")
ANSWER = "def greet(name):\n    return 'mine'"


def files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def contents(folder: Path) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in files(folder).items()}


@pytest.fixture(scope="module")
def whole(root: Path, course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace made from the real course."""
    folder = tmp_path_factory.mktemp("whole")
    update_workspace(root, course, folder)
    return folder


def test_workspace_holds_what_was_released_for_each_ready_week(whole: Path, root: Path, course: Course) -> None:
    parts = [("notebooks", week.id) for week in course.weeks if week.lesson.state == "ready"]
    parts += [("labs", week.id) for week in course.weeks if week.lab.state == "ready"]
    released = {
        f"{part}/{week}/{path.name}"
        for part, week in parts
        for path in (root / part / week).iterdir()
        if path.is_file() and path.name != "lesson.py"
    }
    assert released == {name for name in files(whole) if not name.startswith(".course/")}
    assert len(released) > 10


def test_no_notebook_of_it_has_an_output(whole: Path) -> None:
    for name, path in files(whole).items():
        if name.endswith(".ipynb"):
            for cell in json.loads(path.read_bytes())["cells"]:
                assert not cell.get("outputs"), (name, cell["id"])
                assert cell.get("execution_count") is None


def test_neither_solutions_nor_hidden_checks_nor_sources_are_in_it(whole: Path, root: Path) -> None:
    secrets = hidden_lines(root)
    assert len(secrets) > 100
    for name, content in contents(whole).items():
        text = "".join(content.decode("utf-8", "replace").split())
        assert not [mark for mark in MARKS if "".join(mark.split()) in text], name
        assert not [line for line in secrets if line in text], name
        assert Path(name).name not in ("lesson.py", "lab.py", "hidden.py", "rubric.md")
        assert not {"solutions", "graders", "answers"} & set(Path(name).parts)


def hidden_lines(root: Path) -> set[str]:
    """Every long line of a hidden.py, without white space, that visible checks and given cells do not have too."""
    given = "".join(
        "".join(path.read_text(encoding="utf-8").split())
        for path in [*root.glob("graders/*/visible.py"), *root.glob("labs/*/*.py"), *root.glob("labs/*/lab.ipynb")]
    )
    lines = {
        "".join(line.split())
        for path in root.glob("graders/*/hidden.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith(("import", "from"))
    }
    return {line for line in lines if len(line) >= 30 and line.replace('"', '\\"') not in given and line not in given}


def test_second_update_touches_nothing(whole: Path, root: Path, course: Course) -> None:
    def state() -> dict[str, tuple[bytes, int, int]]:
        return {
            name: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino)
            for name, path in files(whole).items()
        }

    before = state()
    assert update_workspace(root, course, whole) == []
    assert state() == before


def test_workspace_below_the_course_takes_nothing_of_itself_in(copy) -> None:
    below = dataclasses.replace(copy, folder=workspace_folder(copy.root))
    assert below.folder == copy.root / "workspace"
    below.update()
    assert below.update() == []
    assert sorted(below.folder.rglob("lab.ipynb")) == [
        below.folder / ".course" / "base" / "labs" / LAB / "lab.ipynb",
        below.mine / "lab.ipynb",
    ]


def test_course_itself_is_no_workspace(copy) -> None:
    before = contents(copy.root)
    with pytest.raises(WorkspaceError, match="is the course itself; name another folder with COURSE_WORKSPACE"):
        dataclasses.replace(copy, folder=copy.root).update()
    assert contents(copy.root) == before


def test_named_folder_may_be_relative_or_below_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COURSE_WORKSPACE", "mine")
    assert workspace_folder(tmp_path) == tmp_path / "mine"
    monkeypatch.setenv("COURSE_WORKSPACE", "~/mine")
    assert workspace_folder(tmp_path) == tmp_path / "home" / "mine"


def test_installed_course_keeps_the_workspace_in_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert workspace_folder(Path("/opt/site-packages/courseware/_course")) == tmp_path / "ai-engineer-course"


def test_answer_survives_a_changed_lab_and_the_learner_is_told(copy, write, capsys) -> None:
    copy.learn(write("greet", ANSWER))
    before = (copy.mine / "lab.ipynb").read_bytes()
    copy.publish(write("setup", "new_setup()"))
    (change,) = copy.update()
    assert (change.kind, copy.text("greet"), copy.text("setup")) == ("merged", ANSWER, "new_setup()")
    assert copy.kept() == [before]
    say_change(change, copy.folder)
    assert capsys.readouterr().out.startswith(
        f"merged: labs/{LAB}/lab.ipynb\n  the earlier file is kept as .course/kept"
    )


def test_locked_cell_the_learner_changed_is_replaced_and_kept_aside(copy, write) -> None:
    copy.learn(write("setup", "mine()"))
    copy.publish(write("finish", "finish()"))
    (change,) = copy.update()
    assert "cell setup: your change to a locked cell was replaced" in change.notes[0]
    assert b"mine()" in copy.kept()[0]


def test_untouched_lab_is_replaced_without_a_copy(copy, write) -> None:
    copy.publish(write("setup", "new_setup()"))
    assert [change.kind for change in copy.update()] == ["updated"]
    assert (copy.text("setup"), copy.kept()) == ("new_setup()", [])


def test_deleted_file_is_made_again(copy) -> None:
    (copy.mine / "lab.ipynb").unlink()
    assert [(change.path.name, change.kind) for change in copy.update()] == [("lab.ipynb", "made")]


@pytest.mark.parametrize(
    "broken",
    [b"", b"not JSON", b"\xff\xfe\x00", b"[]", b"{}", b'{"cells": 5}', b'{"cells": ["x"]}', b"[" * 5000],
    ids=["empty", "text", "binary", "list", "no cells", "number", "no cell", "deep"],
)
def test_notebook_that_is_none_any_more_is_left_and_named(copy, write, broken: bytes) -> None:
    (copy.mine / "lab.ipynb").write_bytes(broken)
    copy.publish(write("setup", "new_setup()"))
    (change,) = copy.update()
    assert (change.kind, change.path) == ("left", copy.mine / "lab.ipynb")
    assert "move it away to get a fresh one" in change.notes[0]
    assert (copy.mine / "lab.ipynb").read_bytes() == broken
    assert [change.kind for change in copy.update()] == ["left"]


def test_notebook_with_half_a_character_is_left(copy, write) -> None:
    copy.learn(write("greet", "\ud83d"))
    before = (copy.mine / "lab.ipynb").read_bytes()
    copy.publish(write("setup", "new_setup()"))
    assert [change.kind for change in copy.update()] == ["left"]
    assert (copy.mine / "lab.ipynb").read_bytes() == before


def test_fresh_notebook_comes_after_a_broken_one_was_moved_away(copy, write) -> None:
    (copy.mine / "lab.ipynb").write_bytes(b"not JSON")
    copy.publish(write("setup", "new_setup()"))
    copy.update()
    (copy.mine / "lab.ipynb").rename(copy.mine / "broken.ipynb")
    assert [change.kind for change in copy.update()] == ["made"]
    assert copy.text("setup") == "new_setup()"


def test_support_file_of_the_learners_is_kept_aside_and_replaced(copy) -> None:
    (copy.mine / "checks.py").write_text("mine = 1")
    (copy.released / "checks.py").write_text("new = 1")
    (change,) = copy.update()
    assert (change.kind, (copy.mine / "checks.py").read_text(), copy.kept()) == ("updated", "new = 1", [b"mine = 1"])


def test_support_file_the_learner_changed_stays_while_the_course_does_not_change_it(copy) -> None:
    (copy.mine / "checks.py").write_text("mine = 1")
    assert copy.update() == []
    assert (copy.mine / "checks.py").read_text() == "mine = 1"


def test_file_that_a_lab_hands_in_is_never_replaced(copy) -> None:
    week = copy.course.weeks[0]
    week = week.model_copy(update={"lab": week.lab.model_copy(update={"files": ("app.py",)})})
    copy = dataclasses.replace(copy, course=copy.course.model_copy(update={"weeks": (week,)}))
    (copy.released / "app.py").write_text("starter")
    copy.update()
    (copy.mine / "app.py").write_text("mine")
    (copy.released / "app.py").write_text("new starter")
    (change,) = copy.update()
    assert (change.kind, (copy.mine / "app.py").read_text()) == ("kept", "mine")
    assert change.notes == (f"the course has a new edition of it: .course/base/labs/{LAB}/app.py",)
    assert copy.update() == []


@pytest.mark.parametrize("base", [None, b"", b"[]", b'{"cells": [{}]}'], ids=["lost", "empty", "list", "no ids"])
def test_answer_survives_where_the_first_edition_is_lost(copy, write, base: bytes | None) -> None:
    copy.learn(write("greet", ANSWER))
    first = copy.folder / ".course" / "base" / "labs" / LAB / "lab.ipynb"
    first.unlink() if base is None else first.write_bytes(base)
    copy.publish(write("setup", "new_setup()"))
    copy.update()
    assert (copy.text("greet"), copy.text("setup")) == (ANSWER, "new_setup()")


def publish_everything(copy, write) -> None:
    """Answer, change a support file, and publish a new edition of all three kinds of file."""
    copy.learn(write("greet", ANSWER))
    (copy.mine / "checks.py").write_text("mine = 1")
    copy.publish(write("setup", "new_setup()"))
    (copy.released / "checks.py").write_text("new = 1")
    (copy.released / "data.txt").write_text("new file")


@pytest.mark.skipif(sys.platform == "win32", reason="no fork, no SIGKILL")
def test_kill_at_any_step_leaves_whole_files_and_the_next_update_ends_the_work(copy, write, tmp_path: Path) -> None:
    publish_everything(copy, write)
    before = contents(copy.folder)
    scratch = tmp_path / "scratch"
    done = subprocess.run(
        [sys.executable, str(KILLED), str(copy.root), str(copy.folder), str(scratch)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    after = contents(copy.folder)
    assert int(done.stdout) >= 15
    for step in range(1, int(done.stdout) + 1):
        killed = dataclasses.replace(copy, folder=scratch / str(step))
        for name, content in contents(killed.folder).items():
            # What was being written has a hidden name beside the file until it is whole.
            assert Path(name).name.startswith(".") or content in (before.get(name), after.get(name)), (step, name)
        killed.update()
        ended = contents(killed.folder)
        assert {name: ended[name] for name in after} == after, step
        assert killed.update() == []


def say_one_line(done: subprocess.CompletedProcess[str], start: str) -> None:
    assert (done.returncode, done.stderr.count("\n")) == (3, 1), done.stderr
    assert done.stderr.startswith(start)
    assert "Traceback" not in done.stderr


def test_full_disk_is_one_line_and_status_3_and_loses_nothing(copy, write, tiny_disk: Path, run_course) -> None:
    folder = tiny_disk / "mine"
    shutil.copytree(copy.folder, folder)
    full = dataclasses.replace(copy, folder=folder)
    publish_everything(full, write)
    (full.mine / "big.bin").write_bytes(b"x" * (shutil.disk_usage(tiny_disk).free - 12_288))
    before = contents(folder)
    done = run_course("lab", "--no-browser", COURSE_ROOT=str(copy.root), COURSE_WORKSPACE=str(folder))
    say_one_line(done, f"cannot write {folder}")
    assert "No space left on device; free space, or name a folder" in done.stderr
    after = contents(folder)
    typed = {before[f"labs/{LAB}/{name}"] for name in ("lab.ipynb", "checks.py")}
    assert typed <= set(after.values())
    assert ANSWER in full.text("greet")
    assert not [name for name in after if "checks.py." in name or "lab.ipynb." in name]


def test_update_goes_on_where_a_full_disk_stopped_it(copy, write, tiny_disk: Path) -> None:
    full = dataclasses.replace(copy, folder=tiny_disk / "mine")
    shutil.copytree(copy.folder, full.folder)
    publish_everything(full, write)
    filler = full.folder / "big.bin"
    filler.write_bytes(b"x" * (shutil.disk_usage(tiny_disk).free - 8_192))
    with pytest.raises(WorkspaceError, match="No space left on device"):
        full.update()
    filler.unlink()
    full.update()
    assert (full.text("greet"), full.text("setup")) == (ANSWER, "new_setup()")
    assert (full.mine / "data.txt").read_text() == "new file"
    assert b"mine = 1" in full.kept()


def test_first_copy_on_a_full_disk_is_one_line_and_status_3(tiny_disk: Path, run_course) -> None:
    done = run_course("lab", "--no-browser", COURSE_WORKSPACE=str(tiny_disk / "mine"))
    say_one_line(done, f"cannot write {tiny_disk / 'mine'}")
    for name, path in files(tiny_disk / "mine").items():
        if path.suffix == ".ipynb":
            assert json.loads(path.read_bytes())["cells"], name


def open_to_all(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_folder_nobody_may_write_in_is_one_line_and_status_3(copy, write, public_folder: Path, run_course) -> None:
    shared = dataclasses.replace(copy, root=public_folder / "course", folder=public_folder / "mine")
    shutil.copytree(copy.root, shared.root)
    shutil.copytree(copy.folder, shared.folder)
    publish_everything(shared, write)
    open_to_all(public_folder)
    if os.name == "posix" and os.geteuid():
        for path in [shared.folder, *shared.folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
    before = contents(shared.folder)
    places = {"COURSE_ROOT": str(shared.root), "COURSE_WORKSPACE": str(shared.folder)}
    done = run_course("lab", "--no-browser", nobody=True, cwd=public_folder, **places)
    say_one_line(done, f"cannot write {shared.folder}")
    assert "Permission denied; free space, or name a folder you may write in with COURSE_WORKSPACE" in done.stderr
    assert contents(shared.folder) == before


def test_file_nobody_may_read_is_named_with_status_3(copy, write, public_folder: Path, run_course) -> None:
    shared = dataclasses.replace(copy, root=public_folder / "course", folder=public_folder / "mine")
    shutil.copytree(copy.root, shared.root)
    shutil.copytree(copy.folder, shared.folder)
    publish_everything(shared, write)
    open_to_all(public_folder)
    (shared.mine / "checks.py").chmod(0)
    places = {"COURSE_ROOT": str(shared.root), "COURSE_WORKSPACE": str(shared.folder)}
    done = run_course("lab", "--no-browser", nobody=True, cwd=public_folder, **places)
    say_one_line(done, f"cannot read {shared.mine / 'checks.py'}: Permission denied; ")
