"""A workspace export as chat programs hand it out: a zip of users, channels and one file for each day."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from courseware.corpus.document import Draft, Message
from courseware.corpus.world.world import World

_EPOCH = (1980, 1, 1, 0, 0, 0)


def render_day(draft: Draft) -> bytes:
    """One day of one channel, as its JSON file has it.

    A message has `user`, `ts` (seconds as text, and its name in the channel), `thread_ts` if it belongs to a
    thread, `reply_count` if it began one, and `reactions`.
    """
    stamps = {place: _stamp(draft.date, message, place) for place, message in enumerate(draft.messages)}
    roots = _roots(draft.messages)
    rows = [_row(message, place, stamps, roots) for place, message in enumerate(draft.messages)]
    return json.dumps(rows, indent=1, ensure_ascii=False).encode()


def _stamp(day: date, message: Message, place: int) -> str:
    moment = datetime.combine(day, time(), UTC) + timedelta(minutes=message.minute)
    return f"{int(moment.timestamp())}.{place:06d}"


def _roots(messages: Sequence[Message]) -> dict[int, int]:
    """The place of the message that began the thread, for each message that answers in one."""
    begun: dict[int, int] = {}
    roots: dict[int, int] = {}
    for place, message in enumerate(messages):
        if message.thread is None:
            begun[message.key] = place
        elif message.thread in begun:
            roots[place] = begun[message.thread]
    return roots


def _row(message: Message, place: int, stamps: dict[int, str], roots: dict[int, int]) -> dict[str, object]:
    row: dict[str, object] = {
        "type": "message", "user": user_id(message.author), "text": message.block.body.text, "ts": stamps[place],
    }  # fmt: skip
    replies = [reply for reply, root in roots.items() if root == place]
    if replies:
        row |= {"thread_ts": stamps[place], "reply_count": len(replies), "latest_reply": stamps[max(replies)]}
    if place in roots:
        row["thread_ts"] = stamps[roots[place]]
    if message.reactions:
        row["reactions"] = [{"name": name, "count": count} for name, count in message.reactions]
    return row


def user_id(handle: str) -> str:
    """The id by which an export names a person."""
    return "U" + hashlib.sha256(handle.encode()).hexdigest()[:9].upper()


def render_export(world: World, days: Sequence[tuple[Draft, bytes]]) -> bytes:
    """All days with `users.json` and `channels.json`, in one zip."""
    users = [
        {"id": user_id(person.id), "name": person.handle, "deleted": False,
         "profile": {"real_name": person.name, "title": person.title, "email": person.email}}
        for person in world.people
    ]  # fmt: skip
    names = sorted({channel_of(draft) for draft, _ in days})
    channels = [{"id": f"C{number:08d}", "name": name, "is_archived": False} for number, name in enumerate(names, 1)]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, "users.json", json.dumps(users, indent=1, ensure_ascii=False).encode())
        _add(archive, "channels.json", json.dumps(channels, indent=1).encode())
        for draft, data in sorted(days, key=lambda day: day[0].stem):
            _add(archive, f"{channel_of(draft)}/{draft.date.isoformat()}.json", data)
    return out.getvalue()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)


def channel_of(draft: Draft) -> str:
    """The channel of a day, from its title `#channel, date`."""
    return draft.title.split(",")[0].lstrip("#")
