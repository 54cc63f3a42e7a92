"""Every attack of the corpus in one grading, with honest work before, between and after: nobody gains, nobody loses.

A single test on purpose: the run is what takes time, and every question is asked of the same run.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from bleach._vendor import html5lib

from courseware.checks import World
from courseware.grading.errors import printable

SANDBOX: Any = os.environ.get("HOSTILE_SANDBOX", "full")  # how, and as whom, others run this: test_corpus_as_others.py
MOST_BYTES = 5_000_000  # of what a submission leaves in the class, where its entry does not say otherwise
GOT = "GOT-IT"  # what an attack prints where it succeeds
SECRET = "nobody-else-s-variable"
HIDDEN_TEXTS = ("a drawn number", "drawn numbers", "world.rng", "below zero", SECRET)
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
TABLE = (
    '<table border="1" class="dataframe"><thead><tr><th>n</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>'
)
PROBE = f"""
import builtins, json, os, sys
from IPython.display import HTML, display
def allowed(work, otherwise):
    try: return work()
    except PermissionError: return otherwise
folders = ("/tmp", "/dev/shm", ".", os.path.expanduser("~"))
names = [name for folder in folders for name in allowed(lambda: os.listdir(folder), [])]
shared = allowed(lambda: open("/proc/sysvipc/shm").read().count("\\n"), 1)
print("SEEN", [name for name in names if "@MARK@" in name or "site" in name], shared)
modules = [hasattr(builtins, "POISONED"), hasattr(json, "POISONED"), "poisoned" in sys.modules]
print("SEEN", [*modules, "POISONED" in os.environ], PREPARED.tolist())
display(HTML('{TABLE}'))
display({{"image/png": "{PIXEL}", "text/plain": "<Figure>"}}, raw=True)
"""
PROBED = "SEEN [] 1\nSEEN [False, False, False, False] [0, 1, 2]\n"


@pytest.mark.timeout(900)
def test_no_attack_gains_harms_or_leaves_anything(stage: Any, corpus: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    home = stage.folder / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("HOSTILE_SECRET", SECRET)
    with _surroundings(stage, home) as around:
        stage.hand_in(corpus, PROBE)
        _open_to_all(stage.folder)
        before = _Tree(stage)
        report = stage.graded(SANDBOX)
        problems = [*_left_processes(stage), *around.problems(), *before.problems()]
    problems += [*_said(stage, report), *_scores(stage, report), *_gradebook(stage), *_outputs(stage), *_pages(stage)]
    assert problems == [], "\n".join(problems)


class _Surroundings:
    """What attacks reach for: files anybody may write, services, a process; and whether they reached it."""

    def __init__(self, stage: Any, home: Path, stack: ExitStack) -> None:
        mark = stage.words["MARK"]
        self._mark, self._heard = mark, []
        places = (Path("/tmp"), Path("/dev/shm"), home, stage.made.root)
        self._canaries = [place / f"canary-{mark}" for place in places]
        for canary in self._canaries:
            canary.write_text("alive", encoding="utf-8")
            canary.chmod(0o666)
            stack.callback(canary.unlink, missing_ok=True)
        self._victim = stack.enter_context(subprocess.Popen(["sleep", "1000"]))
        stack.callback(self._victim.kill)
        own = stage.folder / "socket"
        listeners = {"PORT": (socket.AF_INET, ("127.0.0.1", 0)), "ABSTRACT": (socket.AF_UNIX, f"\0{mark}")}
        for name, (family, address) in (listeners | {"SOCKET": (socket.AF_UNIX, str(own))}).items():
            listener = stack.enter_context(socket.socket(family))
            listener.bind(address)
            listener.listen()
            stage.words[name] = str(listener.getsockname()[1]) if name == "PORT" else str(address).lstrip("\0")
            threading.Thread(target=self._listen, args=(name, listener), daemon=True).start()
        own.chmod(0o777)
        datagrams = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        datagrams.bind(("127.0.0.1", 0))
        datagrams.setblocking(False)
        self._datagrams = datagrams
        stage.words |= {
            "UDP": str(datagrams.getsockname()[1]), "VICTIM": str(self._victim.pid), "HOME": str(home),
            "CANARY": str(self._canaries[0]), "CANARIES": repr([str(canary) for canary in self._canaries]),
        }  # fmt: skip

    def _listen(self, name: str, listener: socket.socket) -> None:
        while True:
            try:
                listener.accept()[0].close()
            except OSError:
                return
            self._heard.append(name)

    def problems(self) -> Iterator[str]:
        """Say what was touched."""
        for canary in self._canaries:
            if not canary.exists() or canary.read_text(encoding="utf-8") != "alive" or canary.stat().st_mode & 0o111:
                yield f"{canary} was touched"
            for path in canary.parent.iterdir():
                if self._mark in path.name and path != canary:
                    yield f"{path} was left behind"
        if self._victim.poll() is not None:
            yield "a process of somebody else was ended"
        yield from (f"somebody spoke to {name}" for name in self._heard)
        with suppress(BlockingIOError):
            yield f"a datagram arrived: {self._datagrams.recv(99)!r}"


@contextmanager
def _surroundings(stage: Any, home: Path) -> Iterator[_Surroundings]:
    with ExitStack() as stack:
        yield _Surroundings(stage, home, stack)


def _open_to_all(folder: Path) -> None:
    """Let every user write, so that only the sandbox stands before the class."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o777 if path.is_dir() else 0o666))


