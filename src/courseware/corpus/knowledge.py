"""Opens the knowledge files of `company/`: what the company could be like, and how its people write."""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files
from typing import Any

from courseware.corpus.errors import PatternError


@functools.cache
def knowledge(name: str) -> dict[str, Any]:
    """The knowledge file `name`, such as `names` or `policies/people`. Treat it as read-only."""
    path = files("courseware.corpus") / "company" / f"{name}.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PatternError(f"company/{name}.toml cannot be read: {error}; mend the file") from error
