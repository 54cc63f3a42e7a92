"""Turns a live answer into a recording's file: what `course record` asks a session for."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from courseware.gateway.exchange import ChatReply, ChatRequest, Completion
from courseware.gateway.keys import canonical, exact_key, fold
from courseware.gateway.recordings import Provenance, Recording, Recordings, save
from courseware.models import ModelError, load_registry

_WORDS = 6
_NOT_A_NAME = re.compile(r"[^a-z0-9]+")


def record(request: ChatRequest, reply: ChatReply, week: str, client: str, folder: Path, store: Recordings) -> Path:
    """Write the answer down for `week`, let it answer from now on, and return its file.

    `client` is the SDK's own name and version, from its user agent.
    """
    counts = canonical(request)
    recording = Recording(
        f"{week}/{_name(counts)}",
        Provenance("recorded", reply.origin.id, date.today(), _weights(reply.origin.id), client or None),
        counts,
        reply.completions,
        reply.usage,
        request.max_tokens if _was_cut(reply.completions) else None,
    )
    path = save(recording, folder)  # first: what cannot be written must not answer either
    store.add(recording)
    return path


def _was_cut(completions: tuple[Completion, ...]) -> bool:
    return any(completion.stop == "length" for completion in completions)


def _name(counts: dict[str, object]) -> str:
    """A file name that says what was asked: the last words, and the key's beginning to tell the same words apart."""
    turns: list[list[object]] = counts["messages"]  # type: ignore[assignment]
    said = [str(turn[1]) for turn in turns if turn[0] in ("user", "result")]
    words = _NOT_A_NAME.sub(" ", fold(said[-1] if said else "nothing")).split()[:_WORDS]
    return "-".join([*words, exact_key(counts)[:8]])[:80]


def _weights(name: str) -> str | None:
    """The SHA-256 of a local model's file; None for a provider's model."""
    try:
        return load_registry()[name].files[0].sha256
    except ModelError:
        return None
