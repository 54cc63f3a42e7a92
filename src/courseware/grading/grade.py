"""Grades a lab: examines what was collected and records it; what is known already is not examined again."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from courseware.grading.autograded import write_autograded
from courseware.grading.config import ClassFolders, SandboxName, late_policy
from courseware.grading.errors import GradingError, SubmissionError, printable
from courseware.grading.executors import Executor
from courseware.grading.executors.interface import News
from courseware.grading.gradebook import GradebookWriter
from courseware.grading.journal import Journal
from courseware.grading.lab import GradedLab, load_lab
from courseware.grading.results import Examined
from courseware.grading.submissions import read_submission
from courseware.grading.work import Work
from courseware.manifest import Week
from courseware.nbgrader_settings import alembic_on_path, import_jsonschema

Say = Callable[[str], None]
_NO_SANDBOX = "sandbox cannot be had"


@dataclass
class Report:
    """What a run did, in which sandbox. `changed` holds scores that are others than in the run before."""

    lab: str
    sandbox: SandboxName = "full"
    graded: list[dict[str, Any]] = field(default_factory=list)
    reused: int = 0
    reported: list[dict[str, str]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)


class Grading:
    """One run over a lab's submissions. `again` names checks to ask again although nothing changed.

    Without `memo` its templates remember no results."""

    def __init__(
        self,
        root: Path,
        week: Week,
        *,
        seed: str,
        say: Say,
        cold: bool = False,
        memo: bool = True,
        sandbox: SandboxName = "full",
        again: Collection[str] = (),
    ) -> None:
        self._root, self._week, self._seed, self._say = root, week, seed, say
        self._cold, self._memo, self._again = cold, memo, again
        self._folders = ClassFolders.of(root)
        self._journal = Journal(self._folders.journal / week.id)
        self._labs: dict[str, GradedLab] = {}
        self.report = Report(week.id, sandbox)

    def run(self, executor: Executor) -> Report:
        """Examine and record everything that is not recorded yet. Raises GradingError."""
        alembic_on_path()
        import_jsonschema()
        policy = late_policy(self._root)
        with _alone(self._folders.journal), GradebookWriter(self._folders.url, self._folders.course_id, policy) as book:
            book.require(self._week.id)
            unknown = [work for work in self._works() if not self._reuse(work, book)]
            self._examine(unknown, executor, book)
        self.report.graded.sort(key=itemgetter("student"))
        return self.report

    def _works(self) -> Iterator[Work]:
        for folder in sorted(self._folders.submitted.glob(f"*/{self._week.id}")):
            student = folder.parent.name
            try:
                submission = read_submission(folder, student, self._week.lab.files)
                lab = self._lab(submission.version)
            except (SubmissionError, GradingError) as error:
                self._reported(student, str(error))
                continue
            attempt = self._journal.attempt(student, submission.hash)
            yield Work(submission, lab, attempt, self._seed, again=self._again)

    def _lab(self, version: str) -> GradedLab:
        if version not in self._labs:
            self._labs[version] = load_lab(self._root, self._week, version)
        return self._labs[version]

    def _reuse(self, work: Work, book: GradebookWriter) -> bool:
        """Record what an earlier run found, if it did; whether that is so."""
        known = work.known()
        if known is None:
            return False
        self.report.reused += 1
        self._record(work, known, book)
        return True

    def _examine(self, works: list[Work], executor: Executor, book: GradebookWriter) -> None:
        by_student = {work.submission.student: work for work in works}
        begun, done = time.monotonic(), 0
        settings = {"cold": self._cold, "memo": self._memo, "lesser": self.report.sandbox == "lesser"}
        tasks = [(student, work.task(**settings)) for student, work in by_student.items()]
        for news in executor.run(tasks) if tasks else ():
            if "examined" in news:
                examined = Examined.of_json(news["examined"])
                work = by_student[examined.student]
                whole = work.finish(examined)
                self._record(work, whole, book)
                done += 1
                self._say(_progress(whole, done, len(works), time.monotonic() - begun))
            else:
                self._note(by_student[news["student"]], news)
                if not done and _NO_SANDBOX in news.get("failed", ""):  # nor will there be one for the others
                    raise GradingError(news["failed"])

    def _note(self, work: Work, news: News) -> None:
        if "begun" in news:
            work.begin(news["begun"], self.report.sandbox)
        elif "check" in news:
            work.attempt.write(check=news["check"])
        else:
            work.attempt.write(failed=news["failed"])
            self._reported(news["student"], f"not examined, by no fault of theirs: {news['failed']}")

    def _record(self, work: Work, examined: Examined, book: GradebookWriter) -> None:
        """Write gradebook and notebook; the same again where that was done before."""
        student, lab = work.submission.student, work.lab
        target = self._folders.autograded / student / lab.id
        book.record(work.entry(examined))
        if not (work.attempt.is_recorded and target.is_dir()):
            try:
                write_autograded(lab, examined, self._folders.submitted / student / lab.id, target)
            except OSError as error:
                raise GradingError(f"cannot write {target}: {error.strerror}; make room, then grade again") from error
            work.attempt.write(recorded={"score": examined.score, "at": time.time()})
        self.report.graded.append(_row(work, examined))
        self.report.changed += work.changes(examined)
        for check in examined.checks:
            if check.failed:
                self._reported(student, f"check {check.check} could not be completed: {check.failed}; its points wait")

    def _reported(self, student: str, why: str) -> None:
        student, why = printable(student), printable(why)
        self.report.reported.append({"student": student, "why": why})
        self._say(f"{student}: {why}")


def _row(work: Work, examined: Examined) -> dict[str, Any]:
    return {
        "student": examined.student,
        "attempt": work.attempt.number,
        "score": examined.score,
        "points": sum(work.lab.points.values()),
        "notes": [*examined.notes, *examined.endings],
        "failed": [check.check for check in examined.checks if check.failed],
    }


def _progress(examined: Examined, done: int, all_of_them: int, seconds: float) -> str:
    rate = done / seconds if seconds else 0.0
    left = (all_of_them - done) / rate if rate else 0.0
    return (
        f"{done} of {all_of_them}  {examined.student}: {examined.score:g} points in {examined.seconds:.1f} s"
        f"  ({60 * rate:.0f} a minute, about {left:.0f} s left)"
    )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second run on this class out. Raises GradingError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("a+")
    except OSError as error:
        raise GradingError(f"cannot write {folder}: {error.strerror}; make room or repair it") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GradingError(f"another `course grade` works on {folder}; wait for it to end") from None
        yield
