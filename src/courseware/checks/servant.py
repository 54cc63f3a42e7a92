"""Runs on the learner's side: answers requests about the learner's names, one message each.

A request is codec bytes of `{"op": "call" | "get" | "run", ...}`; a reply is `{"value", "args", "out", "err"}` or
`{"error": {"kinds", "message", "frames"}, "out", "err"}`. The servant lives in the learner's process and is therefore
not trusted: whoever reads its replies checks them as it would any stranger's. In the notebook it shares the process
with the learner's code, and nothing here outlives an `os._exit` of that code.
"""

from __future__ import annotations

import inspect
import itertools
import linecache
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from courseware.checks import codec
from courseware.checks.errors import CodecError, TooLarge
from courseware.checks.event_loop import event_loop
from courseware.checks.limits import CallTooSlow, time_limit
from courseware.checks.programs import run_program
from courseware.checks.recipes import Recipe, cook
from courseware.checks.silence import silenced

_MAX_FRAMES = 5
_MAX_TEXT = 1_000
_SECONDS_TO_PRINT = 1.0  # for an exception to print itself


class Servant:
    """Serves one learner's namespace.

    Objects that are not plain data stay in `_kept`; the other side holds their number.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace
        self._kept: dict[int, Any] = {}
        self._numbers = itertools.count(1)

    def serve(self, request: bytes) -> bytes:
        """Answer one request; whatever the learner's code raises becomes part of the reply."""
        message = codec.loads(request, self._resolve)
        with silenced() as printed:
            reply = self._reply(message)
        return reply[:-1] + b"," + codec.dumps({"out": printed.out, "err": printed.err})[1:]

    def _reply(self, message: dict[str, Any]) -> bytes:
        try:
            with time_limit(message["seconds"]):  # the learner's objects may run code while they are encoded, too
                return codec.dumps(self._answer(message), self._refer, message["max_bytes"])
        except CallTooSlow:
            return _error(["CallTooSlow"], f"still running after {message['seconds']:g} s")
        except KeyboardInterrupt:
            raise  # the person at the keyboard, not the code
        except BaseException as error:
            return self._raised(error)

    def _raised(self, error: BaseException) -> bytes:
        text = _text(error)
        try:
            return _error(_kinds(error), text, self._frames(error))
        except Exception:  # a learner's exception class may lie about its name or its traceback
            return _error(["Exception"], text)

    def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        if message["op"] == "get":
            return {"value": self._named(message["name"])}
        if message["op"] == "run":
            told = (message["file"], message["arguments"], message["stdin"], message["env"])
            return {"value": list(run_program(*told, message["seconds"]))}
        args, function = message["args"], self._function(message)
        value = self._settled(function(*args, **message["kwargs"]), message["max_items"])
        return {"value": value, "args": args} if message["want_args"] else {"value": value}

    def _function(self, message: dict[str, Any]) -> Callable[..., Any]:
        name, owner = message["name"], message["owner"]
        found = self._named(name) if owner is None else getattr(owner, name)
        if not callable(found):
            raise TypeError(f"{name} is a {type(found).__name__}, not a function")
        return found  # type: ignore[no-any-return]

    def _named(self, name: str) -> Any:
        if name not in self._namespace:
            raise NameError(f"name '{name}' is not defined")
        return self._namespace[name]

    def _settled(self, value: Any, max_items: int) -> Any:
        """Await a coroutine; drain a generator, synchronous or not, to at most `max_items`."""
        if inspect.isawaitable(value):
            value = event_loop().run(_awaited(value))
        if inspect.isasyncgen(value):
            value = iter(event_loop().run(_collected(value, max_items + 1)))
        if not isinstance(value, Iterator):
            return value
        items = list(itertools.islice(value, max_items + 1))
        if len(items) > max_items:
            raise TooLarge(f"it yields more than {max_items:,} items")
        return items

    def _refer(self, value: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._kept[number] = value
        kind = type(value)
        return {codec.TAG: "ref", "v": [number, f"{kind.__module__}.{kind.__qualname__}"]}

    def _resolve(self, tag: str, value: Any) -> Any:
        if tag == "ref":
            return self._kept[value[0]]
        if tag == "recipe":
            return cook(Recipe(value[0], value[1]))
        raise CodecError(f"unknown tag {tag!r}")

    def _frames(self, error: BaseException) -> list[tuple[str, int, str]]:
        """Return the lines of the traceback that the learner wrote: those run in the served namespace."""
        frames = []
        for frame, line in traceback.walk_tb(error.__traceback__):
            if frame.f_globals is self._namespace:
                source = linecache.getline(frame.f_code.co_filename, line).strip()
                frames.append((frame.f_code.co_name, line, source[:_MAX_TEXT]))
        return frames[-_MAX_FRAMES:]


async def _awaited(value: Awaitable[Any]) -> Any:
    return await value


async def _collected(values: AsyncGenerator[Any, Any], most: int) -> list[Any]:
    items: list[Any] = []
    async with aclosing(values):
        async for value in values:
            items.append(value)
            if len(items) == most:
                break
    return items


def _error(kinds: list[str], message: str, frames: Sequence[tuple[str, int, str]] = ()) -> bytes:
    return codec.dumps({"error": {"kinds": kinds, "message": message, "frames": list(frames)}})


def _kinds(error: BaseException) -> list[str]:
    return [str.__str__(kind.__name__) for kind in type(error).__mro__ if kind is not object]


def _text(error: BaseException) -> str:
    """Return what the exception says; its class is the learner's, and printing it may fail in any way or not end."""
    try:
        with time_limit(_SECONDS_TO_PRINT):
            return str.__str__(str(error))[:_MAX_TEXT]
    except KeyboardInterrupt:
        raise
    except BaseException:
        return ""
