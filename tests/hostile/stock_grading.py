"""Grades every submission of a lab with stock nbgrader, one after the other: `stock_grading.py CLASS LAB`.

Only below `closed.sh`: stock runs learners' code with the rights of whoever grades. Prints a line that begins with
RECORD, as learners' code prints, too: a JSON object with scores by check, or what stock said, for each learner, and
whether the outputs say that an attack got somewhere.
"""

import json
import os
import signal
import sys
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import PyFileConfigLoader

MOST_S = 40
RECORD, GOT = "RECORD ", "GOT-IT"


def too_slow(*_: object) -> None:
    raise TimeoutError


def scores(book: Path, lab: str, student: str) -> dict[str, float] | None:
    try:
        with Gradebook(f"sqlite:///{book}") as gradebook:
            books = gradebook.find_submission(lab, student).notebooks
            return {grade.name: grade.auto_score for one in books for grade in one.grades}
    except Exception:  # an attack has changed the gradebook
        return None


def got(folder: Path, student: str, lab: str) -> bool:
    notebook = folder / "build" / "nbgrader" / "autograded" / student / lab / "lab.ipynb"
    if not notebook.is_file():
        return False
    cells = json.loads(notebook.read_text(errors="replace"))["cells"]
    texts = ["".join(output.get("text", "")) for cell in cells for output in cell.get("outputs", ())]
    return any(line.startswith(GOT) for text in texts for line in text.splitlines())


def main(folder: Path, lab: str) -> None:
    config = PyFileConfigLoader("nbgrader_config.py", str(folder)).load_config()
    config.CourseDirectory.root = str(folder)
    config.Execute.timeout = config.ExecutePreprocessor.timeout = 3
    os.chdir(folder)
    signal.signal(signal.SIGALRM, too_slow)
    found: dict[str, dict[str, object]] = {}
    book = folder / "build" / "nbgrader" / "gradebook.db"
    for student in sorted(path.name for path in (folder / "build" / "nbgrader" / "submitted").iterdir()):
        signal.alarm(MOST_S)
        try:
            api = NbGraderAPI(CourseDirectory(config=config), config=config)
            done = api.autograde(lab, student, force=True, create=True)
            said = None if done["success"] else "no grade"
        except BaseException as error:
            said = "does not end" if isinstance(error, TimeoutError) else f"ends with {type(error).__name__}"
        signal.alarm(0)
        found[student] = {"said": said, "got": got(folder, student, lab)}
        if said is None:
            found[student]["scores"] = scores(book, lab, student)
    print(f"\n{RECORD}{json.dumps(found)}", flush=True)
    os._exit(0)  # whatever an attack registered for the end


main(Path(sys.argv[1]), sys.argv[2])
