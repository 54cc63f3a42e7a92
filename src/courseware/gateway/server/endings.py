"""How an exchange may end before its answer is whole: the client goes away, or the gateway itself fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

from courseware.gateway.errors import ApiError

Given = TypeVar("Given")
LEFT_STATUS = 499
_log = logging.getLogger(__name__)


class ClientLeft(ApiError):
    """The client closed its connection. Nobody reads this error; the log shows its status."""

    def __init__(self, when: str) -> None:
        super().__init__("invalid_request", f"the client left before {when}", status=LEFT_STATUS)


def own_fault(path: str) -> ApiError:
    """Report the exception under way, which is nobody's but the gateway's, and return what to tell the client."""
    _log.exception("a fault of the gateway, in %s", path)
    return ApiError("server", "a fault of the gateway; its log, gateway.log, has the trace: please report it")


async def unless_client_leaves(receive: Receive, work: Coroutine[Any, Any, Given], when: str) -> Given:
    """Return what `work` gives. Where the client goes away first, `work` is cancelled, ended, and ClientLeft raised.

    `work` runs in a task of its own and is cancelled once, so that what it waits for while it ends is not cut off.
    """
    working, gone = asyncio.ensure_future(work), asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
        left = not working.done()
    finally:
        for task in (working, gone):
            task.cancel()
        await asyncio.gather(working, gone, return_exceptions=True)
    if left:
        raise ClientLeft(when)
    return working.result()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
