"""The reader: answers a question if and only if a passage that holds the answer is in its context.

It is told questions and, for each, the spans of text that answer it; it looks for such a span in what the request
carries (documents, tool results, the conversation) and in nothing else. It repeats the sentence it found, cites where
it stood, and repeats a stale or injected text just the same if that is what it was given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from courseware.gateway.exchange import ChatRequest, Citation, Completion, Document, Origin, Result, Text
from courseware.gateway.keys import fold

NAME = "reader"
NO_ANSWER = "I don't know: nothing I was given answers that."
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_MARK = re.compile(r"\[(\d+)\]")


class SimulatorError(Exception):
    """A simulator that cannot be made; one line that says why."""


class _Known(BaseModel):
    """A question, known by words that must all stand in it, and the spans of which any answers it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    question: Annotated[str, Field(min_length=1)]
    spans: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]


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
            for sentence in _SENTENCE_END.split(passage.text):
                if any(fold(span) in fold(sentence) for span in spans):
                    return Completion((_cited(sentence.strip(), passage),)), origin
        return Completion((Text(NO_ANSWER),)), origin


def _last_words(request: ChatRequest) -> str:
    said = [
        part.text
        for message in request.messages
        if message.speaker == "user"
        for part in message.parts
        if isinstance(part, Text)
    ]
    return said[-1] if said else ""


def _passages(request: ChatRequest) -> Iterator[_Passage]:
    """Every text the model was given, documents first; what the model itself said is no source."""
    documents = [p for message in request.messages for p in message.parts if isinstance(p, Document)]
    for number, document in enumerate(documents):
        yield _Passage(document.text, number if document.citations else None)
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, Result) or (isinstance(part, Text) and message.speaker != "assistant"):
                yield _Passage(part.text)


def _cited(sentence: str, passage: _Passage) -> Text:
    """The sentence with a citation object, or with the nearest [n] that stands before it in the passage."""
    start = passage.text.find(sentence)
    if passage.document is not None:
        return Text(sentence, (Citation(passage.document, start, start + len(sentence)),))
    marks = _MARK.findall(passage.text[: start + len(sentence)])
    bare = _MARK.sub("", sentence).strip()
    return Text(f"{bare} [{marks[-1]}]" if marks else bare)
