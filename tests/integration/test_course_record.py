"""`course record`: a lesson runs with a live model behind it, and what the model said is kept, once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from courseware.gateway import running
from courseware.gateway.recordings import load
from courseware.models import load_registry
from courseware.models.store import Store, default_root

pytestmark = pytest.mark.needs_models
COURSE = Path(__file__).parents[2] / "course.toml"
WEEK = "week_03_openai_api"
MODEL = "smollm2-135m-instruct-q4_1"
LESSON = '''# %% [markdown]
r"""
# A lesson of one question
"""

# %% id="setup"
from openai import OpenAI

from courseware.learner import setup

m = setup("week 03")

# %% id="ask"
question = [{"role": "user", "content": "Say hello."}]
answer = OpenAI().chat.completions.create(model=m.local, messages=question, temperature=0, max_tokens=8)
print(answer.model)
'''

Course = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    """Runs `course` in a small course, whose only local model is the smallest."""
    root, store = tmp_path / "course", tmp_path / "models"
    (root / "notebooks" / WEEK).mkdir(parents=True)
    (root / "notebooks" / WEEK / "lesson.py").write_text(LESSON, encoding="utf-8")
    shutil.copy(COURSE, root)
    _lend(Store(default_root()), Store(store))
    for name, value in {"COURSE_ROOT": root, "COURSE_STATE": tmp_path / "state", "COURSE_MODELS": store}.items():
        monkeypatch.setenv(name, str(value))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "courseware.cli", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)

    yield run
    state = running()
    if state is not None:
        process = psutil.Process(state.pid)
        process.terminate()
        process.wait(30)


def _lend(full: Store, small: Store) -> None:
    """Show one model and one tokenizer of a store in another."""
    registry = load_registry()
    for name in (MODEL, "o200k_base"):
        for file in registry[name].files:
            small.blob(file).parent.mkdir(parents=True, exist_ok=True)
            small.blob(file).symlink_to(full.blob(file))
            small.show(registry[name], file)


def recordings(root: Path) -> list[str]:
    return [recording.id for recording in load(root / "data" / "recordings")]


def test_what_the_model_said_is_kept_with_its_weights_and_not_asked_again(course: Course, tmp_path: Path) -> None:
    first = course("record", "03")
    assert "1 answers recorded" in first.stdout, first.stderr
    (kept,) = load(tmp_path / "course" / "data" / "recordings")
    weights = load_registry()[MODEL].files[0].sha256
    assert (kept.provenance.model, kept.provenance.weights, kept.limit in (None, 8)) == (MODEL, weights, True)
    assert "0 answers recorded, 1 recordings used" in course("record", "03").stdout


def test_an_edited_recording_is_refused_until_its_keys_are_written_again(course: Course, tmp_path: Path) -> None:
    course("record", "03")
    (path,) = (tmp_path / "course" / "data" / "recordings" / WEEK).glob("*.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("Say hello.", "Say hello!"), encoding="utf-8")
    refused = course("record", "03")
    assert refused.returncode == 3, refused.stdout
    assert course("record", "03", "--keys").returncode == 0
    assert recordings(tmp_path / "course") == [f"{WEEK}/{path.stem}"]
