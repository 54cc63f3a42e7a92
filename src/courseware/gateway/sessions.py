"""Sessions: one attempt's own scenario, faults and log. The API key a client sends is the token that selects one."""

from __future__ import annotations

import re
import secrets
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import Completion, Message
from courseware.gateway.faults import Fault
from courseware.gateway.prompt_cache import PromptCache
from courseware.gateway.scenarios import Scenario
from courseware.gateway.simulators import Reader

MOST_SESSIONS = 1_000
MOST_EXCHANGES = 1_000
MOST_LOG_BYTES = 32_000_000
MOST_KEPT = 200
# What a learner's key may ask of the session it opens.
_KINDS = {"strict": {"strict": True}, "live": {"recordings": False}}


@dataclass
class Exchange:
    """One request and what became of it, as the log shows it. Times are seconds since the session began."""

    number: int
    path: str
    at_s: float
    asked: dict[str, Any] = field(default_factory=dict)
    asked_bytes: int = 0
    request: dict[str, Any] | None = None
    stream: bool = False
    status: int = 0
    tier: str | None = None
    origin: str | None = None
    model: str | None = None
    completions: tuple[Completion, ...] = ()
    usage: dict[str, int] | None = None
    error: str | None = None
    fault: str | None = None
    left_early: bool = False
    took_s: float = 0.0

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What was said, as plain data."""
        return [
            {"text": said.text, "calls": [{"name": c.name, "arguments": dict(c.arguments)} for c in said.calls]}
            | {"stop": said.stop}
            for said in self.completions
        ]

    def entry(self) -> dict[str, Any]:
        """The whole of it as plain data."""
        fields = {name: value for name, value in vars(self).items() if name != "completions"}
        return {**fields, "answers": self.answers}


@dataclass
class Session:
    """What one token stands for. `strict`: no live model and no network.

    `recordings`: whether they may answer. `embedder`: hashing, or None for the local model.
    `record`: the week for which live answers are written down. `source`: local, or the provider that gives them.
    `opens`: whether its key may open other sessions, each of which then says so in `opened_by`.
    """

    id: str
    token: str
    strict: bool = False
    scenario: Scenario | None = None
    reader: Reader | None = None
    recordings: bool = True
    embedder: str | None = None
    record: str | None = None
    source: str = "local"
    opens: bool = False
    opened_by: str | None = None
    faults: tuple[Fault, ...] = ()
    started: float = field(default_factory=time.monotonic)
    log: deque[Exchange] = field(default_factory=deque)
    count: int = 0
    log_bytes: int = 0
    kept: OrderedDict[str, tuple[Message, ...]] = field(default_factory=OrderedDict)
    cache: PromptCache = field(default_factory=PromptCache)

    def open_exchange(self, path: str) -> Exchange:
        """Number the next exchange and put it into the log."""
        self.count += 1
        exchange = Exchange(self.count, path, self.age_s())
        if len(self.log) == MOST_EXCHANGES:
            self._forget_oldest()
        self.log.append(exchange)
        return exchange

    def note_asked(self, exchange: Exchange, body: dict[str, Any], size: int) -> None:
        """Keep what was asked, a body of `size` bytes; the oldest exchanges go where the log gets too large."""
        exchange.asked, exchange.asked_bytes = body, size
        self.log_bytes += size
        while self.log_bytes > MOST_LOG_BYTES and len(self.log) > 1:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        self.log_bytes -= self.log.popleft().asked_bytes

    def age_s(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.started

    def faults_for(self, number: int) -> tuple[Fault, ...]:
        """The faults that concern its `number`-th exchange."""
        return tuple(fault for fault in self.faults if fault.strikes(number)) if self.faults else ()

    def keep(self, reply_id: str, conversation: tuple[Message, ...]) -> None:
        """Remember a conversation under the id of its last reply; the oldest is forgotten."""
        self.kept[reply_id] = conversation
        while len(self.kept) > MOST_KEPT:
            self.kept.popitem(last=False)

    def earlier(self, reply_id: str) -> tuple[Message, ...]:
        """The conversation that ended with this reply. Raises ApiError where there is none."""
        if reply_id not in self.kept:
            message = f"Previous response with id {reply_id!r} not found; send the whole conversation"
            raise ApiError("invalid_request", message, param="previous_response_id", code="previous_response_not_found")
        return self.kept[reply_id]


@dataclass
class Sessions:
    """All sessions of a gateway; the longest unused one goes when there are too many.

    Keys that begin with the learner's own token open a session of their own when first used, one for each notebook:
    TOKEN.NAME, TOKEN.strict.NAME for a strict one, TOKEN.live.NAME for one without recordings. They work again
    after the gateway was started again.
    """

    token: str | None = None
    _by_token: OrderedDict[str, Session] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._by_token)

    def open(self, name: str = "session", token: str | None = None, **settings: Any) -> Session:
        """Begin a session; its id says `name`, its token is secret."""
        session = Session(f"{name}-{secrets.token_hex(4)}", token or f"course-{secrets.token_urlsafe(24)}", **settings)
        self._by_token[session.token] = session
        while len(self._by_token) > MOST_SESSIONS:
            self._by_token.popitem(last=False)
        return session

    def at_hand(self, token: str | None) -> Session | None:
        """The open session of this key, if there is one; none is opened."""
        return self._by_token.get(token or "")

    def of_token(self, token: str | None) -> Session:
        """The session a client's key selects. Raises ApiError."""
        session = self._by_token.get(token or "") or self._own(token or "")
        if session is None:
            raise ApiError("authentication", "the API key is not a token of this gateway; run setup() again")
        self._by_token.move_to_end(session.token)
        return session

    def _own(self, key: str) -> Session | None:
        token, _, name = key.partition(".")
        if self.token is None or not secrets.compare_digest(token.encode(), self.token.encode()):
            return None
        kind, _, rest = name.partition(".")
        if kind not in _KINDS:
            return self.open(_named(name), key)
        return self.open(_named(rest), key, **_KINDS[kind])

    def of_id(self, session_id: str) -> Session | None:
        """The session with this id."""
        return next((session for session in self._by_token.values() if session.id == session_id), None)

    def close(self, session_id: str) -> bool:
        """Forget a session; whether there was one."""
        session = self.of_id(session_id)
        if session is not None:
            del self._by_token[session.token]
        return session is not None

    def all(self) -> list[Session]:
        """Every session, the one used last at the end."""
        return list(self._by_token.values())


def _named(text: str) -> str:
    """What a key's name may put into an id that is shown."""
    return re.sub(r"[^A-Za-z0-9_-]", "", text)[:60] or "learner"
