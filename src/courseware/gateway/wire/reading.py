"""Reading a request's body into a typed one: pydantic checks it, its complaint becomes one line for the client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, ValidationError

from courseware.gateway.errors import ApiError, unsupported
from courseware.gateway.exchange import Call

Body = TypeVar("Body", bound=BaseModel)
# What an SDK may send in any body for its own ends; it never changes an answer.
Ignored = Any
Name = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_.:-]{1,128}$")]
JsonObject = dict[str, Any]
MOST_LEVELS = 64
_PLAIN_MEMBERS = frozenset({"str", "int", "float", "bool"})


class Strict(BaseModel):
    """A part of a body; a field that is not listed is refused by name, so that nothing is half done."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Other(BaseModel):
    """A part whose type the provider knows and the gateway does not: read, so that it can be refused by name."""

    model_config = ConfigDict(extra="allow", frozen=True)
    type: str


def by_type(tags: Mapping[str, str], absent: str = "Other") -> Discriminator:
    """Choose a union's member by `type`: `tags` maps types to members' tags, which begin with a capital.

    A type that is not there is the member tagged Other; a part without a type is `absent`.
    """

    def tag(value: Any) -> str:
        kind = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
        return absent if kind is None else tags.get(kind, "Other") if isinstance(kind, str) else "Other"

    return Discriminator(tag)


def read(body: Any, kind: type[Body], refused: Mapping[str, str] | None = None) -> Body:
    """Return `body`, nested no deeper than `MOST_LEVELS`, as `kind`.

    `refused` maps fields that the provider knows and the gateway does not to what helps.
    """
    if not isinstance(body, dict):
        raise ApiError("invalid_request", f"the body is a JSON {_kind(body)}; send an object")
    refused = refused or {}
    present = [name for name in refused if name in body]
    for name in present:
        if body[name] not in (None, False, [], {}):
            raise unsupported(f"the parameter {name}", refused[name], name)
    known = {name: value for name, value in body.items() if name not in present} if present else body
    try:
        return kind.model_validate(known)
    except ValidationError as error:
        raise _complaint(error) from None


def too_deep(value: Any) -> bool:
    """Whether something reaches below `MOST_LEVELS`; what does would break later steps in many ways."""
    level = [value]
    for _ in range(MOST_LEVELS):
        children = (child for parent in level for child in (parent.values() if isinstance(parent, dict) else parent))
        level = [child for child in children if isinstance(child, (dict, list))]
        if not level:
            return False
    return True


def _kind(value: Any) -> str:
    names: dict[type, str] = {list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


def _complaint(error: ValidationError) -> ApiError:
    """The complaint that says most: of a union's many, the one that got furthest into the body."""
    details = error.errors(include_url=False, include_context=False)
    worst = max(details, key=lambda detail: len(_path(detail["loc"])))
    where = ".".join(_path(worst["loc"])) or "the body"
    shown = _shown(worst.get("input"))
    if worst["type"] == "extra_forbidden":
        where = ".".join([*_path(worst["loc"][:-1]), str(worst["loc"][-1])])
        message = f"{where} is not a parameter of this endpoint; leave it out"
    elif worst["type"] == "missing":
        message = f"{where} is missing; it is required"
    else:
        message = f"{where} is {shown}: {worst['msg'][:1].lower()}{worst['msg'][1:]}"
    return ApiError("invalid_request", message, param=where)


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=True)
    return text if len(text) <= 80 else text[:77] + "..."


def _path(location: tuple[int | str, ...]) -> list[str]:
    """The place in the body, without the names pydantic gives a union's members."""
    return [str(step) for step in location if isinstance(step, int) or _is_field(step)]


def _is_field(step: str) -> bool:
    """Fields are snake_case, or camelCase at Gemini's; a union's member is a class, `list[...]` or a validator."""
    bare = step.lstrip("_$")
    return bare.isidentifier() and bare[0].islower() and step not in _PLAIN_MEMBERS


def arguments_of(text: str, where: str) -> JsonObject:
    """Return a tool call's arguments, which some providers send as JSON text."""
    try:
        # The parser of the bodies themselves, so that the same arguments are equal in every provider's format.
        value = orjson.loads(text or "{}")
    except ValueError:
        value = None
    if not isinstance(value, dict) or too_deep(value):
        raise ApiError("invalid_request", f"{where} is {text[:80]!r}, not a JSON object", param=where)
    return value


class PendingCalls:
    """Calls without a result so far, for wire formats in which ids may be missing.

    A call without an id gets one; a result finds its call by id, else by the tool's name, else by order.
    """

    def __init__(self) -> None:
        self._made = 0
        self.waiting: list[Call] = []

    def call(self, name: str, arguments: JsonObject, given_id: str | None) -> Call:
        """Return a call, and wait for its result."""
        self._made += 1
        call = Call(name, arguments, given_id or f"unnamed-call-{self._made}")
        self.waiting.append(call)
        return call

    def answered(self, given_id: str | None, name: str | None, where: str) -> str:
        """Return the id of the call that a result belongs to. Raises ApiError where there is none."""
        for call in self.waiting:
            if call.id == given_id if given_id else name in (None, "", call.name):
                self.waiting.remove(call)
                return call.id
        names = ", ".join(call.name for call in self.waiting) or "none"
        said = f"{where} has id {given_id!r} and name {name!r}, which answer no call before it; still waiting: {names}"
        raise ApiError("invalid_request", said, param=where)


__all__ = [
    "Field",
    "Ignored",
    "JsonObject",
    "Name",
    "Other",
    "PendingCalls",
    "Strict",
    "arguments_of",
    "by_type",
    "read",
]
