"""Reading a request's body: whole, of bounded size, and JSON."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from courseware.gateway.errors import ApiError

MOST_BYTES = 8_000_000


async def read_json(request: Request) -> Any:
    """Return the body as a JSON value. Raises ApiError where it is too large or is none."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > MOST_BYTES:
        raise _too_large()
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > MOST_BYTES:
                raise _too_large()
            chunks.append(chunk)
    except ClientDisconnect:
        raise ApiError("invalid_request", "the client left before its request was whole", status=499) from None
    try:
        return orjson.loads(b"".join(chunks))
    except orjson.JSONDecodeError as error:
        raise ApiError("invalid_request", f"the body is not JSON: {error}; send a JSON object") from None


def _too_large() -> ApiError:
    return ApiError("too_large", f"the body has more than {MOST_BYTES:,} bytes; send less")
