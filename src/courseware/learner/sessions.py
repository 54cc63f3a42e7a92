"""`session`: answers by a script, with faults and a log, for the cells of a notebook that show what a client does.

    with session(scenario=SCRIPT, faults=[{"on": 1, "status": 429}]) as s:
        client = OpenAI(base_url=s.openai_url, api_key=s.token)
        ...
        s.log()

It reaches the gateway that `setup` provides for checks. While a submission is graded, its notebook can open sessions of
its own and sees no others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from courseware.checks import CheckError, Session
from courseware.checks.gateway import gateway
from courseware.learner.errors import SetupError


@contextmanager
def session(
    *,
    scenario: Mapping[str, Any] | None = None,
    faults: Sequence[Mapping[str, Any]] = (),
    reader: Mapping[str, Any] | None = None,
    recordings: bool | None = None,
    strict: bool = True,
) -> Iterator[Session]:
    """Open a gateway session of one's own for a `with` block: `.openai_url`, `.anthropic_url`, `.token`, `.log()`.

    `scenario`, `reader` and `faults` are plain data, described in `docs/concepts/gateway.md`. Recordings answer only
    where neither script nor reader is given, unless `recordings` says otherwise; the local model only with
    `strict=False`. The notebook's own clients are not touched. Raises SetupError where no gateway is at hand.
    """
    if recordings is None:
        recordings = scenario is None and reader is None
    try:
        reached = gateway()
    except CheckError:
        raise SetupError(
            "session() needs the gateway: run the first cell, setup(...), of a week that uses it"
        ) from None
    settings = {"scenario": scenario, "reader": reader, "faults": list(faults)}
    with reached.session(name="notebook", recordings=recordings, strict=strict, **settings) as opened:
        yield opened
