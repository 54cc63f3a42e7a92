"""Reading llama.cpp's streams and refusals, from a server that says what the test wants."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from courseware.gateway.engine.errors import ModelGone
from courseware.gateway.engine.llama import Ended, LlamaServer, Piece
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import TokenLogprob

LAST = {
    "content": "",
    "stop": True,
    "stop_type": "eos",
    "stopping_word": "",
    "tokens_evaluated": 3,
    "tokens_predicted": 1,
}


def stream(*events: dict[str, Any]) -> bytes:
    lines = "".join(f"data: {json.dumps(event, ensure_ascii=False)}\n\n" for event in events)
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + lines.encode()


def refusal(status: int, body: str) -> bytes:
    return f"HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def with_server(answer: bytes, use: Callable[[LlamaServer], Awaitable[Any]]) -> Any:
    """Run `use` on a server that gives every request the same answer; b"" closes the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async def main() -> Any:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            server = LlamaServer(f"http://127.0.0.1:{port}", "", 5.0)
            try:
                return await use(server)
            finally:
                await server.close()

    return asyncio.run(main())


async def completed(server: LlamaServer) -> list[Piece | Ended]:
    return [event async for event in server.complete({})]


def test_text_with_unusual_line_breaks_is_one_piece() -> None:
    text = "one\u2028two\x85three"
    events = with_server(stream({"content": text, "stop": False}, LAST), completed)
    assert events == [Piece(text), Ended(False, None, 3, 1)]


def test_progress_is_not_text() -> None:
    progress = {"content": "", "stop": False, "prompt_progress": {"total": 9}}
    assert with_server(stream(progress, LAST), completed) == [Ended(False, None, 3, 1)]


def test_stop_sequence_and_limit_are_told_apart() -> None:
    word = {**LAST, "stop_type": "word", "stopping_word": "END"}
    limit = {**LAST, "stop_type": "limit"}
    assert with_server(stream(word), completed)[0] == Ended(False, "END", 3, 1)
    assert with_server(stream(limit), completed)[0] == Ended(True, None, 3, 1)


def test_token_that_ends_the_answer_has_no_place_among_its_probabilities() -> None:
    def token(text: str) -> dict[str, Any]:
        return {"token": text, "logprob": -0.5, "top_logprobs": [{"token": text, "logprob": -0.5}]}

    events = with_server(
        stream(
            {"content": "a", "stop": False, "completion_probabilities": [token("a")]},
            {"content": "", "stop": False, "completion_probabilities": [token("")]},
            LAST,
        ),
        completed,
    )
    assert events[:-1] == [Piece("a", (TokenLogprob("a", -0.5, (("a", -0.5),)),))]


def test_full_context_has_the_providers_code() -> None:
    body = '{"error": {"type": "exceed_context_size_error", "n_prompt_tokens": 99, "n_ctx": 50, "message": "m"}}'
    with pytest.raises(ApiError, match="has 99 tokens and the local model's context holds 50") as caught:
        with_server(refusal(400, body), completed)
    assert caught.value.code == "context_length_exceeded"


def test_refusal_keeps_the_servers_reason() -> None:
    with pytest.raises(ApiError, match=r"llama\.cpp refused the request: no such thing") as caught:
        with_server(refusal(400, '{"error": {"message": "no such thing"}}'), completed)
    assert caught.value.kind == "invalid_request"


def test_refusal_that_is_no_json_is_kept_too() -> None:
    with pytest.raises(ApiError, match="refused the request: oops"):
        with_server(refusal(500, "oops"), lambda server: server.count("x"))


def test_missing_key_is_named() -> None:
    with pytest.raises(ApiError, match="LLAMA_API_KEY"):
        with_server(refusal(401, '{"error": {"message": "Invalid API Key"}}'), lambda server: server.model())


def test_error_inside_a_stream_is_an_error() -> None:
    with pytest.raises(ApiError, match=r"llama\.cpp refused the request: broke"):
        with_server(stream({"error": {"message": "broke"}}), completed)


def test_connection_that_breaks_is_told_apart_from_a_refusal() -> None:
    with pytest.raises(ModelGone):
        with_server(b"", completed)
    with pytest.raises(ModelGone):
        with_server(b"", lambda server: server.count("x"))


def test_stream_without_its_last_event_is_a_break() -> None:
    with pytest.raises(ModelGone):
        with_server(stream({"content": "a", "stop": False}), completed)


def test_server_that_cannot_take_the_grammar_checks_schemas_itself() -> None:
    assert with_server(refusal(400, '{"error": {"message": "no llguidance"}}'), lambda s: s.enforces("x", {}))


def test_free_words_under_a_grammar_show_that_it_is_not_held() -> None:
    free = stream({"content": "Hello", "stop": False}, LAST)
    assert not with_server(free, lambda server: server.enforces("x", {}))
