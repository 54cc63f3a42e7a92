"""Which local models are loaded: the one that is asked for, and others while memory allows.

Models are loaded on first need and unloaded when another one needs the memory, the longest unused first.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext

from courseware.gateway.engine.child import ChildFailed
from courseware.gateway.engine.cpu import missing_here
from courseware.gateway.engine.crashes import CrashLimit
from courseware.gateway.engine.errors import closing, not_started, nothing_fits, resting, unfit_cpu
from courseware.gateway.engine.memory import bytes_needed, choose, free_bytes
from courseware.gateway.engine.running import RunningModel, start_model
from courseware.models.registry import Model, Registry
from courseware.models.store import Store


class ModelPool:
    """Starts, lends and ends models. `free` says how many bytes of memory there are."""

    def __init__(self, store: Store, registry: Registry, free: Callable[[], int] = free_bytes) -> None:
        self._store, self._registry, self._free = store, registry, free
        self._loaded: OrderedDict[str, RunningModel] = OrderedDict()
        self._crashes: dict[str, CrashLimit] = {}
        self._last_words: dict[str, str] = {}
        self._closed = False
        self._changing = asyncio.Lock()
        self._returned = asyncio.Event()

    @property
    def loaded(self) -> tuple[RunningModel, ...]:
        """What runs now, the longest unused first."""
        return tuple(model for model in self._loaded.values() if model.alive)

    async def choose(self, weights: Sequence[str]) -> str:
        """The name of the model that will answer for a role with these weights. Raises ApiError where none can."""
        if missing := missing_here():
            raise unfit_cpu(missing)
        free = self._free() + sum(model.child.memory_bytes for model in self._loaded.values() if model.child)
        choice = choose(weights, present=self._present, loaded=self._loaded, needed=self._needed, free=free)
        if choice.name is None:
            raise nothing_fits(choice, free)
        return choice.name

    @asynccontextmanager
    async def use(self, name: str, *, writing: bool = False) -> AsyncIterator[RunningModel]:
        """Lend a model that `choose` named, started if need be; for `writing`, once it is this exchange's turn.

        Raises ApiError where it cannot be started, or where it ends while it is lent.
        """
        while True:
            model = await self._take(name)
            try:
                async with model.slot() if writing else nullcontext():
                    if model.alive:  # it may have ended during the wait, with another exchange's answer
                        async with model.lent():
                            yield model
                        return
            finally:
                model.users -= 1
                self._returned.set()

    async def shutdown(self) -> None:
        """End every child. Whoever still waits for an answer gets an ApiError."""
        self._closed = True
        async with self._changing:
            models = list(self._loaded.values())
            self._loaded.clear()
            await asyncio.gather(*(model.close() for model in models))

    def _model(self, name: str) -> Model:
        return self._registry[name]

    def _present(self, name: str) -> bool:
        return name in self._registry.models and self._store.state(self._model(name)) == "present"

    def _needed(self, name: str) -> int:
        return bytes_needed(self._model(name))

    async def _take(self, name: str) -> RunningModel:
        async with self._changing:
            if self._closed:
                raise closing()
            model = self._loaded.get(name)
            if model is not None and not model.alive:
                await self._bury(model)
                model = None
            if model is None:
                model = await self._load(name)
            self._loaded.move_to_end(name)
            model.users += 1
            return model

    async def _bury(self, model: RunningModel) -> None:
        """Note a crash and clear away what is left of the model."""
        del self._loaded[model.name]
        self._note_crash(model.name, await model.child.ending() if model.child else "")
        await model.close()

    def _note_crash(self, name: str, why: str) -> None:
        self._crashes.setdefault(name, CrashLimit()).record()
        self._last_words[name] = why

    async def _load(self, name: str) -> RunningModel:
        crashes = self._crashes.get(name)
        if crashes and (wait_s := crashes.wait_s()):
            raise resting(name, wait_s, self._last_words[name])
        await self._make_room(name)
        entry = self._model(name)
        provenance = (
            f"written by {name} (weights sha256 {entry.files[0].sha256[:12]}) on this machine, through llama.cpp"
            f" (xllamacpp {importlib.metadata.version('xllamacpp')})"
        )
        try:
            model = await start_model(name, self._store.path(entry), provenance)
        except ChildFailed as error:
            self._note_crash(name, str(error))
            raise not_started(name, str(error)) from None
        self._loaded[name] = model
        return model

    async def _make_room(self, name: str) -> None:
        """Unload others until the model fits; wait for those that are writing."""
        while self._needed(name) > self._free() and self._loaded:
            self._returned.clear()
            idle = next((model for model in self._loaded.values() if not model.users), None)
            if idle is None:
                await self._returned.wait()
                continue
            del self._loaded[idle.name]
            await idle.close()
