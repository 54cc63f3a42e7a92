"""Recordings as YAML files, one each, that a person can review. The tool writes the keys; reading verifies them.

id          path below data/recordings, without .yaml
provenance  source, model, date; weights and sdk where there are any
request     what counts of the request: see `courseware.gateway.keys`
answers     a list: text and calls in order, why it ended
usage       tokens: input, output
limit       the request's limit on the answer's length, only where it cut the answer off
keys        exact and normalised
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import yaml

from courseware.gateway.exchange import Call, Citation, Completion, StopReason, Text, TokenLogprob, Usage
from courseware.gateway.recordings.recording import Provenance, Recording, RecordingError

_WIDTH = 110


def load(folder: Path) -> Iterator[Recording]:
    """Yield every recording below `folder`, in order of path. Raises RecordingError, which names the file."""
    for path in sorted(folder.rglob("*.yaml")):
        yield read(path, path.relative_to(folder).with_suffix("").as_posix())


def read(path: Path, name: str, *, verify: bool = True) -> Recording:
    """Return the recording in a file, its keys verified."""
    try:
        recording, keys = _recording(_parsed(path.read_bytes()), name)
        fitting = {"exact": recording.exact, "normalised": recording.normalised}
    except _UNUSABLE as error:
        what = f"has no {error}" if isinstance(error, KeyError) else str(error).split("\n")[0]
        raise RecordingError(f"{path}: not a recording: {what}; mend it or record it again") from error
    if verify and keys != fitting:
        raise RecordingError(f"{path}: its keys do not fit its request; after an edit run `course record WEEK --keys`")
    return recording


def save(recording: Recording, folder: Path) -> Path:
    """Write a recording's file, whole or not at all, and return its path. Raises RecordingError, which names it."""
    path = folder / f"{recording.id}.yaml"
    try:
        text = dump(recording).encode()
        if _recording(_parsed(text), recording.id)[0] != recording:
            raise ValueError("it would not read back as it is")
    except _UNUSABLE as error:
        why = str(error).split("\n")[0]
        raise RecordingError(f"{path}: the recording cannot be written: {why}; record it again") from error
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(text)
    fresh.replace(path)
    return path


def dump(recording: Recording) -> str:
    """A recording's file as text."""
    document = _document(recording)
    flow = {"sort_keys": False, "allow_unicode": True, "width": _WIDTH, "default_flow_style": None}
    return str(yaml.dump(document, Dumper=_Dumper, **flow))


# The same safe subset of YAML, in C where the wheel has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What reading something else than a recording ends in.
_UNUSABLE = (yaml.YAMLError, KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError)
# YAML's other ends of a line: read back as line feeds unless they are escaped.
_LINE_ENDS = "\x85\u2028\u2029"


def _parsed(text: bytes) -> Any:
    return yaml.load(text, _LOADER)  # noqa: S506 - both are safe


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Writes text of several lines as a block, and everything in its place instead of a reference to it."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style: str | None
    if any(end in text for end in _LINE_ENDS):
        style = '"'
    else:
        block = "\n" in text and not any(line.endswith((" ", "\t")) for line in text.split("\n"))
        style = "|" if block else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _document(recording: Recording) -> dict[str, Any]:
    origin = recording.provenance
    said = {"source": origin.source, "model": origin.model, "date": origin.day, "weights": origin.weights}
    return {
        "id": recording.id,
        "provenance": {
            name: value for name, value in (said | {"sdk": origin.sdk, "note": origin.note}).items() if value
        },
        "request": recording.request,
        "answers": [_answer(completion) for completion in recording.completions],
        "usage": {"input": recording.usage.input, "output": recording.usage.output},
        **({"limit": recording.limit} if recording.limit is not None else {}),
        "keys": {"exact": recording.exact, "normalised": recording.normalised},
    }


def _answer(completion: Completion) -> dict[str, Any]:
    answer: dict[str, Any] = {"parts": [_part(part) for part in completion.parts], "stop": completion.stop}
    if completion.stop_sequence is not None:
        answer["stop_sequence"] = completion.stop_sequence
    if completion.logprobs:
        answer["logprobs"] = [[t.token, t.logprob, [list(o) for o in t.top]] for t in completion.logprobs]
    return answer


def _part(part: Text | Call) -> dict[str, Any]:
    if isinstance(part, Call):
        return {"call": part.name, "arguments": dict(part.arguments)}
    cited = [[c.document, c.start, c.end] for c in part.citations]
    return {"text": part.text, **({"citations": cited} if cited else {})}


def _recording(document: Any, name: str) -> tuple[Recording, dict[str, str]]:
    if document["id"] != name:
        raise ValueError(f"id is {document['id']!r} but the file is called {name!r}")
    usage = Usage(int(document["usage"]["input"]), int(document["usage"]["output"]))
    completions = tuple(_completion(answer) for answer in document["answers"])
    if not completions:
        raise ValueError("answers is empty")
    limit = document.get("limit")
    if not isinstance(limit, int | None):
        raise ValueError(f"limit is {limit!r}, not a number of tokens")
    provenance = _provenance(document["provenance"])
    return Recording(name, provenance, _request(document["request"]), completions, usage, limit), document["keys"]


def _request(request: Any) -> dict[str, Any]:
    if not isinstance(request, dict) or not isinstance(request["messages"], list):
        raise ValueError("request is not what counts of a request: see courseware.gateway.keys")
    return request


def _provenance(said: dict[str, Any]) -> Provenance:
    if said["source"] not in ("recorded", "authored"):
        raise ValueError(f"provenance.source is {said['source']!r}, neither recorded nor authored")
    if not isinstance(said["date"], date):
        raise ValueError(f"provenance.date is {said['date']!r}, not a date")
    return Provenance(
        said["source"], said["model"], said["date"], said.get("weights"), said.get("sdk"), said.get("note")
    )


def _completion(answer: dict[str, Any]) -> Completion:
    if answer["stop"] not in get_args(StopReason):
        raise ValueError(f"stop is {answer['stop']!r}, none of {', '.join(get_args(StopReason))}")
    parts = tuple(_said(part) for part in answer["parts"])
    logprobs = tuple(
        TokenLogprob(token, logprob, tuple((text, value) for text, value in top))
        for token, logprob, top in answer.get("logprobs", ())
    )
    return Completion(parts, answer["stop"], answer.get("stop_sequence"), logprobs)


def _said(part: dict[str, Any]) -> Text | Call:
    if "call" in part:
        if not isinstance(part["arguments"], dict):
            raise ValueError(f"arguments of {part['call']!r} are {part['arguments']!r}, not an object")
        return Call(part["call"], part["arguments"])
    if not isinstance(part["text"], str):
        raise ValueError(f"text is {part['text']!r}, not text; put it into quotes")
    return Text(part["text"], tuple(Citation(*cited) for cited in part.get("citations", ())))
