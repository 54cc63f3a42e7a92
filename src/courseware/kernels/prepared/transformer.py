"""A sentence transformer that a template has loaded: handed to whoever loads it plainly, with what it is known to give.

A result is remembered by the whole call, its texts in their order and every option: how texts are put into batches
changes last bits. It lives as long as the template, so the library and the weights are always the same ones.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from courseware.kernels.prepared.sealed import SealedTensors
from courseware.kernels.prepared.untouched import Untouched, noting_modules, settings

_Key = tuple[Any, ...]
_PLAIN = (type(None), bool, int, float, str)
# Attributes of a model that comparing vectors sets, and describing the model.
_NOT_ENCODING = ("_similarity", "_similarity_pairwise", "_similarity_fn_name", "model_card_data")
_PLAIN_LOADS = {"device": (None, "cpu"), "local_files_only": (False, True)}


class PreparedTransformer:
    """The weights in one folder, in memory that nobody can write, and results of `encode`."""

    def __init__(self, folder: str, *, memo: bool = True) -> None:
        self.model = _loaded(folder)
        self.weights = SealedTensors([*self.model.parameters(), *self.model.buffers()])
        self.waits_for_init = self.handed_out = False
        self._folder, self._memo = folder, memo
        self._known: dict[_Key, np.ndarray[Any, Any]] = {}
        self._modules: set[str] = set()
        self._untouched: Untouched | None = None

    def remember(self, inputs: str | list[str] | tuple[str, ...], **options: Any) -> None:
        """Compute `encode(inputs, **options)` and keep the result. Raises TypeError where it cannot be kept.

        Computed on a second copy, so that forks get a model that was never used.
        """
        key = _key((inputs,), options)
        if key is None or options.get("show_progress_bar"):
            raise TypeError(
                f"only texts with plain options and without a progress bar can be remembered, not {options}"
            )
        if self._memo:
            with noting_modules(self._modules):
                vectors = self._spare.encode(inputs, **options)
            if not isinstance(vectors, np.ndarray):
                raise TypeError(f"only numpy arrays can be remembered; this call gives a {type(vectors).__name__}")
            vectors.setflags(write=False)
            self._known[key] = vectors

    def finish(self) -> None:
        """Give up what only the preparation needs, and note how everything is now."""
        self.__dict__.pop("_spare", None)
        if self._known:
            flags = {part: part.training for part in self.model.modules()}
            self.model.eval()  # as `encode` does first
            self._untouched = Untouched(self.model, self.weights, self._modules, _NOT_ENCODING)
            for part, training in flags.items():
                part.training = training

    def known(self, arguments: tuple[Any, ...], options: Mapping[str, Any]) -> np.ndarray[Any, Any] | None:
        """Return a copy of the remembered result of this very call; None where there is none or something changed."""
        if self._untouched is None:
            return None
        vectors = self._known.get(_key(arguments, options) or ())
        if vectors is None:
            return None
        self.model.eval()  # as `encode` does first
        return vectors.copy() if self._untouched.still() else None

    @functools.cached_property
    def _spare(self) -> Any:
        return _loaded(self._folder)


def hand_out(prepared: Mapping[str, PreparedTransformer]) -> None:
    """Have the library's class give each prepared model to the first who loads it plainly in a process.

    Everything else runs the library's own code: other arguments or settings, subclasses, a second load.
    """
    from sentence_transformers import SentenceTransformer

    library: Any = SentenceTransformer
    load, encode, usual = library.__init__, library.encode, settings()

    def new(cls: type, *arguments: Any, **options: Any) -> Any:
        found = prepared.get(_plain_load(arguments, options) or "") if cls is library else None
        if found is None or found.handed_out or settings() != usual:
            return object.__new__(cls)
        found.handed_out = found.waits_for_init = True
        return found.model

    @functools.wraps(load)
    def init(self: Any, *arguments: Any, **options: Any) -> None:
        for one in prepared.values():
            if self is one.model and one.waits_for_init:
                one.waits_for_init = False
                return
        load(self, *arguments, **options)

    @functools.wraps(encode)
    def encode_or_recall(self: Any, *arguments: Any, **options: Any) -> Any:
        for one in prepared.values():
            if self is one.model and (vectors := one.known(arguments, options)) is not None:
                return vectors
        return encode(self, *arguments, **options)

    new.__signature__ = inspect.signature(load)  # type: ignore[attr-defined]
    library.__new__, library.__init__, library.encode = staticmethod(new), init, encode_or_recall
    for one in prepared.values():
        one.finish()


def _loaded(folder: str) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(folder, device="cpu", local_files_only=True)


def _plain_load(arguments: tuple[Any, ...], options: Mapping[str, Any]) -> str | None:
    """Return the folder of a load with nothing that would change what is loaded; None for any other."""
    names = [*arguments, *([options["model_name_or_path"]] if "model_name_or_path" in options else [])]
    others = {name: value for name, value in options.items() if name != "model_name_or_path"}
    if len(names) != 1 or type(names[0]) is not str:
        return None
    return names[0] if all(_is_one_of(value, _PLAIN_LOADS.get(name, ())) for name, value in others.items()) else None


def _is_one_of(value: Any, allowed: tuple[Any, ...]) -> bool:
    return any(type(value) is type(one) and value == one for one in allowed)


@functools.cache
def _signature() -> inspect.Signature:
    from sentence_transformers import SentenceTransformer

    return inspect.signature(SentenceTransformer.encode)


def _key(arguments: tuple[Any, ...], options: Mapping[str, Any]) -> _Key | None:
    """Return what the call is known by, defaults included; None where part of it is no plain text, number or flag."""
    try:
        bound = _signature().bind(None, *arguments, **options)
    except TypeError:
        return None
    bound.apply_defaults()
    _, inputs, *others = bound.arguments.items()
    texts = [inputs[1]] if type(inputs[1]) is str else inputs[1]
    if type(texts) not in (list, tuple) or not all(type(text) is str for text in texts):
        return None
    if not all(type(value) in _PLAIN or (type(value) is dict and not value) for _, value in others):
        return None
    return type(inputs[1]), tuple(texts), tuple((name, type(value), str(value)) for name, value in others)
