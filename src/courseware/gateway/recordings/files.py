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
from typing import Any

import yaml

from courseware.gateway.exchange import Call, Citation, Completion, Text, TokenLogprob, Usage
from courseware.gateway.recordings.recording import Provenance, Recording, RecordingError

_WIDTH = 110


def load(folder: Path) -> Iterator[Recording]:
    """Yield every recording below `folder`, in order of path. Raises RecordingError, which names the file."""
    for path in sorted(folder.rglob("*.yaml")):
        yield read(path, path.relative_to(folder).with_suffix("").as_posix())


def read(path: Path, name: str) -> Recording:
    """Return the recording in a file, its keys verified."""
    try:
        recording, keys = _recording(yaml.load(path.read_bytes(), _LOADER), name)  # noqa: S506 - both are safe
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"has no {error}" if isinstance(error, KeyError) else str(error).split("\n")[0]
        raise RecordingError(f"{path}: not a recording: {what}; mend it or record it again") from error
    if keys != {"exact": recording.exact, "normalised": recording.normalised}:
        raise RecordingError(f"{path}: its keys do not fit its request; run `course record --keys` after an edit")
    return recording


def save(recording: Recording, folder: Path) -> Path:
    """Write a recording's file, whole or not at all, and return its path."""
    path = folder / f"{recording.id}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(dump(recording), encoding="utf-8")
    fresh.replace(path)
    return path


def dump(recording: Recording) -> str:
    """A recording's file as text."""
    document = _document(recording)
    flow = {"sort_keys": False, "allow_unicode": True, "width": _WIDTH, "default_flow_style": None}
    return str(yaml.dump(document, Dumper=_Dumper, **flow))


# The same safe subset of YAML, in C where the wheel has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Writes text of several lines as a block."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    block = "\n" in text and not any(line.endswith((" ", "\t")) for line in text.split("\n"))
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if block else None)


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
    provenance = _provenance(document["provenance"])
    return (
        Recording(name, provenance, document["request"], completions, usage, document.get("limit")),
        document["keys"],
    )


def _provenance(said: dict[str, Any]) -> Provenance:
    if said["source"] not in ("recorded", "authored"):
        raise ValueError(f"provenance.source is {said['source']!r}, neither recorded nor authored")
    if not isinstance(said["date"], date):
        raise ValueError(f"provenance.date is {said['date']!r}, not a date")
    return Provenance(
        said["source"], said["model"], said["date"], said.get("weights"), said.get("sdk"), said.get("note")
    )


def _completion(answer: dict[str, Any]) -> Completion:
    parts = tuple(
        Call(part["call"], part["arguments"])
        if "call" in part
        else Text(part["text"], tuple(Citation(*cited) for cited in part.get("citations", ())))
        for part in answer["parts"]
    )
    logprobs = tuple(
        TokenLogprob(token, logprob, tuple((text, value) for text, value in top))
        for token, logprob, top in answer.get("logprobs", ())
    )
    return Completion(parts, answer["stop"], answer.get("stop_sequence"), logprobs)
