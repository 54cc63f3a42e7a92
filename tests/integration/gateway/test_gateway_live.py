"""Answers that are still being written: they stream, fail and end as a provider's do, and stop when nobody listens."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import anthropic
import httpx
import openai
import pytest

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import (
    CallStart,
    CallText,
    ChatRequest,
    Delta,
    LiveReply,
    Origin,
    Stop,
    TextDelta,
    Total,
    Usage,
)

ClientOf = Callable[..., openai.OpenAI]
Eventually = Callable[[Callable[[], Any]], None]
END: tuple[Delta, ...] = (Stop("end"), Total(Usage(7, 3)))
WHOLE: tuple[Delta, ...] = (TextDelta("one"), TextDelta(" two"), *END)


@dataclass
class Script:
    """What a model writes, and what became of it. A threading.Event among the deltas is waited for."""

    steps: Sequence[Delta | threading.Event | Exception]
    endless: bool = False
    begun: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)

    async def write(self) -> AsyncIterator[Delta]:
        self.begun.set()
        try:
            for step in self.steps:
                if isinstance(step, Exception):
                    raise step
                if not isinstance(step, threading.Event):
                    yield step
                while isinstance(step, threading.Event) and not step.is_set():
                    await asyncio.sleep(0.005)
            while self.endless:
                yield TextDelta(" more")
                await asyncio.sleep(0.005)
        finally:
            for _ in range(3):
                await asyncio.sleep(0.005)  # an engine takes its time to stop
            self.closed.set()


class Model:
    """Writes the script that the user's words name."""

    def __init__(self) -> None:
        self.scripts: dict[str, Script] = {}

    async def answer(self, request: ChatRequest, weights: Sequence[str]) -> LiveReply:
        script = self.scripts[request.messages[-1].parts[0].text]  # type: ignore[union-attr]
        return LiveReply("qwen-small", Origin("local", "qwen-small", "written now by qwen-small"), script.write())

    async def shutdown(self) -> None:
        pass


@pytest.fixture(scope="module")
def model() -> Model:
    return Model()


@pytest.fixture(scope="module")
def live(serve: Callable[..., Any], model: Model) -> Iterator[Any]:
    """A gateway with that model behind it."""
    with serve(local=model) as found:
        yield found


@dataclass(frozen=True)
class Case:
    """A session and a request that makes the model write a script."""

    gateway: Any
    session: Any
    script: Script
    client: openai.OpenAI
    body: dict[str, Any]

    def stream(self) -> openai.Stream[Any]:
        return self.client.chat.completions.create(**self.body, stream=True)

    def whole(self) -> Any:
        return self.client.chat.completions.create(**self.body)

    @property
    def logged(self) -> dict[str, Any]:
        found: dict[str, Any] = self.session.log()[-1]
        return found


numbers = itertools.count()
Writes = Callable[..., Case]


@pytest.fixture
def writes(live: Any, model: Model, client_of: ClientOf) -> Writes:
    """A case whose model writes these steps."""

    def made(*steps: Delta | threading.Event | Exception, endless: bool = False, **options: Any) -> Case:
        words = f"script {next(numbers)}"
        model.scripts[words] = Script(steps, endless)
        body = {"model": "course-small", "messages": [{"role": "user", "content": words}]}
        session = live.session(strict=False)
        return Case(live, session, model.scripts[words], client_of(live, session.token, **options), body)

    return made


def words(stream: Any) -> list[str]:
    return [chunk.choices[0].delta.content for chunk in stream if chunk.choices and chunk.choices[0].delta.content]


def test_words_arrive_while_others_are_still_to_be_written(writes: Writes) -> None:
    gate = threading.Event()
    case = writes(TextDelta("one"), gate, TextDelta(" two"), *END)
    with case.stream() as stream:
        chunks = iter(stream)
        assert next(chunk for chunk in chunks if chunk.choices[0].delta.content).choices[0].delta.content == "one"
        gate.set()
        assert words(chunks) == [" two"]