class _Tree:
    """Everything below a class's folder but what grading itself writes, by content."""

    def __init__(self, stage: Any) -> None:
        self._folder, self._work = stage.folder, stage.made.work
        self._before = self._hashes()

    def _hashes(self) -> dict[str, str]:
        ours = [self._work / name for name in ("autograded", "journal")]
        found = {}
        for path in self._folder.rglob("*"):
            if not any(path.is_relative_to(own) for own in ours) and not path.name.startswith("gradebook.db"):
                found[str(path.relative_to(self._folder))] = _hash(path)
        return found

    def problems(self) -> Iterator[str]:
        """Say what changed."""
        now = self._hashes()
        changed = {name for name in now.keys() | self._before.keys() if now.get(name) != self._before.get(name)}
        yield from (f"{name} was changed" for name in sorted(changed))
        for path in (self._work / "journal").rglob("*"):
            if path.is_file() and path.suffix != ".jsonl" and path.name != ".lock":
                yield f"{path} is in the journal"


def _hash(path: Path) -> str:
    found = path.lstat()
    kind = f"{stat.S_IFMT(found.st_mode)} {stat.S_IMODE(found.st_mode)} {found.st_uid}"
    if stat.S_ISLNK(found.st_mode):
        return f"{kind} {path.readlink()}"
    return f"{kind} {hashlib.sha256(path.read_bytes()).hexdigest()}" if stat.S_ISREG(found.st_mode) else kind


