"""The conversations that are asked for: 2 KB each, all different, their recordings made in memory."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from courseware.gateway.exchange import Completion, Text, Usage
from courseware.gateway.keys import canonical
from courseware.gateway.recordings import Provenance, Recording, Recordings
from courseware.gateway.wire.openai.chat_request import parse

_BYTES = 2_048
_WORDS = ("river", "window", "market", "copper", "garden", "letter", "engine", "winter", "paper", "signal", "harbour")
ANSWER = "A recorded answer of about fifty words. " * 6


def body(number: int, *, stream: bool = False) -> dict[str, Any]:
    """The `number`-th request, as a client sends it; the same number gives the same request."""
    draw = random.Random(number)  # noqa: S311 - repeatable text, not a secret
    words = " ".join(draw.choices(_WORDS, k=_BYTES // 8))
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": f"{number}: {words}"[:_BYTES]}]
    return {"model": "course-small", "messages": messages, **({"stream": True} if stream else {})}


def recordings(count: int) -> Recordings:
    """So many recordings, one for each request."""
    provenance = Provenance("authored", "bench", date(2026, 11, 22))
    answers = (Completion((Text(ANSWER),)),)
    requests = (canonical(parse(body(number), {}, {})) for number in range(count))
    return Recordings.of(
        Recording(f"bench/{number}", provenance, request, answers, Usage(300, 60))
        for number, request in enumerate(requests)
    )
