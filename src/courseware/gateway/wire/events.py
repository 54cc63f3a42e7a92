"""Server-sent events, as https://html.spec.whatwg.org/multipage/server-sent-events.html describes them."""

from __future__ import annotations

from typing import Any

import orjson


def data(value: Any) -> bytes:
    """One unnamed event that carries a JSON value."""
    return b"data: " + orjson.dumps(value) + b"\n\n"


def event(name: str, value: Any) -> bytes:
    """One named event that carries a JSON value."""
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(value) + b"\n\n"
