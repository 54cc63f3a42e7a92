"""The reader: answers a question if and only if a passage that holds the answer is in its context.

It is told questions and, for each, the spans of text that answer it; it looks for such a span in what the request
carries (documents, tool results, the conversation) and in nothing else. It repeats the sentences around the span, cites
where they stood, and repeats a stale or injected text just the same if that is what it was given.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from courseware.gateway.exchange import ChatRequest, Citation, Completion, Document, Origin, Result, Text
from courseware.gateway.keys import fold

NAME = "reader"
NO_ANSWER = "I don't know: nothing I was given answers that."
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_MARK = re.compile(r"\[(\d+)\]")


class SimulatorError(Exception):
    """A simulator that cannot be made; one line that says why."""


def _holds_words(text: str) -> str:
    if not fold(text):
        raise ValueError("is blank, which stands in every text; write words")
    return text


Words = Annotated[str, AfterValidator(_holds_words)]


class _Known(BaseModel):
    """A question, known by a phrase that must stand in it, and the spans of which any answers it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    question: Words
    spans: Annotated[tuple[Words, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_not_answered_by_asking(self) -> _Known:
        for span in self.spans:
            if fold(span) in fold(self.question):
                raise ValueError(f"the span {span!r} stands in its own question; whoever asks would give the answer")
        return self


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    known: tuple[_Known, ...]


@dataclass(frozen=True)
class _Passage:
    """A text in the request: its number as a document (None for other text) and the words."""

    text: str
    document: int | None = None


@dataclass(frozen=True)
class Reader:
    """Questions and the spans that answer them."""

    known: tuple[_Known, ...]

    @classmethod
    def of(cls, data: Any) -> Reader:
        """Read from plain data: {"known": [{"question": ..., "spans": [...]}, ...]}. Raises SimulatorError."""
        try:
            return cls(_Settings.model_validate(data).known)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(step) for step in first["loc"]) or "it"
            raise SimulatorError(f"not a reader's settings: {where}: {first['msg']}") from None

    def answer(self, request: ChatRequest) -> tuple[Completion, Origin]:
        """Return the sentence that answers, with its place, or that there is none."""
        origin = Origin("simulator", NAME, f"simulator {NAME}: repeats what the request holds; no model said this")
        asked = fold(_last_words(request))
        spans = [span for known in self.known if fold(known.question) in asked for span in known.spans]
        for passage in _passages(request):
            found = [place for span in spans if (place := _around(span, passage.text)) is not None]
            if found:
                return Completion((_cited(*min(found), passage),)), origin
        return Completion((Text(NO_ANSWER),)), origin


def _last_words(request: ChatRequest) -> str:
    said = [
        "\n".join(part.text for part in message.parts if isinstance(part, Text))
        for message in request.messages
        if message.speaker == "user"
    ]
    return next((words for words in reversed(said) if words), "")


def _around(span: str, text: str) -> tuple[int, int] | None:
    """Where the first sentence that holds `span` begins and ends; several, where the span runs over their ends."""
    wanted = _whole_words(fold(span))
    if not wanted.search(fold(text)):
        return None
    cuts = [(0, 0), *((cut.start(), cut.end()) for cut in _SENTENCE_END.finditer(text)), (len(text), len(text))]
    # A beginning of the text holds the span from some cut on; of that, an end holds it up to some cut.
    last = bisect.bisect_left(cuts, True, key=lambda cut: bool(wanted.search(fold(text[: cut[0]]))))
    end = cuts[last][0]
    first = bisect.bisect_left(cuts[:last], True, key=lambda cut: not wanted.search(fold(text[cut[1] : end]))) - 1
    start = cuts[first][1]
    kept = text[start:end]
    return start + len(kept) - len(kept.lstrip()), end - (len(kept) - len(kept.rstrip()))


@lru_cache
def _whole_words(folded: str) -> re.Pattern[str]:
    """What finds a span and no part of a longer word or number: "5 days" stands in neither "15 days" nor "1.5 days"."""
    before = r"(?<!\w)" if folded[0].isalnum() else ""
    before += r"(?<!\d[.,])" if folded[0].isdigit() else ""
    after = r"(?!\w)" if folded[-1].isalnum() else ""
    after += r"(?![.,]\d)" if folded[-1].isdigit() else ""
    return re.compile(before + re.escape(folded) + after)


def _passages(request: ChatRequest) -> Iterator[_Passage]:
    """Every text the model was given, documents first; what the model itself said is no source."""
    documents = [p for message in request.messages for p in message.parts if isinstance(p, Document)]
    for number, document in enumerate(documents):
        yield _Passage(document.text, number if document.citations else None)
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, Result) or (isinstance(part, Text) and message.speaker != "assistant"):
                yield _Passage(part.text)


def _cited(start: int, end: int, passage: _Passage) -> Text:
    """What stands there with a citation object, or with the nearest [n] that stands before its end."""
    sentence = passage.text[start:end]
    if passage.document is not None:
        return Text(sentence, (Citation(passage.document, start, end),))
    marks = _MARK.findall(passage.text[:end])
    bare = _MARK.sub("", sentence).strip()
    return Text(f"{bare} [{marks[-1]}]" if marks else bare)
