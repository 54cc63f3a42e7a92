"""What a lab's `warm.py` prepares is there for its submissions, and is no part of what a result depends on."""

from __future__ import annotations

import json
from typing import Any

from courseware.grading.journal import Journal
from courseware.grading.versions import adopt_graders

LOOK = "import builtins\nprint(*getattr(builtins, 'PREPARED_FROM', ['nothing']))\n"


def seen(tiny: Any, student: str) -> str:
    """What a submission's first answer printed."""
    notebook = json.loads((tiny.work / "autograded" / student / tiny.lab / "lab.ipynb").read_text())
    [cell] = [cell for cell in notebook["cells"] if cell["id"] == "twice"]
    return "".join(output["text"] for output in cell["outputs"])


def test_template_prepares_from_the_learners_files_alone(tiny: Any) -> None:
    tiny.submit("ada", tiny.reference | {"twice": LOOK + tiny.reference["twice"]})
    (tiny.work / "submitted" / "ada" / tiny.lab / "notes.txt").write_text("of one learner")
    tiny.grade()
    assert seen(tiny, "ada") == "['checks.py', 'factbook_vectors.npz', 'practice.toml'] True\n"


def test_memo_and_warmth_can_be_left_out(tiny: Any) -> None:
    tiny.submit("ada", tiny.reference | {"twice": LOOK + tiny.reference["twice"]})
    tiny.grade(memo=False)
    assert seen(tiny, "ada").endswith(" False\n")
    tiny.emptied().submit("ada", tiny.reference | {"twice": LOOK + tiny.reference["twice"]})
    tiny.grade(cold=True)
    assert seen(tiny, "ada") == "nothing\n"


def test_another_preparation_asks_no_check_again(tiny: Any) -> None:
    tiny.submit("ada", tiny.reference)
    tiny.grade()
    file = tiny.root / "graders" / tiny.lab / "warm.py"
    before = file.read_text()
    try:
        file.write_text(before + "\nMORE = 1\n")
        assert len(adopt_graders(tiny.root, tiny.lab)) == 1
        report = tiny.grade()
    finally:
        file.write_text(before)
        adopt_graders(tiny.root, tiny.lab)
    assert (report["reused"], report["reported"]) == (1, [])
    [attempt] = Journal(tiny.work / "journal" / tiny.lab).attempts("ada")
    assert sum("examined" in line for line in attempt.lines) == 1
