# %% [markdown] id="header"
r"""
# Lab 04 · The chatbot streams, looks up and calculates

**You will ship** `chatbot.py`, a command-line chatbot. It prints its answers as they come, lets the model look up
the weather and calculate, keeps its history within a token budget, and survives a rate limit, a dead connection
and a tool that fails. You build its parts first, each examined by what it sends over the wire.

| task | you write | visible | hidden | points |
|---|---|---|---|---|
| 1 | `stream_turn`, `remember` | 3 | 7 | 10 |
| 2 | `TOOLS`, `calculate` | 3 | 6 | 9 |
| 3 | `converse` | 3 | 6 | 9 |
| 4 | `chatbot.py`, `defended` | 4 | 8 | 12 |
| memo | 200 words, scored by a rubric | | | 10 |
| | | 13 | 27 | **40 + 10** |

**Minutes** 90 (estimated). **Needs** this week's tokenizer file; no key, no network, no model weights: scripts answer.
"""

# %% [markdown] id="rules"
r"""
## How this lab works

**Visible checks** show what was expected, what came and a hint. **Hidden checks** run after you submit. They ask for
the behaviour the task describes and nothing else, on data drawn anew for every attempt, and report a category such as
*cut stream*. They read what your code sends and returns, never how it is written. One call may take 10 seconds, one
run of your program 60.

**Given.** A script, `REHEARSAL`, answers in place of a model: it calls tools where they are offered, reads their
results, and knows your name only if your history tells it. A session has its script, its *faults* (an error status, a
cut stream, a slow pace) and a log. The checks use other scripts.

**Assistance: tools.** Documentation, this course and a coding assistant. You answer for every line: the memo and
the predicted numbers are about *your* program.

Keep the names and parameters; add cells and helpers freely. Checks never use your answer to another task.
Before you submit, *Restart Kernel and Run All Cells*: what runs then is graded.

Hints cost no points: `hint("stream")` opens the first of three; the others are `"tools"`, `"loop"`, `"chatbot"` and
`"defended"`.
"""

# %% id="setup" role="locked"
import ast
import json
import math
import operator
import time
from itertools import chain

import httpx
import httpx2
import tiktoken
from checks import CONVERSATION, REHEARSAL
from openai import APIError, OpenAI

from courseware.learner import hint, run_program, session, setup

m = setup("week 04")
MODEL = m.small


def client_of(opened):
    """Return a client of a session: what it asks is answered by the session's script."""
    return OpenAI(base_url=opened.openai_url, api_key=opened.token, max_retries=0, timeout=5)


# %% id="given-look"
with session(scenario=REHEARSAL) as opened:
    client_of(opened).chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "My name is Ada."}])
    exchange = opened.log()[0]
for key in ("asked", "answers", "status", "usage"):
    print(f"{key:8}", exchange[key])

# %% id="given-parts" role="locked"
CELSIUS = {"Oslo": -3.5, "Cairo": 31.0, "Lima": 19.5, "Pune": 27.0}


def get_weather(city, unit):
    """Return the temperature in a city; LookupError where none is known."""
    if city not in CELSIUS:
        raise LookupError(f"no weather for {city!r}; known are {', '.join(CELSIUS)}")
    degrees = CELSIUS[city] if unit == "celsius" else CELSIUS[city] * 9 / 5 + 32
    return {"city": city, "degrees": degrees, "unit": unit}


def watch(client, messages, tools=None):
    """Return what `stream_turn` returned, the pieces it wrote, and the seconds after which it wrote each."""
    pieces, seconds, start = [], [], time.perf_counter()

    def write(piece):
        pieces.append(piece)
        seconds.append(time.perf_counter() - start)

    return {"turn": stream_turn(client, messages, write, tools), "pieces": pieces, "seconds": seconds}


