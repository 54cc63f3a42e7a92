"""The control side: opened by its own token alone, exact about what is wrong, and a faithful witness."""

from __future__ import annotations

import html.parser
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest

pytestmark = pytest.mark.needs_models  # the tokenizer's file

HELLO: Any = {"model": "course-small", "messages": [{"role": "user", "content": "Hello?"}]}
SAYS = {"name": "greeter", "rules": [{"say": "one two three four"}]}
ClientOf = Callable[..., openai.OpenAI]
DOORS = [
    ("GET", "/"),
    ("GET", "/metrics"),
    ("GET", "/control/status"),
    ("POST", "/control/owners"),
    ("POST", "/control/stop"),
    ("POST", "/control/sessions"),
    ("GET", "/control/sessions/{id}/log"),
    ("DELETE", "/control/sessions/{id}"),
]


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_every_door_needs_the_control_token(gateway: Any, method: str, path: str) -> None:
    session = gateway.session()
    for key in ("x", session.token, gateway.gateway.control_token[:-1], "é"):
        headers = {"authorization": f"Bearer {key}".encode()}
        answer = gateway.control.request(method, path.format(id=session.id), headers=headers)
        assert answer.status_code == 401
        assert "control token" in answer.json()["error"]
    assert session.log() == []


def test_a_learners_key_does_not_open_the_control_side(gateway: Any) -> None:
    gateway.gateway.sessions.token = "learner"
    assert gateway.ask("learner.notebook").status_code == 200
    assert gateway.ask("learner.notebook", "/control/sessions", json={}).status_code == 401


def as_guest(gateway: Any, guest: Any, method: str, path: str, body: Any = None) -> httpx.Response:
    headers = {"authorization": f"Bearer {guest.token}"}
    return gateway.control.request(method, path, headers=headers, json=body)


def test_a_guest_opens_reads_and_closes_its_own_sessions(gateway: Any) -> None:
    guest = gateway.session(opens=True)
    opened = as_guest(
        gateway, guest, "POST", "/control/sessions", {"scenario": SAYS, "strict": False, "recordings": False}
    ).json()
    assert gateway.ask(opened["token"]).json()["choices"][0]["message"]["content"] == "one two three four"
    log = as_guest(gateway, guest, "GET", f"/control/sessions/{opened['id']}/log").json()
    assert [exchange["status"] for exchange in log["exchanges"]] == [200]
    assert gateway.gateway.sessions.of_id(opened["id"]).strict
    assert as_guest(gateway, guest, "DELETE", f"/control/sessions/{opened['id']}").status_code == 204


def test_a_guest_sees_no_other_sessions_and_opens_no_guests(gateway: Any) -> None:
    guest, other, hidden = gateway.session(opens=True), gateway.session(opens=True), gateway.session(scenario=SAYS)
    opened = as_guest(
        gateway, other, "POST", "/control/sessions", {"opens": True, "record": "week_03_openai_api"}
    ).json()
    for session in (hidden.id, other.id, guest.id, opened["id"]):
        assert as_guest(gateway, guest, "GET", f"/control/sessions/{session}/log").status_code == 404
        assert as_guest(gateway, guest, "DELETE", f"/control/sessions/{session}").status_code == 404
    for path in ("/", "/metrics", "/control/status"):
        assert as_guest(gateway, guest, "GET", path).status_code == 401
    found = gateway.gateway.sessions.of_id(opened["id"])
    assert (found.opens, found.record, found.opened_by) == (False, None, other.id)


def test_a_guest_cannot_crowd_out_the_sessions_of_others(gateway: Any) -> None:
    guest = gateway.session(opens=True)
    statuses = [as_guest(gateway, guest, "POST", "/control/sessions", {}).status_code for _ in range(21)]
    assert statuses == [201] * 20 + [429]


def test_a_person_may_give_the_token_in_the_address(gateway: Any) -> None:
    answer = httpx.get(f"{gateway.url}/", params={"token": gateway.gateway.control_token}, verify=False)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


