"""A token selects one session; sessions know nothing of each other, and the least used go first."""

from __future__ import annotations

import re

import pytest

from courseware.gateway import sessions as module
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import Message, Text
from courseware.gateway.faults import Fault
from courseware.gateway.sessions import Session, Sessions


@pytest.fixture
def sessions() -> Sessions:
    return Sessions("mine")


def test_a_token_selects_its_session(sessions: Sessions) -> None:
    made = [sessions.open(f"s{n}") for n in range(9)]
    assert all(sessions.of_token(session.token) is session for session in made)


def test_tokens_and_ids_are_never_the_same_twice(sessions: Sessions) -> None:
    made = [sessions.open("same") for _ in range(99)]
    assert len({session.token for session in made}) == len({session.id for session in made}) == 99
    assert all(re.fullmatch(r"same-[0-9a-f]{8}", session.id) for session in made)


@pytest.mark.parametrize("token", [None, "", "x", "Mine", "mine-", "min", "mineé"])
def test_an_unknown_token_is_the_clients_error(sessions: Sessions, token: str | None) -> None:
    sessions.open()
    with pytest.raises(ApiError, match="not a token of this gateway") as caught:
        sessions.of_token(token)
    assert (caught.value.status, caught.value.kind) == (401, "authentication")


def test_without_a_token_of_its_own_no_key_opens_a_session() -> None:
    with pytest.raises(ApiError):
        Sessions().of_token(".week_03")


@pytest.mark.parametrize(
    ("key", "name", "strict"),
    [
        ("mine", "learner", False),
        ("mine.week_03-ab12", "week_03-ab12", False),
        ("mine.strict.week_03", "week_03", True),
        ("mine.strict", "learner", True),
        ("mine.strictly", "strictly", False),
        ("mine.<b>/../x", "bx", False),
        ("mine." + "a" * 200, "a" * 60, False),
    ],
)
def test_a_learners_key_opens_a_session_of_its_own(sessions: Sessions, key: str, name: str, strict: bool) -> None:
    session = sessions.of_token(key)
    assert session.id.rpartition("-")[0] == name
    assert session.strict is strict
    assert sessions.of_token(key) is session


def test_two_notebooks_have_two_sessions(sessions: Sessions) -> None:
    assert sessions.of_token("mine.a") is not sessions.of_token("mine.b")


def test_a_closed_session_is_forgotten(sessions: Sessions) -> None:
    session = sessions.open()
    assert sessions.close(session.id)
    assert not sessions.close(session.id)
    assert sessions.of_id(session.id) is None
    with pytest.raises(ApiError):
        sessions.of_token(session.token)


def test_the_longest_unused_session_goes_when_there_are_too_many(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_SESSIONS", 3)
    first, second, third = (sessions.open(name) for name in ("a", "b", "c"))
    sessions.of_token(first.token)
    fourth = sessions.open("d")
    assert sessions.all() == [third, first, fourth]
    assert sessions.of_id(second.id) is None


def test_the_oldest_exchanges_go_where_the_log_gets_too_large() -> None:
    session = Session("a", "t")
    for _ in range(9):
        session.note_asked(session.open_exchange("/v1/chat/completions"), {"model": "m"}, module.MOST_LOG_BYTES // 4)
    assert [exchange.number for exchange in session.log] == [6, 7, 8, 9]
    session.note_asked(session.open_exchange("/v1/chat/completions"), {"model": "m"}, 2 * module.MOST_LOG_BYTES)
    assert [exchange.number for exchange in session.log] == [10]


def test_exchanges_are_numbered_and_the_oldest_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session("a", "t")
    for _ in range(module.MOST_EXCHANGES + 5):
        session.open_exchange("/v1/chat/completions")
    assert (session.count, session.log[0].number, session.log[-1].number) == (1_005, 6, 1_005)


def test_a_session_knows_which_faults_strike() -> None:
    slow, failing = Fault(on=2, delay_s=1), Fault(on=(2, 3), status=500)
    session = Session("a", "t", faults=(slow, failing))
    assert [session.faults_for(number) for number in (1, 2, 3)] == [(), (slow, failing), (failing,)]


def said(words: str) -> tuple[Message, ...]:
    return (Message("user", (Text(words),)),)


def test_a_kept_conversation_is_found_by_its_replys_id() -> None:
    session = Session("a", "t")
    session.keep("resp_1", said("one"))
    session.keep("resp_2", said("two"))
    assert session.earlier("resp_1") == said("one")


def test_the_oldest_conversation_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    session = Session("a", "t")
    for name in ("1", "2", "3"):
        session.keep(name, said(name))
    with pytest.raises(ApiError, match="'1' not found") as caught:
        session.earlier("1")
    assert (caught.value.status, caught.value.param) == (400, "previous_response_id")
    assert session.earlier("2") == said("2")


def test_sessions_share_no_conversations_and_no_cache() -> None:
    one, other = Session("a", "t"), Session("b", "u")
    one.keep("resp_1", said("one"))
    with pytest.raises(ApiError):
        other.earlier("resp_1")
    assert one.cache is not other.cache
