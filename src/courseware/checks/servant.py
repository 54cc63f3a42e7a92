"""Runs on the learner's side: answers requests about the learner's names, one message each.

A request is codec bytes of `{"op": "call" | "get", ...}`; a reply is `{"value", "args", "out", "err"}` or
`{"error": {"kinds", "message", "frames"}, "out", "err"}`. The servant lives in the learner's process and is therefore
not trusted: whoever reads its replies checks them as it would any stranger's.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import linecache
import threading
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from typing import Any

from courseware.checks import codec
from courseware.checks.errors import CodecError, TooLarge
from courseware.checks.limits import CallTooSlow, time_limit
from courseware.checks.recipes import Recipe, cook
from courseware.checks.silence import silenced

_MAX_FRAMES = 5
_MAX_TEXT = 1_000


class Servant:
    """Serves one learner's namespace.

    Objects that are not plain data stay in `_kept`; the other side holds their number.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace
        self._kept: dict[int, Any] = {}
        self._numbers = itertools.count(1)
        self._loop = EventLoop()

    def serve(self, request: bytes) -> bytes:
        """Answer one request; whatever the learner's code raises becomes part of the reply."""
        message = codec.loads(request, self._resolve)
        with silenced() as printed:
            reply = self._reply(message)
        return reply[:-1] + b"," + codec.dumps({"out": printed.out, "err": printed.err})[1:]

    def _reply(self, message: dict[str, Any]) -> bytes:
        try:
            return codec.dumps(self._answer(message), self._refer, message["max_bytes"])
        except CallTooSlow:
            return _error(["CallTooSlow"], f"still running after {message['seconds']:g} s")
        except KeyboardInterrupt:
            raise  # the person at the keyboard, not the code
        except BaseException as error:
            return _error(_kinds(error), _text(error), self._frames(error))

    def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        if message["op"] == "get":
            return {"value": self._named(message["name"])}
        args, function = message["args"], self._function(message)
        with time_limit(message["seconds"]):
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
            value = self._loop.run(_awaited(value))
        if inspect.isasyncgen(value):
            value = iter(self._loop.run(_collected(value, max_items + 1)))
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
                frames.append((frame.f_code.co_name, line, source))
        return frames[-_MAX_FRAMES:]


class EventLoop:
    """One event loop in a thread of its own, made on first need.

    A notebook's own loop is busy running the cell that checks; and a client made in one call is tied to its loop, so
    every call of a servant shares this one.
    """

    def __init__(self) -> None:
        self._running: asyncio.AbstractEventLoop | None = None

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run `coroutine` to its end and return its result."""
        if self._running is None:
            self._running = asyncio.new_event_loop()
            threading.Thread(target=self._running.run_forever, daemon=True).start()
        future = asyncio.run_coroutine_threadsafe(coroutine, self._running)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


async def _awaited(value: Awaitable[Any]) -> Any:
    return await value


async def _collected(values: AsyncIterator[Any], most: int) -> list[Any]:
    items: list[Any] = []
    async for value in values:
        items.append(value)
        if len(items) == most:
            break
    return items


def _error(kinds: list[str], message: str, frames: Sequence[tuple[str, int, str]] = ()) -> bytes:
    return codec.dumps({"error": {"kinds": kinds, "message": message, "frames": list(frames)}})


def _kinds(error: BaseException) -> list[str]:
    return [kind.__name__ for kind in type(error).__mro__ if kind is not object]


def _text(error: BaseException) -> str:
    try:
        return str(error)[:_MAX_TEXT]
    except Exception:  # a learner's exception class may fail to print itself
        return ""