WRONG: dict[str, tuple[Any, str]] = {
    "list": ([], "settings are an object"),
    "unknown setting": ({"mood": 1}, "'mood' is no setting"),
    "strict": ({"strict": "yes"}, "the setting strict is 'yes'"),
    "recordings": ({"recordings": 1}, "the setting recordings is 1"),
    "name": ({"name": 7}, "the setting name is 7"),
    "long name": ({"name": "a" * 61}, "the setting name is"),
    "name with a slash": ({"name": "a/b"}, "the setting name is 'a/b'"),
    "name with a space": ({"name": "a b"}, "the setting name is 'a b'"),
    "empty name": ({"name": ""}, "the setting name is ''"),
    "embedder": ({"embedder": "minilm"}, "the setting embedder is 'minilm'"),
    "scenario": ({"scenario": {"name": "a", "rules": [{}]}}, "not a scenario: rules.0: "),
    "pattern": ({"scenario": {"name": "a", "rules": [{"when": {"user": "("}, "say": "b"}]}}, "rules.0.when.user: "),
    "reader": ({"reader": {"known": [{"question": "a"}]}}, "not a reader's settings: known.0.spans: "),
    "fault": ({"faults": [{"status": 500}, {"status": 20}]}, "not a fault: faults.1.status: "),
    "faults": ({"faults": {"status": 500}}, "faults are dict"),
}


@pytest.mark.parametrize(("settings", "said"), WRONG.values(), ids=WRONG)
def test_a_bad_setting_is_named(gateway: Any, settings: Any, said: str) -> None:
    answer = gateway.control.post("/control/sessions", json=settings)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"[" * 500 + b"]" * 500, b'{"name": ' + b'{"a":' * 500 + b"1" + b"}" * 501]
)
def test_a_body_that_cannot_be_read_is_a_bad_request(gateway: Any, content: bytes) -> None:
    answer = gateway.control.post("/control/sessions", content=content)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_settings_that_are_null_are_left_out(gateway: Any) -> None:
    settings = {"strict": None, "scenario": None, "faults": None}
    assert gateway.control.post("/control/sessions", json=settings).status_code == 201


def test_the_log_tells_what_was_asked_and_answered(gateway: Any) -> None:
    session = gateway.session(scenario=SAYS)
    body = {**HELLO, "temperature": 0, "user": "ada"}
    gateway.ask(session.token, json=body)
    (exchange,) = session.log()
    assert exchange["asked"] == body
    assert exchange["request"] == {
        "model": "course-small",
        "messages": [["user", "Hello?"]],
        "sampling": {"temperature": 0.0},
    }
    assert exchange["answers"] == [{"text": "one two three four", "calls": [], "stop": "end"}]
    assert (exchange["tier"], exchange["origin"], exchange["model"]) == ("scenario", "greeter", "scenario/greeter")
    assert (exchange["status"], exchange["stream"], exchange["left_early"], exchange["error"]) == (
        200,
        False,
        False,
        None,
    )
    assert exchange["usage"]["input"] > 0 < exchange["usage"]["output"]


def test_the_log_tells_of_calls_and_streams(gateway: Any) -> None:
    calls = [{"name": "f", "arguments": {"a": [1]}}, {"name": "g"}]
    session = gateway.session(scenario={"name": "a", "rules": [{"say": "So.", "call": calls}]})
    gateway.ask(session.token, json={**HELLO, "stream": True})
    (exchange,) = session.log()
    said = [{"name": "f", "arguments": {"a": [1]}}, {"name": "g", "arguments": {}}]
    assert exchange["answers"] == [{"text": "So.", "calls": said, "stop": "tool_calls"}]
    assert exchange["stream"] is True


def test_the_log_tells_of_errors(gateway: Any) -> None:
    session = gateway.session()
    gateway.ask(session.token)
    gateway.ask(session.token, json={"model": "course-small"})
    gateway.ask(session.token, content=b"{")
    missed, unread, broken = session.log()
    assert (missed["status"], unread["status"], broken["status"]) == (404, 400, 400)
    assert "no recording answers" in missed["error"]
    assert "messages" in unread["error"]
    assert (broken["asked"], "not JSON" in broken["error"]) == ({}, True)


def test_a_body_that_is_nested_too_deep_is_no_part_of_the_log(gateway: Any) -> None:
    session = gateway.session(scenario=SAYS)
    for depth in (60, 70, 400, 2_000):
        gateway.ask(session.token, content=b'{"a":' * depth + b"1" + b"}" * depth)
    assert [exchange["status"] for exchange in session.log()] == [400] * 4
    assert [bool(exchange["asked"]) for exchange in session.log()] == [True, False, False, False]


def test_the_log_goes_on_from_a_number(gateway: Any) -> None:
    session = gateway.session(scenario=SAYS)
    for _ in range(4):
        gateway.ask(session.token)
    assert [exchange["number"] for exchange in session.log(since=2)] == [3, 4]


