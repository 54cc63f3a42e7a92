"""What Cohere's endpoints share: error bodies and what an answer says about its price.

Shapes: Cohere's API reference and the types of the SDK (cohere 7.3), read November 2026.
"""

from __future__ import annotations

from courseware.gateway.errors import ApiError
from courseware.gateway.wire.endpoint import Json, Provider


def error_body(error: ApiError, request_id: str) -> Json:
    """{"id", "message"}: the SDK picks the exception's class by the status."""
    return {"id": request_id, "message": error.message}


COHERE = Provider("cohere", error_body, "x-debug-trace-id", "", statuses={"overloaded": 503})


def meta(**billed: int) -> Json:
    """The API's version and the billed units of an answer."""
    return {"api_version": {"version": "2"}, "billed_units": billed}
