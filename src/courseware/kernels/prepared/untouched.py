"""Tells whether a call in a fork would do what it did in the template: same object, same weights, same code.

A remembered result is given only where nothing differs that this module can see: every attribute of the object, its
weights' pages, torch's settings, and each name in the modules that the call ran through. Whoever changes one of these
gets the real call. It guards honest work; a fork that fools it fools itself alone.
"""

from __future__ import annotations

import io
import logging
import pickle
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType, ModuleType
from typing import Any

from courseware.kernels.prepared.sealed import SealedTensors

# Python's own change all the time, and tqdm's locks are made anew in every fork.
_NOT_COMPUTING = {*sys.stdlib_module_names, "courseware", "tqdm"}
_TINY = 1e-39  # below the smallest normal number: 0 where torch was told to flush those
_TOKENIZER_SETTINGS_END = '"added_tokens"'


class Untouched:
    """How an object and the code behind it are now; called later, whether they still are."""

    def __init__(self, thing: Any, weights: SealedTensors, modules: set[str], leaving_out: Collection[str]) -> None:
        """`leaving_out` names attributes of `thing` that do not count."""
        self._thing, self._weights, self._leaving_out = thing, weights, leaving_out
        self._settings, self._state = settings(), self._described()  # first: it makes Python note things in classes
        self._modules = {name: dict(vars(sys.modules[name])) for name in _with_those_named(modules)}
        classes = {id(kind): kind for kind in self._classes(modules)}
        self._kinds = [(kind, dict(vars(kind))) for kind in classes.values()]

    def still(self) -> bool:
        """Whether a call would give what it gave in the template."""
        return (
            settings() == self._settings
            and self._weights.untouched()
            and all(_holds(vars(sys.modules[name]), known) for name, known in self._modules.items())
            and all(len(vars(kind)) == len(known) and _holds(vars(kind), known) for kind, known in self._kinds)
            and self._state is not None
            and self._described() == self._state
        )

    def _described(self) -> bytes | None:
        """All attributes of the object graph as bytes to compare, never to be read; None where that cannot be had."""
        written = io.BytesIO()
        counting = {name: value for name, value in vars(self._thing).items() if name not in self._leaving_out}
        try:
            _Describing(written, pickle.HIGHEST_PROTOCOL).dump((type(self._thing), counting))
        except Exception:
            return None
        return written.getvalue()

    def _classes(self, modules: set[str]) -> Iterator[type]:
        import torch

        yield torch.Tensor
        for name in modules & self._modules.keys():
            kinds = (value for value in self._modules[name].values() if isinstance(value, type))
            yield from (kind for kind in kinds if kind.__module__.partition(".")[0] not in _NOT_COMPUTING)


@contextmanager
def noting_modules(names: set[str]) -> Iterator[None]:
    """Add the names of the modules whose functions the block runs."""

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            names.add(str(frame.f_globals.get("__name__")))

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


def _with_those_named(modules: set[str]) -> set[str]:
    """Add the modules that these name; leave out those of `_NOT_COMPUTING`."""
    named = {value.__name__ for module in modules if module in sys.modules for value in _modules_in(module)}
    found = (name for name in modules | named if isinstance(sys.modules.get(name), ModuleType))
    return {name for name in found if name.partition(".")[0] not in _NOT_COMPUTING}


def _modules_in(module: str) -> list[ModuleType]:
    return [value for value in list(vars(sys.modules[module]).values()) if isinstance(value, ModuleType)]


def _holds(now: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether every known name stands for the same object; new names are no change."""
    missing = object()
    return all(now.get(name, missing) is value for name, value in known.items())


def settings() -> tuple[Any, ...]:
    """What decides, beside the object itself, what torch computes and whether the library shows a progress bar."""
    torch: Any = sys.modules["torch"]
    attention = torch.backends.cuda  # its flags are also those of the CPU
    library = logging.getLogger("sentence_transformers.sentence_transformer.model")
    return (
        torch.get_default_dtype(), str(torch.get_default_device()), torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(), torch.is_autocast_enabled("cpu"),
        torch.get_float32_matmul_precision(), torch.backends.mkldnn.enabled, attention.flash_sdp_enabled(),
        attention.mem_efficient_sdp_enabled(), attention.math_sdp_enabled(), bool(torch.tensor(_TINY) * 1.0),
        torch._C._len_torch_function_stack(), torch._C._len_torch_dispatch_stack(),
        library.getEffectiveLevel() <= logging.INFO,
    )  # fmt: skip


class _Describing(pickle.Pickler):
    """Describes tensors by where they are, and tokenizers without what every call sets anew."""

    def reducer_override(self, value: Any) -> Any:
        import torch

        if isinstance(value, torch.Tensor):
            return str, ((value.data_ptr(), value.shape, value.stride(), value.dtype, value.requires_grad),)
        if type(value).__module__ == "tokenizers" and hasattr(value, "to_str"):
            return str, (value.to_str().partition(_TOKENIZER_SETTINGS_END)[2],)
        return NotImplemented
