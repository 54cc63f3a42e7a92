"""Runs steps of stock nbgrader's own API in one process: `stock_driver.py FOLDER '[{"step": ...}, ...]'`.

Prints one JSON list of results on its last line. Used by the tests, since one `nbgrader` command costs seconds to
start.
"""

import contextlib
import json
import os
import sys
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log, temp_attrs
from traitlets.config.loader import PyFileConfigLoader

FOLDER = Path(sys.argv[1])


def api_for(learner: str | None) -> NbGraderAPI:
    config = PyFileConfigLoader("nbgrader_config.py", os.environ["COURSE_ROOT"]).load_config()
    config.CourseDirectory.root = str(FOLDER)
    for name in ("source", "release", "submitted", "autograded", "feedback"):
        config.CourseDirectory[f"{name}_directory"] = name
    config.CourseDirectory.db_url = f"sqlite:///{FOLDER / 'gradebook.db'}"
    config.Exchange.root = str(FOLDER.parent / "exchange")
    config.Exchange.cache = str(FOLDER.parent / f"cache-{learner}")
    if learner:
        config.CourseDirectory.student_id = learner
    return NbGraderAPI(CourseDirectory(config=config), config=config)


def scores(lab: str) -> dict[str, dict[str, float | None]]:
    with Gradebook(f"sqlite:///{FOLDER / 'gradebook.db'}") as gradebook:
        return {
            submission.student_id: {
                grade.name: grade.auto_score for book in submission.notebooks for grade in book.grades
            }
            for submission in gradebook.assignment_submissions(lab)
        }


def exchange_step(api: NbGraderAPI, name: str, lab: str) -> dict[str, object]:
    """The learner's steps, which nbgrader's API leaves to its exchange classes."""
    with temp_attrs(api.coursedir, assignment_id=lab):
        make = {"fetch": api.exchange.FetchAssignment, "submit": api.exchange.Submit}[name]
        return capture_log(make(coursedir=api.coursedir, authenticator=api.authenticator, parent=api))


def outcome_of(name: str, lab: str, learner: str | None) -> dict[str, object]:
    """Run one step where its user stands: the learner's own folder, or the course's."""
    of_learner = name in ("fetch", "submit", "fetch_feedback")
    api = api_for(learner if of_learner else None)
    where = FOLDER.parent / str(learner) if of_learner else FOLDER
    where.mkdir(exist_ok=True)
    with contextlib.chdir(where):
        if name in ("fetch", "submit"):
            return exchange_step(api, name, lab)
        arguments = [lab, learner] if name in ("autograde", "fetch_feedback") else [lab]
        return getattr(api, name)(*arguments)


def run(step: dict[str, str]) -> object:
    name, lab = step["step"], step["lab"]
    if name == "scores":
        return scores(lab)
    outcome = outcome_of(name, lab, step.get("learner"))
    if not outcome["success"]:
        raise SystemExit(f"{step}: {outcome.get('error')}\n{outcome.get('log')}")
    return {"step": name, "log": outcome.get("log", "")}


with contextlib.redirect_stdout(sys.stderr):
    results = [run(step) for step in json.loads(sys.argv[2])]
print(json.dumps(results))
