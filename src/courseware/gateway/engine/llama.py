"""Speaks to one llama.cpp HTTP server, in its native words: templates, tokens, completions.

It uses `/completion` and not the server's OpenAI side, which hides which stop sequence ended an answer, counts cached
tokens as saved, and passes text through a parser of its own.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from courseware.gateway.engine.errors import ModelGone, too_long
from courseware.gateway.engine.prompt import Turn
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import TokenLogprob

_CONNECT_S, _ANSWER_S = 5.0, 60.0


@dataclass(frozen=True, slots=True)
class Piece:
    """The next words."""

    text: str
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """The last thing of a completion. `sequence` is the stop sequence that ended it; `full` that a limit did."""

    full: bool
    sequence: str | None
    input_tokens: int
    output_tokens: int


class LlamaServer:
    """One server at `address`. `silence_s`: how long it may say nothing while it writes."""

    def __init__(self, address: str, key: str, silence_s: float) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        # Connections are not kept: now and then (1 of 60 exchanges) the server closes one as it is used again.
        # The environment is not trusted: a proxy of the machine has nothing to do with a server on loopback.
        self._http = httpx.AsyncClient(
            base_url=address, headers=headers, timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
            limits=httpx.Limits(max_keepalive_connections=0), trust_env=False,
        )  # fmt: skip
        self._silence = httpx.Timeout(silence_s, connect=_CONNECT_S)
        self.address = address

    async def close(self) -> None:
        await self._http.aclose()

    async def template(self, turns: Sequence[Turn]) -> str:
        """The prompt that the model's own template makes of a conversation."""
        return str((await self._post("/apply-template", {"messages": turns}))["prompt"])

    async def count(self, prompt: str) -> int:
        """The tokens of a prompt."""
        body = {"content": prompt, "add_special": True, "parse_special": True}
        return len((await self._post("/tokenize", body))["tokens"])

    async def model(self) -> str:
        """The name of the model it serves."""
        return str((await self._json("GET", "/v1/models"))["data"][0]["id"])

    async def context(self) -> int:
        """Tokens that fit into one conversation."""
        return int((await self._json("GET", "/props"))["default_generation_settings"]["n_ctx"])

    async def enforces(self, prompt: str, schema: Mapping[str, Any]) -> bool:
        """Whether it can hold its words to the schema: it writes two signs that only a working grammar makes it write.

        The prompt is the one to be answered, so that reading it is not work done twice. A server without llguidance
        refuses this grammar; it converts schemas itself and refuses those it cannot, so it counts as able.
        """
        grammar = f'%llguidance {{}}\nstart: "\\u00a7\\u00a7" %json {json.dumps(schema)}'
        body = {"prompt": prompt, "n_predict": 4, "temperature": 0, "grammar": grammar}
        try:
            async with aclosing(self.complete(body)) as events:
                async for event in events:
                    return isinstance(event, Piece) and event.text.startswith("§")
        except ApiError as error:
            if error.kind != "invalid_request":
                raise
            return True
        return False

    async def complete(self, body: Mapping[str, Any]) -> AsyncGenerator[Piece | Ended, None]:
        """Write. Closing the iterator ends the writing; raises ModelGone where the server ends or falls silent."""
        # With its progress reported, a server notices also while it reads a prompt that nobody waits any more.
        asked = {**body, "stream": True, "return_progress": True}
        async with self._streaming(asked) as response, aclosing(_lines(response)) as lines:
            async for line in lines:
                if line.startswith(b"data: ") and line[6:] != b"[DONE]":
                    said = json.loads(line[6:])
                    if "error" in said:
                        raise _refusal(500, said)
                    for event in _events(said):
                        yield event
                        if isinstance(event, Ended):
                            return
        raise ModelGone  # the stream closed in good order, and without its last event

    @asynccontextmanager
    async def _streaming(self, body: Mapping[str, Any]) -> AsyncIterator[httpx.Response]:
        self._require_open()
        try:
            async with self._http.stream("POST", "/completion", json=body, timeout=self._silence) as response:
                if response.status_code != 200:
                    await response.aread()
                    raise _refusal(response.status_code, _body(response))
                yield response
        except httpx.ReadTimeout:
            raise ModelGone(silent=True) from None
        except httpx.TransportError:
            raise ModelGone from None

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._json("POST", path, body)

    async def _json(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        self._require_open()
        try:
            response = await self._http.request(method, path, json=body)
        except httpx.ReadTimeout:
            raise ModelGone(silent=True) from None
        except httpx.TransportError:
            raise ModelGone from None
        if response.status_code != 200:
            raise _refusal(response.status_code, _body(response))
        return _body(response)

    def _require_open(self) -> None:
        """Another exchange has found the server gone and closed the connections."""
        if self._http.is_closed:
            raise ModelGone


async def _lines(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """Lines of a stream. Not httpx's: it also breaks at U+2028 and its like, which a model may write."""
    rest = b""
    async for chunk in response.aiter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line


def _events(said: Mapping[str, Any]) -> list[Piece | Ended]:
    if "prompt_progress" in said:
        return []
    logprobs = tuple(_logprob(token) for token in said.get("completion_probabilities", ()) if token["token"])
    events: list[Piece | Ended] = [Piece(said["content"], logprobs)] if said["content"] or logprobs else []
    if said["stop"]:
        sequence = said.get("stopping_word") if said.get("stop_type") == "word" else None
        full = said.get("stop_type") == "limit"
        events.append(Ended(full, sequence, said["tokens_evaluated"], said["tokens_predicted"]))
    return events


def _logprob(token: Mapping[str, Any]) -> TokenLogprob:
    top = tuple((other["token"], other["logprob"]) for other in token.get("top_logprobs", ()))
    return TokenLogprob(token["token"], token["logprob"], top)


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"error": {"message": response.text[:200]}}


def _refusal(status: int, body: Mapping[str, Any]) -> ApiError:
    error = body.get("error")
    error = error if isinstance(error, dict) else {"message": str(error)}
    if error.get("type") == "exceed_context_size_error":
        return too_long(error["n_prompt_tokens"], error["n_ctx"])
    message = f"llama.cpp refused the request: {error.get('message')}"
    if status == 401:
        message += "; put the server's key into LLAMA_API_KEY"
    return ApiError("invalid_request" if status in (400, 401, 404) else "server", message)
