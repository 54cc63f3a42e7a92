"""The marks that a request sets for the prompt cache.

A prefix is canonical text: a line of JSON for every block, in the API's order (tools, system, messages). So an earlier
request's prefix is cached for a later one if, and only if, the later one's text begins with it, and blocks are counted
by lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from courseware.gateway.errors import ApiError
from courseware.gateway.wire.anthropic.messages_body import (
    Cacheable,
    CacheControl,
    Prompt,
    ThinkingBlock,
    ToolResultBlock,
)
from courseware.gateway.wire.reading import Strict

Mark = tuple[str, int]
MOST_MARKS = 4
_SECONDS = {"5m": 300, "1h": 3600}


def marks_of(asked: Prompt) -> tuple[Mark, ...]:
    """Return (prefix, seconds to keep it) for every mark, the longest last. Raises `ApiError`."""
    blocks = list(_blocks(asked))
    marks = {place: mark for place, (_, block) in enumerate(blocks) if (mark := _mark(block)) is not None}
    if asked.cache_control is not None:
        _mark_last(asked.cache_control, blocks, marks)
    if not marks:
        return ()
    _require_few(marks)
    _require_falling(list(marks.values()))
    lines = [_line(section, block) for section, block in blocks[: max(marks) + 1]]
    return tuple(("".join(lines[: place + 1]), _SECONDS[mark.ttl]) for place, mark in sorted(marks.items()))


def _blocks(asked: Prompt) -> Iterator[tuple[str, Strict]]:
    """Yield every block with the part of the request that it stands in."""
    yield from (("tools", tool) for tool in asked.tools or () if isinstance(tool, Strict))
    yield from (("system", block) for block in asked.system_blocks())
    for message in asked.messages:
        yield from ((message.role, block) for block in message.blocks() if isinstance(block, Strict))


def _mark(block: Strict) -> CacheControl | None:
    """A block's mark; one inside a tool's result counts for the whole result."""
    inside = block.content if isinstance(block, ToolResultBlock) and isinstance(block.content, list) else []
    marks = [part.cache_control for part in (block, *inside) if isinstance(part, Cacheable) and part.cache_control]
    return marks[0] if marks else None


def _mark_last(mark: CacheControl, blocks: list[tuple[str, Strict]], marks: dict[int, CacheControl]) -> None:
    """Put the request's own mark on the last block that can be kept."""
    places = [place for place, (_, block) in enumerate(blocks) if not isinstance(block, ThinkingBlock)]
    if not places:
        return
    there = marks.setdefault(places[-1], mark)
    if there.ttl != mark.ttl:
        said = f"cache_control: its ttl is {mark.ttl!r}, but the last block's own is {there.ttl!r}; give one of them"
        raise ApiError("invalid_request", said, param="cache_control")


def _require_few(marks: dict[int, CacheControl]) -> None:
    if len(marks) > MOST_MARKS:
        said = f"A maximum of {MOST_MARKS} blocks with cache_control may be provided. Found {len(marks)}."
        raise ApiError("invalid_request", said, param="cache_control")


def _require_falling(marks: list[CacheControl]) -> None:
    ttls = [mark.ttl for mark in marks]
    if ttls != sorted(ttls):
        said = (
            "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are "
            "processed in the following order: `tools`, `system`, `messages`."
        )
        raise ApiError("invalid_request", said, param="cache_control")


def _line(section: str, block: Strict) -> str:
    content = block.model_dump(by_alias=True, exclude_none=True, exclude={"cache_control"})
    for part in content.get("content") or ():
        if isinstance(part, dict):
            part.pop("cache_control", None)
    return json.dumps([section, content], sort_keys=True) + "\n"
