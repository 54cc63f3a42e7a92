"""A page of recent exchanges for a person: what was asked, who answered, what it took. No scripts, nothing remote."""

from __future__ import annotations

import html
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from courseware.gateway.sessions import Exchange, Session

MOST_SHOWN = 200
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1d2430;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .6rem}
tr{border-bottom:1px solid #d5dae2}pre{white-space:pre-wrap;margin:.3rem 0;max-width:60rem}
.bad{color:#a3231f;font-weight:600}
"""


def page(status: dict[str, Any], sessions: Sequence[Session]) -> str:
    """Return the page: newest exchanges first, of all sessions."""
    rows = [(session, exchange) for session in sessions for exchange in session.log]
    rows.sort(key=lambda row: -(row[0].started + row[1].at_s))
    shown = itertools.islice(rows, MOST_SHOWN)
    facts = " · ".join(f"{html.escape(name)}: {html.escape(str(value))}" for name, value in status.items())
    head = "".join(f"<th>{title}</th>" for title in ("Session", "No.", "Path", "Answered by", "Status", "Time", "What"))
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Gateway</title><style>{_STYLE}</style><h1>Gateway</h1><p>{facts}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{_rows(shown)}</tbody></table></html>"
    )


def _rows(rows: Iterable[tuple[Session, Exchange]]) -> str:
    return "".join(_row(session, exchange) for session, exchange in rows)


def _row(session: Session, exchange: Exchange) -> str:
    by = f"{exchange.tier or '-'} {exchange.origin or ''}"
    status = f"<span class=bad>{exchange.status}</span>" if exchange.status >= 400 else str(exchange.status)
    cells = (session.id, str(exchange.number), exchange.path, by)
    told = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
    return f"<tr>{told}<td>{status}</td><td>{exchange.took_s * 1000:.0f} ms</td><td>{_what(exchange)}</td></tr>"


def _what(exchange: Exchange) -> str:
    asked = "\n".join(str(turn) for turn in (exchange.request or {}).get("messages", []))
    said = exchange.error or "\n".join(str(answer) for answer in exchange.answers)
    fault = f"<p>fault: {html.escape(exchange.fault)}</p>" if exchange.fault else ""
    summary = html.escape((said or "-")[:100])
    return (
        f"<details><summary>{summary}</summary>{fault}<pre>{html.escape(asked)}\n\n{html.escape(said)}</pre></details>"
    )
