"""Faults that a session puts into its exchanges on purpose, so that a client's error handling can be seen."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from courseware.gateway.errors import STATUS, ApiError, Kind

_KINDS: dict[int, Kind] = {status: kind for kind, status in STATUS.items()}
_WORDS: dict[int, str] = {
    429: "Rate limit reached; slow down",
    529: "Overloaded; try again later",
    500: "The server had an error while processing your request",
}


# Of an exchange in its session.
Number = Annotated[int, Field(ge=1, strict=True)]


class FaultError(Exception):
    """Faults that cannot be used; one line that says where."""


class Fault(BaseModel):
    """What goes wrong in which exchanges of a session, counted from 1.

    `status` answers with an error (`retry_after_s` in its headers); `cut_after` closes the connection after so many
    pieces of a stream, or in the middle of a whole answer; `delay_s` waits before the first byte, `pace_s` between the
    pieces of a stream.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    on: Number | tuple[Number, ...] | Literal["every"] = "every"
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    message: str | None = None
    retry_after_s: Annotated[float, Field(ge=0, le=60)] | None = None
    cut_after: Annotated[int, Field(ge=0)] | None = None
    delay_s: Annotated[float, Field(ge=0, le=60)] = 0
    pace_s: Annotated[float, Field(ge=0, le=10)] = 0

    @model_validator(mode="after")
    def _does_something(self) -> Fault:
        if self.status is None and self.cut_after is None and not self.delay_s and not self.pace_s:
            raise ValueError("does nothing; set status, cut_after, delay_s or pace_s")
        return self

    def strikes(self, number: int) -> bool:
        """Whether it concerns the session's `number`-th exchange."""
        if self.on == "every":
            return True
        return number == self.on if isinstance(self.on, int) else number in self.on

    def error(self) -> ApiError | None:
        """The error to answer with, if that is what it does."""
        if self.status is None:
            return None
        kind = _KINDS.get(self.status, "server" if self.status >= 500 else "invalid_request")
        message = self.message or _WORDS.get(self.status, f"status {self.status}")
        return ApiError(kind, message, status=self.status, retry_after_s=self.retry_after_s)


def faults_of(data: Any) -> tuple[Fault, ...]:
    """Read a session's faults from plain data. Raises FaultError."""
    if not isinstance(data, list):
        raise FaultError(f"faults are {type(data).__name__}, not a list; write a list of objects")
    return tuple(_fault(item, index) for index, item in enumerate(data))


def _fault(item: Any, index: int) -> Fault:
    try:
        return Fault.model_validate(item)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(["faults", str(index), *map(str, first["loc"][:1])])
        raise FaultError(f"not a fault: {where}: {first['msg']}") from None
