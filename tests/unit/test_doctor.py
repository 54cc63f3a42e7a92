"""`course doctor`: every finding can go bad, and then names what mends it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
import pytest

from courseware.learner import doctor
from courseware.manifest import Course


@pytest.fixture
def find(run_course, tmp_path: Path):
    """Runs `course doctor --json` and returns one finding; the workspace is named after the test's own folder."""

    def finding(name: str, *arguments: str, nobody: bool = False, **variables: str) -> dict[str, Any]:
        variables = {"COURSE_WORKSPACE": str(tmp_path / "mine")} | variables
        done = run_course("doctor", *arguments, "--json", nobody=nobody, cwd=Path("/"), **variables)
        said = json.loads(done.stdout)
        (found,) = [found for found in said["findings"] if found["name"] == name]
        assert done.returncode == (0 if said["ok"] else 3)
        assert not (found["ok"] is False and said["ok"])
        return dict(found)

    return finding


def test_missing_weights_are_named_with_the_command_that_pulls_them(find, course: Course, tmp_path: Path) -> None:
    found = find("all-minilm-l6-v2", "02", COURSE_MODELS=str(tmp_path))
    assert (found["ok"], found["fix"]) == (False, "course models pull all-minilm-l6-v2")
    assert found["detail"] == f"model all-minilm-l6-v2 is missing in {tmp_path}"


def test_weights_of_other_weeks_are_not_asked_for(run_course, tmp_path: Path) -> None:
    done = run_course("doctor", "03", "--json", COURSE_MODELS=str(tmp_path), COURSE_WORKSPACE=str(tmp_path / "mine"))
    names = [found["name"] for found in json.loads(done.stdout)["findings"]]
    about_the_machine, keys = (
        ["python", "packages", "memory", "disk", "workspace"],
        ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"],
    )
    assert names == [*about_the_machine, "o200k_base", *keys]


def test_weights_cut_short_are_not_taken_for_whole(find, tmp_path: Path) -> None:
    from courseware.models import Store, load_registry

    store = Store(tmp_path / "models")
    target = store.root / "tiktoken"
    target.mkdir(parents=True)
    for file in load_registry()["cl100k_base"].files:
        (target / file.name).write_bytes(b"half")
    assert find("cl100k_base", "01", COURSE_MODELS=str(store.root))["ok"] is False


def test_package_of_another_version_is_named_with_the_command_that_installs_it(
    find, root: Path, tmp_path: Path
) -> None:
    lock = other_course(root, tmp_path)
    text = lock.read_text(encoding="utf-8")
    pinned = next(line for line in text.splitlines() if line.startswith("numpy=="))
    lock.write_text(text.replace(pinned, "numpy==0.0.1"), encoding="utf-8")
    found = find("packages", "00", COURSE_ROOT=str(tmp_path))
    assert (found["ok"], found["detail"]) == (False, f"numpy {pinned.split('==')[1].split()[0]} (lock: 0.0.1)")
    assert found["fix"] == f"python -m pip install -c {lock} -e '.[base]' in the course folder"


def test_missing_package_is_named(find, root: Path, tmp_path: Path) -> None:
    other_course(root, tmp_path)
    metadata = tmp_path / "first" / "courseware-0.1.0.dist-info"
    metadata.mkdir(parents=True)
    wanted = "Requires-Dist: no-such-thing>=1; extra == 'base'\nRequires-Dist: other; extra == 'frameworks'\n"
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: courseware\nVersion: 0.1.0\n{wanted}")
    found = find("packages", "00", COURSE_ROOT=str(tmp_path), PYTHONPATH=str(tmp_path / "first"))
    assert (found["ok"], found["detail"]) == (False, "no-such-thing missing (lock: None)")


def other_course(root: Path, folder: Path) -> Path:
    """Copies the manifest and this Python's lock to `folder`; returns the lock."""
    shutil.copy(root / "course.toml", folder)
    lock = folder / "locks" / f"py{sys.version_info[0]}{sys.version_info[1]}.txt"
    lock.parent.mkdir()
    shutil.copy(root / "locks" / lock.name, lock)
    return lock


def test_course_without_locks_compares_nothing_and_is_not_at_fault(find, root: Path, tmp_path: Path) -> None:
    shutil.copy(root / "course.toml", tmp_path)
    assert find("packages", "00", COURSE_ROOT=str(tmp_path))["ok"] is None


def test_full_disk_is_named_with_the_place(find, tiny_disk: Path) -> None:
    found = find("disk", "00", COURSE_WORKSPACE=str(tiny_disk / "mine" / "deep"))
    assert (found["ok"], found["detail"]) == (False, "0.0 GB free")
    assert found["fix"] == f"free 1 GB on the disk of {tiny_disk}, or set COURSE_WORKSPACE to another one"


def test_folder_nobody_may_write_in_is_named(find, public_folder: Path) -> None:
    (public_folder / "mine").mkdir(mode=0o555)
    found = find("workspace", "00", nobody=True, COURSE_WORKSPACE=str(public_folder / "mine"))
    assert (found["ok"], found["detail"]) == (False, str(public_folder / "mine"))
    assert found["fix"] == "set COURSE_WORKSPACE to a folder you may write in"


@pytest.mark.skipif(sys.platform == "win32", reason="no rights of this kind")
def test_folder_in_a_place_nobody_may_look_into_is_named(find, public_folder: Path) -> None:
    closed = public_folder / "closed"
    closed.mkdir()
    closed.chmod(0)
    found = find("workspace", "00", nobody=True, COURSE_WORKSPACE=str(closed / "mine"))
    closed.chmod(0o700)
    assert found["ok"] is False


