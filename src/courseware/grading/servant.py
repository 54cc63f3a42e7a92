"""The servant of a lab that hands in programs: they start as forks of a process that no learner's code has touched."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from courseware.checks.programs import Launch, Running, programs_started_by, start_process
from courseware.checks.servant import Servant
from courseware.kernels.program_forks import ProgramForks

PROGRAM_SERVANT = "courseware.grading.servant:ProgramServant"


class ProgramServant(Servant):
    """Made in the kernel before its first cell."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        super().__init__(namespace)
        self._forks = ProgramForks()
        self._door = ExitStack()  # open for good
        self._door.enter_context(programs_started_by(self._started))

    def _started(self, launch: Launch) -> Running:
        """Start a program; in a fresh Python where the learner's code has ended the process in between."""
        try:
            return self._forks.start(launch)
        except OSError:
            return start_process(launch)
