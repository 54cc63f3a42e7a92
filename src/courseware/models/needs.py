"""Which models of the registry the weeks of the course use."""

from __future__ import annotations

from collections.abc import Iterable

from courseware.manifest import Week


def needed_by(weeks: Iterable[Week]) -> list[str]:
    """Return the names of the weights and tokenizer files that lessons and labs of `weeks` use, each once, sorted."""
    ready = [part for week in weeks for part in (week.lesson, week.lab) if part.state == "ready"]
    return sorted({name for part in ready for name in (*part.models, *part.tokenizers)})
