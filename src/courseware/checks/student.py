"""The check's handle on the learner's work: call this name with this plain data, give plain data back.

`Student` writes requests and reads replies; a `Channel` carries them. In the notebook the channel is a function call
(`LocalChannel`); in grading it is a pipe to a sandbox. The bytes are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from courseware.checks import codec
from courseware.checks.errors import (
    BadReply,
    CheckError,
    CodecError,
    Frame,
    LearnerError,
    ReplyTooLarge,
    TooLarge,
)
from courseware.checks.recipes import Recipe
from courseware.checks.servant import Servant

SECONDS = 10.0
MAX_ITEMS = 10_000
# What is read of an error; a servant sends no more, but it is not trusted.
_MAX_TEXT, _MAX_FRAMES, _MAX_KINDS = 1_000, 5, 50


class Channel(Protocol):
    """Carries one request to the learner's side and brings its reply."""

    def exchange(self, request: bytes, seconds: float) -> bytes:
        """Return the reply to `request`, which itself tells the learner's side that it has `seconds`."""


class LocalChannel:
    """The learner's side in this very process."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._servant = Servant(namespace)

    def exchange(self, request: bytes, seconds: float) -> bytes:  # noqa: ARG002 - the servant keeps to the limit
        """Return the servant's reply."""
        return self._servant.serve(request)


@dataclass(frozen=True)
class Ref:
    """Something that stayed on the learner's side, by number; `kind` is its class's full name there."""

    number: int
    kind: str

    def method(self, name: str) -> Method:
        """Name one of its methods, to be passed to `Student.call`."""
        return Method(self, name)


@dataclass(frozen=True)
class Method:
    """A method of something on the learner's side."""

    owner: Ref
    name: str


@dataclass(frozen=True)
class Observation:
    """One call: what it returned, its positional arguments as it left them, and what it printed."""

    value: Any
    args: list[Any]
    out: str
    err: str


@dataclass(frozen=True)
class ProgramRun:
    """One run of a program the learner wrote: its exit status and what it printed."""

    status: int
    out: str
    err: str


class Student:
    """Calls the learner's functions, reads their variables and runs their programs.

    Every method raises `LearnerError` when the learner's code raises, runs longer than the limit, returns more than
    the limit, or answers in the servant's place.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def call(self, function: str | Method, *args: Any, seconds: float = SECONDS, **kwargs: Any) -> Any:
        """Return what `function` returns for these arguments."""
        return _field(self._request(_call(function, args, kwargs, seconds, want_args=False)), "value", object)

    def observe(self, function: str | Method, *args: Any, seconds: float = SECONDS, **kwargs: Any) -> Observation:
        """Call `function` and also report its arguments after the call and what it printed."""
        reply = self._request(_call(function, args, kwargs, seconds, want_args=True))
        return Observation(
            _field(reply, "value", object),
            _field(reply, "args", list),
            _field(reply, "out", str),
            _field(reply, "err", str),
        )

    def get(self, name: str) -> Any:
        """Return the value of the learner's variable `name`."""
        request = {"op": "get", "name": name, "seconds": SECONDS, "max_bytes": codec.MAX_BYTES}
        return _field(self._request(request), "value", object)

    def run(
        self,
        file: str,
        *arguments: str,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        seconds: float = SECONDS,
    ) -> ProgramRun:
        """Run the Python program `file`, one of the files the lab hands in, as a process of its own.

        `env` is set beside what a Python process needs; nothing else of the notebook's environment reaches it.
        """
        told = {"file": file, "arguments": list(arguments), "stdin": stdin, "env": dict(env or {})}
        request = {"op": "run", **told, "seconds": seconds, "max_bytes": codec.MAX_BYTES}
        value = _field(self._request(request), "value", list)
        if len(value) != 3 or not isinstance(value[0], int):
            raise BadReply("a reply about a program is not [status, out, err]")
        return ProgramRun(value[0], *(str(text) for text in value[1:]))

    def _request(self, message: dict[str, Any]) -> dict[str, Any]:
        request = codec.dumps(message, _refer)
        reply = self._channel.exchange(request, float(message["seconds"]))
        try:
            return _read(reply)
        except TooLarge as large:
            raise ReplyTooLarge(_text(str(large))) from large
        except CodecError as malformed:
            raise BadReply(_text(str(malformed))) from malformed


def _read(reply: bytes) -> dict[str, Any]:
    message = codec.loads(reply, _resolve, 2 * codec.MAX_BYTES)
    if not isinstance(message, dict):
        raise CodecError(f"a reply is a {type(message).__name__}, not an object")
    if "error" in message:
        raise _learner_error(message["error"])
    return message


def _field(reply: dict[str, Any], name: str, kind: type) -> Any:
    if name not in reply or not isinstance(reply[name], kind):
        raise BadReply(f"a reply's {name!r} is missing or not a {kind.__name__}")
    return reply[name]


def _call(function: str | Method, args: Any, kwargs: Any, seconds: float, *, want_args: bool) -> dict[str, Any]:
    owner, name = (function.owner, function.name) if isinstance(function, Method) else (None, function)
    return {
        "op": "call",
        "owner": owner,
        "name": name,
        "args": list(args),
        "kwargs": kwargs,
        "seconds": seconds,
        "want_args": want_args,
        "max_items": MAX_ITEMS,
        "max_bytes": codec.MAX_BYTES,
    }


def _refer(value: Any) -> dict[str, Any]:
    if isinstance(value, Ref):
        return {codec.TAG: "ref", "v": [value.number, value.kind]}
    if isinstance(value, Recipe):
        return {codec.TAG: "recipe", "v": [value.name, codec.encode(value.params, _refer)]}
    raise CheckError(f"a {type(value).__name__} cannot be passed to the learner's code; use plain data or make(...)")


def _resolve(tag: str, value: Any) -> Any:
    if tag == "ref" and isinstance(value, list) and len(value) == 2:
        return Ref(int(value[0]), str(value[1]))
    raise CodecError(f"unknown tag {tag!r}")


def _learner_error(error: Any) -> LearnerError:
    try:
        frames = tuple(Frame(_text(f), int(n), _text(source)) for f, n, source in error["frames"][:_MAX_FRAMES])
        kinds = tuple(_text(kind) for kind in error["kinds"][:_MAX_KINDS])
        return LearnerError(kinds, _text(error["message"]), frames)
    except (TypeError, KeyError, ValueError, IndexError, OverflowError) as malformed:
        raise CodecError(f"a reply's error is malformed: {malformed}") from malformed


def _text(value: Any) -> str:
    """Return a reply's text in a length and in characters that a table, a file and a terminal can take."""
    if not isinstance(value, str):
        raise TypeError(f"text is a {type(value).__name__}")
    return value[:_MAX_TEXT].encode("utf-8", "backslashreplace").decode()
