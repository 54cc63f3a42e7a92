"""Measures how often a local model calls the right tool with the right arguments, and when it should answer in words.

    python tests/measure/tool_calls.py --weights qwen2.5-coder-0.5b-instruct-q4_k_m --style final --out results.jsonl

Writes a line for each prompt to `--out` and skips those that are there; `--figures FILE` counts all lines of it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from courseware.gateway.deltas import collect
from courseware.gateway.engine import LocalEngine
from courseware.gateway.engine.tools import Style
from courseware.gateway.exchange import (
    Call,
    ChatReply,
    ChatRequest,
    Message,
    Result,
    Sampling,
    Text,
    Tool,
)

GOLD = Path(__file__).resolve().parents[2] / "data" / "gold" / "gateway_tool_calls"
STYLES = {
    "final": Style(),
    "no hint": Style(hint=False),
    "no examples": Style(examples=False, hint=False),
    "several": Style(several=True),
}


def fits(wanted: Any, found: Any) -> bool:
    """Whether a value is what the case wants; see the head of cases.toml."""
    if isinstance(wanted, Mapping):
        if "any" in wanted:
            return any(fits(one, found) for one in wanted["any"])
        return isinstance(found, list) and all(any(fits(one, each) for each in found) for one in wanted["all"])
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if isinstance(wanted, str):
        return isinstance(found, str) and wanted.casefold() in found.casefold()
    return isinstance(found, (int, float)) and abs(wanted - found) < 1e-6


def is_right(wanted: Mapping[str, Any], call: Call) -> bool:
    return all(fits(value, call.arguments.get(name)) for name, value in wanted.items())


def kind_of(case: Mapping[str, Any]) -> str:
    if "tool" in case:
        return "several" if "also" in case else "call"
    return "after" if "after" in case else "words"


def judged(case: Mapping[str, Any], reply: ChatReply) -> dict[str, bool]:
    """What is right about an answer."""
    answer = reply.completions[0]
    calls = [call for call in answer.calls if call.name == case.get("tool")]
    if "tool" not in case:
        says = case.get("says", [""])
        right = not answer.calls and any(word.casefold() in answer.text.casefold() for word in says)
        return {"tool": not answer.calls, "right": right}
    first = bool(answer.calls) and answer.calls[0].name == case["tool"]
    right = first and is_right(case["arguments"], answer.calls[0])
    if "also" in case:
        return {"tool": first, "right": right, "both": right and any(is_right(case["also"], call) for call in calls)}
    return {"tool": first, "right": right and len(answer.calls) == 1}


def request_of(case: Mapping[str, Any], gold: Mapping[str, Any]) -> ChatRequest:
    messages = [Message("user", (Text(case["prompt"]),))]
    if after := case.get("after"):
        messages.append(Message("assistant", (Call(after["tool"], after["arguments"], "call_1"),)))
        messages.append(Message("user", (Result("call_1", after["result"]),)))
    return ChatRequest(
        "openai", "measured", tuple(messages), tools=tuple(_tool(name, gold) for name in gold["sets"][case["set"]]),
        sampling=Sampling(temperature=0), max_tokens=160,
    )  # fmt: skip


def _tool(name: str, gold: Mapping[str, Any]) -> Tool:
    entry = gold["tools"][name]
    schema = {"type": "object", "properties": entry["properties"], "required": entry["required"]}
    return Tool(name, entry["description"], schema)


async def measure(weights: str, style: str, out: Path) -> None:
    """Ask every prompt that has no line yet."""
    gold = tomllib.loads((GOLD / "cases.toml").read_text(encoding="utf-8"))
    done = {(line["weights"], line["style"], line["id"]) for line in lines_of(out)}
    engine = LocalEngine(style=STYLES[style])
    try:
        for case in gold["cases"]:
            if (weights, style, case["id"]) in done:
                continue
            start = time.perf_counter()
            reply = await collect(await engine.answer(request_of(case, gold), [weights]))
            parts = [
                part.text if isinstance(part, Text) else [part.name, part.arguments]
                for part in reply.completions[0].parts
            ]
            line = {
                "weights": weights, "style": style, "id": case["id"], "kind": kind_of(case), **judged(case, reply),
                "answer": parts, "tokens": [reply.usage.input, reply.usage.output],
                "s": round(time.perf_counter() - start, 1),
            }  # fmt: skip
            with out.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line, ensure_ascii=False) + "\n")
    finally:
        await engine.shutdown()


def lines_of(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] if out.is_file() else []


def figures(out: Path) -> dict[str, Any]:
    """Counts by weights, style and kind of prompt."""
    counted: dict[str, Any] = {}
    for line in lines_of(out):
        kinds = counted.setdefault(line["weights"], {}).setdefault(line["style"], {})
        counts = kinds.setdefault(line["kind"], {"prompts": 0})
        counts["prompts"] += 1
        for key in ("tool", "right", "both"):
            if key in line:
                counts[key] = counts.get(key, 0) + line[key]
    return counted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", action="append", default=[])
    parser.add_argument("--style", action="append", choices=STYLES, default=[])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--figures", type=Path)
    asked = parser.parse_args()
    for weights in asked.weights:
        for style in asked.style or ["final"]:
            asyncio.run(measure(weights, style, asked.out))
    if asked.figures:
        asked.figures.write_text(json.dumps(figures(asked.out), indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures(asked.out), indent=1))


if __name__ == "__main__":
    main()
