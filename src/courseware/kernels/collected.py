"""The outputs of the cell that runs now, as they come: from Python's streams, descriptors 1 and 2, and displays.

What programs and C libraries write to the descriptors goes into memory files and is taken from there whenever Python
has something to add, so the order stays right without a thread. Beyond its limit a cell's output is dropped.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from courseware.kernels.outputs import is_json, is_mime

STREAMS = {1: "stdout", 2: "stderr"}
_EACH = 100  # bytes that an output counts for beside its text, so that a million empty ones are no small thing


class Collected:
    """The outputs of one cell after another, at most `most` bytes each."""

    def __init__(self, most: int, descriptors: Mapping[int, int]) -> None:
        self._most, self._descriptors = most, descriptors
        self._outputs: list[dict[str, Any]] = []
        self._ids: list[str | None] = []
        self._size, self._dropped, self._clear_next = 0, False, False

    def begin(self) -> None:
        """Forget the cell before, whatever its leftover programs printed meanwhile included."""
        self.take_descriptors()
        self._forget()
        self._dropped = self._clear_next = False

    def taken(self) -> list[dict[str, Any]]:
        """Return what there is of this cell."""
        self.take_descriptors()
        if self._dropped:
            self._append({"output_type": "stream", "name": "stdout", "text": f"\n{_dropped_note(self._most)}\n"}, None)
        return self._outputs

    def stream(self, name: str, text: str) -> None:
        """Add printed text, to the output before where that is of the same stream."""
        self.take_descriptors()
        self._stream(name, text)

    def add(self, output: dict[str, Any], display_id: str | None = None) -> None:
        """Add any other output."""
        self.take_descriptors()
        self._clear_if_asked()
        plain = as_json(output)
        if self._has_room(plain):
            self._append(plain, display_id)

    def update(self, display_id: str | None, shown: dict[str, Any]) -> None:
        """Replace the data and metadata of what this cell displayed under that name."""
        plain = as_json(shown)
        for output, known in zip(self._outputs, self._ids, strict=True):
            if known == display_id and self._has_room(plain):
                output |= plain

    def clear(self, wait: bool) -> None:
        """Drop what the cell put out so far; with `wait`, once something new comes."""
        self.take_descriptors()
        self._clear_next = wait
        if not wait:
            self._forget()

    def take_descriptors(self) -> None:
        """Add what was written to the descriptors since the last time."""
        _flush_python()
        for number, file in self._descriptors.items():
            size = os.fstat(file).st_size
            if size:
                text = os.pread(file, min(size, self._most + 1), 0).decode("utf-8", "replace")
                os.ftruncate(file, 0)
                self._stream(STREAMS[number], text)

    def _stream(self, name: str, text: str) -> None:
        self._clear_if_asked()
        last = self._outputs[-1] if self._outputs else {}
        goes_on = last.get("output_type") == "stream" and last.get("name") == name
        room = self._most - self._size - (0 if goes_on else _EACH)
        kept = (
            text if len(text) * 4 <= room else text.encode("utf-8", "replace")[: max(0, room)].decode("utf-8", "ignore")
        )
        self._dropped |= len(kept) < len(text)
        self._size += len(kept.encode("utf-8", "replace"))
        if goes_on:
            last["text"] += kept
        elif kept:
            self._size += _EACH
            self._append({"output_type": "stream", "name": name, "text": kept}, None)

    def _append(self, output: dict[str, Any], display_id: str | None) -> None:
        self._outputs.append(output)
        self._ids.append(display_id)

    def _has_room(self, output: dict[str, Any]) -> bool:
        size = _EACH + len(json.dumps(output, ensure_ascii=False))
        fits = self._size + size <= self._most
        self._size += size if fits else 0
        self._dropped |= not fits
        return fits

    def _clear_if_asked(self) -> None:
        if self._clear_next:
            self._clear_next = False
            self._forget()

    def _forget(self) -> None:
        self._outputs, self._ids, self._size = [], [], 0


def _flush_python() -> None:
    """Hand on what Python itself holds back of the descriptors, written by whoever kept the first streams."""
    for stream in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()  # type: ignore[union-attr]


def as_json(output: dict[str, Any]) -> dict[str, Any]:
    """Return an output as JSON can hold it: bytes in base64, no NaN, and under text types nothing but text."""
    plain: dict[str, Any] = json.loads(json.dumps(output, default=_in_base64), parse_constant=str)
    if "data" in plain:
        found = plain["data"].items()
        plain["data"] = {
            mime: data if isinstance(data, str) or is_json(mime) else str(data) for mime, data in found if is_mime(mime)
        }
    return plain


def _in_base64(value: Any) -> Any:
    """What jupyter_client does for data that JSON has no form of."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"a {type(value).__name__} cannot be displayed")


def _dropped_note(most: int) -> str:
    return f"[this cell printed more than {most:,} bytes; the rest was dropped]"
