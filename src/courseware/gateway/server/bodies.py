"""Reading a request's body: whole, of bounded size, and JSON."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request

from courseware.gateway.errors import ApiError
from courseware.gateway.server.endings import ClientLeft
from courseware.gateway.wire.reading import MOST_LEVELS, too_deep

MOST_BYTES = 8_000_000


async def read_json(request: Request) -> Any:
    """Return the body as a JSON value. Raises ApiError where it is too large, nested too deep or none."""
    return parsed(await read_body(request))


async def read_body(request: Request) -> bytes:
    """Return the whole body. Raises ApiError where it is too large."""
    declared = request.headers.get("content-length", "0")
    if len(declared) > 12 or (declared.isdecimal() and int(declared) > MOST_BYTES):
        raise _too_large()
    chunks, size, more = [], 0, True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft("its request was whole")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MOST_BYTES:
            raise _too_large()
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


def parsed(body: bytes) -> Any:
    """Return a body as a JSON value. Raises ApiError where it is nested too deep or none."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ApiError("invalid_request", f"the body is not JSON: {error}; send a JSON object") from None
    if body.count(b"[") + body.count(b"{") > MOST_LEVELS and too_deep(value):
        raise ApiError("invalid_request", f"the body is nested deeper than {MOST_LEVELS} levels; flatten it")
    return value


def _too_large() -> ApiError:
    return ApiError("too_large", f"the body has more than {MOST_BYTES:,} bytes; send less")
