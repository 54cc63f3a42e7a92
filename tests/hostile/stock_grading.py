"""Grades submissions of a lab with stock nbgrader, each in a class of its own: `stock_grading.py CLASS LAB HONEST`.

Only below `closed.sh`: stock runs learners' code with the rights of whoever grades, and what one attack has deleted the
next one would miss. So the class is as it was for each, and behind each the submission HONEST is graded. Prints a line
of JSON that begins with RECORD, as learners' code prints, too: what came of each learner's work, and of HONEST's then.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import PyFileConfigLoader

MOST_S = 30
RECORD, GOT = "RECORD ", "GOT-IT"
SUBMITTED = Path("build", "nbgrader", "submitted")
PRISTINE = Path("/media/pristine")  # in memory, see closed.sh
ALONE = ["timeout", "--kill-after=2", str(2 * MOST_S), "unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]


def grade_all(folder: Path, lab: str, honest: str) -> dict[str, object]:
    copied(folder, PRISTINE)
    found: dict[str, object] = {}
    for student in sorted(path.name for path in (PRISTINE / SUBMITTED).iterdir()):
        renew(folder, {student, honest})
        command = [*ALONE, sys.executable, __file__, str(folder), lab, honest, student]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        told = [line for line in done.stdout.decode("utf-8", "replace").splitlines() if line.startswith(RECORD)]
        found[student] = json.loads(told[-1].removeprefix(RECORD)) if told else {"said": "ends the grader"}
    return found


def copied(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)


def renew(folder: Path, students: set[str]) -> None:
    """Make the class as it was, with the work of `students` alone."""
    for path in folder.iterdir():
        path.unlink() if path.is_symlink() or not path.is_dir() else shutil.rmtree(path)
    copied(PRISTINE, folder)
    for path in (folder / SUBMITTED).iterdir():
        if path.name not in students:
            shutil.rmtree(path)


def too_slow(*_: object) -> None:
    raise TimeoutError


def grade_one(folder: Path, lab: str, honest: str, student: str) -> None:
    config = PyFileConfigLoader("nbgrader_config.py", str(folder)).load_config()
    config.CourseDirectory.root = str(folder)
    config.Execute.timeout = config.ExecutePreprocessor.timeout = 3
    os.chdir(folder)
    signal.signal(signal.SIGALRM, too_slow)
    found = graded(folder, lab, student, config)
    print(f"\n{RECORD}{json.dumps(found)}", flush=True)
    if student != honest:
        found["then"] = graded(folder, lab, honest, config)
        print(f"\n{RECORD}{json.dumps(found)}", flush=True)
    os._exit(0)  # whatever an attack registered for the end


def graded(folder: Path, lab: str, student: str, config: object) -> dict[str, object]:
    signal.alarm(MOST_S)
    try:
        api = NbGraderAPI(CourseDirectory(config=config), config=config)
        done = api.autograde(lab, student, force=True, create=True)
        said = None if done["success"] else "no grade"
    except BaseException as error:
        said = "does not end" if isinstance(error, TimeoutError) else f"ends with {type(error).__name__}"
    signal.alarm(0)
    return {"said": said, "got": got(folder, student, lab), "scores": None if said else scores(folder, lab, student)}


def scores(folder: Path, lab: str, student: str) -> dict[str, float] | None:
    try:
        with Gradebook(f"sqlite:///{folder / 'build' / 'nbgrader' / 'gradebook.db'}") as gradebook:
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


if __name__ == "__main__":
    if len(sys.argv) == 5:
        grade_one(Path(sys.argv[1]), *sys.argv[2:])
    print(f"\n{RECORD}{json.dumps(grade_all(Path(sys.argv[1]), *sys.argv[2:]))}", flush=True)
