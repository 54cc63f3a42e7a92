"""Token counts for what no model counted: scenarios, simulators and `count_tokens`.

They are counts of the o200k_base encoding: a declared stand-in, close to what current models use and the same on every
machine, not any one provider's figure.
"""

from __future__ import annotations

import functools
import json
import os
from typing import TYPE_CHECKING

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import Call, ChatRequest, Completion, Document, Result, Text

if TYPE_CHECKING:
    import tiktoken

ENCODING = "o200k_base"
# What the chat format puts around each turn, and each tool: an estimate, the same for everyone.
PER_TURN, PER_TOOL = 4, 8


@functools.cache
def _encoding() -> tiktoken.Encoding:
    import tiktoken

    from courseware.models import ModelError, tiktoken_cache_dir

    try:
        os.environ["TIKTOKEN_CACHE_DIR"] = str(tiktoken_cache_dir(ENCODING))
    except ModelError as error:
        raise ApiError("server", f"cannot count tokens: {error}", code="tokenizer_missing") from error
    return tiktoken.get_encoding(ENCODING)


def count(text: str) -> int:
    """Tokens in a text."""
    return len(_encoding().encode(text, disallowed_special=()))


def cut(text: str, tokens: int) -> str:
    """The longest beginning of `text` of at most so many tokens, ending with a whole character."""
    head = _encoding().encode(text, disallowed_special=())[:tokens]
    return _encoding().decode(head, errors="ignore")


def count_request(request: ChatRequest) -> int:
    """Tokens of the whole input: turns, documents and tools."""
    turns = sum(PER_TURN + sum(count(_words(part)) for part in message.parts) for message in request.messages)
    tools = sum(PER_TOOL + count(f"{t.name} {t.description} {json.dumps(t.schema)}") for t in request.tools)
    return turns + tools


def count_completion(completion: Completion) -> int:
    """Tokens of an answer."""
    return sum(count(_words(part)) for part in completion.parts)


def _words(part: Text | Document | Call | Result) -> str:
    if isinstance(part, Call):
        return f"{part.name} {json.dumps(part.arguments)}"
    return f"{part.title} {part.text}" if isinstance(part, Document) else part.text