# %% [markdown] id="stream-task"
r"""
## Task 1: read a stream to its end, or to its break

> **Skill** streams, and what a cut one leaves you · **Difficulty** 3/5 · **Importance** 5/5 · **Minutes** 20 · **Points** 10 · **Tier** core

`stream_turn(client, messages, write, tools=None)` asks `MODEL` over Chat Completions for a stream, with usage. `tools`,
where given, are offered.

1. Every piece of words goes to `write(piece)` the moment it arrives; empty pieces do not.
2. It returns a dictionary: `text` (all words), `calls` (in order, each `{"id", "name", "arguments"}`, the arguments as
   the whole JSON text), `finish` (the finish reason) and `usage` (`{"input": tokens, "output": tokens}`).
3. If the connection breaks off before a finish reason came, or the stream ends without one, it returns what is
   certain: `text` so far, no calls, `finish` and `usage` `None`. An error status is no cut: that exception goes to the
   caller.

`remember(messages, turn)` returns a new list for the next request: `messages` and the assistant's turn, in the wire's
shape, or `messages` alone where the turn was cut. `tool_calls` is there only where there are calls. Half an answer in
the history is one the model believes it gave.

**By hand.** Pieces `"It"`, `" is"`, then the connection dies: `write` got both, the result is `{"text": "It is",
"calls": [], "finish": None, "usage": None}`, and `remember` adds nothing.
"""


# %% id="stream" role="answer"
def stream_turn(client, messages, write, tools=None):
    """Stream one answer, passing its words on as they come; return what is certain at the end."""
    ### BEGIN SOLUTION
    offered = {"tools": tools} if tools else {}
    turn = {"text": "", "calls": [], "finish": None, "usage": None}
    stream = client.chat.completions.create(
        model=MODEL, messages=messages, stream=True, stream_options={"include_usage": True}, **offered
    )
    try:
        for chunk in stream:
            if chunk.usage:
                turn["usage"] = {"input": chunk.usage.prompt_tokens, "output": chunk.usage.completion_tokens}
            for choice in chunk.choices:  # the chunk that carries usage has none
                turn["finish"] = choice.finish_reason or turn["finish"]
                if choice.delta.content:
                    turn["text"] += choice.delta.content
                    write(choice.delta.content)
                for piece in choice.delta.tool_calls or []:
                    if piece.index == len(turn["calls"]):
                        turn["calls"].append({"id": piece.id, "name": piece.function.name, "arguments": ""})
                    turn["calls"][piece.index]["arguments"] += piece.function.arguments
    except (APIError, httpx.TransportError, httpx2.TransportError):  # openai 2 rides on httpx, openai 3 on httpx2
        pass  # what follows tells whether the answer was whole
    if turn["finish"] is None:
        turn["calls"] = []
    return turn
    ### END SOLUTION


def remember(messages, turn):
    """Return the history that the next request starts from."""
    ### BEGIN SOLUTION
    if turn["finish"] is None:
        return list(messages)
    calls = [
        {"id": call["id"], "type": "function", "function": {"name": call["name"], "arguments": call["arguments"]}}
        for call in turn["calls"]
    ]
    return [*messages, {"role": "assistant", "content": turn["text"], **({"tool_calls": calls} if calls else {})}]
    ### END SOLUTION


# %% id="stream-look"
question = [{"role": "user", "content": "My name is Ada."}]
for faults in ([{"pace_s": 0.05}], [{"cut_after": 4}]):
    with session(scenario=REHEARSAL, faults=faults) as opened:
        seen = watch(client_of(opened), question)
        print(list(zip(seen["pieces"], [round(at, 2) for at in seen["seconds"]], strict=True)))
        print(seen["turn"], remember(question, seen["turn"])[1:], sep="\n")

# %% id="stream-visible" role="check" points=3

# %% id="stream-hidden" role="hidden" points=7