def test_a_whole_answer_is_waited_for(writes: Writes) -> None:
    reply = writes(*WHOLE).whole()
    assert (reply.choices[0].message.content, reply.model, reply.usage.total_tokens) == ("one two", "qwen-small", 10)


@pytest.mark.parametrize("way", ["stream", "whole"])
def test_the_log_knows_a_live_answer(writes: Writes, eventually: Eventually, way: str) -> None:
    case = writes(*WHOLE)
    list(getattr(case, way)())
    eventually(lambda: case.logged["status"])
    assert case.logged["answers"] == [{"text": "one two", "calls": [], "stop": "end"}]
    assert (case.logged["tier"], case.logged["model"], case.logged["usage"]) == (
        "local",
        "qwen-small",
        {"input": 7, "output": 3},
    )
    assert (case.logged["status"], case.logged["left_early"]) == (200, False)


@pytest.mark.parametrize("way", ["stream", "whole"])
def test_a_live_answer_says_where_it_came_from(writes: Writes, way: str) -> None:
    case = writes(*WHOLE)
    answer = case.gateway.ask(case.session.token, json={**case.body, "stream": way == "stream"})
    assert (answer.headers["x-gateway-tier"], answer.headers["x-gateway-origin"]) == ("local", "qwen-small")
    assert answer.headers["x-gateway-provenance"] == "written now by qwen-small"


def test_calls_are_put_together_from_their_pieces(writes: Writes) -> None:
    pieces = [CallStart("f"), CallText('{"a"'), CallText(": 1}"), Stop("tool_calls"), Total(Usage(1, 1))]
    case = writes(*pieces)
    (call,) = case.whole().choices[0].message.tool_calls
    assert (call.function.name, call.function.arguments) == ("f", '{"a": 1}')
    assert case.logged["answers"][0]["calls"] == [{"name": "f", "arguments": {"a": 1}}]


@pytest.mark.parametrize("way", ["stream", "whole"])
def test_a_call_cut_off_by_the_limit_is_left_out_of_the_log(writes: Writes, eventually: Eventually, way: str) -> None:
    case = writes(TextDelta("So"), CallStart("f"), CallText('{"a": "b'), Stop("length"), Total(Usage(1, 1)))
    list(getattr(case, way)())
    eventually(lambda: case.logged["status"])
    assert (case.logged["status"], case.logged["error"]) == (200, None)
    assert case.logged["answers"] == [{"text": "So", "calls": [], "stop": "length"}]


@pytest.mark.parametrize("way", ["stream", "whole"])
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ApiError("invalid_request", "too long"), openai.BadRequestError),
        (ApiError("overloaded", "too busy"), openai.InternalServerError),
        (RuntimeError("a fault"), openai.InternalServerError),
    ],
    ids=["request", "load", "fault"],
)
def test_what_fails_before_the_first_word_is_an_ordinary_error(
    writes: Writes, error: Exception, kind: type[openai.APIStatusError], way: str
) -> None:
    case = writes(error)
    with pytest.raises(kind):
        getattr(case, way)()
    assert case.logged["status"] >= 400
    assert case.logged["error"]
    assert case.script.closed.is_set()


def test_an_answer_without_any_delta_is_the_servers_error(writes: Writes) -> None:
    with pytest.raises(openai.InternalServerError, match="no answer"):
        writes().stream()


@pytest.mark.parametrize(
    ("error", "said"),
    [(ApiError("server", "the model crashed"), "the model crashed"), (RuntimeError("secret"), "fault of the gateway")],
    ids=["told", "fault"],
)
def test_what_fails_in_mid_stream_is_an_error_event(
    writes: Writes, eventually: Eventually, error: Exception, said: str
) -> None:
    case, heard = writes(TextDelta("one"), error), list[Any]()
    with pytest.raises(openai.APIError, match=said):
        heard.extend(case.stream())
    assert [chunk.choices[0].delta.content for chunk in heard] == ["", "one"]
    eventually(lambda: case.logged["status"])
    assert said in case.logged["error"]
    assert case.logged["left_early"] is False