def test_file_where_the_workspace_should_be_is_named(find, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert find("workspace", "00", COURSE_WORKSPACE=str(tmp_path / "file"))["ok"] is False


def test_folder_of_ones_own_is_fine_before_it_is_made(find, tmp_path: Path) -> None:
    assert find("workspace", "00", COURSE_WORKSPACE=str(tmp_path / "not" / "yet"))["ok"] is True
    assert not (tmp_path / "not").exists()


def test_key_is_optional_and_never_shown(find) -> None:
    assert find("OPENAI_API_KEY", "00", OPENAI_API_KEY="")["ok"] is None
    found = find("OPENAI_API_KEY", "00", OPENAI_API_KEY="sk-secret")
    assert found["ok"] is True
    assert "secret" not in json.dumps(found)


def test_memory_below_what_is_needed_is_named(monkeypatch: pytest.MonkeyPatch, course: Course) -> None:
    monkeypatch.setattr(doctor, "_MEMORY_GB", psutil.virtual_memory().total / 1e9 + 1)
    (found,) = [found for found in doctor.diagnose(course, "00") if found.name == "memory"]
    assert found.ok is False
    assert found.fix.startswith("close other programs until ")


def test_python_nobody_tested_is_named(monkeypatch: pytest.MonkeyPatch, course: Course) -> None:
    monkeypatch.setattr(doctor, "_PYTHONS", ((3, 9), (3, 10)))
    (found,) = [found for found in doctor.diagnose(course, "00") if found.name == "python"]
    assert (found.ok, found.fix) == (False, "install one of 3.9, 3.10 and run make lab again")


def test_each_gap_is_shown_with_its_fix_below_it(run_course, tmp_path: Path) -> None:
    done = run_course("doctor", "02", COURSE_MODELS=str(tmp_path), COURSE_WORKSPACE=str(tmp_path / "mine"))
    lines = done.stdout.splitlines()
    gap = next(place for place, line in enumerate(lines) if line.startswith("FIX  all-minilm-l6-v2: "))
    assert lines[gap + 1] == "     course models pull all-minilm-l6-v2"
    assert (done.returncode, done.stderr) == (3, "")


@pytest.mark.skipif(sys.platform != "linux", reason="submissions are run on Linux alone")
def test_grading_is_tried_where_it_is_asked_for(find) -> None:
    assert find("sandbox", "00", "--grading")["ok"] is True
    assert find("class seed", "00", "--grading", COURSE_CLASS_SEED="")["ok"] is None
    assert find("class seed", "00", "--grading", COURSE_CLASS_SEED="autumn")["ok"] is True


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs util-linux")
def test_a_host_that_gives_no_sandbox_is_said_with_what_mends_it(tmp_path: Path) -> None:
    """In a container that maps one user only, a kernel cannot be another one."""
    command = ["unshare", "--user", "--map-root-user", sys.executable, "-m", "courseware.cli"]
    done = subprocess.run(
        [*command, "doctor", "00", "--grading", "--json"],
        env=os.environ | {"COURSE_WORKSPACE": str(tmp_path / "mine")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    (found,) = [found for found in json.loads(done.stdout)["findings"] if found["name"] == "sandbox"]
    assert (done.returncode, found["ok"]) == (3, False)
    assert "the sandbox cannot be had" in found["detail"]
    assert "container" in found["fix"]


AS_USER = Path(__file__).parents[1] / "integration" / "kernels" / "as_user.py"


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root closes others in")
@pytest.mark.parametrize("chosen", ["full", "lesser"])
def test_where_namespaces_are_forbidden_the_lesser_sandbox_must_be_chosen(
    chosen: str, root: Path, tmp_path: Path
) -> None:
    command = [
        sys.executable,
        AS_USER,
        "0",
        "--without-namespaces",
        "-m",
        "courseware.cli",
        "doctor",
        "00",
        "--grading",
    ]
    with tempfile.TemporaryDirectory() as name:  # kernels of another user read it
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copyfile(root / "course.toml", folder / "course.toml")
        config = (root / "nbgrader_config.py").read_text() + f"c.CourseGrading.sandbox = {chosen!r}\n"
        (folder / "nbgrader_config.py").write_text(config)
        variables = {"COURSE_ROOT": name, "COURSE_WORKSPACE": str(tmp_path / "mine")}
        done = subprocess.run(
            [*command, "--json"], env=os.environ | variables, capture_output=True, text=True, check=False, cwd="/"
        )
    said = json.loads(done.stdout)
    found = {one["name"]: one for one in said["findings"]}
    assert [found[name]["ok"] for name in ("Landlock", "seccomp", "namespaces")] == [True, True, None]
    assert [found[name]["ok"] for name in ("full sandbox", "lesser sandbox")] == [None, True], said
    assert found["sandbox"]["ok"] is (chosen == "lesser")
    assert ("--sandbox lesser" in found["sandbox"]["fix"]) is (chosen == "full")
    assert (done.returncode == 0) is said["ok"] is all(one["ok"] is not False for one in said["findings"])


def test_a_sandbox_nobody_has_heard_of_is_named(run_course, root: Path, tmp_path: Path) -> None:
    shutil.copyfile(root / "course.toml", tmp_path / "course.toml")
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.CourseGrading.sandbox = 'none'\n")
    done = run_course("doctor", "00", "--grading", COURSE_ROOT=str(tmp_path))
    said = "nbgrader_config.py: c.CourseGrading.sandbox is 'none'; write full or lesser\n"
    assert (done.returncode, done.stderr) == (3, said)
