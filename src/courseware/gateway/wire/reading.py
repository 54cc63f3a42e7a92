"""Reading a request's body into a typed one: pydantic checks it, its complaint becomes one line for the client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from courseware.gateway.errors import ApiError, unsupported

Body = TypeVar("Body", bound=BaseModel)
# What an SDK may send in any body for its own ends; it never changes an answer.
Ignored = Any
Name = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_.:-]{1,128}$")]
JsonObject = dict[str, Any]
_DEEPEST = 64


class Strict(BaseModel):
    """A part of a body; a field that is not listed is refused by name, so that nothing is half done."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


def read(body: Any, kind: type[Body], refused: Mapping[str, str] | None = None) -> Body:
    """Return `body` as `kind`. `refused` maps fields that the provider knows and the gateway does not to what helps."""
    if not isinstance(body, dict):
        raise ApiError("invalid_request", f"the body is a JSON {_kind(body)}; send an object")
    for name, instead in (refused or {}).items():
        if body.get(name) not in (None, False, [], {}):
            raise unsupported(f"the parameter {name}", instead, name)
    known = {name: value for name, value in body.items() if name not in (refused or {})}
    try:
        return kind.model_validate(known)
    except ValidationError as error:
        raise _complaint(error) from None
    except RecursionError:
        raise ApiError("invalid_request", f"the body is nested deeper than {_DEEPEST} levels; flatten it") from None


def _kind(value: Any) -> str:
    names: dict[type, str] = {list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


def _complaint(error: ValidationError) -> ApiError:
    """The complaint that says most: of a union's many, the one that got furthest into the body."""
    details = error.errors(include_url=False, include_context=False)
    worst = max(details, key=lambda detail: len(_path(detail["loc"])))
    where = ".".join(_path(worst["loc"])) or "the body"
    value = json.dumps(worst.get("input"), default=str, ensure_ascii=True)
    shown = value if len(value) <= 80 else value[:77] + "..."
    if worst["type"] == "extra_forbidden":
        message = f"{where} is not a parameter of this endpoint; leave it out"
    else:
        message = f"{where} is {shown}: {worst['msg'][:1].lower()}{worst['msg'][1:]}"
    return ApiError("invalid_request", message, param=where)


def _path(location: tuple[int | str, ...]) -> list[str]:
    """The place in the body, without the names pydantic gives a union's members."""
    return [str(step) for step in location if isinstance(step, int) or step.replace("_", "").islower()]


def arguments_of(text: str, where: str) -> JsonObject:
    """Return a tool call's arguments, which some providers send as JSON text."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ApiError("invalid_request", f"{where} is {text[:80]!r}, not a JSON object", param=where)
    return value


__all__ = ["Field", "Ignored", "JsonObject", "Name", "Strict", "arguments_of", "read"]
