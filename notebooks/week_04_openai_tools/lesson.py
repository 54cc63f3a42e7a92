# %% [markdown]
r"""
# Streams, tools and structure: OpenAI's API

Week 4 · 80 minutes · needs the gateway that the set-up starts; no key, no network · verified on 2026-11-22

## An order form that nearly works

A shop lets a model read its orders and hands the answer to `json.loads`. Every demo was fine. Judge one order yourself.
"""

# %% id="setup"
import json
import re
import time
from collections import Counter
from typing import Literal

import checks
import fastjsonschema
import httpx
import openai
from openai import OpenAI, pydantic_function_tool
from openai._streaming import SSEDecoder
from pydantic import BaseModel, ConfigDict, ValidationError

from courseware.learner import hint, plots, predict, quiz, reveal, session, setup

m = setup("week 04")
client = OpenAI()
LARGE = {"model": m.large, "temperature": 0, "max_completion_tokens": 80}


def user(text):
    """One question."""
    return [{"role": "user", "content": text}]


# %% id="cold-open"
ORDER = "Order: 3 chairs at 64.5 USD each and 29 lamps at 12.5 USD each."
asked = user(f"{ORDER} Reply with JSON: items (how many pieces in all) and total (USD).")
reply = client.chat.completions.create(messages=asked, **LARGE)
answer = reply.choices[0].message.content
print(f"{reply.model}:\n{answer}\n")
try:
    json.loads(answer)
except json.JSONDecodeError as error:
    print("json.loads:", error)
print("right would be:", 3 + 29, "pieces,", 3 * 64.5 + 29 * 12.5, "USD")

# %% [markdown]
r"""
Two faults in one answer: a fence around the JSON, and sums where JSON wants numbers. The model knows what to calculate.
A schema will show whether it *can*.

**The claim.** Where words become program, you need a contract: *events* for a stream, *calls* for a tool, a *schema* for
data. Each guarantees a form. None guarantees the truth.

## You will be able to

1. **Parse** an event stream whose bytes are cut anywhere.
2. **Tell** a whole answer from one that was cut.
3. **Run** a bounded tool loop that answers every call by its id.
4. **Choose** between words, JSON mode and a schema by their measured validity.
5. **Write** a schema in which a model can say "there is none".
6. **Repair** an invalid answer, but not for ever (exercise `valid-answer`).

## Two questions from before

<details><summary>What does <code>finish_reason: length</code> mean for a JSON answer?</summary>
It ran into its limit: most likely half a JSON. Week 3 called it a failure.</details>

<details><summary>A packet ends inside "🙂". What does <code>packet.decode()</code> do?</summary>
It raises UnicodeDecodeError. Week 1 held the bytes back until the rest arrived.</details>
"""

# %% [markdown]
r"""
## A stream is lines of text

With `stream: true` the answer arrives as **server-sent events**: lines `field: value`, an empty line after each event. The
field `data` holds JSON with a *delta*, what is new. A last event says `[DONE]`. There is no SDK in the next cell, only
bytes.

The cell after it believes that a network delivers whole lines. It fails on purpose. The repair, `events`, decodes nothing
before a line is whole.
"""

# %% id="raw-bytes"
GREETING = "Grüße aus Ås 🙂 und bis\u2028morgen."
with session(scenario={"name": "greeting", "rules": [{"say": GREETING}]}) as s:
    body = {"model": m.small, "messages": user("Hi."), "stream": True}
    key = {"authorization": f"Bearer {s.token}"}
    with httpx.stream("POST", f"{s.openai_url}/chat/completions", json=body, headers=key) as reply:
        print(reply.headers["content-type"])
        RAW = b"".join(reply.iter_raw())
for event in RAW.split(b"\n\n")[:-1]:
    print(event[:7], "…", event[event.find(b'"delta"') :][:70])


