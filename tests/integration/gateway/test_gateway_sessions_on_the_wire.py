"""Sessions under one roof: a key opens its own and no other, however many ask at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anthropic
import httpx
import openai
import pytest

from courseware.gateway import sessions as module

pytestmark = pytest.mark.needs_models  # the tokenizer's file

HELLO: Any = {"model": "course-small", "messages": [{"role": "user", "content": "Hello?"}]}
ClientOf = Callable[..., openai.OpenAI]


def says(name: str) -> dict[str, Any]:
    """A scenario that echoes the user's number under a name."""
    return {
        "name": name,
        "rules": [{"when": {"user": r"(?P<n>\d+)"}, "say": f"{name} ${{user.n}} " + "and so on " * 9}],
    }


def numbered(number: int) -> Any:
    return {**HELLO, "messages": [{"role": "user", "content": f"Number {number}"}]}


def test_many_threads_in_two_sessions_never_mix(gateway: Any, client_of: ClientOf) -> None:
    sessions = {name: gateway.session(name=name, scenario=says(name)) for name in ("left", "right")}
    clients = {name: client_of(gateway, session.token) for name, session in sessions.items()}

    def ask(job: tuple[int, str]) -> bool:
        number, name = job
        if number % 2:
            reply = clients[name].chat.completions.create(**numbered(number)).choices[0].message.content or ""
        else:
            with clients[name].chat.completions.stream(**numbered(number)) as stream:
                reply = stream.get_final_completion().choices[0].message.content or ""
        return reply.startswith(f"{name} {number} and")

    with ThreadPoolExecutor(12) as threads:
        assert all(threads.map(ask, itertools.product(range(40), sessions)))
    for name, session in sessions.items():
        log = session.log()
        assert sorted(exchange["number"] for exchange in log) == list(range(1, 41))
        assert {exchange["origin"] for exchange in log} == {name}
        assert len({exchange["asked"]["messages"][0]["content"] for exchange in log}) == 40


def test_two_providers_clients_share_a_session(gateway: Any, client_of: ClientOf) -> None:
    session = gateway.session(scenario=says("both"))
    client_of(gateway, session.token).chat.completions.create(**numbered(1))
    with anthropic.Anthropic(base_url=gateway.url, api_key=session.token, max_retries=0) as client:
        client.messages.create(**numbered(2), max_tokens=99)
    assert [(exchange["path"], exchange["origin"]) for exchange in session.log()] == [
        ("/v1/chat/completions", "both"),
        ("/v1/messages", "both"),
    ]


@pytest.mark.parametrize("key", ["x", "sk-proj-1234", "course-", "é"])
def test_an_unknown_key_is_an_authentication_error(gateway: Any, key: str) -> None:
    answer = gateway.control.post(
        "/v1/chat/completions", json=HELLO, headers={"authorization": f"Bearer {key}".encode()}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")


def test_the_sdk_says_that_the_key_is_wrong(gateway: Any, client_of: ClientOf) -> None:
    with pytest.raises(openai.AuthenticationError, match=r"run setup\(\) again"):
        client_of(gateway, "x").chat.completions.create(**HELLO)


def test_no_key_at_all_is_an_authentication_error(gateway: Any) -> None:
    assert httpx.post(f"{gateway.url}/v1/chat/completions", json=HELLO, verify=False).status_code == 401


def test_the_control_token_is_no_key(gateway: Any) -> None:
    assert gateway.ask(gateway.gateway.control_token).status_code == 401


def test_a_closed_session_answers_no_more(gateway: Any) -> None:
    closed, other = gateway.session(scenario=says("a")), gateway.session(scenario=says("a"))
    assert gateway.control.delete(f"/control/sessions/{closed.id}").status_code == 204
    assert gateway.ask(closed.token, json=numbered(1)).status_code == 401
    assert gateway.ask(other.token, json=numbered(1)).status_code == 200
    assert gateway.control.get(f"/control/sessions/{closed.id}/log").status_code == 404


def test_a_session_closed_in_mid_stream_ends_its_stream(gateway: Any, client_of: ClientOf) -> None:
    session = gateway.session(scenario=says("a"), faults=[{"pace_s": 0.01}])
    stream = client_of(gateway, session.token).chat.completions.create(**numbered(1), stream=True)
    next(stream)
    gateway.control.delete(f"/control/sessions/{session.id}")
    assert [chunk.choices[0].finish_reason for chunk in stream][-1] == "stop"


def test_the_session_longest_unused_makes_room(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (gateway.session(name=name, scenario=says("a")) for name in ("first", "second"))
    assert gateway.ask(first.token, json=numbered(1)).status_code == 200
    monkeypatch.setattr(module, "MOST_SESSIONS", 2)
    gateway.session(name="third")
    assert [gateway.ask(session.token, json=numbered(1)).status_code for session in (first, second)] == [200, 401]


def test_the_same_conversation_has_the_same_ids_in_every_session(gateway: Any) -> None:
    ids = [gateway.ask(gateway.session(scenario=says("a")).token, json=numbered(1)).json()["id"] for _ in range(2)]
    assert ids[0] == ids[1]


def test_the_second_exchange_of_a_session_has_another_id(gateway: Any) -> None:
    token = gateway.session(scenario=says("a")).token
    ids = [gateway.ask(token, json=numbered(1)).json()["id"] for _ in range(2)]
    assert ids[0] != ids[1]
