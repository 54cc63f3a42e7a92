"""Writing a Messages answer whole, and the pieces that a stream of it shares; the count of a prompt's tokens."""

from __future__ import annotations

from collections.abc import Sequence

from courseware.gateway.exchange import ChatReply, ChatRequest, Citation, Completion, Document, Text, Usage
from courseware.gateway.wire.endpoint import Head, Json

STOPS = {"end": "end_turn", "stop_sequence": "stop_sequence", "length": "max_tokens", "tool_calls": "tool_use"}


def render(request: ChatRequest, reply: ChatReply, head: Head) -> Json:
    """A `message` object."""
    completion = reply.completions[0]
    return {
        **message_json(head, reply.model, reply.usage),
        "content": _content(completion, documents_of(request), head),
        "stop_reason": STOPS[completion.stop],
        "stop_sequence": completion.stop_sequence,
    }


def message_json(head: Head, model: str, usage: Usage) -> Json:
    """A message before anything is said in it."""
    return {
        "id": head.id("msg_"),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage_json(usage),
    }


def usage_json(usage: Usage) -> Json:
    """Token counts in Anthropic's words: what the cache gave and took is not in `input_tokens`."""
    return {
        **spent_json(usage),
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_written - usage.cache_written_1h,
            "ephemeral_1h_input_tokens": usage.cache_written_1h,
        },
        "server_tool_use": None,
        "service_tier": "standard",
    }


def spent_json(usage: Usage) -> Json:
    """The four counts that add up to the request's tokens."""
    return {
        "input_tokens": usage.input - usage.cached - usage.cache_written,
        "cache_creation_input_tokens": usage.cache_written,
        "cache_read_input_tokens": usage.cached,
        "output_tokens": usage.output,
    }


def documents_of(request: ChatRequest) -> tuple[Document, ...]:
    """The request's documents in the order that citations count them."""
    return tuple(part for message in request.messages for part in message.parts if isinstance(part, Document))


def citation_json(citation: Citation, documents: Sequence[Document]) -> Json:
    """A place in a document, with the words that stand there."""
    document = documents[citation.document]
    return {
        "type": "char_location",
        "cited_text": document.text[citation.start : citation.end],
        "document_index": citation.document,
        "document_title": document.title or None,
        "start_char_index": citation.start,
        "end_char_index": citation.end,
        "file_id": None,
    }


def call_id(head: Head, number: int) -> str:
    """The id of the answer's `number`-th tool call."""
    return head.id("toolu_", 0, number)


def _content(completion: Completion, documents: Sequence[Document], head: Head) -> list[Json]:
    blocks: list[Json] = []
    calls = 0
    for part in completion.parts:
        if not isinstance(part, Text):
            use = {"type": "tool_use", "id": call_id(head, calls), "name": part.name, "input": part.arguments}
            blocks.append(use)
            calls += 1
        elif part.text or part.citations:
            cited = [citation_json(citation, documents) for citation in part.citations]
            blocks.append({"type": "text", "text": part.text, **({"citations": cited} if cited else {})})
    return blocks


def render_count(tokens: int) -> Json:
    """The body of a count."""
    return {"input_tokens": tokens}


def render_counted(request: ChatRequest, tokens: int, head: Head) -> Json:
    """A count as an endpoint's answer: what an endpoint renders is here a number of tokens."""
    return render_count(tokens)
