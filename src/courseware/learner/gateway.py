"""Points the provider SDKs of this notebook at the gateway, through their own environment variables.

Variables: openai, anthropic, cohere, google-genai and ollama read them when a client is made. A key that a learner has
of their own is not used here; `docs/guides/learner.md` says how to let the gateway use it.
"""

from __future__ import annotations

import functools
import os
import secrets
from pathlib import Path

from courseware.checks import provide_gateway
from courseware.gateway import Connection, GatewayError, ensure
from courseware.manifest import course_root

# The key is set by who wants this notebook to use a session of their own: recording, grading. The address too where the
# gateway's state file is out of reach: in the sandbox of grading.
URL_VARIABLE, KEY_VARIABLE = "COURSE_GATEWAY_URL", "COURSE_GATEWAY_KEY"
STRICT_VARIABLE = "COURSE_STRICT"
# Set by a learner with a key of their own who wants the provider asked where a recording would answer.
LIVE_VARIABLE = "COURSE_LIVE"


def use_gateway(week: str) -> str:
    """Find or start the gateway and point every SDK at it; return a line for the banner."""
    url, key = os.environ.get(URL_VARIABLE), os.environ.get(KEY_VARIABLE)
    if url and key:
        provide_gateway(lambda: Connection(url, key, key))  # the key may open sessions of its own
        point_sdks(url, key)
        return "gateway: ready"
    try:
        connection = ensure()
    except GatewayError as error:
        return f"gateway: {error}"
    provide_gateway(functools.partial(_at_hand, connection, course_root()))  # a notebook may leave its folder
    point_sdks(connection.url, key or _own_key(connection, week))
    return f"gateway: {', '.join(_tiers(connection))}"


def _at_hand(connection: Connection, root: Path) -> Connection:
    """The gateway of the set-up while it answers, else one that is found or started.

    What changes on disk meanwhile, such as a recording that is being made, does not replace it under a notebook.
    """
    try:
        connection.status()
    except GatewayError:
        return ensure(root)
    return connection


def _own_key(connection: Connection, week: str) -> str:
    """A key that opens this notebook's own session."""
    kind = ".strict" if _is_set(STRICT_VARIABLE) else ".live" if _is_set(LIVE_VARIABLE) else ""
    return f"{connection.token}{kind}.{week}-{secrets.token_hex(3)}"


def _is_set(variable: str) -> bool:
    return os.environ.get(variable, "") not in ("", "0")


def _tiers(connection: Connection) -> list[str]:
    tiers: list[str] = connection.status()["tiers"]
    return [tier for tier in tiers if not _is_set(STRICT_VARIABLE) or tier not in ("local", "provider")]


def point_sdks(url: str, key: str) -> None:
    """Set the variables that the SDKs read, and keep a proxy from coming between."""
    bypassed = [place for place in os.environ.get("NO_PROXY", "").split(",") if place]
    loopback = [place for place in ("127.0.0.1", "localhost") if place not in bypassed]
    os.environ |= {
        "OPENAI_BASE_URL": f"{url}/v1",
        "OPENAI_API_BASE": f"{url}/v1",
        "OPENAI_API_KEY": key,
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": key,
        "CO_API_URL": url,
        "CO_API_KEY": key,
        "GOOGLE_GEMINI_BASE_URL": url,
        "GEMINI_API_KEY": key,
        "OLLAMA_HOST": url,
        "OLLAMA_API_KEY": key,
        "NO_PROXY": ",".join([*bypassed, *loopback]),
        "no_proxy": ",".join([*bypassed, *loopback]),
    }
    for shadowing in ("GOOGLE_API_KEY", "ANTHROPIC_AUTH_TOKEN"):  # these would win over the keys above
        os.environ.pop(shadowing, None)
