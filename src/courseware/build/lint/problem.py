"""What lint finds: one place, one sentence, and the rule that asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from courseware.build.lint.tree import Tree


@dataclass(frozen=True)
class Problem:
    """A broken rule. `line` counts from 1, or is the id of a cell of a built notebook."""

    file: str
    line: int | str
    message: str
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message} ({self.rule})"


Rule = Callable[["Tree"], Iterable[Problem]]
