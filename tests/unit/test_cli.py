"""`course` as scripts meet it: help, exit statuses, JSON, and one line for an error."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from courseware.cli import main

COMMANDS = (
    "lab",
    "doctor",
    "check",
    "submit",
    "progress",
    "models",
    "data",
    "build",
    "release",
    "collect",
    "grade",
    "regrade",
    "report",
    "feedback",
    "serve",
    "status",
    "bench",
)
WITH_A_WEEK = [
    ["lab"], ["doctor"], ["check"], ["submit"], ["build", "--check"], ["release"], ["collect"], ["grade"], ["regrade"],
    ["report"], ["feedback"],
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    assert shown.startswith(f"usage: course {command} ")
    assert len(shown.splitlines()[2]) > 15


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("    ")]
    assert set(COMMANDS) <= set(listed)


@pytest.mark.parametrize(
    "arguments",
    [[], ["fly"], ["models"], ["models", "burn"], ["check"], ["lab", "--port", "many"], ["progress", "--htm"]],
    ids=" ".join,
)
def test_wrong_usage_is_status_2(arguments: list[str], run_course) -> None:
    done = run_course(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: course")


@pytest.mark.parametrize("command", WITH_A_WEEK, ids=" ".join)
def test_unknown_week_is_one_line_and_status_2(command: list[str], run_course) -> None:
    done = run_course(*command[:1], "week_99", *command[1:])
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr == "no week is called 'week_99'; weeks run from week_00_start_here to week_48_live_coding_exams\n"
    )


def test_name_that_fits_several_weeks_is_status_2(run_course) -> None:
    done = run_course("doctor", "week_0")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "write more of the name" in done.stderr


@pytest.mark.parametrize("arguments", [["pull", "no-such"], ["verify", "no-such"], ["pull"]], ids=" ".join)
def test_unknown_model_is_status_2(arguments: list[str], run_course, tmp_path: Path) -> None:
    done = run_course("models", *arguments, COURSE_MODELS=str(tmp_path / "models"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("command", WITH_A_WEEK, ids=" ".join)
def test_no_course_is_one_line_and_status_3(command: list[str], run_course, tmp_path: Path) -> None:
    done = run_course(*command[:1], "00", *command[1:], COURSE_ROOT=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert done.stderr.endswith("which holds no course.toml; set it to the course folder, or unset it\n")


def test_slip_in_the_manifest_is_status_3_with_file_line_and_key(run_course, root: Path, tmp_path: Path) -> None:
    text = (root / "course.toml").read_text(encoding="utf-8")
    wrong = text.replace("practice_minutes", "practise_minutes", 1)
    (tmp_path / "course.toml").write_text(wrong, encoding="utf-8")
    line = wrong[: wrong.index("practise_minutes")].count("\n") + 1
    done = run_course("doctor", COURSE_ROOT=str(tmp_path))
    assert (done.returncode, done.stdout) == (3, "")
    assert f"course.toml:{line}: " in done.stderr
    assert "practise_minutes" in done.stderr
    assert "Traceback" not in done.stderr


def test_manifest_that_is_not_utf8_is_status_3_with_its_line(run_course, tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_bytes(b'title = "x"\nsummary = "caf\xe9"\n')
    done = run_course("doctor", COURSE_ROOT=str(tmp_path))
    assert done.returncode == 3
    assert done.stderr == "course.toml:2: holds the byte 0xe9, which is not UTF-8; save the file as UTF-8\n"


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["doctor", "--json"], {"ok", "findings"}),
        (["doctor", "00", "--json"], {"ok", "findings"}),
        (["progress", "--json"], {"weeks", "review", "file"}),
        (["models", "list", "--json"], {"store", "models"}),
    ],
    ids=lambda value: " ".join(sorted(value) if isinstance(value, set) else value),
)
def test_json_is_one_object_and_nothing_else(arguments: list[str], keys: set[str], run_course, tmp_path: Path) -> None:
    done = run_course(*arguments, COURSE_WORKSPACE=str(tmp_path / "mine"), COURSE_MODELS=str(tmp_path / "models"))
    assert set(json.loads(done.stdout)) == keys
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_command_that_is_done_is_status_0(run_course, tmp_path: Path) -> None:
    done = run_course("models", "list", COURSE_MODELS=str(tmp_path / "models"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"store: {tmp_path / 'models'}\n")


def test_step_that_failed_is_one_line_and_status_1(run_course, tmp_path: Path) -> None:
    done = run_course("submit", "00", COURSE_WORKSPACE=str(tmp_path / "none"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


@pytest.mark.parametrize(("arguments", "status"), [(["doctor", "week_99"], 2), (["submit", "00"], 1)])
def test_debug_shows_the_trace_and_keeps_the_status(
    arguments: list[str], status: int, run_course, tmp_path: Path
) -> None:
    done = run_course("--debug", *arguments, COURSE_WORKSPACE=str(tmp_path / "none"))
    assert done.returncode == status
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert run_course(*arguments, COURSE_WORKSPACE=str(tmp_path / "none")).stderr in done.stderr


def test_fault_of_the_course_asks_for_a_report(run_course, root: Path, tmp_path: Path) -> None:
    shutil.copy(root / "course.toml", tmp_path)
    (tmp_path / "labs" / "week_00_start_here").mkdir(parents=True)
    (tmp_path / "labs" / "week_00_start_here" / "lab.ipynb").write_text("not JSON")
    done = run_course("lab", "--no-browser", COURSE_ROOT=str(tmp_path), COURSE_WORKSPACE=str(tmp_path / "mine"))
    assert done.returncode == 1
    assert done.stderr.endswith("this is a fault of the course: run the command with --debug and report it\n")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX pipe")
def test_reader_that_has_seen_enough_ends_a_command_quietly(run_course) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "courseware.cli", "models", "list"],
        env=run_course.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(60), said) == (1, "")


@pytest.mark.parametrize("html", ["no/such/folder/page.html", "."])
def test_page_that_cannot_be_written_is_status_3(html: str, run_course, tmp_path: Path) -> None:
    done = run_course("progress", "--html", str(tmp_path / html), COURSE_WORKSPACE=str(tmp_path / "mine"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)


@pytest.mark.parametrize("command", ["grade", "regrade"])
def test_grading_on_another_system_is_one_line(command: str) -> None:
    elsewhere = "import sys; sys.platform = 'win32'; sys.modules['fcntl'] = None; from courseware.cli import main"
    done = subprocess.run(
        [sys.executable, "-c", f"{elsewhere}; sys.exit(main(['{command}', '00']))"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = "submissions are graded on Linux; this is win32. Grade in a Linux container\n"
    assert (done.returncode, done.stderr) == (3, said)
