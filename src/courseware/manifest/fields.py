"""The kinds of values course.toml may hold, each stricter than plain Python.

Nothing is converted: `"50"` is not a number and `1` is not true, so that a slip is
reported and not guessed at.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(strict=True, ge=0)]
Positive = Annotated[int, Field(strict=True, ge=1)]
Usd = Annotated[float, Field(strict=True, ge=0)]
Factor = Annotated[float, Field(strict=True, gt=0)]
Flag = Annotated[bool, Field(strict=True)]
Day = Annotated[date, Field(strict=True)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
WeekId = Annotated[str, Field(pattern=r"^week_\d\d_[a-z][a-z0-9]*(_[a-z0-9]+)*$")]

State = Literal["ready", "planned"]
Assistance = Literal["closed", "tools", "open"]
Binder = Literal["full", "small model", "reading"]
Extra = Literal["base", "frameworks", "grade", "site", "hub", "dev"]
ModelKind = Literal["chat", "embedding", "rerank"]


class Frozen(BaseModel):
    """Base of every manifest object: cannot change, knows all its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
