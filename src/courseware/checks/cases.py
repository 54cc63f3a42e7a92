"""One line of a check: what it asks, what it is worth, and how it went."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Literal

from courseware.checks.compare import difference, far_apart, shown
from courseware.checks.errors import CheckDefinitionError, LearnerError

Status = Literal["passed", "failed", "raised", "too slow", "too large", "not reached"]
_STATUS_OF = {"CallTooSlow": "too slow", "TooLarge": "too large"}


@dataclass(frozen=True)
class Outcome:
    """How one case went. `points` is what it is worth, `earned` what it brought (all or nothing)."""

    title: str
    points: float
    category: str
    hint: str = ""
    status: Status = "passed"
    message: str = ""
    expected: str = ""
    actual: str = ""
    where: str = ""

    @property
    def earned(self) -> float:
        """Points the learner gets for this case."""
        return self.points if self.status == "passed" else 0.0


class _Failed(Exception):
    """Ends a case whose comparison failed."""

    def __init__(self, message: str, expected: str = "", actual: str = "") -> None:
        super().__init__(message)
        self.message, self.expected, self.actual = message, expected, actual


@dataclass
class Record:
    """The outcomes of the check that is running, in order."""

    outcomes: list[Outcome] = field(default_factory=list)


_running: ContextVar[Record] = ContextVar("running check")


@contextlib.contextmanager
def recording() -> Iterator[Record]:
    """Collect the outcomes of the cases that run in the block."""
    record = Record()
    token = _running.set(record)
    try:
        yield record
    finally:
        _running.reset(token)


class case:  # noqa: N801 - reads as a keyword at its place of use
    """A block that passes unless a comparison in it fails or the learner's code raises.

    Args:
        title: what the learner sees, a sentence about behaviour.
        points: what it is worth, all or nothing.
        category: what a hidden case says in place of its title and input, for example "empty input"; a hidden case
            without one says nothing but that it is a case.
        hint: shown with a failure of a visible case.
    """

    def __init__(self, title: str, *, points: float = 0.0, category: str = "", hint: str = "") -> None:
        self._outcome = Outcome(title, points, category or "a case", hint)

    def __enter__(self) -> Comparisons:
        return Comparisons()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        outcome = self._outcome
        if isinstance(error, _Failed):
            outcome = replace(
                outcome, status="failed", message=error.message, expected=error.expected, actual=error.actual
            )
        elif isinstance(error, LearnerError):
            outcome = raised(outcome, error)
        elif error is not None:
            return False
        try:
            _running.get().outcomes.append(outcome)
        except LookupError:
            raise CheckDefinitionError(f"case {outcome.title!r} ran outside a check") from None
        return error is not None


def raised(outcome: Outcome, error: LearnerError) -> Outcome:
    """Return `outcome` as ended by an exception of the learner's code."""
    where = " → ".join(f"{frame.function}, line {frame.line}: {frame.source}" for frame in error.frames)
    if error.kind == "NotImplementedError" and not error.message:
        return replace(outcome, status="raised", message="not written yet", where=where)
    status: Any = _STATUS_OF.get(error.kind, "raised")
    return replace(outcome, status=status, message=str(error) if status == "raised" else error.message, where=where)


class Comparisons:
    """What may be asked inside a case; each method ends the case when the answer is no."""

    def equal(self, actual: Any, expected: Any, message: str = "", *, strict: bool = False) -> None:
        """Require equality, lists and tuples being interchangeable unless `strict`."""
        found = difference(actual, expected, strict=strict)
        if found is not None:
            raise _Failed(message or found, shown(expected), shown(actual))

    def close(self, actual: Any, expected: Any, *, atol: float = 1e-6, rtol: float = 1e-6, message: str = "") -> None:
        """Require numbers of the same shape within `atol + rtol * |expected|`."""
        found = far_apart(actual, expected, atol, rtol)
        if found is not None:
            raise _Failed(message or found, shown(expected), shown(actual))

    def true(self, condition: object, message: str, *, actual: Any = None) -> None:
        """Require `condition`; `message` says what is wrong where it does not hold."""
        if not condition:
            raise _Failed(message, actual="" if actual is None else shown(actual))

    @contextlib.contextmanager
    def raises(self, kind: str) -> Iterator[None]:
        """Require the learner's code to raise `kind` (the name of an exception class) in the block."""
        try:
            yield
        except LearnerError as error:
            if kind not in error.kinds:
                raise
        else:
            raise _Failed(f"expected {kind}, but it returned", kind)