# %% id="naive" tags=["raises-exception"]
def naive(chunks):
    """Yield the JSON of each event; believes that the network respects lines and characters."""
    for chunk in chunks:
        for line in chunk.decode().split("\n"):
            if line.startswith("data: ") and line != "data: [DONE]":
                yield json.loads(line.removeprefix("data: "))


inside = RAW.index("🙂".encode()) + 2
list(naive([RAW[:inside], RAW[inside:]]))


# %% id="events"
def events(chunks):
    """Yield (name, data) of each server-sent event in chunks of bytes that may be cut anywhere."""
    held, name, data = b"", "message", []
    for chunk in chunks:
        *lines, held = re.split(rb"\r?\n", held + chunk)  # the last line may not be whole
        for line in lines:
            field, _, value = line.decode().partition(":")
            if field == "event":
                name = value.removeprefix(" ")
            elif field == "data":
                data.append(value.removeprefix(" "))
            elif not line and data:
                yield name, "\n".join(data)
                name, data = "message", []


def words(stream):
    """The text of all deltas in a stream of (name, data)."""
    chunks = [json.loads(data) for _, data in stream if data != "[DONE]"]
    return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])


print(words(events([RAW[:inside], RAW[inside:]])))
predict("naive-places")


# %% id="parity"
def survives(parse, chunks):
    """Whether a parser gives all the text."""
    try:
        return "".join(c["choices"][0]["delta"].get("content") or "" for c in parse(chunks)) == GREETING
    except (ValueError, UnicodeDecodeError):
        return False


places = range(1, len(RAW))
print(f"cut in two at each of {len(places):,} places: naive reads", end=" ")
print(sum(survives(naive, [RAW[:at], RAW[at:]]) for at in places), end=", events reads ")
print(sum(words(events([RAW[:at], RAW[at:]])) == GREETING for at in places))

NASTY = b": a comment\r\ndata: one\r\ndata: two\r\n\r\nevent: named\ndata:{}\n\ndata:\n\nid: 7\nretry: 9\n\n"
for text in (RAW, NASTY, b"", b"data: cut off", RAW.replace(b"\n", b"\r\n")):
    for size in (1, 2, 3, 7, 1000):
        chunks = [text[at : at + size] for at in range(0, len(text), size)]
        theirs = [(event.event or "message", event.data) for event in SSEDecoder().iter_bytes(iter(chunks))]
        assert [pair for pair in theirs if pair[1]] == [pair for pair in events(chunks) if pair[1]]
print("the SDK's own decoder agrees, on comments, names, CRLF, empty and unfinished input, byte by byte")

# %% [markdown]
r"""
## The SDK, and the other endpoint

The SDK **adds** types and errors, and it **hides** that usage does not come unless you ask: with
`stream_options={"include_usage": True}` it comes in a chunk of its own, and that chunk has no choices. Much code indexes
`choices[0]` and dies on it.

Responses names its events, has no `[DONE]`, and ends with the whole response. Our parser reads both.
"""

# %% id="sdk-stream"
why = user("In one sentence: why do chat programs stream their answers?")
stream = client.chat.completions.create(messages=why, stream=True, stream_options={"include_usage": True}, **LARGE)
chunks = list(stream)
print(f"{chunks[0].model}, {len(chunks)} chunks:", [c.choices[0].delta.content for c in chunks[:6] if c.choices], "…")
before, last = chunks[-2:]
print("last but one:", before.choices[0].finish_reason, "| last:", last.choices, last.usage.total_tokens, "tokens")

body = {"model": m.large, "input": why, "temperature": 0, "max_output_tokens": 80, "stream": True}
key = {"authorization": f"Bearer {client.api_key}"}
with httpx.stream("POST", f"{client.base_url}responses", json=body, headers=key) as reply:
    named = list(events(reply.iter_raw()))
for name, times in Counter(name for name, _ in named).items():
    print(f"{times:3} x {name}")
final = json.loads(named[-1][1])["response"]
print(final["status"], final["usage"]["output_tokens"], "output tokens; equal text:", end=" ")
deltas = [json.loads(data)["delta"] for name, data in named if name == "response.output_text.delta"]
print("".join(deltas) == "".join(c.choices[0].delta.content or "" for c in chunks if c.choices))


