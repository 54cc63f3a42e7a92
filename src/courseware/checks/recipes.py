"""What cannot travel is made on the learner's side, from a name and plain parameters.

A recipe stands for an object with state or behaviour (a seeded generator, a provider's client). The
list is closed on purpose: a message can ask for these and nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from courseware.checks.errors import CodecError


@dataclass(frozen=True)
class Recipe:
    """A request to make something on the learner's side."""

    name: str
    params: dict[str, Any]


def make(name: str, **params: Any) -> Recipe:
    """Name an object for the learner's side to make; pass the result as an argument of a call."""
    if name not in _MAKERS:
        raise CodecError(f"there is no recipe {name!r}; known are {', '.join(sorted(_MAKERS))}")
    return Recipe(name, params)


def cook(recipe: Recipe) -> Any:
    """Make what `recipe` names; called on the learner's side only."""
    if recipe.name not in _MAKERS:
        raise CodecError(f"there is no recipe {recipe.name!r}")
    return _MAKERS[recipe.name](**recipe.params)


def _torch_generator(seed: int) -> Any:
    import torch

    return torch.Generator().manual_seed(seed)


def _tensor(values: Any, dtype: str = "float32") -> Any:
    import torch

    return torch.as_tensor(values, dtype=getattr(torch, dtype))


def _openai_client(url: str, key: str, seconds: float = 5.0, retries: int = 0) -> Any:
    import openai

    return openai.OpenAI(base_url=url, api_key=key, timeout=seconds, max_retries=retries)


def _async_openai_client(url: str, key: str, seconds: float = 5.0, retries: int = 0) -> Any:
    import openai

    return openai.AsyncOpenAI(base_url=url, api_key=key, timeout=seconds, max_retries=retries)


def _anthropic_client(url: str, key: str, seconds: float = 5.0, retries: int = 0) -> Any:
    import anthropic

    return anthropic.Anthropic(base_url=url, api_key=key, timeout=seconds, max_retries=retries)


_MAKERS: dict[str, Callable[..., Any]] = {
    "numpy-generator": lambda seed: np.random.default_rng(seed),
    "python-random": lambda seed: random.Random(seed),  # noqa: S311 - a seeded draw, not a secret
    "torch-generator": _torch_generator,
    "torch-tensor": _tensor,
    "openai-client": _openai_client,
    "async-openai-client": _async_openai_client,
    "anthropic-client": _anthropic_client,
    "iterator": lambda items: iter(items),
}
