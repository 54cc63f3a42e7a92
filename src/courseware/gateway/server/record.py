"""What the session keeps of an answer: the log's entry, the prompt cache's figures, the conversation to go on with."""

from __future__ import annotations

from dataclasses import replace

from courseware.gateway.exchange import (
    Call,
    ChatReply,
    ChatRequest,
    EmbedReply,
    Message,
    RerankReply,
    Text,
)
from courseware.gateway.server.context import Context
from courseware.gateway.sessions import Exchange
from courseware.gateway.wire.endpoint import Head


def finished(request: ChatRequest, reply: ChatReply, head: Head, context: Context) -> ChatReply:
    """Log a whole reply, charge the prompt cache, keep the conversation; return the reply as it goes out."""
    marks = request.extras.get("cache_marks")
    if marks:
        reply = replace(reply, usage=context.session.cache.charge(reply.usage, marks))
    note_reply(context.exchange, reply)
    if request.extras.get("keeps"):
        kept = request.messages[request.extras.get("instruction_turns", 0) :]
        context.session.keep(head.id("resp_"), (*kept, _said(reply, head)))
    return reply


def _said(reply: ChatReply, head: Head) -> Message:
    """The assistant's turn, its calls under the ids the client was given."""
    numbered = 0
    parts: list[Text | Call] = []
    for part in reply.completions[0].parts:
        if isinstance(part, Call):
            parts.append(replace(part, id=head.id("call_", 0, numbered)))
            numbered += 1
        else:
            parts.append(part)
    return Message("assistant", tuple(parts))


def note_reply(exchange: Exchange, reply: ChatReply) -> None:
    """Write a whole reply into the log."""
    exchange.tier, exchange.origin, exchange.model = reply.origin.tier, reply.origin.id, reply.model
    exchange.completions = reply.completions
    exchange.usage = {"input": reply.usage.input, "output": reply.usage.output}


def note_vectors(exchange: Exchange, reply: EmbedReply | RerankReply) -> None:
    """Write into the log who made vectors or an order; the numbers themselves are not kept."""
    exchange.tier, exchange.origin, exchange.model = reply.origin.tier, reply.origin.id, reply.model
    if isinstance(reply, EmbedReply):
        exchange.usage = {"input": reply.input_tokens, "output": 0}
