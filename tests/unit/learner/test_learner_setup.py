"""`setup` in a process of its own, since it changes the process: seeds, switches, style, banner."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from courseware.manifest import Course


def run(code: str, root: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `code` after the import, with warnings as errors."""
    environment = os.environ | {"COURSE_ROOT": str(root)} | variables
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", f"from courseware.learner import *\n{code}"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def out(code: str, root: Path, **variables: str) -> list[str]:
    done = run(code, root, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_week_is_found_by_any_of_its_names(root: Path) -> None:
    names = ["week 01", "Week 1", "01", "1", "week_01", "week_01_tokenization"]
    assert out(f"print(*{{setup(name).week for name in {names}}})", root)[-1] == "week_01_tokenization"


def test_finish_takes_the_same_names_and_runs_nothing_in_a_graded_or_built_notebook(root: Path) -> None:
    names = ["week 01", "Week 1", "01", "1", "week_01", "week_01_tokenization"]
    for variable in ("NBGRADER_EXECUTION", "COURSE_STATIC"):
        said = out(f"for name in {names}: finish(name)", root, **{variable: "1"})
        assert set(said) == {"finish() has nothing to do while the lab is graded"}


def test_an_unknown_week_is_one_line(root: Path) -> None:
    for call in ("setup", "finish"):
        assert "SetupError: no week is called '99'; weeks run from" in run(f'{call}("week 99")', root).stderr


def test_a_missing_course_is_one_line(tmp_path: Path) -> None:
    assert "SetupError: COURSE_ROOT is" in run('setup("week 01")', tmp_path).stderr.splitlines()[-1]


def test_random_numbers_are_the_same_in_every_run(root: Path) -> None:
    code = 'import random, numpy; setup("week 01"); print(random.random(), numpy.random.random())'
    assert out(code, root)[-1] == out(code, root)[-1]


def test_torch_is_seeded_where_it_was_imported_and_not_imported_otherwise(root: Path) -> None:
    assert out('setup("week 01"); import sys; print("torch" in sys.modules)', root)[-1] == "False"
    stub = "import sys, types; sys.modules['torch'] = types.SimpleNamespace(manual_seed=print);"
    assert out(f'{stub} setup("week 01")', root)[0] == "48"


def test_model_roles_are_attributes(root: Path, course: Course) -> None:
    assert out('m = setup("week 01"); print(m.small, "small" in dir(m))', root)[-1] == (
        f"{course.roles['small'].alias} True"
    )


def test_an_unknown_role_names_the_known_ones(root: Path) -> None:
    done = run('m = setup("week 01"); print(hasattr(m, "tiny")); m.tiny', root)
    assert done.stdout.splitlines()[-1] == "False"
    assert "no model role is called 'tiny' in course.toml; roles are: small, large" in done.stderr


def test_what_setup_gives_cannot_be_changed(root: Path) -> None:
    assert "FrozenInstanceError" in run('setup("week 01").seed = 1', root).stderr


def test_libraries_are_told_to_stay_offline_and_silent(root: Path) -> None:
    names = ["HF_HUB_OFFLINE", "TOKENIZERS_PARALLELISM", "LANGSMITH_TRACING", "RAGAS_DO_NOT_TRACK"]
    code = f'setup("week 01"); import os; print([os.environ[name] for name in {names}])'
    assert out(code, root, LANGSMITH_TRACING="true")[-1] == "['1', 'false', 'false', 'true']"


def test_a_missing_tokenizer_is_named_with_its_repair(root: Path, tmp_path: Path) -> None:
    (banner,) = out('setup("week 01")', root, COURSE_MODELS=str(tmp_path))
    assert "run: course models pull" in banner


def test_the_plot_style_reaches_a_matplotlib_imported_before_or_after(root: Path) -> None:
    after = 'setup("week 01"); import matplotlib; print(matplotlib.rcParams["svg.hashsalt"])'
    before = 'import matplotlib; setup("week 01"); print(matplotlib.rcParams["svg.hashsalt"])'
    assert [out(code, root)[-1] for code in (after, before)] == ["course", "course"]


def test_the_banner_is_one_line_with_week_gateway_and_versions(root: Path, course: Course) -> None:
    (banner,) = out('setup("week 02")', root)
    assert banner.startswith(f"Week 02 · {course.week('02').title} · gateway: not needed this week · Python 3")
    assert "numpy 2" in banner


def test_a_built_page_shows_no_version_and_no_path(root: Path, course: Course, tmp_path: Path) -> None:
    (banner,) = out('setup("week 01")', root, COURSE_STATIC="1", COURSE_MODELS=str(tmp_path))
    assert banner == f"Week 01 · {course.week('01').title} · gateway: not needed this week"


def test_a_check_shown_after_setup_counts_as_an_attempt(root: Path, tmp_path: Path) -> None:
    code = """
setup("week 01")
from courseware.checks import case, check
@check("mine", title="Mine")
def mine(student, world):
    with case("is one") as c:
        c.equal(student.get("x"), 1)
x = 1
mine.show(globals())
print(progress.state().week("week_01_tokenization").exercises)
"""
    assert out(code, root, COURSE_PROGRESS=str(tmp_path / "p.jsonl"))[-1] == "{'mine': True}"
