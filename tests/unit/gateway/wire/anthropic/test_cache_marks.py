"""Marks for the prompt cache: which prefixes, for how long, in what order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from courseware.gateway.errors import ApiError
from courseware.gateway.wire.anthropic.messages_request import parse

MARK = {"cache_control": {"type": "ephemeral"}}
HOUR = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
TOOL: Any = {"name": "weather", "input_schema": {"type": "object"}}
USE: Any = {"type": "tool_use", "id": "t1", "name": "weather", "input": {}}
RESULT: Any = {"type": "tool_result", "tool_use_id": "t1", "content": "rain"}


def words(text: str, mark: Any = None) -> Any:
    """A block of text."""
    return {"type": "text", "text": text, **(mark or {})}


def marks(**fields: Any) -> tuple[tuple[str, int], ...]:
    """The marks of a request of these fields."""
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}], **fields}
    found = parse(body, {"anthropic-version": "2026-10-21"}, {}).extras["cache_marks"]
    assert isinstance(found, tuple)
    return found


def turn(role: str, *blocks: Any) -> Any:
    """A message."""
    return {"role": role, "content": list(blocks)}


def test_no_marks() -> None:
    assert marks(system="Be kind", tools=[TOOL]) == ()


def test_tools_then_system_then_messages() -> None:
    found = marks(
        messages=[turn("user", words("Hi", MARK))],
        system=[words("Be kind", HOUR)],
        tools=[TOOL, {**TOOL, "name": "time", **HOUR}],
    )
    assert [ttl for _, ttl in found] == [3600, 3600, 300]
    assert [[json.loads(line)[0] for line in prefix.splitlines()] for prefix, _ in found] == [
        ["tools", "tools"],
        ["tools", "tools", "system"],
        ["tools", "tools", "system", "user"],
    ]
    assert found[1][0].startswith(found[0][0])
    assert found[2][0].startswith(found[1][0])


def test_the_mark_itself_is_not_in_the_prefix() -> None:
    one = marks(system=[words("Be kind", MARK)])
    moved = marks(system=[words("Be kind")], messages=[turn("user", words("Hi", MARK))])
    assert moved[0][0].startswith(one[0][0])


def test_a_string_is_a_block() -> None:
    one = marks(system="Be kind", cache_control=MARK["cache_control"])
    other = marks(system=[words("Be kind")], messages=[turn("user", words("Hi", MARK))])
    assert one == other


def test_the_requests_own_mark_moves_with_the_conversation() -> None:
    first = [{"role": "user", "content": "Hi"}]
    longer = [*first, turn("assistant", words("Yes?")), {"role": "user", "content": "So"}]
    (one,) = marks(messages=first, cache_control=HOUR["cache_control"])
    (other,) = marks(messages=longer, cache_control=HOUR["cache_control"])
    assert (one[1], other[0].startswith(one[0]), other[0].count("\n")) == (3600, True, 3)


def test_marks_on_results_and_inside_them() -> None:
    before = [{"role": "user", "content": "Hi"}, turn("assistant", USE)]
    (outside,) = marks(messages=[*before, turn("user", {**RESULT, **MARK})])
    (inside,) = marks(messages=[*before, turn("user", {**RESULT, "content": [words("rain", MARK)]})])
    assert outside[0].count("\n") == inside[0].count("\n") == 3
    assert "cache_control" not in inside[0]


def test_the_order_of_fields_does_not_count() -> None:
    swapped = {"text": "Hi", **MARK, "type": "text"}
    assert marks(messages=[turn("user", swapped)]) == marks(messages=[turn("user", words("Hi", MARK))])


def test_the_requests_mark_on_a_marked_block_counts_once() -> None:
    said = [turn("user", *(words(str(n), MARK) for n in range(4)))]
    assert len(marks(messages=said, cache_control=MARK["cache_control"])) == 4


def test_at_most_four() -> None:
    said = [turn("user", *(words(str(n), MARK) for n in range(5)))]
    with pytest.raises(ApiError, match=r"A maximum of 4 blocks with cache_control may be provided. Found 5."):
        marks(messages=said)
    with pytest.raises(ApiError, match=r"Found 5\."):
        marks(messages=[turn("user", *(words(str(n), MARK) for n in range(4)), words("x"))], **MARK)


def test_an_hour_stands_before_five_minutes() -> None:
    with pytest.raises(ApiError, match="must not come after a ttl='5m'"):
        marks(system=[words("Be kind", MARK)], messages=[turn("user", words("Hi", HOUR))])


def test_two_lifetimes_for_one_block() -> None:
    with pytest.raises(ApiError, match="the last block's own is '1h'"):
        marks(messages=[turn("user", words("Hi", HOUR))], **MARK)


def test_a_wrong_lifetime() -> None:
    with pytest.raises(ApiError, match=r"cache_control.ttl is \"2h\""):
        marks(cache_control={"type": "ephemeral", "ttl": "2h"})
