"""JupyterLab's extension: a gateway from the server's start to its end, started again when it dies."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from courseware.gateway.supervision import GatewayError, ensure

_EVERY_S = 10.0
_log = logging.getLogger(__name__)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "courseware.gateway.jupyter"}]


def _load_jupyter_server_extension(server: Any) -> None:
    server.courseware_gateway = asyncio.get_event_loop().create_task(_keep())


async def _keep() -> None:
    while True:
        try:
            await asyncio.to_thread(ensure)
        except GatewayError as error:
            _log.warning("%s", error)
        await asyncio.sleep(_EVERY_S)