# %% [markdown] id="tools-task"
r"""
## Task 2: two tools a model cannot misuse

> **Skill** strict schemas, and code that runs a model's text safely · **Difficulty** 3/5 · **Importance** 5/5 · **Minutes** 20 · **Points** 9 · **Tier** core

`TOOLS` is the list you send as `tools` to Chat Completions: `get_weather`, whose function is given above, with the
text `city` and a `unit` of `"celsius"` or `"fahrenheit"`; and `calculate` with the text `expression`. Both are strict:
`strict` is true, every property is required, nothing else is accepted. Each has a description.

`calculate(expression)` returns the value as a number.

1. Numbers, `+ - * / **`, parentheses and the signs `+` and `-` before a value, with Python's precedence. White space
   around the expression does no harm.
2. Everything else raises `ValueError`, and is never run: names, calls, texts, `True`, lists, comparisons, other
   operators, half an expression, nothing at all.
3. So does what has no finite real value: `1 / 0`, `(-8) ** 0.5`, and whatever is too large for a float. `9 ** 9 ** 9` must
   be refused within the time limit.
4. So do expressions of more than 200 characters.

The result may be an `int` or a `float` and counts as equal within a relative 0.000000001. The text comes from a
model, which repeats what strangers write: `eval` would run `__import__("os")...` for them.

**By hand.** `"-2 ** 2"` is −4, `"2 ** 3 ** 2"` is 512, `"(1 + 2) * 4 / 8"` is 1.5. `"2 ^ 3"` and `"pi"` raise `ValueError`.
"""


# %% id="tools" role="answer"
### BEGIN SOLUTION
def strict_tool(name, description, properties):
    """Return a function tool whose arguments are all required, and nothing else is accepted."""
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    about = {"name": name, "description": description, "parameters": parameters, "strict": True}
    return {"type": "function", "function": about}