# %% id="first-words"
def watched(stream, start):
    """Return the seconds until the first words and until the end."""
    seconds = [time.perf_counter() - start for chunk in stream if chunk.choices and chunk.choices[0].delta.content]
    return seconds[0], seconds[-1]


PACE_S, PIECES = 0.04, 50
long = {"name": "long", "rules": [{"say": " ".join(["word"] * PIECES)}]}
with session(scenario=long, faults=[{"pace_s": PACE_S}]) as s:
    paced = OpenAI(base_url=s.openai_url, api_key=s.token)
    paced.models.list()  # the connection stands before the clock starts
    start = time.perf_counter()
    first, whole = watched(paced.chat.completions.create(model=m.small, messages=why, stream=True), start)
assert first < whole / 4
print(f"{PIECES} pieces, {PACE_S} s each: the first words came within a quarter of the time of the whole")
for tokens in (50, 300, 1000):
    print(f"{tokens:5} tokens at this pace: a reader waits {tokens * PACE_S:4.0f} s for the whole, or starts at once")

# %% [markdown]
r"""
The answer is not done any sooner. The *reader* is: people read about four words a second ([238 a
minute](https://doi.org/10.1016/j.jml.2019.104047), a review of 2019), and the stream stays ahead.

## Four ways to end

A stream can end well, run into its limit, break, or end in silence, when a proxy closes the connection politely. Look at what
each leaves, and at what `except openai.APIError` catches.
"""


# %% id="endings"
def ending(stream):
    """Read a stream to its end; return the words, the finish reason, and the exception."""
    text, finish = "", None
    try:
        for chunk in stream:
            for choice in chunk.choices:
                text, finish = text + (choice.delta.content or ""), choice.finish_reason or finish
    except Exception as error:
        return text, finish, f"{type(error).__name__}, an APIError: {isinstance(error, openai.APIError)}"
    return text, finish, "none"


SAY = "The pump costs 40 euros."
rules = [{"when": {"user": "short"}, "say": "The pump costs 4", "stop": "length"}, {"say": SAY}]
with session(scenario={"name": "endings", "rules": rules}, faults=[{"on": 3, "cut_after": 5}]) as s:
    direct = OpenAI(base_url=s.openai_url, api_key=s.token)
    ask = {"model": m.small, "stream": True}
    streams = {name: direct.chat.completions.create(messages=user(name), **ask) for name in ("well", "short", "break")}
    found = {name: ending(stream) for name, stream in streams.items()}
half = RAW[: RAW.index(b'" und"')].rpartition(b"data:")[0]
proxy = httpx.MockTransport(lambda _: httpx.Response(200, content=half, headers={"content-type": "text/event-stream"}))
polite = OpenAI(base_url="http://proxy.invalid/v1", api_key="-", http_client=httpx.Client(transport=proxy))
found["silence"] = ending(polite.chat.completions.create(messages=why, **ask))
for name, (text, finish, error) in found.items():
    print(f"{name:8}{text!r:28} finish_reason {finish!s:7} exception {error}")

# %% [markdown]
r"""
A broken connection raises the *transport's* exception, which is no `APIError`. Silence raises nothing: only the missing
`finish_reason` tells. So the rule is one line: **no finish reason, no answer**. Show what came, say that it is not whole, and
never store it as an assistant's turn.

## Tools: the model asks, you run

A tool is a name, a description and a JSON Schema. The model cannot run anything. It writes a **call**, your program runs it,
and the next request carries everything again and the result.

![Request 1 holds the question and the tools. The model answers with calls a and b. The program runs both; b fails. Request 2 holds the question, the turn with both calls, and one tool message for each: a with its result, b with its error. The model answers in words. At most N rounds, then one request without calls.](tool_loop.svg)

By hand, for the order that went wrong:
"""


# %% id="by-hand"
class Line(BaseModel):
    pieces: int
    usd_each: float