def _left_processes(stage: Any) -> list[str]:
    """What still runs for this class, or carries its mark, a moment after the run."""
    signs = (f"COURSE_ROOT={stage.made.root}\0".encode(), stage.words["MARK"].encode())
    deadline = time.monotonic() + 10
    while (left := _with_signs(signs)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return [f"left running: {one}" for one in left]


def _with_signs(signs: tuple[bytes, ...]) -> list[str]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                told = (folder / "environ").read_bytes(), (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if any(sign in text for sign in signs for text in told):
                found.append(f"{folder.name} {told[1][:100]!r}")
    return found


def _said(stage: Any, report: Mapping[str, Any]) -> Iterator[str]:
    """Journal and report say in which sandbox it was."""
    begun = [
        json.loads(line)["begun"]["sandbox"]
        for path in (stage.made.work / "journal").glob("*/*/*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith('{"begun"')
    ]
    if set(begun) != {SANDBOX} or report["sandbox"] != SANDBOX:
        yield f"the journal says {set(begun)}, the report {report['sandbox']}"
    noted = {"graded in the lesser sandbox" in one["notes"] for one in report["graded"]}
    if noted != {SANDBOX == "lesser"}:
        yield "a submission's notes say another sandbox"


def _scores(stage: Any, report: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"a line for the instructor acts: {line!r}" for line in report["said"] if not line.isprintable())
    graded = {one["student"]: one for one in report["graded"]}
    reported = {one["student"]: one["why"] for one in report["reported"]}
    scores = stage.made.scores()
    for student in stage.honest:
        found = {name: scores.get(student, {}).get(name) for name in stage.full}
        if found != stage.full:
            yield f"{student} lost points: {found}"
    for student, attack in stage.attacks.items():
        said = attack.settings.get("reported")
        if said is not None:
            if said not in reported.get(printable(student), "") or student in scores:
                yield f"{student}: expected a report {said!r}, got {reported.get(printable(student))!r}"
            continue
        found = {name: scores.get(student, {}).get(name) for name in stage.full}
        if student in reported or found != attack.scores:
            yield f"{student}: {found}, expected {attack.scores} {reported.get(student, '')}"
        ending = attack.settings.get("says", "")
        if ending not in str(graded.get(student, {}).get("notes")):
            yield f"{student}: {ending!r} is not in its notes {graded.get(student)}"


def _gradebook(stage: Any) -> Iterator[str]:
    """The gradebook's tables are those of an empty one, its rows those of the class."""
    tables = []
    for name in ("empty.db", "gradebook.db"):
        with sqlite3.connect(stage.made.work / name) as book:
            tables.append(sorted(book.execute("select name, sql from sqlite_master")))
    if tables[0] != tables[1]:
        yield "the gradebook's tables changed"
    with sqlite3.connect(stage.made.work / "gradebook.db") as book:
        if book.execute("pragma integrity_check").fetchall() != [("ok",)]:
            yield "the gradebook is damaged"
        most = book.execute("select max(auto_score), max(manual_score), max(extra_credit) from grade").fetchone()
        if most != (3.0, None, None):
            yield f"the gradebook holds scores nobody gave: {most}"
        students = {name for (name,) in book.execute("select id from student")}
        if not students <= {*stage.honest, *stage.attacks}:
            yield "the gradebook holds somebody else"


def _outputs(stage: Any) -> Iterator[str]:
    """No output says that an attack got somewhere, or shows what a hidden check asks."""
    for student in (*stage.honest, *stage.attacks):
        path = stage.made.work / "autograded" / student / stage.made.lab / "lab.ipynb"
        attack = stage.attacks.get(student)
        if not path.is_file():
            if attack is None or "reported" not in attack.settings:
                yield f"{student} has no autograded notebook"
            continue
        notebook = json.loads(path.read_text(encoding="utf-8"))
        shown = json.dumps([cell.get("outputs") for cell in notebook["cells"]], ensure_ascii=False)
        text = "".join(o["text"] for c in notebook["cells"] for o in c.get("outputs", ()) if "text" in o)
        got = [line for line in text.splitlines() if line.startswith(GOT)]
        known = attack.settings.get("lesser", {}).get("got", []) if attack and SANDBOX == "lesser" else []
        if got != known:
            yield f"{student} got somewhere: {got}, known is {known}"
        yield from _told(student, attack, shown)
        if attack is None and PROBED not in text:
            yield f"{student} found something: {text}"
        most = attack.settings.get("most-bytes", MOST_BYTES) if attack else MOST_BYTES
        written = [path, *(stage.made.work / "journal").glob(f"*/{student}/*.jsonl")]
        if sum(one.stat().st_size for one in written) > 2 * most:
            yield f"{student} left {[one.stat().st_size for one in written]} bytes in the class"
        extra = {one.name for one in path.parent.iterdir() if one.is_symlink() or not one.is_file()}
        if extra:
            yield f"{student}: {extra} came into the autograded folder"


def _told(student: str, attack: Any, shown: str) -> Iterator[str]:
    number = World("practice", 1, "twice-hidden").rng("number").randrange(10, 10**6)
    numbers = [5, *World("practice", 1, "kept-hidden").rng("numbers").choices(range(10), k=20)]
    inputs = [text for text in (str(number), str(numbers)) if text in shown]
    is_open = attack is not None and "open" in attack.settings
    if bool(inputs) != is_open:
        yield f"{student} shows inputs of a hidden check: {inputs}; known to be open: {is_open}"
    for text in HIDDEN_TEXTS:
        if text in shown:
            yield f"{student} shows {text!r}"


def _pages(stage: Any) -> Iterator[str]:
    """Stock's feedback pages hold no active content but stock's own, and honest tables and pictures stay."""
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", stage.made.lab, "--student=*-shown", "--force"]
    environment = stage.made.environment
    done = subprocess.run(command, cwd=stage.made.root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        yield f"stock's feedback failed: {done.stderr[-1500:]}"
    pages = {
        student: stage.made.work / "feedback" / student / stage.made.lab / "lab.html"
        for student in (*stage.honest, *stage.attacks) if student.endswith("-shown")
    }  # fmt: skip
    stock = None
    for student, path in pages.items():
        if not path.is_file():
            yield f"{student} has no feedback page"
            continue
        text = path.read_text(encoding="utf-8")
        active = list(_active(text))
        if student in stage.honest:
            stock = active if stock is None else stock
            if 'class="dataframe"' not in text or PIXEL not in text:
                yield f"{student} lost its table or its picture"
        if active != stock:
            yield f"{student}'s page is active: {sorted(set(map(str, active)) - set(map(str, stock or ())))[:5]}"
        for secret in HIDDEN_TEXTS:
            if secret in text:
                yield f"{student}'s page shows {secret!r}"


ACTIVE = {
    "script", "iframe", "frame", "object", "embed", "applet", "base", "link", "meta", "form", "input", "button",
    "style", "svg", "math", "template", "video", "audio", "source", "portal", "noscript",
}  # fmt: skip
ADDRESSES = ("href", "src", "srcset", "action", "formaction", "poster", "data", "background", "xlink:href")


def _active(page: str) -> Iterator[tuple[str, str]]:
    """What a browser would run, load or follow without being asked to read it as text."""
    document = html5lib.parse(page, namespaceHTMLElements=False)
    for element in document.iter():
        name = str(element.tag).rpartition("}")[2]
        if name in ACTIVE:
            yield name, hashlib.sha256((element.text or "").encode()).hexdigest()[:8]
        for key, value in element.attrib.items():
            key = str(key).lower()
            address = "".join(value.split()).lower()
            acts = key.startswith("on") or key == "srcdoc"
            leads = key in ADDRESSES and not _harmless(name, key, address)
            styles = key == "style" and any(word in address for word in ("url(", "position", "expression", "@import"))
            if acts or leads or styles:
                yield f"{name} {key}", value[:80]


def _harmless(name: str, key: str, address: str) -> bool:
    if name == "img" and key == "src":
        return address.startswith(("data:image/png;base64,", "data:image/jpeg;base64,", "data:image/gif;base64,"))
    return name == "a" and key == "href" and address.startswith(("#", "https://", "http://", "mailto:"))
