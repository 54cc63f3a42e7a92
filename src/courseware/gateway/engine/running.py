"""One model that runs: its server, its child process where it has one, and who may write with it now."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from courseware.gateway.engine.child import Child
from courseware.gateway.engine.cpu import threads
from courseware.gateway.engine.errors import ModelGone, crashed, own_server_gone, silent, too_long, unfit_schema
from courseware.gateway.engine.llama import LlamaServer
from courseware.gateway.engine.prompt import Turn
from courseware.gateway.errors import ApiError

_CONTEXT, _CACHE_MIB = 8192, 128
_READY_S = 180.0
_PING_S = 20
_SILENCE_S = 120.0  # several pings
_OWN_SILENCE_S = 600.0  # another server may queue, and need not ping
_OWN_SLOTS = 64


class RunningModel:
    """A model that can be asked. `users` counts the exchanges that need it, so that it is not unloaded under them."""

    def __init__(self, name: str, provenance: str, server: LlamaServer, context: int, child: Child | None) -> None:
        self.name, self.provenance, self.server, self.child = name, provenance, server, child
        self.users, self._broken = 0, False
        self._context = context
        self._slot = asyncio.Semaphore(1 if child else _OWN_SLOTS)
        self._enforced: dict[str, bool] = {}

    @property
    def alive(self) -> bool:
        """Whether it can be asked; of a server that is not ours nothing is known, so yes."""
        return self.child is None or (self.child.alive and not self._broken)

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that its process printed."""
        return self.child.log if self.child else ()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """A block in which a connection that breaks ends the model, before another exchange has its turn."""
        try:
            yield
        except ModelGone:
            self._broken = True
            raise

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for the turn to write: one at a time, in the order of asking."""
        async with self._slot:
            yield

    async def prompt(self, turns: list[Turn], schema: Mapping[str, Any] | None) -> str:
        """The conversation as the model reads it. Raises ApiError where it is too long or the schema cannot be held."""
        prompt = await self.server.template(turns)
        tokens = await self.server.count(prompt)
        if tokens >= self._context:
            raise too_long(tokens, self._context)
        if schema is not None:
            await self._require_enforced(prompt, schema)
        return prompt

    async def _require_enforced(self, prompt: str, schema: Mapping[str, Any]) -> None:
        key = json.dumps(schema)
        if key not in self._enforced:
            async with self.slot():
                self._enforced[key] = await self.server.enforces(prompt, schema)
        if not self._enforced[key]:
            reasons = [line.partition("schema: ")[2] for line in self.log if "failed to compile JSON schema" in line]
            what = f"is impossible or too hard for it{f' ({reasons[-1]})' if reasons else ''}"
            raise unfit_schema("it", what, "write it with type, properties, required, items, enum and anyOf")

    async def gone(self, error: ModelGone) -> ApiError:
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
        "key": key,
    }  # fmt: skip
    child = await Child.start("llama", settings, _READY_S)
    server = LlamaServer(child.hello["address"], key, _SILENCE_S)
    try:
        return RunningModel(name, provenance, server, await server.context(), child)
    except BaseException:
        await server.close()
        await child.stop()
        raise


async def own_server(url: str, key: str) -> RunningModel:
    """Use a llama.cpp server that somebody else runs, under the name it gives its model. Raises ApiError."""
    parts = urlsplit(url if "//" in url else f"http://{url}")
    address = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/").removesuffix("/v1"), "", ""))
    server = LlamaServer(address, key, _OWN_SILENCE_S)
    try:
        name = Path(await server.model()).name.removesuffix(".gguf")
        provenance = f"written by {name} on the llama.cpp server at {address} (LLAMA_SERVER_URL; weights not checked)"
        return RunningModel(name, provenance, server, await server.context(), None)
    except ModelGone:
        await server.close()
        raise own_server_gone(url) from None
    except BaseException:
        await server.close()
        raise
