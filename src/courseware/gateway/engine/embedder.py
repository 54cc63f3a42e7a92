"""Vectors and relevance from a local embedding model, in a child process of its own."""

from __future__ import annotations

import asyncio
import base64
import itertools
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from courseware.gateway.engine.child import Child, ChildFailed
from courseware.gateway.engine.cpu import threads
from courseware.gateway.engine.crashes import CrashLimit
from courseware.gateway.engine.errors import closing, crashed, not_started, nothing_fits, resting
from courseware.gateway.engine.memory import bytes_needed, choose, free_bytes
from courseware.gateway.errors import ApiError, unsupported
from courseware.gateway.exchange import EmbedReply, EmbedRequest, Origin, RerankReply, RerankRequest
from courseware.models import Registry, Store, load_registry
from courseware.models.store import default_root

_READY_S = 180.0
# So many texts at a time: whoever goes away gives up its place after that many, and nobody waits for a whole corpus.
_BATCH = 32

Vector = tuple[float, ...]


@dataclass(frozen=True)
class Embedding:
    """Vectors of length 1 in float32. `tokens` were read; of `cut` texts only the beginning was."""

    model: str
    vectors: tuple[Vector, ...]
    tokens: int
    cut: int
    origin: Origin


class Embedder:
    """One embedding model for one event loop, loaded on first need. `shutdown` must be awaited before that ends."""

    def __init__(
        self,
        store: Store | None = None,
        registry: Registry | None = None,
        *,
        weights: Sequence[str] = ("all-minilm-l6-v2",),
        free: Callable[[], int] = free_bytes,
    ) -> None:
        self._store, self._registry = store or Store(default_root()), registry or load_registry()
        self._weights, self._free = tuple(weights), free
        self._child: Child | None = None
        self._closed = False
        self._turn = asyncio.Lock()
        self._crashes, self._last_words = CrashLimit(), ""
        self._numbers = itertools.count()

    @property
    def child(self) -> Child | None:
        """The process that runs now, for a status page."""
        return self._child if self._child is not None and self._child.alive else None

    async def embed(self, texts: Sequence[str]) -> Embedding:
        """Return a vector for each text. Raises ApiError where no model can be had, or where it ends meanwhile."""
        name = self._name()
        vectors: list[Vector] = []
        tokens = cut = 0
        for start in range(0, len(texts), _BATCH):
            answer = await self._asked(name, list(texts[start : start + _BATCH]))
            vectors += [_vector(text) for text in answer["vectors"]]
            tokens, cut = tokens + answer["tokens"], cut + answer["cut"]
        return Embedding(f"local/{name}", tuple(vectors), tokens, cut, self._origin(name, cut))

    async def answer(self, request: EmbedRequest) -> EmbedReply:
        """The same for a request of the wire. Raises ApiError also for `dimensions` that the model does not have."""
        done = await self.embed(request.texts)
        length = len(done.vectors[0]) if done.vectors else None
        if request.dimensions not in (None, length):
            raise unsupported(
                f"dimensions={request.dimensions} with a local model", f"its vectors have {length}; leave it out",
                "dimensions",
            )  # fmt: skip
        return EmbedReply(done.model, done.vectors, done.tokens, done.origin)

    async def rank(self, request: RerankRequest) -> RerankReply:
        """Order documents by the cosine of their vector and the query's; a relevance below 0 counts as 0."""
        done = await self.embed((request.query, *request.documents))
        query, documents = done.vectors[0], done.vectors[1:]
        scores = [math.fsum(map(lambda a, b: a * b, query, document)) for document in documents]
        best = sorted(range(len(scores)), key=lambda index: (-scores[index], index))[: request.top_n]
        ranking = tuple((index, min(1.0, max(0.0, scores[index]))) for index in best)
        return RerankReply(done.model, ranking, done.origin)

    async def shutdown(self) -> None:
        """End the child. Whoever still waits for vectors gets an ApiError."""
        self._closed = True
        await self._unload()

    async def _unload(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.stop()

    def _name(self) -> str:
        free, loaded = self._free(), self._weights if self.child else ()
        choice = choose(self._weights, present=self._present, loaded=loaded, needed=self._needed, free=free)
        if choice.name is None:
            raise nothing_fits(choice, free)
        return choice.name

    def _present(self, name: str) -> bool:
        return name in self._registry.models and self._store.state(self._registry[name]) == "present"

    def _needed(self, name: str) -> int:
        return bytes_needed(self._registry[name])

    async def _asked(self, name: str, texts: list[str]) -> dict[str, Any]:
        async with self._turn:
            child = await self._started(name)
            number = next(self._numbers)
            try:
                answer = await child.ask({"id": number, "texts": texts})
                while answer["id"] != number:  # meant for somebody who has gone away
                    answer = await child.answer()
            except ChildFailed as error:
                raise crashed(name, str(error)) from None
        if "error" in answer:
            raise ApiError("server", f"the local model {name} could not read the texts: {answer['error']}")
        return answer

    async def _started(self, name: str) -> Child:
        if self._closed:
            raise closing()
        if self._child is not None and not self._child.alive:
            self._last_words = await self._child.ending()
            self._crashes.record()
            await self._unload()
        if self._child is None:
            if wait_s := self._crashes.wait_s():
                raise resting(name, wait_s, self._last_words)
            try:
                settings = {"path": str(self._store.path(self._registry[name])), "threads": threads()}
                self._child = await Child.start("embeddings", settings, _READY_S)
            except ChildFailed as error:
                self._last_words = str(error)
                self._crashes.record()
                raise not_started(name, str(error)) from None
        return self._child

    def _origin(self, name: str, cut: int) -> Origin:
        weights = next(file for file in self._registry[name].files if file.name.endswith(".safetensors"))
        note = f"; {cut} of the texts were longer than the model reads" if cut else ""
        return Origin("local", name, f"embedded by {name} (weights sha256 {weights.sha256[:12]}) on this machine{note}")


def _vector(text: str) -> Vector:
    data = base64.b64decode(text)
    return struct.unpack(f"<{len(data) // 4}f", data)
