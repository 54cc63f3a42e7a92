"""Local weights and tokenizer files: pinned by sha256, pulled once, used offline ever after.

`path(name)` and `tiktoken_cache_dir()` are for lessons and engines and never touch the network; `pull` does.
"""

from __future__ import annotations

from courseware.models.errors import ModelError, ModelMissing, PullFailed, StoreError, UnknownModel
from courseware.models.listing import ModelStatus, Verdict, list_models, path, tiktoken_cache_dir, verify
from courseware.models.needs import needed_by
from courseware.models.pulling import pull
from courseware.models.registry import Registry, load_registry
from courseware.models.store import Store

__all__ = [
    "ModelError",
    "ModelMissing",
    "ModelStatus",
    "PullFailed",
    "Registry",
    "Store",
    "StoreError",
    "UnknownModel",
    "Verdict",
    "list_models",
    "load_registry",
    "needed_by",
    "path",
    "pull",
    "tiktoken_cache_dir",
    "verify",
]