def test_anthropics_client_is_told_in_mid_stream_too(writes: Writes) -> None:
    case = writes(TextDelta("one"), ApiError("overloaded", "too busy"))
    with anthropic.Anthropic(base_url=case.gateway.url, api_key=case.session.token, max_retries=0) as client:
        stream = client.messages.create(**case.body, max_tokens=9, stream=True)
        with pytest.raises(anthropic.APIStatusError, match="too busy"):
            list(stream)


def test_a_whole_answer_that_fails_half_way_is_an_ordinary_error(writes: Writes) -> None:
    with pytest.raises(openai.InternalServerError, match="the model crashed"):
        writes(TextDelta("one"), ApiError("server", "the model crashed")).whole()


def test_a_client_that_leaves_a_stream_stops_the_writing(writes: Writes, eventually: Eventually) -> None:
    case = writes(TextDelta("one"), endless=True)
    with case.stream() as stream:
        next(iter(stream))
    assert case.script.closed.wait(20)
    eventually(lambda: case.logged["status"])
    assert (case.logged["status"], case.logged["left_early"]) == (200, True)


def test_a_client_that_leaves_before_the_first_word_stops_the_writing(writes: Writes, eventually: Eventually) -> None:
    case = writes(threading.Event(), timeout=0.1)
    with pytest.raises(openai.APITimeoutError):
        case.stream()
    assert case.script.closed.wait(20)
    eventually(lambda: case.logged["status"])
    assert (case.logged["status"], case.logged["left_early"]) == (499, True)


def test_a_client_that_leaves_a_whole_answer_stops_the_writing(writes: Writes, eventually: Eventually) -> None:
    case = writes(TextDelta("one"), endless=True, timeout=0.1)
    with pytest.raises(openai.APITimeoutError):
        case.whole()
    assert case.script.closed.wait(20)
    eventually(lambda: case.logged["status"])
    assert (case.logged["status"], case.logged["left_early"]) == (499, True)


def test_a_client_that_reads_to_the_end_did_not_leave_early(writes: Writes, eventually: Eventually) -> None:
    case = writes(*WHOLE, threading.Event())  # the model is slow to end after its last word
    with case.stream() as stream:
        assert words(stream) == ["one", " two"]
    eventually(lambda: case.logged["status"])
    assert case.logged["left_early"] is False
    assert case.script.closed.wait(20)


def test_nothing_is_left_over_after_all_of_this(writes: Writes, live: Any, eventually: Eventually) -> None:
    before = live.tasks()
    for _ in range(8):
        with writes(TextDelta("one"), endless=True).stream() as stream:
            next(iter(stream))
        with pytest.raises(openai.APITimeoutError):
            writes(threading.Event(), timeout=0.05).stream()
        with pytest.raises(openai.APIError):
            words(writes(TextDelta("one"), RuntimeError("a fault")).stream())
    eventually(lambda: live.under_way() == 0)
    eventually(lambda: live.tasks() <= before)


def test_a_client_that_is_gone_before_its_stream_begins_is_counted_out(
    writes: Writes, live: Any, eventually: Eventually
) -> None:
    case = writes(TextDelta("one"), endless=True)
    for _ in range(20):
        with httpx.Client(base_url=live.url, verify=False) as client:
            headers = {"authorization": f"Bearer {case.session.token}"}
            request = client.build_request(
                "POST", "/v1/chat/completions", json={**case.body, "stream": True}, headers=headers
            )
            client.send(request, stream=True).close()
    eventually(lambda: live.under_way() == 0)
    assert case.script.closed.wait(20)


def test_others_are_answered_while_a_model_writes(writes: Writes) -> None:
    gate = threading.Event()
    slow, quick = writes(TextDelta("one"), gate, *END), writes(*WHOLE)
    with slow.stream() as stream:
        next(iter(stream))
        assert quick.whole().choices[0].message.content == "one two"
        gate.set()
        assert words(stream) == ["one"]