@pytest.mark.parametrize("since", ["-1", "x", "٣", "1e3", "9" * 5_000, ""])
def test_a_number_that_is_none_is_no_error(gateway: Any, since: str) -> None:
    answer = gateway.control.get(f"/control/sessions/{gateway.session().id}/log", params={"since": since})
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["week_03-check", "a.b", "A1_-."])
def test_a_session_is_found_under_its_name(gateway: Any, name: str) -> None:
    session = gateway.session(name=name)
    assert session.id.startswith(f"{name}-")
    assert session.log() == []


def test_a_client_that_drops_a_paced_stream_left_early(
    gateway: Any, client_of: ClientOf, eventually: Callable[..., None]
) -> None:
    session = gateway.session(scenario=SAYS, faults=[{"pace_s": 0.05}])
    with client_of(gateway, session.token).chat.completions.create(**HELLO, stream=True) as stream:
        next(iter(stream))
    eventually(lambda: session.log()[0]["status"])
    assert session.log()[0]["left_early"] is True


def test_a_client_that_reads_to_the_end_did_not_leave_early(
    gateway: Any, client_of: ClientOf, eventually: Callable[..., None]
) -> None:
    session = gateway.session(scenario=SAYS, faults=[{"pace_s": 0.001}])
    list(client_of(gateway, session.token).chat.completions.create(**HELLO, stream=True))
    eventually(lambda: session.log()[0]["status"])
    assert session.log()[0]["left_early"] is False


class Page(html.parser.HTMLParser):
    """The tags of a page, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.words = set[str](), ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;"


def test_the_page_shows_what_was_said_and_runs_none_of_it(gateway: Any) -> None:
    scenario = {"name": "a", "rules": [{"when": {"user": "(?P<all>.*)"}, "say": "${user.all}"}]}
    session = gateway.session(scenario=scenario, faults=[{"on": 2, "status": 500, "message": NASTY}])
    for _ in range(2):
        gateway.ask(session.token, json={**HELLO, "messages": [{"role": "user", "content": NASTY}]})
    page = Page(gateway.control.get("/").text)
    assert not {"script", "img"} & page.tags
    assert page.words.count("<script>alert(1)</script>") >= 4


def test_the_page_escapes_paths_and_model_names(gateway: Any) -> None:
    session = gateway.session()
    gateway.ask(session.token, json={**HELLO, "model": NASTY})
    gateway.ask(session.token, "/v1beta/models/<script>x:generateContent", json={})
    assert "script" not in Page(gateway.control.get("/").text).tags


def test_the_page_needs_nothing_from_elsewhere(gateway: Any) -> None:
    text = gateway.control.get("/").text
    assert "http" not in text
    assert not {"script", "link", "img", "iframe"} & Page(text).tags


def test_the_metrics_count_exchanges_by_tier_and_status(gateway: Any) -> None:
    series = 'gateway_exchanges_total{path="/v1/chat/completions",status="%s",tier="%s"}'
    names = (series % (200, "scenario"), series % (404, "none"))
    before = [float(gateway.figure(name)) for name in names]
    for session in (gateway.session(scenario=SAYS), gateway.session()):
        for _ in range(3):
            gateway.ask(session.token)
    assert [float(gateway.figure(name)) - was for name, was in zip(names, before, strict=True)] == [3, 3]


def test_the_metrics_count_tokens(gateway: Any) -> None:
    name = 'gateway_tokens_total{direction="output",tier="scenario"}'
    before, session = float(gateway.figure(name)), gateway.session(scenario=SAYS)
    gateway.ask(session.token)
    assert float(gateway.figure(name)) - before == session.log()[0]["usage"]["output"] == 4


def test_the_metrics_have_one_series_for_a_path_with_names_in_it(gateway: Any) -> None:
    for name in ("one", "two"):
        gateway.ask(gateway.session().token, f"/v1beta/models/{name}:generateContent", json={})
    text = gateway.control.get("/metrics").text
    assert "models/one" not in text
    assert "models/two" not in text


def test_the_status_counts(gateway: Any) -> None:
    before = gateway.control.get("/control/status").json()
    gateway.ask(gateway.session(scenario=SAYS).token)
    after = gateway.control.get("/control/status").json()
    assert after["exchanges"] == before["exchanges"] + 1
    assert (after["tiers"], after["recordings"]) == (["recordings", "scenarios"], 1)
