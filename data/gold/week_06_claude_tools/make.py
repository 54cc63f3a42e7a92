"""Makes `comparison.json`: two local models on fourteen prompts over two wire formats, and what a judge said of them.

Run `COURSE_STRICT=0 python make.py` in this folder after `course models pull` of both Qwen weights. Everything in the
file was said by the models it names, through the gateway's own engine at temperature 0. Four of the runs differ from
the others in their settings, and two were left out: that is what the lab asks to find, and `settings` tells it truly.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from anthropic import Anthropic
from openai import OpenAI

from courseware.learner import session, setup

TARGET = Path(__file__).with_name("comparison.json")
SYSTEM = "Reply with the answer alone: no explanation, no code fence."
USUAL = {"system": SYSTEM, "max_tokens": 60, "temperature": 0}
ALIASES = {"1.5B": "large", "0.5B": "small"}
WIRES = ("chat", "messages")
WEIGHTS = {
    "local/qwen2.5-coder-1.5b-instruct-q4_k_m": "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    "local/qwen2.5-coder-0.5b-instruct-q4_k_m": "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
}

# Prompt: its text, and the rules of a right answer. `holds` and `lacks` ignore case; `words` is the most it may have.
PROMPTS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "date": ("Write the 5th of March 2027 as an ISO 8601 date.", [{"holds": "2027-03-05"}, {"words": 1}]),
    "prime": ("Is 91 a prime number? Reply YES or NO.", [{"holds": "no"}, {"words": 1}]),
    "json": (
        "Return a JSON object with the keys city and country for Lyon.",
        [{"json": ["city", "country"]}, {"holds": "France"}],
    ),
    "german": ("Translate into German: The invoice is wrong.", [{"holds": "Rechnung"}, {"words": 5}]),
    "status": ("Which HTTP status code means Too Many Requests?", [{"holds": "429"}, {"words": 4}]),
    "slice": (
        "Write a Python expression for the last three items of the list rows.",
        [{"holds": "rows[-3:]"}, {"words": 1}],
    ),
    "sort": (
        "Sort these words from A to Z, separated by commas: pear, fig, apple, kiwi.",
        [{"holds": "apple, fig, kiwi, pear"}, {"words": 4}],
    ),
    "count": ("How many times does the letter a occur in banana?", [{"holds": "3"}, {"words": 1}]),
    "mail": (
        "Which e-mail address is in this text? Please write to Mara (mara.dee@example.org) before noon.",
        [{"holds": "mara.dee@example.org"}, {"words": 1}],
    ),
    "postage": (
        "A parcel costs 4 euros plus 2 euros for every kilogram. What does a parcel of 3 kilograms cost, in euros?",
        [{"holds": "10"}, {"words": 2}],
    ),
    "tone": (
        "Is this review positive or negative? The pump is loud, leaks and arrived late.",
        [{"holds": "negative"}, {"lacks": "positive"}],
    ),
    "summary": (
        "Say in at most eight words: The parcel was sent to the wrong town, so the customer asked for a refund.",
        [{"holds": "refund"}, {"words": 8}],
    ),
    "sql": (
        "Write one SQL query for the names of all customers in Oslo. Table customers, columns name and city.",
        [{"holds": "select name from customers"}, {"holds": "city = 'Oslo'"}],
    ),
    "order": (
        "A train leaves at 09:40 and travels for 95 minutes. When does it arrive? Use the form HH:MM.",
        [{"holds": "11:15"}, {"words": 1}],
    ),
}
# Runs that were made in another way, and runs that nobody made.
OTHERWISE = {
    ("summary", "0.5B"): {"max_tokens": 4},
    ("sql", "1.5B"): {"system": f"{SYSTEM} You are an expert in SQL."},
}
NEVER = {("order", "0.5B")}
JUDGE = """Question: {question}

Answer A: {first}

Answer B: {second}

Which answer is better? Reply with A, B or TIE and nothing else."""


def run(opened: Any, model: str, wire: str, prompt: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Ask once over one wire format; return the answer and what went over the wire."""
    question = [{"role": "user", "content": PROMPTS[prompt][0]}]
    if wire == "chat":
        client = OpenAI(base_url=opened.openai_url, api_key=opened.token, max_retries=0, timeout=300)
        messages = [{"role": "system", "content": settings["system"]}, *question]
        limits = {"max_completion_tokens": settings["max_tokens"], "temperature": settings["temperature"]}
        answer = client.chat.completions.create(model=model, messages=messages, **limits).model_dump()
        text, stop = answer["choices"][0]["message"]["content"], answer["choices"][0]["finish_reason"]
    else:
        claude = Anthropic(base_url=opened.anthropic_url, api_key=opened.token, max_retries=0, timeout=300)
        answer = claude.messages.create(
            model=model,
            max_tokens=settings["max_tokens"],
            system=settings["system"],
            messages=question,
            extra_body={"temperature": settings["temperature"]},
        ).model_dump()
        text, stop = "".join(block["text"] for block in answer["content"]), answer["stop_reason"]
    exchange = opened.log()[-1]
    return {
        "settings": settings,
        "text": text,
        "stop": stop,
        "input": exchange["usage"]["input"],
        "output": exchange["usage"]["output"],
        "sent_bytes": len(json.dumps(exchange["asked"])),
        "received_bytes": len(json.dumps(answer)),
        "answered_by": exchange["model"],
    }


def main() -> None:
    """Ask everything; write the file."""
    m = setup("week 06")
    runs: list[dict[str, Any]] = []
    verdicts: list[dict[str, str]] = []
    with session(strict=False, recordings=False) as opened:
        for name, role in ALIASES.items():
            for wire in WIRES:
                for prompt in PROMPTS:
                    if (prompt, name) in NEVER:
                        continue
                    settings = USUAL | OTHERWISE.get((prompt, name), {})
                    made = run(opened, getattr(m, role), wire, prompt, settings)
                    runs.append({"contender": f"{name} {wire}", "wire": wire, "prompt": prompt, **made})
                    print(runs[-1]["contender"], prompt, repr(made["text"]), made["input"], made["output"], flush=True)
        said = {(one["contender"], one["prompt"]): one["text"] for one in runs}
        client = OpenAI(base_url=opened.openai_url, api_key=opened.token, max_retries=0, timeout=300)
        for prompt, (question, _) in PROMPTS.items():
            pair = [said.get((f"{name} chat", prompt)) for name in ALIASES]
            if None in pair:
                continue
            for first, second in (pair, pair[::-1]):
                asked = JUDGE.format(question=question, first=first, second=second)
                messages = [{"role": "user", "content": asked}]
                answer = client.chat.completions.create(
                    model=m.judge, messages=messages, temperature=0, max_completion_tokens=8
                )
                word = answer.choices[0].message.content
                verdicts.append({"question": question, "first": first, "second": second, "said": word})
                print(prompt, repr(word), flush=True)
        judge = opened.log()[-1]["model"]
    whole = {
        "about": "Recorded on 2026-11-22 from local models through the course's gateway; nobody else said any of it.",
        "weights": WEIGHTS,
        "sdk": ", ".join(f"{name} {version(name)}" for name in ("openai", "anthropic")),
        "judge": judge,
        "prompts": {name: {"question": question, "rules": rules} for name, (question, rules) in PROMPTS.items()},
        "runs": runs,
        "verdicts": verdicts,
    }
    TARGET.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
