"""What can go wrong around a check.

CheckError
├── CheckDefinitionError   the check itself is written wrongly (an author's fault)
├── CodecError             a value or message breaks the rules of the codec
│   └── TooLarge           a value is larger than the limit
└── LearnerError           the learner's code raised, ran too long or returned too much
    └── BadReply           (a CodecError, too) it answered in the servant's place, with what is no reply
        └── ReplyTooLarge  (a TooLarge, too)
"""

from __future__ import annotations

from dataclasses import dataclass


class CheckError(Exception):
    """Base of everything a check raises on purpose."""


class CheckDefinitionError(CheckError):
    """The check's points or cases do not add up; its author must repair it."""


class CodecError(CheckError):
    """A value cannot be carried, or a message is not one the codec writes."""


class TooLarge(CodecError):
    """An encoded value is above the size limit."""


@dataclass(frozen=True)
class Frame:
    """One line of the learner's own code in a traceback."""

    function: str
    line: int
    source: str


class LearnerError(CheckError):
    """The learner's code did not return a value.

    `kinds` holds the names of the exception's classes, most specific first (`("KeyError", "LookupError", …)`), since
    the class itself does not travel.
    """

    def __init__(self, kinds: tuple[str, ...], message: str, frames: tuple[Frame, ...] = ()) -> None:
        super().__init__(f"{kinds[0]}: {message}" if message else kinds[0])
        self.kinds = kinds
        self.message = message
        self.frames = frames

    @property
    def kind(self) -> str:
        """The name of the exception's own class."""
        return self.kinds[0]


class BadReply(LearnerError, CodecError):
    """What came back is no reply: the learner's code wrote it, and it counts like any other wrong answer."""

    def __init__(self, message: str, kind: str = "BadReply") -> None:
        super().__init__((kind,), message)


class ReplyTooLarge(BadReply, TooLarge):
    """What came back is above the size limit."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "TooLarge")
