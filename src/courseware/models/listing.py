"""Questions about the store that change nothing: where a model lies, what is here, whether it is whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from courseware.models.errors import ModelMissing, store_errors
from courseware.models.registry import Registry, load_registry
from courseware.models.store import Store, default_root


@dataclass(frozen=True)
class ModelStatus:
    """One line of the list; `state` is present, partial, missing or damaged, judged by sizes alone."""

    name: str
    kind: str
    title: str
    licence: str
    page: str
    bytes: int | None
    state: str
    path: Path | None


@dataclass(frozen=True)
class Verdict:
    """What reading every byte of a model found; `state` is intact, partial, missing or damaged."""

    name: str
    state: str
    files: tuple[str, ...]


def path(name: str, *, registry: Registry | None = None, store: Store | None = None) -> Path:
    """Folder of a sentence-transformer, file of any other model. Raises UnknownModel or ModelMissing."""
    return _store(store).path((registry or load_registry())[name])


def tiktoken_cache_dir(*names: str, registry: Registry | None = None, store: Store | None = None) -> Path:
    """What TIKTOKEN_CACHE_DIR must be for these encodings (default: all the registry has) to load offline.

    Raises ModelMissing for the first that is not here: tiktoken itself would go to the network for it.
    """
    known, target = registry or load_registry(), _store(store)
    for name in names or [model.name for model in known.of_kind("tiktoken")]:
        target.path(known[name])
    return target.tiktoken


def list_models(*, registry: Registry | None = None, store: Store | None = None) -> list[ModelStatus]:
    """Every model of the registry with its state here."""
    known, target = registry or load_registry(), _store(store)
    return [
        ModelStatus(
            m.name,
            m.kind,
            m.title,
            m.licence,
            m.page,
            m.bytes,
            target.state(m),
            _path_or_none(m.name, known, target),
        )
        for m in known.models.values()
    ]


def verify(name: str | None = None, *, registry: Registry | None = None, store: Store | None = None) -> list[Verdict]:
    """Hash one model again, or all; nothing is changed or deleted. `pull` repairs what is damaged."""
    known, target = registry or load_registry(), _store(store)
    with store_errors(target.root):
        return [_verdict(model, known, target) for model in ([name] if name else known.models)]


def _verdict(name: str, known: Registry, target: Store) -> Verdict:
    model = known[name]
    state = target.state(model)
    if state in ("missing", "partial"):
        return Verdict(name, state, ())
    damaged = tuple(target.damaged(model))
    return Verdict(name, "damaged" if damaged else "intact", damaged)


def _path_or_none(name: str, known: Registry, target: Store) -> Path | None:
    try:
        return target.path(known[name])
    except ModelMissing:
        return None


def _store(store: Store | None) -> Store:
    return store or Store(default_root())