TOOLS = [
    strict_tool(
        "get_weather",
        "The temperature in a city now.",
        {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
    ),
    strict_tool("calculate", "The value of an arithmetic expression.", {"expression": {"type": "string"}}),
]
BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
UNARY = {ast.UAdd: operator.pos, ast.USub: operator.neg}
### END SOLUTION


def calculate(expression):
    """Return the value of an arithmetic expression; ValueError for everything else."""
    ### BEGIN SOLUTION
    if len(expression) > 200:
        raise ValueError("more than 200 characters")
    try:
        value = value_of(ast.parse(expression.strip(), mode="eval").body)
    except (SyntaxError, ArithmeticError) as error:
        raise ValueError(f"cannot calculate {expression!r}: {error}") from None
    if not isinstance(value, float) or not math.isfinite(value):
        raise ValueError(f"{expression!r} has no finite real value")
    return value
    ### END SOLUTION


### BEGIN SOLUTION
def value_of(node):
    """Return the value of a syntax tree, in floats: they overflow at once where integers would grow for ever."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(node.value)
    if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        return BINARY[type(node.op)](value_of(node.left), value_of(node.right))
    if isinstance(node, ast.UnaryOp) and type(node.op) in UNARY:
        return UNARY[type(node.op)](value_of(node.operand))
    raise ValueError(f"{type(node).__name__} is not arithmetic")


### END SOLUTION

# %% id="tools-look"
for expression in ("-2 ** 2", "2 ** 3 ** 2", "(1 + 2) * 4 / 8", "2 ^ 3", "9 ** 9 ** 9"):
    try:
        print(f"{expression:18}", calculate(expression))
    except ValueError as error:
        print(f"{expression:18} refused: {error}")

# %% id="tools-visible" role="check" points=3

# %% id="tools-hidden" role="hidden" points=6

# %% [markdown] id="loop-task"
r"""
## Task 3: the tool loop

> **Skill** a bounded loop that reports errors to the model · **Difficulty** 4/5 · **Importance** 5/5 · **Minutes** 15 · **Points** 9 · **Tier** core

`converse(client, messages, tools, functions, max_rounds=4)` asks `MODEL` over Chat Completions, runs the calls it answers with, and returns
the text of the final answer. `functions` maps a tool's name to a Python function. Streaming or not is your choice.

1. After an answer with calls, `messages` gets that turn and then, in the order of the calls, one `tool` message for
   each, with its id. Then it asks again.
2. A result that is text stands as it is, any other as JSON.
3. What goes wrong is a result too, never an exception: `{"error": "…"}` as JSON. For a tool that is not in `functions`
   it names those that are; for an exception of the function it holds its message; arguments that do not fit are an
   error as well. The other calls of the turn still run.
4. After `max_rounds` rounds of calls and results it asks a last time and allows no calls: `tool_choice="none"`, or no
   tools.
5. The final answer is added to `messages`, which is then what the next question continues.

The cell below lends you three functions, so that this task stands alone.
"""

# %% id="given-functions" role="locked"
STOCK = {"pump": 4, "valve": 0, "hose": 12}


def stock(item):
    """How many of an item are left."""
    if item not in STOCK:
        raise LookupError(f"no item {item!r}; there are {', '.join(STOCK)}")
    return {"item": item, "left": STOCK[item]}


def rate(currency):
    """What a euro costs in a currency."""
    return {"NOK": 11.6, "JPY": 171.0}[currency]


def greeting(language):
    """A greeting in a language."""
    return {"de": "Guten Tag", "pt": "Bom dia"}[language]


FUNCTIONS = {function.__name__: function for function in (stock, rate, greeting)}


# %% id="loop" role="answer"
def converse(client, messages, tools, functions, max_rounds=4):
    """Answer the last question of `messages` with the help of tools, and add to `messages` what came."""
    ### BEGIN SOLUTION
    for rounds in range(max_rounds + 1):
        choice = "none" if rounds == max_rounds else "auto"
        reply = client.chat.completions.create(model=MODEL, messages=messages, tools=tools, tool_choice=choice)
        answer = reply.choices[0].message
        messages.append(answer.model_dump(include={"role", "content", "tool_calls"}, exclude_none=True))
        for call in answer.tool_calls or []:
            content = run_call(functions, call.function.name, call.function.arguments)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": content})
        if not answer.tool_calls:
            break
    return answer.content
    ### END SOLUTION


### BEGIN SOLUTION
def run_call(functions, name, arguments):
    """Return the content of a tool message: the result, or what went wrong, for the model to read."""
    try:
        if name not in functions:
            raise LookupError(f"there is no tool {name!r}; there are {', '.join(functions)}")
        result = functions[name](**json.loads(arguments))
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    return result if isinstance(result, str) else json.dumps(result)


### END SOLUTION


# %% id="given-talk" role="locked"
OFFERED = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": function.__doc__,
            "parameters": {"type": "object", "properties": {word: {"type": "string"}}, "required": [word]},
        },
    }
    for (name, function), word in zip(FUNCTIONS.items(), ("item", "currency", "language"), strict=True)
]


def talk(client, *questions, max_rounds=4):
    """Ask one question after the other in one history; return the answers. The checks call this, too."""
    messages, answers = [], []
    for question in questions:
        messages.append({"role": "user", "content": question})
        answers.append(converse(client, messages, OFFERED, FUNCTIONS, max_rounds))
    return answers


# %% id="loop-look"
SCRIPT = [
    {"when": {"calls": []}, "call": [{"name": "stock", "arguments": {"item": item}} for item in ("hose", "moon")]},
    {"say": "There are 12 hoses, and we do not sell moons."},
]
with session(scenario={"name": "look", "rules": SCRIPT}) as opened:
    print(talk(client_of(opened), "How many hoses and moons are left?"))
    for message in opened.log()[-1]["asked"]["messages"]:
        print(message)

# %% id="loop-visible" role="check" points=3

# %% id="loop-hidden" role="hidden" points=6

# %% [markdown] id="chatbot-task"
r"""
## Task 4: the program

> **Skill** a program that keeps its promises to a shell · **Difficulty** 5/5 · **Importance** 5/5 · **Minutes** 25 · **Points** 12 · **Tier** core

`chatbot.py` is one file that imports nothing of this notebook: carry over what you need. It is started as
`python chatbot.py [--model NAME] [--system TEXT] [--budget-tokens N]`, by default with `course-small`, no system text
and 1000 tokens, and finds address and key where `OpenAI()` looks for them.

1. Questions are the lines of standard input, until it ends or a line is `/quit`. Blank lines are skipped.
2. Answers are streamed to standard output, a line each, and nothing else goes there.
3. It talks Chat Completions. Both tools of task 2 are offered with every request, and their calls answered as in
   task 3, at most five rounds for a question.
4. Each request carries the system text first, then the history, then the question. Its messages count at most the
   budget in tokens (`count_tokens`, given below), unless the newest turn and the system text alone exceed it. Turns go
   oldest first, and none goes that would fit.
5. A 429 or 5xx before the answer begins is asked again, at least once and at most five times, after the wait its
   headers ask for. The SDK can do that.
"""

# %% [markdown] id="chatbot-errors"
r"""
6. A stream that is cut: what came stays on the screen and ends its line; it is not asked again, and no later request
   contains half an answer.
7. A question without a whole answer (6, or an error status that remains) gets a line on standard error, and the next
   question is asked.
8. Exit status: 0 if every question was answered whole, else 1.

`trim` of last week keeps turns whole, and must: a `tool` message without the call before it is a 400. `count_tokens` now
counts calls, too. What last week had not: results come in the middle of a turn, so the second request of a turn is larger
than its first.

The answer cell writes a file: its first line, `%%writefile chatbot.py`, stays. `rehearse(...)` runs the program with
options of yours and a script in place of a model, and gives what it printed and what it sent.
"""

# %% id="given-trim" role="locked"
O200K = tiktoken.get_encoding("o200k_base")


def count_tokens(message):
    """Return what a message counts: 4, its words, and the names and arguments of its calls."""
    calls = [call["function"] for call in message.get("tool_calls") or []]
    texts = [message.get("content") or "", *(f"{call['name']} {call['arguments']}" for call in calls)]
    return 4 + sum(len(O200K.encode(text, disallowed_special=())) for text in texts)


def trim(messages, budget):
    """Return the instructions and the newest turns that fit together, each whole; the last turn always stays."""
    head = [message for message in messages if message["role"] in ("system", "developer")]
    turns = []
    for message in messages[len(head) :]:
        turns += [[message]] if message["role"] == "user" else []
        turns[-1] += [message] if message["role"] != "user" else []
    while len(turns) > 1 and sum(map(count_tokens, [*head, *chain(*turns)])) > budget:
        del turns[0]
    return [*head, *chain(*turns)]


# %% id="chatbot" role="answer" file="chatbot.py"
"""A chatbot for the command line: it streams, looks up the weather, calculates, and keeps within a token budget."""

import argparse
import ast
import json
import math
import operator
import sys
from itertools import chain

import httpx
import httpx2
import tiktoken
from openai import APIError, OpenAI

### BEGIN SOLUTION
MAX_ROUNDS = 5
O200K = tiktoken.get_encoding("o200k_base")
BROKEN = (APIError, httpx.TransportError, httpx2.TransportError)
CELSIUS = {"Oslo": -3.5, "Cairo": 31.0, "Lima": 19.5, "Pune": 27.0}
BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
UNARY = {ast.UAdd: operator.pos, ast.USub: operator.neg}


def get_weather(city, unit):
    """Return the temperature in a city; LookupError where none is known."""
    if city not in CELSIUS:
        raise LookupError(f"no weather for {city!r}; known are {', '.join(CELSIUS)}")
    degrees = CELSIUS[city] if unit == "celsius" else CELSIUS[city] * 9 / 5 + 32
    return {"city": city, "degrees": degrees, "unit": unit}


def calculate(expression):
    """Return the value of an arithmetic expression; ValueError for everything else."""
    if len(expression) > 200:
        raise ValueError("more than 200 characters")
    value = value_of(ast.parse(expression.strip(), mode="eval").body)
    if not isinstance(value, float) or not math.isfinite(value):
        raise ValueError(f"{expression!r} has no finite real value")
    return value


def value_of(node):
    """Return the value of a syntax tree, in floats."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(node.value)
    if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        return BINARY[type(node.op)](value_of(node.left), value_of(node.right))
    if isinstance(node, ast.UnaryOp) and type(node.op) in UNARY:
        return UNARY[type(node.op)](value_of(node.operand))
    raise ValueError(f"{type(node).__name__} is not arithmetic")


def strict_tool(name, description, properties):
    """Return a function tool whose arguments are all required, and nothing else is accepted."""
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    about = {"name": name, "description": description, "parameters": parameters, "strict": True}
    return {"type": "function", "function": about}


FUNCTIONS = {"get_weather": get_weather, "calculate": calculate}
TOOLS = [
    strict_tool(
        "get_weather",
        "The temperature in a city now.",
        {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
    ),
    strict_tool("calculate", "The value of an arithmetic expression.", {"expression": {"type": "string"}}),
]


class CutOff(Exception):
    """The connection broke off before the answer's end."""


def count_tokens(message):
    """Return what a message counts: 4, its words, and the names and arguments of its calls."""
    calls = [call["function"] for call in message.get("tool_calls") or []]
    texts = [message.get("content") or "", *(f"{call['name']} {call['arguments']}" for call in calls)]
    return 4 + sum(len(O200K.encode(text, disallowed_special=())) for text in texts)


def trim(messages, budget):
    """Return the instructions and the newest turns that fit together, each whole; the last turn always stays."""
    head = [message for message in messages if message["role"] in ("system", "developer")]
    turns = []
    for message in messages[len(head) :]:
        turns += [[message]] if message["role"] == "user" else []
        turns[-1] += [message] if message["role"] != "user" else []
    while len(turns) > 1 and sum(map(count_tokens, [*head, *chain(*turns)])) > budget:
        del turns[0]
    return [*head, *chain(*turns)]


def run_call(name, arguments):
    """Return the content of a tool message: the result, or what went wrong, for the model to read."""
    try:
        if name not in FUNCTIONS:
            raise LookupError(f"there is no tool {name!r}; there are {', '.join(FUNCTIONS)}")
        result = FUNCTIONS[name](**json.loads(arguments))
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    return result if isinstance(result, str) else json.dumps(result)


def stream_turn(client, model, messages, choice):
    """Print an answer as it comes; return it as a message. Raises CutOff."""
    stream = client.chat.completions.create(
        model=model, messages=messages, tools=TOOLS, tool_choice=choice, stream=True
    )
    text, calls, finish = "", [], None
    try:
        for chunk in stream:
            for part in chunk.choices:
                finish = part.finish_reason or finish
                text += part.delta.content or ""
                print(part.delta.content or "", end="", flush=True)
                for piece in part.delta.tool_calls or []:
                    if piece.index == len(calls):
                        function = {"name": piece.function.name, "arguments": ""}
                        calls.append({"id": piece.id, "type": "function", "function": function})
                    calls[piece.index]["function"]["arguments"] += piece.function.arguments
    except BROKEN as error:
        raise CutOff(str(error)) from error
    if finish is None:
        raise CutOff("the stream ended without a finish reason")
    return {"role": "assistant", "content": text, **({"tool_calls": calls} if calls else {})}


def answer(client, options, history, question):
    """Answer one question; return the history that the next one continues."""
    messages = [*history, {"role": "user", "content": question}]
    for rounds in range(MAX_ROUNDS + 1):
        choice = "none" if rounds == MAX_ROUNDS else "auto"
        turn = stream_turn(client, options.model, trim(messages, options.budget_tokens), choice)
        messages.append(turn)
        for call in turn.get("tool_calls", []):
            content = run_call(call["function"]["name"], call["function"]["arguments"])
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": content})
        if "tool_calls" not in turn:
            break
    return messages


def main():
    """Answer the lines of standard input; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="course-small")
    parser.add_argument("--system", default="")
    parser.add_argument("--budget-tokens", type=int, default=1000)
    options = parser.parse_args()
    client, status = OpenAI(), 0
    history = [{"role": "system", "content": options.system}] if options.system else []
    for line in sys.stdin:
        question = line.strip()
        if question == "/quit":
            break
        if not question:
            continue
        try:
            history = answer(client, options, history, question)
        except (CutOff, *BROKEN) as error:
            print(f"no whole answer: {error}", file=sys.stderr)
            status = 1
        print()
    return status


if __name__ == "__main__":
    sys.exit(main())
### END SOLUTION


# %% id="chatbot-look"
def rehearse(*options, lines=CONVERSATION):
    """Run chatbot.py on these lines against the rehearsal script; return the run and the log."""
    with session(scenario=REHEARSAL) as opened:
        point = {"OPENAI_BASE_URL": opened.openai_url, "OPENAI_API_KEY": opened.token}
        return run_program("chatbot.py", *options, stdin="\n".join(lines), env=point), opened.log()


ran, log = rehearse("--budget-tokens", "400")
print(ran.out, ran.err, f"exit status {ran.status}", sep="\n")
for exchange in log:
    sent = exchange["asked"]["messages"]
    print(exchange["number"], len(sent), "messages,", sum(map(count_tokens, sent)), "tokens,", sent[-1]["role"], "last")

# %% [markdown] id="defended-task"
r"""
### Defend your numbers

The cell above ran `CONVERSATION` with a budget of 400. Say what *your* program sends for the same lines with
`--budget-tokens 160`, before you run that: how many requests in all, how many messages in the last of them, and how
many tokens these count. `count_tokens` and the log above are enough to work it out on paper. The examiner runs
your program with that budget and compares: all three right are two of task 4's hidden points.
"""

# %% id="defended" role="answer"
### BEGIN SOLUTION
defended = {"requests": 11, "last messages": 5, "last tokens": 59}
### END SOLUTION

# %% id="chatbot-visible" role="check" points=4

# %% id="chatbot-hidden" role="hidden" points=8

# %% [markdown] id="memo-task"
r"""
## Memo: ship it?

> **Skill** a decision with its evidence · **Difficulty** 3/5 · **Importance** 4/5 · **Minutes** 10 · **Points** 10 · **Tier** core

The support desk wants your chatbot on its site: 20,000 conversations a month, mostly like `CONVERSATION`. Write to the
head of the desk, at most 200 words, in place of the cell below. Which token budget do you ship, and does it stream? Cite
numbers of your own run, name one failure that customers will meet and what the program then does, and the number that
would change your mind.

Five criteria, 0 to 2 points each: decision, evidence, trade-off, failure, reversal. You score it against three graded
samples after the deadline. The next cell measures what you need; it grades nothing.
"""

# %% id="memo-look"
USD_PER_MILLION = 2.00  # an example price of input tokens
for budget in (60, 160, 250, 400):
    ran, log = rehearse("--budget-tokens", str(budget))
    tokens = sum(exchange["usage"]["input"] for exchange in log)
    counted = sum(count_tokens(message) for exchange in log for message in exchange["asked"]["messages"])
    usd = 20_000 * tokens * USD_PER_MILLION / 1e6
    print(f"budget {budget:3}: {tokens:5,} input tokens, {counted:5,} of them messages, {usd:3.0f} USD a month")
    print("            last answer:", ran.out.splitlines()[-1])
with session(scenario=REHEARSAL, faults=[{"delay_s": 0.2, "pace_s": 0.1}]) as opened:
    seconds = watch(client_of(opened), [{"role": "user", "content": "My name is Ada."}])["seconds"]
    print(f"at this pace the first words come after {seconds[0]:.1f} s, the last after {seconds[-1]:.1f} s")

# %% [markdown] id="memo" role="manual" points=10
r"""
### BEGIN SOLUTION
**Ship a budget of 400 tokens, and stream.**

At 400, a conversation of our seven typical questions sends 3,612 input tokens: 144 USD a month for 20,000 conversations at
the example price. 160 costs 96 USD and 250 costs 123 USD, but both had forgotten the customer's name by the last
question; only 400 knew it. The 48 USD between 160 and 400 buy a customer who need not repeat themselves.

A small budget saves less than it seems. 1,298 of the tokens, 52 USD, describe the two tools and go out at any budget. If the
bill must fall, take away a tool that nobody uses before you take away memory.

Streaming puts the first words on the screen after 0.2 seconds, not after 0.8. Its price: when a connection breaks, the
customer sees half a sentence. The program then says that the answer is not whole, keeps the half out of its history, and
takes the next question.

I would go down to 160 if the log of the first week shows that fewer than one conversation in ten refers back more than
three questions.
### END SOLUTION
"""

# %% id="finish" role="locked"
from courseware.learner import finish

finish("week 04")
