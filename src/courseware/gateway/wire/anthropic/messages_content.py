"""Reading the blocks of one message into parts: what a message may hold depends on who speaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from courseware.gateway.errors import ApiError, unsupported
from courseware.gateway.exchange import Call, Document, Message, Part, Result, Speaker, Text
from courseware.gateway.wire.anthropic.messages_body import (
    Block,
    DocumentBlock,
    TextBlock,
    TextSource,
    ToolResultBlock,
    ToolUseBlock,
    TurnBody,
)
from courseware.gateway.wire.anthropic.shape import CURRENT, Version, removed
from courseware.gateway.wire.reading import Other

# The speakers of a block that not everyone may use; the API names them in its refusal.
_SPEAKERS = {"tool_use": "assistant", "tool_result": "user", "thinking": "assistant", "redacted_thinking": "assistant"}


def messages_of(turn: TurnBody, where: str, version: Version) -> Iterator[Message]:
    """Yield a message's turns: every tool's result is a turn of its own, as in Chat Completions."""
    if not turn.content:
        raise ApiError("invalid_request", f"{where}.content is empty; write what the {turn.role} says", param=where)
    others: list[Part] = []
    for index, block in enumerate(turn.blocks()):
        part = _part(block, turn.role, f"{where}.content.{index}", version)
        if isinstance(part, Result):
            yield Message("user", (part,))
        elif part is not None:
            others.append(part)
    if others:
        yield Message(turn.role, joined(others))


def joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Words that follow each other become one text, as every wire format reads them."""
    together: list[Part] = []
    for part in parts:
        last = together[-1] if together else None
        if isinstance(part, Text) and isinstance(last, Text):
            together[-1] = Text(last.text + part.text)
        else:
            together.append(part)
    return tuple(together)


def words(block: TextBlock, where: str, speaker: Speaker = "system") -> Text:
    """Return a block's words, which are never none; a person's are never white space alone."""
    if not block.text or (speaker != "assistant" and not block.text.strip()):
        what = "be non-empty" if not block.text else "contain non-whitespace text"
        raise ApiError("invalid_request", f"{where}: text content blocks must {what}; leave the block out", param=where)
    return Text(block.text)


def _part(block: Block, role: Speaker, where: str, version: Version) -> Part | None:
    """Return the block in the gateway's words; thinking is left out."""
    _require_place(block, role, where, version)
    if isinstance(block, TextBlock):
        return words(block, where, role)
    if isinstance(block, ToolUseBlock):
        return Call(block.name, block.input, block.id)
    if isinstance(block, ToolResultBlock):
        return Result(block.tool_use_id, _result_text(block, where), bool(block.is_error))
    if isinstance(block, DocumentBlock):
        return _document(block, where)
    return None


def _require_place(block: Block, role: Speaker, where: str, version: Version) -> None:
    if isinstance(block, Other):
        raise unsupported(f"content blocks of type {block.type[:40]}", "send text", where)
    speaker = _SPEAKERS.get(block.type, role)
    if speaker != role or (role == "system" and not isinstance(block, TextBlock)):
        only = speaker if speaker != role else "user"
        said = f"{where}: `{block.type}` blocks can only be in `{only}` messages, not in `{role}` messages"
        raise ApiError("invalid_request", said, param=where)
    if version == CURRENT and role == "assistant" and isinstance(block, DocumentBlock):
        raise removed("a document block in an assistant message", "move it to the user message", where)
    if version == CURRENT and role == "user" and isinstance(block, TextBlock) and block.citations:
        raise removed("citations on a text block of a user message", "leave citations out", f"{where}.citations")


def _result_text(block: ToolResultBlock, where: str) -> str:
    if block.content is None or isinstance(block.content, str):
        return block.content or ""
    texts = []
    for index, part in enumerate(block.content):
        if isinstance(part, Other):
            what = f"content of type {part.type[:40]} in a tool_result"
            raise unsupported(what, "give the tool's result as text", f"{where}.content.{index}")
        texts.append(part.text)
    return "".join(texts)


def _document(block: DocumentBlock, where: str) -> Document:
    if not isinstance(block.source, TextSource):
        what = f"documents from a source of type {block.source.type[:40]}"
        raise unsupported(what, "send a source of type text with the document's words as data", f"{where}.source")
    if block.context:
        raise unsupported("the context of a document", "put it into a text block beside it", f"{where}.context")
    if not block.source.data:
        raise ApiError("invalid_request", f"{where}.source.data is empty; send the document's words", param=where)
    cited = block.citations is not None and block.citations.enabled
    return Document(block.source.data, block.title or "", cited)
