"""Mails as .eml files."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from courseware.corpus.document import Draft


def render_eml(draft: Draft, text: str) -> bytes:
    """The mail with its headers; `text` is its body."""
    message = EmailMessage(policy=SMTP)
    headers = dict(draft.headers)
    sent = datetime.strptime(headers.pop("Date"), "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    message["Subject"] = draft.title
    message["Date"] = format_datetime(sent)
    for name, value in headers.items():
        message[name] = value
    message.set_content(text, charset="utf-8", cte="quoted-printable")
    return message.as_bytes()
