"""The corpus of attacks, and a class in which all of them are handed in among honest work and graded in one run."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import re
import secrets
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from courseware.grading.executors import LocalExecutor
from courseware.grading.grade import Grading
from courseware.manifest import Course, find_week, load

HERE = Path(__file__).parent
HONEST_EVERY = 12
LIMITS = {"cell_seconds": 3, "memory_mb": 512, "submission_seconds": 40}


@dataclass(frozen=True)
class Attack:
    """One entry of the corpus; what its fields mean stands in `corpus/README.md`."""

    name: str
    kind: str
    tries: str
    settings: Mapping[str, Any] = field(repr=False)

    @property
    def scores(self) -> dict[str, float]:
        """What each check is expected to score."""
        zeros = {f"{task}-{which}": 0.0 for task in self.settings.get("zero", ()) for which in ("visible", "hidden")}
        return _tiny().POINTS | zeros | {name: float(score) for name, score in self.settings.get("scores", {}).items()}

    @property
    def is_shown(self) -> bool:
        """Whether stock makes its feedback page: that takes time, so only where the page is what is attacked."""
        return self.kind == "outputs" or bool(self.settings.get("shown"))


@pytest.fixture
def corpus() -> list[Attack]:
    """Every attack, in the order of files and entries; those that HOSTILE_ONLY names, for work on some."""
    wanted = os.environ.get("HOSTILE_ONLY", "")
    attacks = []
    for path in sorted((HERE / "corpus").glob("*.toml")):
        with path.open("rb") as file:
            found = tomllib.load(file)["attack"]
        attacks += [Attack(one.pop("name"), path.stem, one.pop("tries"), one) for one in found]
    return [attack for attack in attacks if re.search(wanted, f"{attack.kind}/{attack.name}")]


@functools.cache
def _tiny() -> Any:
    """The module that makes a class with the tiny lab."""
    path = HERE.parent / "integration" / "grading" / "conftest.py"
    spec = importlib.util.spec_from_file_location("_tiny_class", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Stage:
    """A class whose folders anybody may write, so that nothing but the sandbox stands before them."""

    def __init__(self, made: Any, folder: Path, words: Mapping[str, str]) -> None:
        self.made, self.folder, self.words = made, folder, dict(words)
        self.full: dict[str, float] = dict(_tiny().POINTS)
        self.attacks: dict[str, Attack] = {}
        self.honest: list[str] = []

    def hand_in(self, attacks: list[Attack], probe: str) -> None:
        """Place all attacks, with honest submissions that run `probe` before, between and after them."""
        for number, attack in enumerate(attacks):
            if number % HONEST_EVERY == 0:
                self._honest(number, probe)
            student = attack.settings.get("student", f"{number:03}-{attack.name}")
            student += "-shown" if attack.is_shown else ""
            self.attacks[student] = attack
            self._place(student, attack)
        self._honest(len(attacks), probe)

    def graded(self, sandbox: Any = "full") -> Mapping[str, Any]:
        """Grade all of it as `course grade` does; return the report, with what was said meanwhile."""
        week = find_week(load(), self.made.lab)
        limits = week.lab.limits.model_copy(update=LIMITS)
        week = week.model_copy(update={"lab": week.lab.model_copy(update={"limits": limits})})
        said: list[str] = []
        grading = Grading(self.made.root, week, seed="practice", say=said.append, sandbox=sandbox)
        report = asdict(grading.run(LocalExecutor(self.made.root, 2)))
        if "HOSTILE_ONLY" in os.environ:
            print(*said, sep="\n")
        return report | {"said": said}

    def said(self, text: str) -> str:
        """Fill in the words of this run: `@ROOT@` becomes the class's folder."""
        for name, word in self.words.items():
            text = text.replace(f"@{name}@", word)
        return text

    def _honest(self, number: int, probe: str) -> None:
        student = f"{number:03}-00-honest-shown"
        self.honest.append(student)
        folder = self.made.submit(student, self.made.reference)
        _change(folder, {"first": [probe]}, self.said)

    def _place(self, student: str, attack: Attack) -> None:
        answers = self.made.reference | attack.settings.get("answers", {})
        folder = self.made.submit(student, {name: self.said(text) for name, text in answers.items()})
        _change(folder, attack.settings, self.said)
        _add_files(folder, attack.settings, self.said)


def _change(folder: Path, settings: Mapping[str, Any], said: Any) -> None:
    """Write the notebook with the cells, metadata and edits that `settings` ask for."""
    path = folder / "lab.ipynb"
    if "raw" in settings or "raw-repeat" in settings:
        more = settings["raw-repeat"]
        path.write_text(settings.get("raw", "") + more["text"] * more["times"])
        return
    notebook = json.loads(path.read_text())
    dropped = settings.get("drop", ())
    cells = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") not in dropped]
    for cell in cells:
        cell["metadata"] |= settings.get("every-metadata", {})
    many = settings.get("repeat", {"times": 0, "cell": ""})
    first = [*settings.get("first", ()), *[many["cell"]] * many["times"]]
    added = [_cell(f"added-{number}", said(text)) for number, text in enumerate(first)]
    notebook["cells"] = [*added, *cells] * settings.get("copies", 1)
    notebook["cells"] += [_cell(f"last-{number}", said(text)) for number, text in enumerate(settings.get("last", ()))]
    notebook["metadata"] |= settings.get("notebook-metadata", {})
    if "version" in settings:
        notebook["metadata"]["course"]["version"] = said(settings["version"])
    text = json.dumps(notebook)
    for old, new in settings.get("edits", ()):
        text = text.replace(old, said(new))
    path.write_text(text)


def _cell(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "code", "id": name, "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def _add_files(folder: Path, settings: Mapping[str, Any], said: Any) -> None:
    for name, text in settings.get("files", {}).items():
        (folder / name).write_text(said(text))
    for name, target in settings.get("links", {}).items():
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(said(target))
    for name in settings.get("fifos", ()):
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)


@pytest.fixture
def stage(course: Course, root: Path) -> Iterator[Stage]:
    """An open class with the tiny lab, and a word that marks what an attack leaves anywhere."""
    if sys.platform != "linux":
        pytest.skip("the sandbox is for Linux")
    tiny = _tiny()
    with tempfile.TemporaryDirectory(prefix="hostile-class-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "class").mkdir()
        made = tiny.make_tiny_class(course, root, folder / "class")
        mark = f"hostile{secrets.token_hex(6)}"
        made.work.parent.chmod(0o755)
        words = {
            "SLOW": "\\\\[" * 100_000,
            "MARK": mark,
            "ROOT": str(made.root),
            "CLASS": str(made.work),
            "COURSE": str(root),
            "LAB": made.lab,
        }
        yield Stage(made, folder, words)