class add_up(BaseModel):
    """The exact total of an order."""

    lines: list[Line]


def run_add_up(lines):
    usd = sum(line["pieces"] * line["usd_each"] for line in lines)
    return {"pieces": sum(line["pieces"] for line in lines), "usd": round(usd, 2)}


ADD_UP = pydantic_function_tool(add_up)
order = user(f"{ORDER} How many pieces are that, and what is the total?")
turn = client.chat.completions.create(messages=order, tools=[ADD_UP], **LARGE).choices[0].message
[call] = turn.tool_calls
print(call.function.name, type(call.function.arguments).__name__, call.function.arguments)
result = json.dumps(run_add_up(**json.loads(call.function.arguments)))
order += [turn, {"role": "tool", "tool_call_id": call.id, "content": result}]
reply = client.chat.completions.create(messages=order, tools=[ADD_UP], **LARGE)
print(f"{result}\n{reply.model}: {reply.choices[0].message.content}")

# %% [markdown]
r"""
The arguments are **text**, written by a model, and so may be wrong or not even JSON. `pydantic_function_tool` marked the tool
`strict`: all properties required, nothing else allowed. Then a provider constrains the writing itself, as our local engine
does.

## The loop, and its rules

Every call of a turn is answered by a message with its `tool_call_id`, before anything else is said. The API checks that,
and not whether the right result stands under the right id. What happens if two are swapped? A script calls two tools at
once here.
"""


# %% id="loop"
def answered(call, functions):
    """Run one call; return the tool message, whatever happens."""
    try:
        result = functions[call.function.name](**json.loads(call.function.arguments))
    except Exception as error:  # for the model to read
        result = {"error": f"{type(error).__name__}: {error}"}
    return {"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)}


def run_loop(client, messages, tools, functions, most_rounds=4, **settings):
    """Return the history after the answer in words; after `most_rounds` rounds no more calls are allowed."""
    messages = list(messages)
    for rounds in range(most_rounds + 1):
        choice = "auto" if rounds < most_rounds else "none"
        reply = client.chat.completions.create(messages=messages, tools=tools, tool_choice=choice, **settings)
        messages.append(reply.choices[0].message)
        calls = messages[-1].tool_calls or []
        messages += [answered(call, functions) for call in calls]
        if not calls:
            break
    return messages


predict("swapped-ids")


# %% id="parallel"
def text_tool(name, description, **arguments):
    """Return a strict tool; each argument is the schema of a property."""
    schema = {"type": "object", "properties": arguments, "required": list(arguments), "additionalProperties": False}
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": schema, "strict": True},
    }


PUMPS = {"stock": lambda item: 4, "price": lambda item: 40.5}
tools = [text_tool(name, f"The {name} of an item.", item={"type": "string"}) for name in PUMPS]
calls = [{"name": name, "arguments": {"item": "pump"}} for name in PUMPS]
rules = [{"when": {"calls": []}, "call": calls}, {"say": "${result.stock} pumps are left, at ${result.price} euros."}]
with session(scenario={"name": "two-calls", "rules": rules}) as s:
    scripted = OpenAI(base_url=s.openai_url, api_key=s.token, max_retries=0)
    history = user("Pumps: how many, how much?")
    history += [scripted.chat.completions.create(model=m.small, messages=history, tools=tools).choices[0].message]
    stock, price = [answered(call, PUMPS) for call in history[1].tool_calls]
    swapped = [stock | {"tool_call_id": price["tool_call_id"]}, price | {"tool_call_id": stock["tool_call_id"]}]
    for name, results in {"in order": [stock, price], "ids swapped": swapped, "one missing": [stock]}.items():
        try:
            reply = scripted.chat.completions.create(model=m.small, messages=history + results, tools=tools)
            print(f"{name:12}", reply.choices[0].message.content)
        except openai.BadRequestError as error:
            print(f"{name:12}", re.sub(r"call_\w+", "call_…", error.body["message"]))

