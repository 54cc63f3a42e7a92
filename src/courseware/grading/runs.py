"""One submission's kernels: where the learner's code ends its process, a fresh one goes on from the cells before.

What was earned stays earned. The cell that ended the process is not run again, and a check in which it ended has no
second try: its remaining calls fail.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from courseware.checks import codec
from courseware.grading.errors import DisturbedError
from courseware.kernels import Kernel, KernelDied

_MOST_KERNELS = 4
_KILLED = "was ended by SIGKILL"
_MARGIN_S = 5.0  # for the reply's own way, beside the limit of the call


class Runs:
    """Runs cells and carries a check's requests (`checks.student.Channel`).

    `start` makes a kernel that may live for so many seconds; a cell gets `cell_s`, the submission `submission_s`.
    With `last_try`, a kernel that was killed from outside is taken for the learner's own end, as one that used up the
    memory of the machine is; without, it is a DisturbedError.
    """

    def __init__(
        self, start: Callable[[float], Kernel], cell_s: float, submission_s: float, *, last_try: bool = True
    ) -> None:
        self._start, self._cell_s, self._last_try = start, cell_s, last_try
        self._deadline = time.monotonic() + submission_s
        self._kernel: Kernel | None = None
        self._done: list[str] = []
        self._started, self._died_in_check, self._cpu_s = 0, False, 0.0
        self.endings: list[str] = []

    def cell(self, text: str) -> list[dict[str, Any]]:
        """Run one cell and return its outputs; the end of its process is one of them."""
        try:
            outputs = self._alive().run(text, self._cell_s).outputs
        except KernelDied as died:
            self._bury(died)
            return [_error_output(str(died))]
        self._done.append(text)
        return outputs

    def begin_check(self) -> None:
        """The next requests are another check's."""
        self._died_in_check = False

    def exchange(self, request: bytes, seconds: float) -> bytes:
        """Return the reply; where there is no process to give it, an error of the learner's side."""
        if self._died_in_check:
            return _died(self.endings[-1])
        try:
            return self._alive().exchange(request, seconds + _MARGIN_S)
        except KernelDied as died:
            self._died_in_check = True
            self._bury(died)
            return _died(str(died))

    def close(self) -> float:
        """End what runs; return the CPU seconds of all kernels."""
        if self._kernel is not None:
            self._cpu_s += self._kernel.close().cpu_s
            self._kernel = None
        return round(self._cpu_s, 3)

    def _alive(self) -> Kernel:
        if self._kernel is None:
            self._kernel = self._fresh()
        return self._kernel

    def _fresh(self) -> Kernel:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise KernelDied("passed the time limit of the submission")
        if self._started >= _MOST_KERNELS:
            raise KernelDied(f"ended {self._started} times and is not started again")
        self._started += 1
        kernel = self._start(left)
        try:
            for text in self._done:
                kernel.run(text, self._cell_s)
        except BaseException:
            self._cpu_s += kernel.close().cpu_s
            raise
        return kernel

    def _bury(self, died: KernelDied) -> None:
        self.close()
        # As process 1 of its namespace a kernel cannot be killed from within.
        if _KILLED in str(died) and not self._last_try:
            raise DisturbedError(f"a kernel {died}")
        self.endings.append(str(died))


def _died(why: str) -> bytes:
    return codec.dumps({"error": {"kinds": ["KernelDied"], "message": f"your code's process {why}", "frames": []}})


def _error_output(why: str) -> dict[str, Any]:
    said = f"your code's process {why}; the cells below ran in a fresh one"
    return {"output_type": "error", "ename": "KernelDied", "evalue": said, "traceback": [said]}
