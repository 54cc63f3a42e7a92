"""`run_program`: a program the notebook wrote, run at its command line as its checks run it.

    ran = run_program("chatbot.py", "--budget-tokens", "400", stdin="hello\n", env={"OPENAI_API_KEY": s.token})
    ran.status, ran.out, ran.err

Of the notebook's environment the program gets what Python needs and no keys; `env` adds to that. Where a submission is
graded, the program starts with its libraries imported.
"""

from __future__ import annotations

from collections.abc import Mapping

from courseware.checks import ProgramRun, programs
from courseware.checks.limits import CallTooSlow


def run_program(
    file: str, *arguments: str, stdin: str = "", env: Mapping[str, str] = {}, seconds: float = 60.0
) -> ProgramRun:
    """Run a file that lies beside the notebook. Raises FileNotFoundError, and TimeoutError after `seconds`."""
    try:
        return ProgramRun(*programs.run_program(file, arguments, stdin, env, seconds))
    except CallTooSlow:
        raise TimeoutError(f"{file} was still running after {seconds:g} s and was ended") from None
