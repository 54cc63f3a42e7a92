"""Runs a lab's `warm.py` in its template, before any fork.

The file is the course's own. Whatever it leaves in the template, every fork can read: it may prepare only what a
learner has anyway, never a hidden check's input. Results do not depend on it; a lab is graded alike without it.
"""

from __future__ import annotations

import importlib
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from courseware.kernels.prepared.settings import Prepare
from courseware.kernels.prepared.transformer import PreparedTransformer, hand_out
from courseware.kernels.processes import thread_names

_FUNCTION = "prepare"


class PreparationFailed(Exception):
    """What a lab's `warm.py` did wrong, and what to do about it."""


class Preparation:
    """What the function `prepare(warm)` of a `warm.py` is given.

    `released` is the folder of the files that every learner has. Without `memo`, results are not remembered.
    """

    def __init__(self, released: Path, *, memo: bool = True) -> None:
        self.released, self.memo = released, memo
        self._transformers: dict[str, PreparedTransformer] = {}

    def sentence_transformer(self, folder: Path | str) -> PreparedTransformer:
        """Load the weights in `folder`; a fork's own `SentenceTransformer(folder)` then costs next to nothing."""
        name = str(folder)
        if name not in self._transformers:
            self._transformers[name] = PreparedTransformer(name, memo=self.memo)
        return self._transformers[name]

    def finish(self) -> None:
        """Have the library hand out what was prepared."""
        if self._transformers:
            hand_out(self._transformers)


def prepare(settings: Prepare) -> None:
    """Run the file. Raises PreparationFailed, also where it leaves threads, which forbid forks."""
    preparation, before = Preparation(settings.released, memo=settings.memo), thread_names()
    _without_progress_bars()
    try:
        _function(settings.file)(preparation)
        preparation.finish()
    except Exception as error:
        why = f"{type(error).__name__}: {error}"[:500]
        raise PreparationFailed(f"{settings.file.name} of the lab's graders failed: {why}. Mend it") from error
    if added := thread_names()[len(before) :]:
        raise PreparationFailed(
            f"{settings.file.name} of the lab's graders leaves threads, and a process with threads cannot be forked: "
            f"{', '.join(added)}. Leave out what starts them, such as a client of a database"
        )


def _function(file: Path) -> Callable[[Preparation], Any]:
    function: Callable[[Preparation], Any] = runpy.run_path(str(file))[_FUNCTION]
    return function


def _without_progress_bars() -> None:
    """A progress bar starts a thread that looks after all of them; a fork may have its own again."""
    bars: Any = importlib.import_module("tqdm")
    bars.tqdm.monitor_interval = 0
