"""The control side: open and close sessions, read their logs, see figures. Needs the control token.

The key of a session that `opens` others does for those others, and for nothing else: it is what a submission that is
being graded gets, whose code must not see the sessions of its examiner.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from courseware.gateway.errors import ApiError
from courseware.gateway.faults import FaultError, faults_of
from courseware.gateway.scenarios import Scenario, ScenarioError
from courseware.gateway.server.bodies import read_json
from courseware.gateway.server.page import page
from courseware.gateway.server.tokens import api_key, require_control
from courseware.gateway.sessions import Session
from courseware.gateway.simulators import Reader, SimulatorError

if TYPE_CHECKING:
    from courseware.gateway.server.app import Gateway

_Action = Callable[["Gateway", Request], Awaitable[Response]]
_SETTINGS = ("name", "strict", "recordings", "scenario", "reader", "embedder", "faults", "record", "source", "opens")
_NAME_MOST = 60
_GUESTS_MOST = 20
# A session's name is a part of its log's address.
_IN_ADDRESSES = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def control_routes(gateway: Gateway) -> list[BaseRoute]:
    """Return the control side's routes."""
    return [
        Route("/", _guarded(gateway, _page)),
        Route("/metrics", _guarded(gateway, _metrics)),
        Route("/control/status", _guarded(gateway, _status)),
        Route("/control/owners", _guarded(gateway, _own), methods=["POST"]),
        Route("/control/stop", _guarded(gateway, _stop), methods=["POST"]),
        Route("/control/sessions", _guarded(gateway, _open, guests=True), methods=["POST"]),
        Route("/control/sessions/{id}/log", _guarded(gateway, _log, guests=True)),
        Route("/control/sessions/{id}", _guarded(gateway, _close, guests=True), methods=["DELETE"]),
    ]


def _guarded(gateway: Gateway, action: _Action, *, guests: bool = False) -> Callable[[Request], Awaitable[Response]]:
    async def guarded(request: Request) -> Response:
        try:
            if not (guests and _guest(gateway, request)):
                require_control(request, gateway.control_token)
            return await action(gateway, request)
        except ApiError as error:
            return JSONResponse({"error": error.message}, error.status)

    return guarded


def _guest(gateway: Gateway, request: Request) -> Session | None:
    """The session whose key the request carries, where it may open others."""
    session = gateway.sessions.at_hand(api_key(request))
    return session if session is not None and session.opens else None


async def _open(gateway: Gateway, request: Request) -> Response:
    settings = settings_of(await read_json(request))
    guest = _guest(gateway, request)
    if guest is not None:
        settings = _within(guest, settings)
        if sum(session.opened_by == guest.id for session in gateway.sessions.all()) >= _GUESTS_MOST:
            raise ApiError("rate_limit", f"{_GUESTS_MOST} sessions are open; close one before you open another")
    session = gateway.sessions.open(**settings)
    return JSONResponse({"id": session.id, "token": session.token}, 201)


def _within(guest: Session, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings of a session that a guest opens: no live model where it has none, no recording, no guests."""
    kept = {name: value for name, value in settings.items() if name not in ("record", "source", "opens")}
    return kept | {"strict": guest.strict or settings.get("strict", False), "opened_by": guest.id}


def settings_of(data: Any) -> dict[str, Any]:
    """Read a session's settings from plain data. Raises ApiError, which names the setting at fault."""
    if not isinstance(data, dict):
        raise ApiError("invalid_request", "a session's settings are an object")
    for name in data:
        if name not in _SETTINGS:
            raise ApiError("invalid_request", f"{name!r} is no setting of a session; there are {', '.join(_SETTINGS)}")
    try:
        return {name: _setting(name, value) for name, value in data.items() if value is not None}
    except (ScenarioError, SimulatorError, FaultError) as error:
        raise ApiError("invalid_request", str(error)) from None


def _setting(name: str, value: Any) -> Any:
    if name == "scenario":
        return Scenario.of(value)
    if name == "reader":
        return Reader.of(value)
    if name == "faults":
        return faults_of(value)
    kind = bool if name in ("strict", "recordings", "opens") else str
    if not isinstance(value, kind) or (len(str(value)) > _NAME_MOST):
        raise ApiError("invalid_request", f"the setting {name} is {value!r}, not a {kind.__name__}")
    if name == "name" and not _IN_ADDRESSES.fullmatch(str(value)):
        raise ApiError("invalid_request", f"the setting name is {value!r}; use letters, digits, '_', '-' and '.'")
    if name == "embedder" and value != "hashing":
        raise ApiError("invalid_request", f"the setting embedder is {value!r}; leave it out or write hashing")
    return value


async def _log(gateway: Gateway, request: Request) -> Response:
    session = _session(gateway, request)
    since = request.query_params.get("since", "0")
    first = int(since) if since.isdecimal() and len(since) < 10 else 0
    exchanges = [exchange.entry() for exchange in session.log if exchange.number > first]
    return JSONResponse({"id": session.id, "exchanges": exchanges})


async def _close(gateway: Gateway, request: Request) -> Response:
    gateway.sessions.close(_session(gateway, request).id)
    return Response(status_code=204)


def _session(gateway: Gateway, request: Request) -> Session:
    session, guest = gateway.sessions.of_id(request.path_params["id"]), _guest(gateway, request)
    if session is None or (guest is not None and session.opened_by != guest.id):
        raise ApiError("not_found", f"there is no session {request.path_params['id']!r}; it was closed or never opened")
    return session


async def _own(gateway: Gateway, request: Request) -> Response:
    body = await read_json(request)
    pid = body.get("pid") if isinstance(body, dict) else None
    if not isinstance(pid, int) or not gateway.lifetime.own(pid):
        raise ApiError("invalid_request", f"pid is {pid!r}, which is no running process")
    return Response(status_code=204)


async def _stop(gateway: Gateway, _request: Request) -> Response:
    gateway.end()
    return Response(status_code=204)


async def _status(gateway: Gateway, _request: Request) -> Response:
    return JSONResponse(gateway.status())


async def _metrics(gateway: Gateway, _request: Request) -> Response:
    return Response(gateway.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _page(gateway: Gateway, _request: Request) -> Response:
    return HTMLResponse(page(gateway.status(), gateway.sessions.all()))
