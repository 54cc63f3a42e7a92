"""Every endpoint of every provider."""

from __future__ import annotations

from courseware.gateway.wire import openai
from courseware.gateway.wire.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = openai.ENDPOINTS
