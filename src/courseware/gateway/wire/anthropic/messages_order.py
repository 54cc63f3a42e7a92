"""The order of a conversation: whose turn it is, and that every tool call is answered at once.

Consecutive messages of one role are one turn, as the API reads them. The refusals use the API's own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from courseware.gateway.errors import ApiError
from courseware.gateway.wire.anthropic.messages_body import Block, ToolResultBlock, ToolUseBlock, TurnBody


@dataclass
class _Turn:
    """Messages of one role in a row; `index` is the first one's place in the body."""

    role: str
    index: int
    blocks: list[tuple[str, Block]] = field(default_factory=list)


def require_order(messages: Sequence[TurnBody]) -> None:
    """Raise `ApiError` where the messages make no conversation that the model can go on with."""
    _require_system_places(messages)
    turns = _turns(messages)
    _require_answers(turns)
    if turns[-1].role == "assistant":
        said = "This model does not support assistant message prefill. The conversation must end with a user message."
        raise ApiError("invalid_request", said, param="messages")


def _require_system_places(messages: Sequence[TurnBody]) -> None:
    """System text in mid-conversation follows the user's turn."""
    before = ""
    for index, message in enumerate(messages):
        if message.role == "system" and before != "user":
            where = f"messages.{index}"
            place = "before all messages" if not before else "after an assistant message"
            said = f"{where}: a `system` message stands {place}; put it after a `user` message, or use `system`"
            raise ApiError("invalid_request", said, param=where)
        before = before if message.role == "system" else message.role


def _turns(messages: Sequence[TurnBody]) -> list[_Turn]:
    turns: list[_Turn] = []
    for index, message in enumerate(messages):
        if message.role == "system":
            continue
        if not turns or turns[-1].role != message.role:
            turns.append(_Turn(message.role, index))
        turns[-1].blocks += [(f"messages.{index}.content.{n}", block) for n, block in enumerate(message.blocks())]
    return turns


def _require_answers(turns: Sequence[_Turn]) -> None:
    made: set[str] = set()
    waiting: list[str] = []
    index = 0
    for turn in turns:
        if turn.role == "user":
            _require_all(waiting, _answered(turn, waiting), index)
            waiting = []
            continue
        waiting, index = [block.id for _, block in turn.blocks if isinstance(block, ToolUseBlock)], turn.index
        if made.intersection(waiting) or len(set(waiting)) < len(waiting):
            said = f"messages.{index}: `tool_use` ids must be unique; {', '.join(waiting)} are not"
            raise ApiError("invalid_request", said, param=f"messages.{index}")
        made.update(waiting)
    _require_all(waiting, set(), index)


def _answered(turn: _Turn, waiting: Sequence[str]) -> set[str]:
    """Return the ids that the turn's leading results answer."""
    answered: set[str] = set()
    leading = True
    for where, block in turn.blocks:
        if isinstance(block, ToolResultBlock):
            _require_place(block.tool_use_id, where, waiting, answered, leading)
            answered.add(block.tool_use_id)
        else:
            leading = False
    return answered


def _require_place(call: str, where: str, waiting: Sequence[str], answered: set[str], leading: bool) -> None:
    if call not in waiting:
        said = (
            f"unexpected `tool_use_id` found in `tool_result` blocks: {call}. "
            "Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
        )
    elif call in answered:
        said = f"each tool_use must have a single result. Found multiple `tool_result` blocks with id: {call}"
    elif not leading:
        said = f"`tool_result` blocks must come first in a message, before any text; move this one up: {call}"
    else:
        return
    raise ApiError("invalid_request", f"{where}: {said}", param=where)


def _require_all(waiting: Sequence[str], answered: set[str], index: int) -> None:
    missing = [call for call in waiting if call not in answered]
    if missing:
        said = (
            f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: "
            f"{', '.join(missing)}. "
            "Each `tool_use` block must have a corresponding `tool_result` block in the next message."
        )
        raise ApiError("invalid_request", said, param=f"messages.{index}")
