"""Every answer says where it came from, and every refusal what was wrong, to the SDKs and to whoever reads the wire."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable
from typing import Any

import anthropic
import httpx
import openai
import pytest

from courseware.gateway.exchange import Call, Completion, Text

pytestmark = pytest.mark.needs_models  # the tokenizer's file

HELLO: Any = {"model": "course-small", "messages": [{"role": "user", "content": "Hello?"}]}
LOUD: Any = {"model": "course-small", "messages": [{"role": "user", "content": " HELLO?\n"}]}
SCENARIO = {"name": "greeter", "rules": [{"when": {"user": "hello"}, "say": "Hi from a scenario."}]}
READER = {"known": [{"question": "hello", "spans": ["world"]}]}
ClientOf = Callable[..., openai.OpenAI]

ORIGINS: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, str, str]]] = {
    "exact": ({"recordings": True}, HELLO, ("exact", "week_03/hello", "qwen2.5-coder-1.5b")),
    "normalised": ({"recordings": True}, LOUD, ("normalised", "week_03/hello", "qwen2.5-coder-1.5b")),
    "scenario": ({"scenario": SCENARIO}, HELLO, ("scenario", "greeter", "scenario/greeter")),
    "reader": ({"reader": READER}, HELLO, ("simulator", "reader", "simulator/reader")),
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("settings", "body", "origin"), ORIGINS.values(), ids=ORIGINS)
def test_every_answer_says_its_tier_origin_and_model(
    gateway: Any, settings: Any, body: Any, origin: tuple[str, str, str], stream: bool
) -> None:
    answer = gateway.ask(gateway.session(**settings).token, json={**body, "stream": stream})
    said = answer.headers
    model = json.loads(answer.text.split("\n")[0].removeprefix("data: "))["model"]
    assert (said["x-gateway-tier"], said["x-gateway-origin"], model) == origin
    assert said["x-gateway-provenance"]
    assert (said["x-gateway-exchange"], said["x-request-id"][:4]) == ("1", "req_")


def test_provenance_names_model_and_day_of_a_recording(gateway: Any) -> None:
    answer = gateway.ask(gateway.session(recordings=True).token)
    assert answer.headers["x-gateway-provenance"] == "recorded from qwen2.5-coder-1.5b on 2026-11-22"


@pytest.mark.parametrize("path", ["/v1/embeddings", "/v1/messages/count_tokens"])
def test_vectors_and_counts_say_where_they_came_from(gateway: Any, path: str) -> None:
    bodies = {"/v1/embeddings": {"model": "course-embed", "input": "a cat"}, "/v1/messages/count_tokens": HELLO}
    session = gateway.session(embedder="hashing")
    answer = gateway.control.post(
        path, json=bodies[path], headers={"authorization": f"Bearer {session.token}", "anthropic-version": "2023-06-01"}
    )
    assert (answer.status_code, answer.headers["x-gateway-tier"]) == (200, "simulator")
    assert answer.headers["x-gateway-provenance"]
    assert session.log()[0]["tier"] == "simulator"


def test_one_recording_answers_both_providers_clients(gateway: Any, client_of: ClientOf) -> None:
    token = gateway.session(recordings=True).token
    one = client_of(gateway, token).chat.completions.create(**HELLO)
    with anthropic.Anthropic(base_url=gateway.url, api_key=token, max_retries=0) as client:
        other = client.messages.create(**HELLO, max_tokens=99)
    assert one.choices[0].message.content == other.content[0].text == "Hello from a recording."  # type: ignore[union-attr]
    assert one.model == other.model == "qwen2.5-coder-1.5b"


def test_another_system_prompt_misses_and_is_told_what_differs(gateway: Any, client_of: ClientOf) -> None:
    client = client_of(gateway, gateway.session(recordings=True).token)
    turns = [{"role": "system", "content": "Be brief."}, *HELLO["messages"]]
    with pytest.raises(openai.NotFoundError, match=r"week_03/hello \(differs in system\)") as caught:
        client.chat.completions.create(model="course-small", messages=turns)
    assert caught.value.code == "no_recording"
    assert "next tier: the local model" in caught.value.message


def test_origins_that_headers_cannot_carry_are_made_plain(serve: Any, recorded: Any) -> None:
    with serve(recorded(HELLO, "Hi.", id="week_03/grüße\r\nx-evil: 1")) as gateway:
        answer = gateway.ask(gateway.session(recordings=True).token)
    assert answer.headers["x-gateway-origin"] == "week_03/gr??e??x-evil: 1"
    assert "x-evil" not in answer.headers


def test_a_recordings_calls_and_words_arrive_as_recorded(serve: Any, recorded: Any, client_of: ClientOf) -> None:
    said = Completion((Text("Let me see 👀"), Call("f", {"ü": [1, None]}), Call("g", {})), "tool_calls")
    with serve(recorded(HELLO, "", completions=(said,))) as gateway:
        message = client_of(gateway, gateway.session(recordings=True).token).chat.completions.create(**HELLO).choices[0]
    calls = [(call.function.name, json.loads(call.function.arguments)) for call in message.message.tool_calls]
    assert (message.message.content, calls) == ("Let me see 👀", [("f", {"ü": [1, None]}), ("g", {})])


def test_an_unknown_model_is_not_found_by_the_sdk(gateway: Any, client_of: ClientOf) -> None:
    client = client_of(gateway, gateway.session(scenario=SCENARIO).token)
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(**{**HELLO, "model": "gpt-99"})
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


def test_a_dated_models_restriction_reaches_the_sdk(gateway: Any, client_of: ClientOf) -> None:
    client = client_of(gateway, gateway.session(scenario=SCENARIO).token)
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**{**HELLO, "model": "gpt-6-sol"}, temperature=0)
    assert caught.value.param == "temperature"


LARGE = b'{"model": "' + b"x" * 8_000_001 + b'"}'


def pieces(content: bytes) -> Any:
    """The same without a declared length."""
    yield from (content[start : start + 65_536] for start in range(0, len(content), 65_536))


@pytest.mark.parametrize("content", [LARGE, pieces(LARGE)], ids=["declared", "in pieces"])
def test_a_body_that_is_too_large_is_refused(gateway: Any, content: Any) -> None:
    session = gateway.session()
    answer = gateway.ask(session.token, content=content)
    assert (answer.status_code, "8,000,000" in answer.json()["error"]["message"]) == (413, True)
    assert session.log()[0]["asked"] == {}


def test_the_sdk_says_that_a_body_is_too_large(gateway: Any, client_of: ClientOf) -> None:
    client = client_of(gateway, gateway.session().token)
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(**{**HELLO, "user": "x" * 8_000_000})
    assert caught.value.status_code == 413


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1]", b"null", b'"text"', b"\xff\xfe", b'{"model": NaN}', gzip.compress(b"{}"), b'{"a": "\\ud800"}'],
    ids=["empty", "broken", "list", "null", "text", "bytes", "NaN", "packed", "half a character"],
)
def test_a_body_that_is_no_json_object_is_a_bad_request(gateway: Any, content: bytes) -> None:
    answer = gateway.ask(gateway.session().token, content=content)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert "JSON" in error["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/completions"),
        ("POST", "/v1/chat/completion"),
        ("GET", "/v1/chat/completions"),
        ("POST", "/health/x"),
    ],
)
def test_a_wrong_path_is_named(gateway: Any, method: str, path: str) -> None:
    answer = gateway.control.request(method, path)
    assert answer.status_code == 404
    assert f"no {method} {path}" in answer.json()["error"]["message"]


def test_the_sdk_reads_that_a_path_is_wrong(gateway: Any, client_of: ClientOf) -> None:
    with pytest.raises(openai.NotFoundError, match="no POST /v1/audio/speech"):
        client_of(gateway, gateway.session().token).audio.speech.create(model="a", voice="alloy", input="b")


def test_anybody_may_ask_whether_it_is_well(gateway: Any) -> None:
    answer = httpx.get(f"{gateway.url}/health", verify=False)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_client_that_leaves_in_the_middle_of_its_request_is_counted_out(
    gateway: Any, eventually: Callable[..., None]
) -> None:
    session, address = gateway.session(), (gateway.url.removeprefix("http://").split(":"))
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {session.token}\r\n"
    with socket.create_connection((address[0], int(address[1]))) as connection:
        connection.sendall(f'{head}content-length: 99\r\n\r\n{{"model"'.encode())
        eventually(session.log)
    eventually(lambda: session.log()[0]["status"] == 499)
    assert session.log()[0]["left_early"] is True
    assert gateway.under_way() == 0


def test_what_breaks_inside_is_an_error_the_sdk_understands(
    serve: Any, recorded: Any, client_of: ClientOf, caplog: pytest.LogCaptureFixture
) -> None:
    with serve(recorded(HELLO, "", completions=(Completion((Text("a"),), "nonsense"),))) as gateway:  # type: ignore[arg-type]
        session = gateway.session(recordings=True)
        with pytest.raises(openai.InternalServerError, match="a fault of the gateway"):
            client_of(gateway, session.token).chat.completions.create(**HELLO)
        assert gateway.under_way() == 0
    assert "KeyError: 'nonsense'" in caplog.text
