"""One submission on its way through grading: what was handed in, the lab it belongs to, what is known of it."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from courseware.grading.gradebook import Entry
from courseware.grading.journal import Attempt, Identity
from courseware.grading.lab import GradedLab
from courseware.grading.rebuild import rebuild
from courseware.grading.results import Examined, Task
from courseware.grading.submissions import Submission

_IN_LESSER = "graded in the lesser sandbox"


@dataclass
class Work:
    """A submission under a lab's version, and the attempt it is."""

    submission: Submission
    lab: GradedLab
    attempt: Attempt
    seed: str
    earlier: Examined | None = None
    ask: tuple[str, ...] | None = None
    again: Collection[str] = field(default_factory=tuple)

    @cached_property
    def identity(self) -> Identity:
        """What its result depends on."""
        graders = hashlib.sha256(json.dumps(self.lab.prints, sort_keys=True).encode()).hexdigest()[:16]
        return Identity(self.submission.hash, self.lab.version, graders, self.seed)

    def known(self) -> Examined | None:
        """Its result where that needs no new run; else `earlier` and `ask` say what does."""
        done = self.attempt.examined(self.identity)
        if done is not None and not self.again:
            return Examined.of_json(done)
        found = self.attempt.earlier(self.identity)
        if found is None:
            return None
        result, prints = found
        self.earlier = Examined.of_json(result)
        self.ask = tuple(name for name, now in self.lab.prints.items() if name in self.again or prints.get(name) != now)
        return None if self.ask else self.earlier

    def begin(self, number: int, sandbox: str) -> None:
        """Note in the journal that an examination starts in that sandbox, for the `number`-th time."""
        begun = {"identity": asdict(self.identity), "checks": self.lab.prints, "try": number, "at": time.time()}
        self.attempt.write(begun=begun | {"sandbox": sandbox})

    def finish(self, examined: Examined) -> Examined:
        """Note the result, completed by what was not asked again, and return it."""
        whole = examined if self.earlier is None else examined.over(self.earlier)
        self.attempt.write(examined=whole.to_json())
        return whole

    def task(self, *, cold: bool, memo: bool = True, lesser: bool = False) -> bytes:
        """What a worker gets."""
        lab, rebuilt = self.lab, rebuild(self.lab.cells, self.submission.cells)
        files = {**self.submission.files, **lab.files}
        notes = (*self.submission.notes, *rebuilt.notes, *([_IN_LESSER] if lesser else []))
        task = Task(
            self.submission.student, lab.id, lab.version,
            tuple({"id": cell.id, "kind": cell.kind, "role": cell.role, "text": cell.text} for cell in rebuilt.cells),
            {name: base64.b64encode(content).decode() for name, content in files.items()},
            lab.graders, lab.imports, self.seed, self.attempt.number, notes,
            lab.manifest.limits.model_dump(), lab.manifest.gateway,
            tuple(lab.manifest.tokenizers), cold, self.ask, tuple(lab.files), lab.hands_in_programs, memo, lesser,
        )  # fmt: skip
        return json.dumps(asdict(task)).encode()

    def entry(self, examined: Examined) -> Entry:
        """The gradebook's rows: a check's score, None where a person decides; 0 for a manual cell left as it was."""
        released = {cell.id: cell.released.strip() for cell in self.lab.cells}
        answered = {cell.id: cell.text.strip() != released[cell.id] for cell in examined.cells if cell.id in released}
        scores: dict[str, float | None] = {
            check.check: None if check.failed else check.score for check in examined.checks
        }
        for cell in self.lab.cells:
            if cell.role == "manual":
                scores[cell.id] = None if answered.get(cell.id) else 0.0
        return Entry(self.submission.student, self.lab.id, self.submission.time, scores, answered)

    def changes(self, examined: Examined) -> list[dict[str, Any]]:
        """The checks whose score is another than before."""
        before = {check.check: check.score for check in self.earlier.checks} if self.earlier else {}
        return [
            {"student": examined.student, "check": check.check, "before": before[check.check], "after": check.score}
            for check in examined.checks
            if check.check in before and before[check.check] != check.score
        ]
