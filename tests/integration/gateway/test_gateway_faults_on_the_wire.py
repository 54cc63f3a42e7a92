"""What a client's error handling meets: errors with their headers, slow answers, answers that break off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import openai
import pytest

pytestmark = pytest.mark.needs_models  # the tokenizer's file

LONG = {"name": "long", "rules": [{"say": "one two three four five six seven eight nine ten"}]}
HELLO: Any = {"model": "course-small", "messages": [{"role": "user", "content": "Hello?"}]}
BROKEN = (httpx.RemoteProtocolError, openai.APIConnectionError)
ClientOf = Callable[..., openai.OpenAI]


@pytest.fixture
def opened(gateway: Any) -> Callable[..., Any]:
    """A session whose scenario says ten words, with these faults."""
    return lambda *faults: gateway.session(scenario=LONG, faults=list(faults))


def said_in(stream: Any) -> Iterator[str]:
    """What a stream's chunks say, as they come."""
    yield from (chunk.choices[0].delta.content for chunk in stream if chunk.choices and chunk.choices[0].delta.content)


def words(stream: Any) -> list[str]:
    """All that a stream's chunks say."""
    return list(said_in(stream))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (409, openai.ConflictError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
def test_a_status_is_the_sdks_exception(
    gateway: Any, opened: Any, client_of: ClientOf, status: int, kind: type[openai.APIStatusError]
) -> None:
    client = client_of(gateway, opened({"status": status, "message": "On purpose."}).token)
    with pytest.raises(kind, match="On purpose") as caught:
        client.chat.completions.create(**HELLO)
    assert caught.value.status_code == status
    assert caught.value.request_id


def test_a_rate_limit_says_how_long_to_wait(gateway: Any, opened: Any, client_of: ClientOf) -> None:
    client = client_of(gateway, opened({"status": 429, "retry_after_s": 1.5}).token)
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(**HELLO)
    headers = caught.value.response.headers
    assert (headers["retry-after"], headers["retry-after-ms"]) == ("1.5", "1500")
    assert caught.value.code == "rate_limit_exceeded"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", [{"status": 429}, {"status": 500}], ids=["limit", "error"])
def test_the_sdks_own_retry_succeeds_on_the_second_exchange(
    gateway: Any, opened: Any, client_of: ClientOf, fault: dict[str, Any], stream: bool
) -> None:
    session = opened({"on": 1, "retry_after_s": 0.01, **fault})
    client_of(gateway, session.token, max_retries=2).chat.completions.create(**HELLO, stream=stream)
    assert [exchange["status"] for exchange in session.log()] == [fault["status"], 200]


def test_only_the_named_exchanges_are_struck(gateway: Any, opened: Any) -> None:
    session = opened({"on": [2, 4], "status": 500}, {"on": 3, "status": 429})
    assert [gateway.ask(session.token).status_code for _ in range(5)] == [200, 500, 429, 500, 200]


def test_a_delay_outlasts_an_impatient_client(gateway: Any, opened: Any, client_of: ClientOf) -> None:
    session = opened({"on": 1, "delay_s": 0.3})
    impatient = client_of(gateway, session.token, timeout=0.05)
    with pytest.raises(openai.APITimeoutError):
        impatient.chat.completions.create(**HELLO)
    assert client_of(gateway, session.token).chat.completions.create(**HELLO).choices[0].message.content


def test_a_paced_stream_says_the_same(gateway: Any, opened: Any, client_of: ClientOf) -> None:
    session = opened({"on": 2, "pace_s": 0.005})
    client = client_of(gateway, session.token)
    one, other = (words(client.chat.completions.create(**HELLO, stream=True)) for _ in range(2))
    assert one == other
    assert "".join(one) == LONG["rules"][0]["say"]  # type: ignore[index]


def test_others_are_answered_while_a_stream_is_slow(gateway: Any, opened: Any, client_of: ClientOf) -> None:
    client = client_of(gateway, opened({"on": 1, "pace_s": 0.2}).token)
    with client.chat.completions.create(**HELLO, stream=True) as slow:
        next(iter(slow))
        assert gateway.ask(opened().token).json()["choices"][0]["message"]["content"].startswith("one two")


@pytest.mark.parametrize(("cut_after", "said"), [(0, []), (1, []), (4, ["one", " two", " three"])])
def test_a_cut_stream_breaks_off_after_so_many_pieces(
    gateway: Any, opened: Any, client_of: ClientOf, cut_after: int, said: list[str]
) -> None:
    client, heard = client_of(gateway, opened({"cut_after": cut_after}).token), list[str]()
    with pytest.raises(BROKEN):
        heard.extend(said_in(client.chat.completions.create(**HELLO, stream=True)))
    assert heard == said


def test_others_do_not_notice_a_cut(gateway: Any, opened: Any, client_of: ClientOf) -> None:
    whole = client_of(gateway, opened({"pace_s": 0.01}).token)
    with whole.chat.completions.create(**HELLO, stream=True) as under_way:
        next(iter(under_way))
        with pytest.raises(BROKEN):
            words(client_of(gateway, opened({"cut_after": 2}).token).chat.completions.create(**HELLO, stream=True))
        assert "".join(words(under_way)).endswith("nine ten")


def test_a_client_goes_on_after_a_cut(gateway: Any, opened: Any, client_of: ClientOf) -> None:
    client = client_of(gateway, opened({"on": 1, "cut_after": 2}).token)
    with pytest.raises(BROKEN):
        words(client.chat.completions.create(**HELLO, stream=True))
    assert "".join(words(client.chat.completions.create(**HELLO, stream=True))).endswith("nine ten")


def test_a_cut_whole_answer_breaks_off_in_the_middle(gateway: Any, opened: Any, client_of: ClientOf) -> None:
    client = client_of(gateway, opened({"cut_after": 1}).token)
    with pytest.raises(openai.APIConnectionError):
        client.chat.completions.create(**HELLO)


def test_the_sdks_own_retry_mends_a_cut_whole_answer(gateway: Any, opened: Any, client_of: ClientOf) -> None:
    session = opened({"on": 1, "cut_after": 1})
    reply = client_of(gateway, session.token, max_retries=1).chat.completions.create(**HELLO)
    assert reply.choices[0].message.content
    assert [bool(exchange["fault"]) for exchange in session.log()] == [True, False]


def test_the_log_names_every_fault_that_struck(gateway: Any, opened: Any) -> None:
    session = opened({"delay_s": 0.001}, {"status": 503, "on": 1})
    gateway.ask(session.token)
    assert session.log()[0]["fault"] == '{"delay_s":0.001}; {"on":1,"status":503}'


def test_a_fault_of_one_session_is_none_of_anothers(gateway: Any, opened: Any) -> None:
    failing, whole = opened({"status": 500}), opened()
    assert [gateway.ask(session.token).status_code for session in (failing, whole, failing)] == [500, 200, 500]


def test_a_fault_strikes_before_the_request_is_read(gateway: Any, opened: Any) -> None:
    session = opened({"status": 429})
    assert gateway.ask(session.token, json={"model": 7}).status_code == 429
    assert session.log()[0]["asked"] == {"model": 7}


def test_a_stream_that_fails_says_so_before_it_begins(gateway: Any, opened: Any) -> None:
    answer = gateway.ask(opened({"status": 429}).token, json={**HELLO, "stream": True})
    assert (answer.status_code, answer.headers["content-type"]) == (429, "application/json")


def test_overload_has_the_providers_own_status(gateway: Any, opened: Any) -> None:
    token = opened({"status": 529}).token
    assert [gateway.ask(token, path).status_code for path in ("/v1/chat/completions", "/v1/messages")] == [503, 529]
