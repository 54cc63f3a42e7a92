"""`course grade LAB` and `course regrade LAB`: run a grading and say what came of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from courseware.checks.world import SEED_VARIABLE, World
from courseware.errors import DONE, FAILED, USAGE, CommandError
from courseware.grading.config import SandboxName, sandbox_name
from courseware.grading.executors import Executor
from courseware.grading.grade import Grading, Report
from courseware.grading.versions import adopt_graders, check_ids
from courseware.manifest import Week


def grade(root: Path, week: Week, executor: Executor, *, cold: bool, sandbox: SandboxName | None, as_json: bool) -> int:
    """Grade what was collected of a lab; return FAILED where a submission was not graded."""
    _require_ready(week)
    say = _silent if as_json else print
    chosen = sandbox_name(root, sandbox)
    report = Grading(root, week, seed=_seed(), say=say, cold=cold, sandbox=chosen).run(executor)
    return _told(report, as_json=as_json)


def regrade(
    root: Path, week: Week, executor: Executor, *, check: str | None, sandbox: SandboxName | None, as_json: bool
) -> int:
    """Ask again the checks that changed since a lab was released, or `check`, and print what that changed."""
    _require_ready(week)
    known = check_ids(root, week.id)
    if check is not None and known and check not in known:
        raise CommandError(f"{week.id} has no check {check!r}; give one of {', '.join(known)}", USAGE)
    say = _silent if as_json else print
    versions = adopt_graders(root, week.id)
    say(f"checks of {week.id} changed in {len(versions)} released versions")
    again = (check,) if check else ()
    grading = Grading(root, week, seed=_seed(), say=say, sandbox=sandbox_name(root, sandbox), again=again)
    report = grading.run(executor)
    if not as_json:
        for line in before_and_after(report.changed):
            print(line)
    return _told(report, as_json=as_json)


def before_and_after(changed: Sequence[Mapping[str, Any]]) -> list[str]:
    """The changes as a table, a line each."""
    if not changed:
        return ["no score changed"]
    student = max(len("learner"), *(len(one["student"]) for one in changed))
    check = max(len("check"), *(len(one["check"]) for one in changed))
    lines = [f"{'learner':{student}}  {'check':{check}}  before  after"]
    lines += [f"{o['student']:{student}}  {o['check']:{check}}  {o['before']:6g}  {o['after']:5g}" for o in changed]
    return lines


def _require_ready(week: Week) -> None:
    if week.lab.state != "ready":
        raise CommandError(f"{week.id} has no lab that is ready; `docs/syllabus.md` lists those that are", USAGE)


def _seed() -> str:
    return os.environ.get(SEED_VARIABLE, World.seed)


def _silent(_: str) -> None:
    pass


def _told(report: Report, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(asdict(report)))
    elif not report.graded and not report.reported:
        print(f"no submissions of {report.lab}; run `course collect {report.lab}` first")
    else:
        print(f"{report.lab}: {len(report.graded)} graded ({report.reused} as before), {len(report.reported)} reported")
    if report.sandbox == "lesser" and not as_json:
        print("graded in the lesser sandbox; docs/concepts/grading.md says what it gives up")
    return FAILED if report.reported else DONE
