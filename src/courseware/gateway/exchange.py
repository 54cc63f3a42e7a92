"""What is asked and what is answered, in no provider's words: every wire format is read into this and written from it.

Texts are Unicode, token counts are whole numbers, arguments and schemas are JSON values. Nothing here knows HTTP.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Speaker = Literal["system", "user", "assistant"]
StopReason = Literal["end", "length", "stop_sequence", "tool_calls"]
Tier = Literal["exact", "normalised", "scenario", "simulator", "local", "provider"]


@dataclass(frozen=True, slots=True)
class Citation:
    """Characters `start` to `end` of the `document`-th document of the request, counted from 0."""

    document: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Text:
    """Words; `citations` only in an answer to a request that asked for them."""

    text: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A plain-text document given beside the words, which the model may cite if `citations`."""

    text: str
    title: str = ""
    citations: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call. `id` is the client's; in an answer it is empty and the wire format makes one."""

    name: str
    arguments: Mapping[str, Any]
    id: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool gave back for the call with this id."""

    call_id: str
    text: str
    is_error: bool = False


Part = Text | Document | Call | Result


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. A tool's result stands in a user turn, whatever the wire calls it."""

    speaker: Speaker
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may call; `schema` is the JSON Schema of its arguments."""

    name: str
    description: str
    schema: Mapping[str, Any]
    strict: bool = False


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether a tool must be called: `named` means the one in `name`. `parallel`: several in one answer."""

    mode: Literal["auto", "none", "required", "named"] = "auto"
    name: str = ""
    parallel: bool = True


@dataclass(frozen=True, slots=True)
class Format:
    """The form of the answer's text: free, any JSON object, or JSON that fits `schema`."""

    kind: Literal["text", "json", "schema"] = "text"
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn; None is the model's default."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logit_bias: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A conversation to go on with.

    `logprobs` is the number of alternatives wanted beside each token, None for no probabilities at all. `given` holds
    the body's own parameter names, for the rules of dated models. `extras` is the wire format's note to itself.
    """

    dialect: str
    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    choice: ToolChoice = ToolChoice()
    format: Format = Format()
    sampling: Sampling = Sampling()
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    n: int = 1
    logprobs: int | None = None
    stream: bool = False
    effort: str | None = None
    given: frozenset[str] = frozenset()
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EmbedRequest:
    """Texts to turn into vectors. `purpose` is what they are for, where the wire format says so."""

    dialect: str
    model: str
    texts: tuple[str, ...]
    purpose: Literal["query", "document", "any"] = "any"
    dimensions: int | None = None
    given: frozenset[str] = frozenset()
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RerankRequest:
    """Documents to order by how well they answer `query`."""

    dialect: str
    model: str
    query: str
    documents: tuple[str, ...]
    top_n: int | None = None
    given: frozenset[str] = frozenset()
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model in a list of models; `created` is in seconds since 1970."""

    id: str
    created: int
    owner: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an answer came from: the tier, the recording's, scenario's or model's name, and its provenance in words."""

    tier: Tier
    id: str
    provenance: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens. `cached` and `cache_written` are parts of `input` that were read from and put into a prompt cache.

    `cache_written_1h` is the part of `cache_written` that the cache keeps for an hour instead of five minutes.
    """

    input: int
    output: int
    cached: int = 0
    cache_written: int = 0
    cache_written_1h: int = 0


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token, its natural-log probability, and the likeliest tokens in its place."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """One of the `n` answers: texts and calls in order, and why it ended."""

    parts: tuple[Text | Call, ...]
    stop: StopReason = "end"
    stop_sequence: str | None = None
    logprobs: tuple[TokenLogprob, ...] = ()

    @property
    def text(self) -> str:
        """All its words."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def calls(self) -> tuple[Call, ...]:
        """All its tool calls."""
        return tuple(part for part in self.parts if isinstance(part, Call))


@dataclass(frozen=True, slots=True)
class ChatReply:
    """A whole answer. `model` names what really answered.

    `runs` gives its deltas up to the total, words in a row as one, where who answers keeps them at hand.
    """

    model: str
    completions: tuple[Completion, ...]
    usage: Usage
    origin: Origin
    runs: Callable[[], Iterable[Delta | Words]] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class EmbedReply:
    """One vector for each text, all of one length."""

    model: str
    vectors: tuple[tuple[float, ...], ...]
    input_tokens: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class RerankReply:
    """(index of the document, relevance from 0 to 1), best first."""

    model: str
    ranking: tuple[tuple[int, float], ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More words of the `choice`-th answer; `citations` belong to the text so far.

    `starts`: these words begin a text of their own, as words after citations always do.
    """

    text: str
    choice: int = 0
    logprobs: tuple[TokenLogprob, ...] = ()
    citations: tuple[Citation, ...] = ()
    starts: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A row of the `choice`-th answer's deltas that are words and nothing else."""

    texts: tuple[str, ...]
    choice: int


@dataclass(frozen=True, slots=True)
class CallStart:
    """The `index`-th tool call of an answer begins."""

    name: str
    index: int = 0
    choice: int = 0


@dataclass(frozen=True, slots=True)
class CallText:
    """More of the JSON of that call's arguments."""

    json: str
    index: int = 0
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """The `choice`-th answer is complete."""

    reason: StopReason
    sequence: str | None = None
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Total:
    """The last delta: the tokens of the whole reply."""

    usage: Usage


Delta = TextDelta | CallStart | CallText | Stop | Total


@dataclass(frozen=True)
class LiveReply:
    """An answer that is still being written. Deltas end with `Total`; closing the iterator stops the writing."""

    model: str
    origin: Origin
    deltas: AsyncIterator[Delta]
