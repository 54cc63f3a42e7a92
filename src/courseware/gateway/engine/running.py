"""One model that runs: its server, its child process where it has one, and who may write with it now."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from courseware.gateway.engine.child import Child
from courseware.gateway.engine.cpu import threads
from courseware.gateway.engine.errors import ModelGone, crashed, own_server_gone, silent, too_long, unfit_schema
from courseware.gateway.engine.llama import LlamaServer
from courseware.gateway.engine.prompt import Turn
from courseware.gateway.errors import ApiError

_CONTEXT, _CACHE_MIB = 8192, 128
_READY_S = 180.0
_LOG_S = 0.05  # until what the process printed has been read
_MOST_SCHEMAS = 500  # remembered as tried
_PING_S, _IDLE_S = 20, 900
_SILENCE_S = 120.0  # several pings


class RunningModel:
    """A model that can be asked. `users` counts the exchanges that need it, so that it is not unloaded under them."""

    def __init__(self, name: str, provenance: str, server: LlamaServer, context: int, child: Child | None) -> None:
        self.name, self.provenance, self.server, self.child = name, provenance, server, child
        self.users, self._broken = 0, False
        self._context = context
        self._slot = asyncio.Semaphore(1)
        self._enforced: dict[str, bool] = {}

    @property
    def alive(self) -> bool:
        """Whether it can be asked; of a server that is not ours nothing is known, so yes."""
        return self.child is None or (self.child.alive and not self._broken)

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that its process printed."""
        return self.child.log if self.child else ()

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[RunningModel]:
        """A block that asks the model. A connection that breaks in it ends the model for all, and is an ApiError."""
        try:
            yield self
        except ModelGone as error:
            self._broken = True
            raise await self._gone(error) from None

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for the turn to write: one at a time, in the order of asking."""
        async with self._slot:
            yield

    async def prompt(self, turns: list[Turn]) -> str:
        """The conversation as the model reads it. Raises ApiError where it does not fit."""
        prompt = await self.server.template(turns)
        tokens = await self.server.count(prompt)
        if tokens >= self._context:
            raise too_long(tokens, self._context)
        return prompt

    def has_tried(self, schema: Mapping[str, Any]) -> bool:
        """Whether `require_enforced` needs no writing."""
        return json.dumps(schema) in self._enforced

    async def require_enforced(self, prompt: str, schema: Mapping[str, Any]) -> None:
        """Raise ApiError where the model cannot be held to the schema; the first time it writes a little to see."""
        key = json.dumps(schema)
        if key not in self._enforced:
            if len(self._enforced) >= _MOST_SCHEMAS:
                self._enforced.clear()
            self._enforced[key] = await self.server.enforces(prompt, schema)
        if not self._enforced[key]:
            await asyncio.sleep(_LOG_S)
            reasons = [line.partition("schema: ")[2] for line in self.log if "failed to compile JSON schema" in line]
            what = f"is impossible or too hard for it{f' ({reasons[-1]})' if reasons else ''}"
            raise unfit_schema("it", what, "write it with type, properties, required, items, enum and anyOf")

    async def _gone(self, error: ModelGone) -> ApiError:
        """What to tell who was waiting when the connection broke."""
        if self.child is None:
            return own_server_gone(self.server.address)
        if error.silent and self.child.alive:
            return silent(self.name, _SILENCE_S)
        return crashed(self.name, await self.child.ending())

    async def close(self) -> None:
        """End its process and the connections to it."""
        await self.server.close()
        if self.child is not None:
            await self.child.stop()


async def start_model(name: str, path: Path, provenance: str) -> RunningModel:
    """Start a child that serves the weights at `path`. Raises ChildFailed."""
    key = secrets.token_urlsafe(24)
    settings = {
        "path": str(path), "context": _CONTEXT, "threads": threads(), "cache_mib": _CACHE_MIB, "ping_s": _PING_S,
        "idle_s": _IDLE_S, "key": key,
    }  # fmt: skip
    child = await Child.start("llama", settings, _READY_S)
    server = LlamaServer(child.hello["address"], key, _SILENCE_S)
    try:
        return RunningModel(name, provenance, server, await server.context(), child)
    except BaseException:
        await server.close()
        await child.stop()
        raise