# %% [markdown]
r"""
Swapped ids are the worst case: no error, and forty pumps for four euros. Build the message in one place, from the call it
answers, as `answered` does.

An error goes back to the model as a result. A strong model reads it and tries again. Ours does not, as the next cell
shows, and its excuse is false. So report errors, and better, make them **impossible**: what can be listed belongs into the
schema. The last lines show the opposite mistake, a call forced where nothing is to be called.
"""

# %% id="errors-and-enums"
WAREHOUSE = {"CH-17 chair": 4, "LM-03 lamp": 29}


def stock_of(item):
    if item not in WAREHOUSE:
        raise LookupError(f"no item {item!r}; say one of: {', '.join(WAREHOUSE)}")
    return {"item": item, "left": WAREHOUSE[item]}


about = "How many pieces of an item are in the warehouse."
free = text_tool("stock", about, item={"type": "string"})
listed = text_tool("stock", about, item={"type": "string", "enum": list(WAREHOUSE)})
lamps = user("How many lamps are left in the warehouse?")
for name, tool in {"any text": free, "one of a list": listed}.items():
    history = run_loop(client, lamps, [tool], {"stock": stock_of}, **LARGE)
    for call, result in zip(history[1].tool_calls, history[2:], strict=False):
        print(f"{name}: stock({call.function.arguments}) -> {result['content']}")
    print("   ", history[-1].content)
for choice in ("auto", "required"):
    reply = client.chat.completions.create(messages=user("Say hello."), tools=[free], tool_choice=choice, **LARGE)
    said = reply.choices[0].message
    print(f"say hello, {choice}:", said.content or [call.function.arguments for call in said.tool_calls])

# %% id="responses-tools"
flat = {"type": "function", **ADD_UP["function"]}  # Responses has no key "function" around it
settings = {"model": m.large, "tools": [flat], "temperature": 0, "max_output_tokens": 80}
items = user(f"{ORDER} How many pieces are that, and what is the total?")
[call] = client.responses.create(input=items, **settings).output
print(call.type, call.name, call.arguments)
output = json.dumps(run_add_up(**json.loads(call.arguments)))
items += [call, {"type": "function_call_output", "call_id": call.call_id, "output": output}]
print(client.responses.create(input=items, **settings).output_text)

# %% [markdown]
r"""
The same four steps on Responses: the tool is flat, calls are *items* of the output, and so are your results, tied by
`call_id`.

## Structure: an answer your program can read

Asking for JSON is a wish. JSON mode (`json_object`) forbids everything but some JSON. A **schema** (`json_schema`, strict)
forbids everything but yours. `.parse()` makes the schema from a class and the object from the answer. Back to the order,
first with the schema alone, then after the tool has run:
"""


# %% id="parse"
class Total(BaseModel):
    items: int
    total: float


alone = client.chat.completions.parse(messages=asked, response_format=Total, **LARGE).choices[0].message.parsed
print("schema alone:     ", alone.items, "pieces, about", round(alone.total), "USD")
same = client.responses.parse(model=m.large, input=asked, text_format=Total, temperature=0, max_output_tokens=80)
print("on Responses:     ", "the same" if same.output_parsed == alone else same.output_parsed)
both = client.chat.completions.parse(messages=order, response_format=Total, **LARGE).choices[0].message.parsed
print("schema after tool:", both.items, "pieces,", both.total, "USD")
assert (alone.items, alone.total) != (32, 556) == (both.items, both.total)

# %% id="not-whole"
try:
    cut = {**LARGE, "max_completion_tokens": 8}
    client.chat.completions.parse(messages=user(f"{ORDER} The total, please."), response_format=Total, **cut)
except openai.LengthFinishReasonError as error:
    print("cut:", repr(error.completion.choices[0].message.content), "->", type(error).__name__)

