"""A llama.cpp server that the learner runs, used instead of one of ours where LLAMA_SERVER_URL names it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from courseware.gateway.engine.errors import ModelGone, own_server_gone
from courseware.gateway.engine.llama import LlamaServer
from courseware.gateway.engine.running import RunningModel

_URL, _KEY = "LLAMA_SERVER_URL", "LLAMA_API_KEY"
_SILENCE_S = 600.0  # it may have requests of others to answer first, and need not ping


class OwnServer:
    """Lends the model of that server as a `ModelPool` lends its own."""

    def __init__(self) -> None:
        self._servers: dict[str, LlamaServer] = {}
        self._models: dict[str, RunningModel] = {}

    @staticmethod
    def url() -> str:
        """Where it is, "" where there is none."""
        return os.environ.get(_URL, "").strip()

    @property
    def loaded(self) -> tuple[RunningModel, ...]:
        """The models it was seen to have."""
        return tuple(self._models.values())

    async def choose(self, _weights: Sequence[str]) -> str:
        """The name that it gives its model now, whatever the role. Raises ApiError where it does not answer."""
        address = _address(self.url())
        if address not in self._servers:
            self._servers[address] = LlamaServer(address, os.environ.get(_KEY, ""), _SILENCE_S)
        server = self._servers[address]
        try:
            name = Path(await server.model()).name.removesuffix(".gguf")
            if name not in self._models or self._models[name].server is not server:
                provenance = (
                    f"written by {name} on the llama.cpp server at {address} (LLAMA_SERVER_URL; weights not checked)"
                )
                self._models[name] = RunningModel(name, provenance, server, await server.context(), None)
        except ModelGone:
            raise own_server_gone(self.url()) from None
        return name

    @asynccontextmanager
    async def use(self, name: str, *, writing: bool = False) -> AsyncIterator[RunningModel]:  # noqa: ARG002
        """Lend the model; who comes when is the server's to decide, `writing` or not."""
        async with self._models[name].lent() as model:
            yield model

    async def shutdown(self) -> None:
        """Close the connections; the server itself goes on."""
        for server in self._servers.values():
            await server.close()
        self._servers.clear()
        self._models.clear()


def _address(url: str) -> str:
    parts = urlsplit(url if "//" in url else f"http://{url}")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/").removesuffix("/v1"), "", ""))
