"""What grading does to its own process before it opens a gradebook."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from courseware.nbgrader_settings import import_jsonschema
import_jsonschema()
import jsonschema
import nbgrader.api
print("lark" in sys.modules, sys.modules.get("rfc3987_syntax"))
import rfc3987_syntax
checker = jsonschema.draft7_format_checker
print(checker.conforms("2026-11-22", "date"), checker.conforms("no date", "date"))
"""


def test_nbgrader_is_imported_without_grammars_that_nothing_uses() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["False None", "True False"], done.stderr