# A refusal, written by hand in the shape OpenAI documents: small local models do not refuse.
refused = {"role": "assistant", "content": None, "refusal": "I can't help with that."}
choice = {"index": 0, "message": refused, "finish_reason": "stop", "logprobs": None}
written = {"id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": "by-hand", "choices": [choice]}
wire = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=written)))
by_hand = OpenAI(base_url="http://nobody.invalid/v1", api_key="-", http_client=wire)
message = by_hand.chat.completions.parse(model=m.large, messages=asked, response_format=Total).choices[0].message
print("refused: parsed is", message.parsed, "| refusal:", message.refusal)

# %% [markdown]
r"""
Valid, and wrong: the schema alone fixes the form, and the numbers are invented. With the tool's result both hold. A
refusal and a cut are the two ways out of a schema, so test for both before `parsed`.

## Experiment: words, JSON mode, schema

- **Data**: eight tickets of a shop, each with the right order number, topic and number of pieces; some have none.
- **Control**: the same instruction in words alone. It is counted twice, as it came and with code fences cut off.
- **Measure**: answers that `json.loads` takes; that fit the schema; that are right in all three fields. And tokens.
- **Models**: both local ones, at temperature 0. Eight tickets show large effects only.
"""


# %% id="tickets"
class Ticket(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    order: str | None
    topic: Literal["defect", "billing", "delivery", "question"]
    pieces: int | None


TICKETS = {
    "Order 7741: two of the five lamps came broken.": ("7741", "defect", 2),
    "I was charged twice for order 5120, please refund one payment.": ("5120", "billing", None),
    "Where are my 3 chairs? Order 9033 should have come on Monday.": ("9033", "delivery", 3),
    "The desk from order 1188 wobbles and one leg is cracked.": ("1188", "defect", 1),
    "Invoice for 6402 has no tax number on it.": ("6402", "billing", None),
    "Do you also sell blue cushions?": (None, "question", None),
    "The courier left parcel 2275 in the rain, all 12 books are wet.": ("2275", "delivery", 12),
    "Which colours does the shelf come in?": (None, "question", None),
}
SORT = (
    "Sort this ticket. Reply with a JSON object: order (the order number as text, or null), topic (defect, billing, "
    "delivery or question), pieces (how many things it is about, or null)."
)
predict("which-model-parses")


# %% id="judge"
schema = {"name": "ticket", "strict": True, "schema": Ticket.model_json_schema()}
METHODS = {
    "in words": None,
    "JSON mode": {"type": "json_object"},
    "schema": {"type": "json_schema", "json_schema": schema},
}


def judged(answer, right):
    """Return whether an answer parses, fits the schema, and is right."""
    try:
        ticket = Ticket.model_validate_json(answer)
    except ValidationError as error:
        return error.errors()[0]["type"] != "json_invalid", False, False
    return True, True, (ticket.order, ticket.topic, ticket.pieces) == right


def unfenced(answer):
    return re.sub(r"^```(?:json)?\s*|\s*```$", "", answer.strip())


# %% id="experiment"
rates, tokens, said = {}, {}, {}
for model in (m.small, m.large):
    for method, form in METHODS.items():
        more = {} if form is None else {"response_format": form}
        for text in TICKETS:
            messages = [{"role": "system", "content": SORT}, *user(text)]
            reply = client.chat.completions.create(messages=messages, **LARGE | {"model": model}, **more)
            said.setdefault((model, method), []).append(reply.choices[0].message.content)
            spent = tokens.setdefault((model, method), [0, 0])
            spent[0], spent[1] = spent[0] + reply.usage.prompt_tokens, spent[1] + reply.usage.completion_tokens
    said[model, "words, unfenced"] = [unfenced(answer) for answer in said[model, "in words"]]
    print(model, "is answered by", reply.model)
for key, answers in said.items():
    rows = [judged(answer, right) for answer, right in zip(answers, TICKETS.values(), strict=True)]
    rates[key] = [sum(column) for column in zip(*rows, strict=True)]

# %% id="signature-plot"
order_of = ("in words", "words, unfenced", "JSON mode", "schema")
print(f"{'':30}parses   fits  right   tokens in    out")
for model in (m.small, m.large):
    for method in order_of:
        counts = [f"{count:5}/8" for count in rates[model, method]]
        print(f"{model:13} {method:16}", *counts, *(f"{count:9}" for count in tokens.get((model, method), ())))
for text, right, answer in zip(TICKETS, TICKETS.values(), said[m.large, "schema"], strict=True):
    if not judged(answer, right)[2]:
        print("valid and wrong:", text, answer)
assert all(rates[model, "schema"][:2] == [8, 8] for model in (m.small, m.large))
assert rates[m.large, "in words"][0] < rates[m.small, "in words"][0]
assert all(rates[model, "schema"][2] < 8 for model in (m.small, m.large))

names = ("words", "unfenced", "JSON", "schema")
drawn = {f"{what}, {model}": [rates[model, method][at] for method in order_of]
         for model in (m.small, m.large) for what, at in {"parses": 0, "right": 2}.items()}  # fmt: skip
figure = plots.bars(names, drawn, "Of eight tickets", x_label="how the form was asked for", y_label="answers")
figure.axes[0].set_ylim(0, 12)  # room for the legend
figure

# %% [markdown]
r"""
A schema makes every answer usable and none of them true: `"null"` is a text, and no order's number. The better model was
the *less* parsable one: it puts every JSON into a fence. Cutting that off repairs the habit of one model; a schema holds
for the next one, too. It costs input tokens with every request.

## Where it fails

1. **No way to say "none".** A schema that demands a number gets one.
2. **Half a turn.** A stream breaks after the first of two calls. That call is whole, valid JSON, and must not run.
3. **A loop without a bound.** A model that keeps calling sends its growing history each time.
"""


# %% id="no-way-out"
class Demanded(BaseModel):
    order: str
    pieces: int


class Optional(BaseModel):
    order: str | None
    pieces: int | None


READ = [{"role": "system", "content": "Read the order number and the number of pieces from the ticket."}]
ticket = "Do you also sell blue cushions?"
for form in (Demanded, Optional):
    reply = client.chat.completions.parse(messages=READ + user(ticket), response_format=form, **LARGE)
    print(f"{reply.model}, {ticket} {reply.choices[0].message.parsed!r}")

# %% id="half-a-turn-and-no-end"
pay = [{"name": name, "arguments": {"account": name, "usd": 500}} for name in ("debit", "credit")]
with session(scenario={"name": "pay", "rules": [{"call": pay}]}, faults=[{"on": 1, "cut_after": 6}]) as s:
    direct, calls, finish = OpenAI(base_url=s.openai_url, api_key=s.token, max_retries=0), {}, None
    try:
        for chunk in direct.chat.completions.create(model=m.small, messages=user("Move 500."), stream=True):
            finish = chunk.choices[0].finish_reason
            for piece in chunk.choices[0].delta.tool_calls or []:
                calls[piece.index] = calls.get(piece.index, "") + piece.function.arguments
    except httpx.TransportError:
        print("received:", calls, "| finish_reason:", finish)

spent = {}
again = [{"when": {"tools": ["stock"]}, "call": [{"name": "stock", "arguments": {"item": "pump"}}]}, {"say": "Enough."}]
for most in (4, 8, 16):
    with session(scenario={"name": "again", "rules": again}) as s:
        direct = OpenAI(base_url=s.openai_url, api_key=s.token)
        run_loop(direct, user("Pumps?"), tools, PUMPS, most, model=m.small)
        spent[most] = sum(call["usage"]["input"] for call in s.log())
    print(f"at most {most:2} rounds: {spent[most]:6,} input tokens, {spent[most] / spent[4]:.1f} times those of 4")

# %% [markdown]
r"""
Each round sends all rounds before it again, so the bill grows faster than the rounds. An unbounded loop is an unbounded
bill.

## In production

- **Latency**: stream what people read. What programs read needs no stream.
- **Tokens**: tools and schemas are input, paid for with every request. Offer few, describe them briefly.
- **Checks**: first the finish reason, then refusal, then your own validation. A schema knows no prices and no permissions.
- **Side effects**: run a call that moves money only from a whole turn, once per id, and ask a person.
- **When not**: one fixed function needs no model to call it, and a label from a list needs no tool.

## Practice: core

> **Skill** repair with a bound · **Difficulty** 3/5 · **Importance** 5/5 · **Minutes** 20 · **Tier** core

`valid_answer(client, model, messages, schema, tries=3)` asks over Chat Completions and returns the first answer that is
JSON and fits `schema`, as Python data. After an invalid one it asks again, with that answer and a user message that says
what is wrong added. It sends at most `tries` requests, then raises `ValueError`. `messages` stays as it is.
`fastjsonschema.validate(schema, value)` raises a `JsonSchemaValueException` that says what is wrong.
"""


# %% id="valid-answer"
try:
    fastjsonschema.validate(checks.SCHEMA, {"item": "pump", "pieces": "three"})
except fastjsonschema.JsonSchemaValueException as error:
    print("this is what you can tell a model:", error)


def valid_answer(client, model, messages, schema, tries=3):
    """Return the first answer that fits the schema, asking again with what was wrong."""
    raise NotImplementedError


checks.valid_answer.show(globals())
hint("valid-answer", 1)  # steps 2 and 3 when you want them
reveal("valid-answer")

# %% [markdown]
r"""
## Practice: stretch and open

> **Skill** leave a stream early · **Difficulty** 3/5 · **Importance** 3/5 · **Minutes** 15 · **Tier** stretch

`first_sentence(client, model, messages)` streams an answer and returns it up to its first `.`, `?` or `!`, without reading
on: it closes the stream there, so that a provider stops writing, and you stop paying. An answer without such a sign comes
back whole.

> **Skill** price your own tools · **Difficulty** 2/5 · **Importance** 4/5 · **Minutes** 15 · **Tier** open

Put three tools of your own product into the cell. Which costs more over a month, their schemas or the questions? Write
down one tool that you would drop, merge or describe in fewer words, and what that saves.
"""


# %% id="first-sentence"
def first_sentence(client, model, messages):
    """Return the answer up to the end of its first sentence, and read no further."""
    raise NotImplementedError


checks.first_sentence.show(globals())
hint("first-sentence", 1)

# %% id="own-tools"
own = [free, listed, ADD_UP]
with session(scenario={"name": "price", "rules": [{"say": "Fine."}]}) as s:
    counted = OpenAI(base_url=s.openai_url, api_key=s.token)
    for tools in ([], own):
        more = {"tools": tools} if tools else {}
        reply = counted.chat.completions.create(model=m.small, messages=lamps, **more)
        print(f"{len(tools)} tools: {reply.usage.prompt_tokens} input tokens for one question")
hint("own-tools", 1)

# %% id="quiz"
quiz()

# %% [markdown]
r"""
## Decide

Your shop wants to book orders from chat. In words, JSON mode or schema? Which numbers may the model write, and which must a
tool compute? Choose in three to five sentences. Name two numbers of your run that support the choice, and one that would
reverse it.

## In five lines

- A stream is bytes: decode whole lines, and trust an answer only with its finish reason.
- A model asks for calls; your program runs them, answers each by id, and bounds the rounds.
- Errors are results. What can be listed belongs into the schema.
- A schema guarantees the form. Leave a way to say "none", and check the truth yourself.
- Numbers come from code, sentences from the model.

## Read on

[Streaming](https://developers.openai.com/api/docs/guides/streaming-responses) ·
[function calling](https://developers.openai.com/api/docs/guides/function-calling) ·
[structured outputs](https://developers.openai.com/api/docs/guides/structured-outputs) ·
[server-sent events](https://html.spec.whatwg.org/multipage/server-sent-events.html) ·
[JSON Schema](https://json-schema.org/understanding-json-schema)

**Next**: the lab of this week. Your chatbot becomes a program that streams, looks up and calculates, and it is graded.
"""
