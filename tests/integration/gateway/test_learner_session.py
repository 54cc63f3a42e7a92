"""`courseware.learner.session`: a notebook's own scripted session, with faults and a log."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from courseware.checks import gateway as door
from courseware.gateway import Connection
from courseware.learner import gateway as notebook_gateway
from courseware.learner import session
from courseware.learner.errors import SetupError

pytestmark = pytest.mark.needs_models  # the tokenizer's file

HELLO: Any = {"model": "course-small", "messages": [{"role": "user", "content": "Hello?"}]}
SCRIPT = {"name": "greeting", "rules": [{"say": "Hello from a script."}]}


@pytest.fixture
def at_hand(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """A notebook whose set-up found the gateway of this module."""
    found = Connection(gateway.url, "learner", gateway.control.headers["authorization"].removeprefix("Bearer "))
    monkeypatch.setattr(door, "_connect", [lambda: found])
    return found


def asked(opened: Any, **options: Any) -> str | None:
    with openai.OpenAI(base_url=opened.openai_url, api_key=opened.token, **{"max_retries": 0, **options}) as client:
        said: str | None = client.chat.completions.create(**HELLO).choices[0].message.content
        return said


def test_the_script_answers_and_the_log_tells_what_was_sent(at_hand: Connection) -> None:
    with session(scenario=SCRIPT) as opened:
        assert asked(opened) == "Hello from a script."
        assert [exchange["asked"] for exchange in opened.log()] == [HELLO]


def test_faults_strike_in_their_order(at_hand: Connection) -> None:
    with session(scenario=SCRIPT, faults=[{"on": 1, "status": 429, "retry_after_s": 0.001}]) as opened:
        assert asked(opened, max_retries=1) == "Hello from a script."
        assert [exchange["status"] for exchange in opened.log()] == [429, 200]


def test_recordings_answer_only_where_there_is_no_script(at_hand: Connection) -> None:
    with session() as opened:
        assert asked(opened) == "Hello from a recording."


def test_it_is_strict_unless_asked_otherwise(at_hand: Connection) -> None:
    with session(recordings=False) as opened, pytest.raises(openai.NotFoundError, match="not strict"):
        asked(opened)


def test_a_notebook_without_a_gateway_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_connect", [])
    with pytest.raises(SetupError, match=r"setup\(\.\.\.\)"), session():
        pass


def test_a_gateway_that_answers_is_kept_and_a_lost_one_replaced(
    at_hand: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook_gateway, "ensure", lambda root: at_hand)
    lost = Connection("http://127.0.0.1:9", "learner", "control")
    assert notebook_gateway._at_hand(at_hand, None) is at_hand  # type: ignore[arg-type]
    assert notebook_gateway._at_hand(lost, None) is at_hand  # type: ignore[arg-type]
