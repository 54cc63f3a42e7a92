"""How a check is written, and what the learner sees of it.

A check takes `(student, world)`: the learner's work behind a handle that calls names with plain data, and what
surrounds it. Everything passes through one codec, in the notebook as in a sandbox.
"""

from courseware.checks.cases import case
from courseware.checks.check import Check, Result, check, on_result
from courseware.checks.errors import CheckDefinitionError, CheckError, LearnerError
from courseware.checks.gateway import Session, provide_gateway
from courseware.checks.loading import hidden_check, load_checks, visible_check
from courseware.checks.recipes import make
from courseware.checks.student import LocalChannel, ProgramRun, Ref, Student
from courseware.checks.world import World

__all__ = [
    "Check",
    "CheckDefinitionError",
    "CheckError",
    "LearnerError",
    "LocalChannel",
    "ProgramRun",
    "Ref",
    "Result",
    "Session",
    "Student",
    "World",
    "case",
    "check",
    "hidden_check",
    "load_checks",
    "make",
    "on_result",
    "provide_gateway",
    "visible_check",
]
