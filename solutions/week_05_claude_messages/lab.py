# %% [markdown] id="header"
r"""
# Lab 05 · One chatbot, two providers

**You will ship** a chatbot that speaks to OpenAI's Chat Completions and to Claude's Messages API through one
interface. It keeps one history in nobody's words, stays inside a token budget, goes on where an answer was cut, and
changes the provider in mid-conversation when one is overloaded. The person at the keyboard notices nothing but the
name of who answered.

| task | you write | visible | hidden | points |
|---|---|---|---|---|
| 1 | a request and a history for each wire format | 4 | 8 | 12 |
| 2 | one exchange: reading answers, sending, errors | 4 | 10 | 14 |
| 3 | counting, trimming, going on | 4 | 8 | 12 |
| 4 | `Chat`, with failover | 4 | 8 | 12 |
| | | 16 | 34 | **50** |

**Minutes** 75 (estimated). **Needs** the local gateway, which the first cell finds or starts: no key, no network.
"""

# %% [markdown] id="rules"
r"""
## How this lab works

The same suite runs on both providers. A case passes when it passes on each. Most of it looks at the wire: what your
code sent, how often, and what it made of the answer. Answers come from scripts, faults are put in on purpose.

**Visible checks** show what was expected, what came and a hint. **Hidden checks** run after you submit, on data drawn
anew for every attempt. They ask for what the task says and nothing else, and report a category such as *merging*. A
call may take 10 seconds.

**Assistance: tools.** An assistant may explain and review; you write what is graded.

Keep the names and parameters. Add cells and helpers where you like. No function may change its arguments. No check of
one task calls your answer to another. Before you submit, choose *Restart Kernel and Run All Cells*.

`hint("requests")` opens the first of three hints for task 1; the others are `"exchange"`, `"budget"` and `"chat"`. Hints
cost no points.
"""

# %% id="setup" role="locked"
from courseware.learner import hint, session, setup

m = setup("week 05")

# %% [markdown] id="given"
r"""
## Given: the neutral side

- A **turn** is a dict `{"role": "user" or "assistant", "text": …}`; a **history** is a list of turns. System text
  stands beside it as one string.
- A `Reply` is an answer in nobody's words. It is a named tuple, so `reply._replace(text="…")` makes a changed copy.
- Two exceptions divide all failures by the one question that a caller has: is it worth asking again?
- `post` sends a request as it is, without any help, so that you can try what a provider takes.
"""

# %% id="given-neutral" role="locked"
from typing import NamedTuple


class Reply(NamedTuple):
    """A provider's answer."""

    text: str
    stop: str  # "end", "length", "tools", "refusal" or "other"
    input_tokens: int  # all that the model read, from a cache or not
    output_tokens: int
    model: str  # who answered, as the provider's body says
    provider: str = ""  # which of a chatbot's backends answered: task 4


class ChatError(Exception):
    """A provider gave no answer."""


class Permanent(ChatError):
    """The same request will fail again: it, or the key, is wrong."""


# %% id="given-errors" role="locked"
class Retryable(ChatError):
    """The same request may work later, or elsewhere. `retry_after_s` is how long the provider asks to wait, if it does."""

    def __init__(self, message="", retry_after_s=None):
        super().__init__(message)
        self.retry_after_s = retry_after_s


def outcome(send, client, request):
    """Call `send` and return its Reply, or [kind of failure, seconds to wait, message]: how the checks look at task 2."""
    try:
        return send(client, request)
    except ChatError as error:
        kind = "Retryable" if isinstance(error, Retryable) else "Permanent"
        return [kind, getattr(error, "retry_after_s", None), str(error)]


# %% id="given-post" role="locked"
import anthropic
import openai


def post(client, request):
    """Send `request` as it is with either SDK's client and return the answer's JSON. Raises the SDK's own errors."""
    path = "/v1/messages" if isinstance(client, anthropic.Anthropic) else "/chat/completions"
    return client.post(path, body=request, cast_to=object)


DEFAULT_LIMIT = 1024  # tokens of an answer, where a provider must be told and nobody said
GO_ON = "Continue."

# %% [markdown] id="requests-task"
r"""
## Task 1 · One history, two shapes

> **Skill** neutral history to each wire format and back · **Difficulty** 2/5 · **Importance** 5/5 · **Minutes** 18 · **Points** 12 · **Tier** core

`openai_request(model, system, turns, max_tokens=None)` and `anthropic_request(…)` return the keyword arguments of one
request as a dict, `model`, `messages` and these, nothing else:

| | OpenAI | Anthropic |
|---|---|---|
| system text | one message, the first, role `developer` or `system` | `system` |
| limit | `max_completion_tokens`, left out if `None` | `max_tokens`, `DEFAULT_LIMIT` if `None` |

1. Turns whose text is empty or white space are left out. So is such a system text, or `None`.
2. Then turns of one role in a row become **one** message, their texts joined by a blank line (`"\n\n"`). Texts stay to
   the letter. Content may be a string or a list of text blocks.

`openai_history(request)` and `anthropic_history(request)` go back: they return `(system, turns)`.

3. Content may be a string, `None` or a list of blocks. The texts of `text` blocks are joined as they are, nothing
   between them; blocks of other types do not count.
4. All system texts, wherever they stand (a field, or messages of role `system` or `developer`), are joined by a blank
   line; `""` if there is none. Messages of roles other than these and `user`, `assistant` are left out.
5. A message without text is no turn. Turns are not merged.
"""

# %% [markdown] id="requests-example"
r"""
**By hand.** System `"Be brief."`, turns user `"Hi."`, user `"Anyone?"`, assistant `" "`:

```python
{"model": "m", "messages": [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "Hi.\n\nAnyone?"}]}
{"model": "m", "max_tokens": 1024, "system": "Be brief.", "messages": [{"role": "user", "content": "Hi.\n\nAnyone?"}]}
```

Back from either: `("Be brief.", [{"role": "user", "text": "Hi.\n\nAnyone?"}])`.
"""


# %% id="requests" role="answer"
def openai_request(model, system, turns, max_tokens=None):
    """Return the keyword arguments of `client.chat.completions.create`."""
    ### BEGIN SOLUTION
    first = [{"role": "developer", "content": system}] if has_text(system) else []
    limit = {} if max_tokens is None else {"max_completion_tokens": max_tokens}
    return {"model": model, "messages": first + merged(turns), **limit}
    ### END SOLUTION


def anthropic_request(model, system, turns, max_tokens=None):
    """Return the keyword arguments of `client.messages.create`."""
    ### BEGIN SOLUTION
    instructions = {"system": system} if has_text(system) else {}
    limit = DEFAULT_LIMIT if max_tokens is None else max_tokens
    return {"model": model, "messages": merged(turns), "max_tokens": limit, **instructions}
    ### END SOLUTION


def openai_history(request):
    """Return (system, turns) of a Chat Completions request."""
    ### BEGIN SOLUTION
    return history(request["messages"])
    ### END SOLUTION


def anthropic_history(request):
    """Return (system, turns) of a Messages request."""
    ### BEGIN SOLUTION
    return history([{"role": "system", "content": request.get("system")}, *request["messages"]])


def has_text(text):
    """Whether there is anything to read."""
    return bool(text and text.strip())


def merged(turns):
    """Return the turns that say something as messages, one for each change of speaker."""
    messages = []
    for turn in turns:
        if not has_text(turn["text"]):
            continue
        if messages and messages[-1]["role"] == turn["role"]:
            messages[-1]["content"] += "\n\n" + turn["text"]
        else:
            messages.append({"role": turn["role"], "content": turn["text"]})
    return messages


def text_of(content):
    """Return the words of a message's content, whatever its form."""
    if isinstance(content, list):
        return "".join(block["text"] for block in content if block["type"] == "text")
    return content or ""


def history(messages):
    """Return (system, turns) of messages in either shape."""
    said = [(message["role"], text_of(message["content"])) for message in messages]
    system = [text for role, text in said if role in ("system", "developer") and has_text(text)]
    turns = [{"role": role, "text": text} for role, text in said if role in ("user", "assistant") and has_text(text)]
    return "\n\n".join(system), turns
    ### END SOLUTION


# %% id="requests-look"
# Look at what you build, and at what each provider makes of it. Change this cell as you like.
HELLO = {"name": "hello", "rules": [{"say": "Here."}]}
TURNS = [{"role": "user", "text": "Hi."}, {"role": "user", "text": "Anyone?"}, {"role": "assistant", "text": " "}]
with session(scenario=HELLO) as s:
    print(post(openai.OpenAI(base_url=s.openai_url, api_key=s.token), openai_request(m.small, "Be brief.", TURNS)))
    claude = anthropic.Anthropic(base_url=s.anthropic_url, api_key=s.token)
    print(post(claude, anthropic_request(m.small, "Be brief.", TURNS)))

# %% id="requests-visible" role="check" points=4

# %% id="requests-hidden" role="hidden" points=8

# %% [markdown] id="exchange-task"
r"""
## Task 2 · One exchange

> **Skill** reading answers and failures of two providers · **Difficulty** 3/5 · **Importance** 5/5 · **Minutes** 20 · **Points** 14 · **Tier** core

`read_openai(body)` and `read_anthropic(body)` take an answer as a dict (what `model_dump()` gives) and return a `Reply`
without provider. Text: every `text` block, joined as they are; `""` where there is none. Stops:

| neutral | OpenAI | Anthropic |
|---|---|---|
| `end` | `stop` | `end_turn`, `stop_sequence` |
| `length` | `length` | `max_tokens`, `model_context_window_exceeded` |
| `tools` | `tool_calls` | `tool_use` |
| `refusal` | `content_filter`; or whatever it says, if the message has a text in `refusal` | `refusal` |
| `other` | any other | any other |

`input_tokens` is all that was read. OpenAI's `prompt_tokens` is that number. Anthropic counts what came from a cache
(`cache_read_input_tokens`) and what went into one (`cache_creation_input_tokens`) beside `input_tokens`; either may be
missing or `None`.

`send_openai(client, request)` and `send_anthropic(client, request)` make **one** request with exactly these keyword
arguments and return its `Reply`.
"""

# %% [markdown] id="exchange-errors"
r"""
They turn every error of the SDK into one of two:

| raise | when |
|---|---|
| `Retryable` | status 408, 409, 429, or 500 and above; no connection, no answer in time, or only half of one |
| `Permanent` | any other status |

`str()` of the exception holds the provider's message. `retry_after_s` is the number in the header `retry-after`, or
`None` without one. Do not wait and do not retry here: task 4 decides that.

**By hand.** This answer of Claude's becomes `Reply("4", "end", 1020, 1, "m")`: thinking is not text, and 1,000 of the
tokens came from a cache.

```python
{"model": "m", "stop_reason": "end_turn",
 "content": [{"type": "thinking", "thinking": "2 + 2"}, {"type": "text", "text": "4"}],
 "usage": {"input_tokens": 20, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": None, "output_tokens": 1}}
```
"""


# %% id="exchange" role="answer"
def read_openai(body):
    """Return the Reply in a chat completion's body."""
    ### BEGIN SOLUTION
    choice, usage = body["choices"][0], body["usage"]
    stop = "refusal" if choice["message"].get("refusal") else OPENAI_STOPS.get(choice["finish_reason"], "other")
    text = choice["message"]["content"] or ""
    return Reply(text, stop, usage["prompt_tokens"], usage["completion_tokens"], body["model"])
    ### END SOLUTION


def read_anthropic(body):
    """Return the Reply in a message's body."""
    ### BEGIN SOLUTION
    text = "".join(block["text"] for block in body["content"] if block["type"] == "text")
    stop, usage = ANTHROPIC_STOPS.get(body["stop_reason"], "other"), body["usage"]
    read = sum(usage.get(kind) or 0 for kind in ANTHROPIC_INPUTS)
    return Reply(text, stop, read, usage["output_tokens"], body["model"])
    ### END SOLUTION


def send_openai(client, request):
    """Ask OpenAI once. Raises Retryable or Permanent."""
    ### BEGIN SOLUTION
    return sent(lambda: read_openai(client.chat.completions.create(**request).model_dump()))
    ### END SOLUTION


def send_anthropic(client, request):
    """Ask Anthropic once. Raises Retryable or Permanent."""
    ### BEGIN SOLUTION
    return sent(lambda: read_anthropic(client.messages.create(**request).model_dump()))


OPENAI_STOPS = {"stop": "end", "length": "length", "tool_calls": "tools", "content_filter": "refusal"}
ANTHROPIC_STOPS = {
    "end_turn": "end",
    "stop_sequence": "end",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tools",
    "refusal": "refusal",
}
ANTHROPIC_INPUTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def sent(exchange):
    """Return what `exchange` returns, its SDK's errors in neutral words."""
    try:
        return exchange()
    except (openai.APIError, anthropic.APIError) as error:
        failure = neutral(error)
        raise failure from error


def neutral(error):
    """Return the ChatError that an SDK's error stands for; one without a status had no whole answer."""
    status = getattr(error, "status_code", 503)
    if status not in (408, 409, 429) and status < 500:
        return Permanent(str(error))
    headers = error.response.headers if hasattr(error, "response") else {}
    wait = headers.get("retry-after")
    return Retryable(str(error), None if wait is None else float(wait))
    ### END SOLUTION


# %% id="exchange-look"
# The second answer of each session is a refusal to serve. What does your caller learn?
QUESTION = {"model": m.small, "messages": [{"role": "user", "content": "Anyone?"}]}
with session(scenario=HELLO, faults=[{"on": 2, "status": 529, "retry_after_s": 3}]) as s:
    claude = anthropic.Anthropic(base_url=s.anthropic_url, api_key=s.token, max_retries=0)
    for _ in range(2):
        print(outcome(send_anthropic, claude, {**QUESTION, "max_tokens": 100}))

# %% id="exchange-visible" role="check" points=4

# %% id="exchange-hidden" role="hidden" points=10

# %% [markdown] id="budget-task"
r"""
## Task 3 · Inside the budget

> **Skill** counting before, going on after · **Difficulty** 3/5 · **Importance** 4/5 · **Minutes** 19 · **Points** 12 · **Tier** core

`count_anthropic(client, request)` returns the tokens that a request to `messages.create` would be charged for as input,
by the provider's own counter, without asking for an answer. What the model reads counts, `tools` too. What only shapes
the answer is nothing that `count_tokens` takes: `max_tokens`, `stop_sequences`, `metadata`, `service_tier`, `stream`.

`fit(turns, count, window, max_tokens)` returns the longest end of `turns` that begins with a user's turn and leaves room
for the answer: `count(end) + max_tokens <= window`. The last turn is a user's; where not even that one fits, raise
`Permanent`. Behind `count`, which takes turns and returns tokens, may be a network: **at most 16 calls** for up to 200
turns. More turns never count less.

`complete(ask, turns, rounds)`: `ask` takes turns and returns a `Reply`. While its stop is `length`, ask again with the
turns so far, the cut text as the assistant's turn and `GO_ON` as the user's; current Claude models refuse a conversation
that ends with the assistant. Stop after `rounds` requests, or when a cut answer has no text at all. The `Reply` that
you return has all texts joined as they are and the sums of both token counts; the rest is the last answer's.
"""

# %% [markdown] id="budget-given"
r"""
**By hand.** Turns cost 30, 10, 20, 10, 25 tokens, the first one a user's. `window=100, max_tokens=40` leaves 60: the
last three turns cost 55 and begin with a user's. The last four would cost 65. With `window=64` the last turn alone would
need 65: `Permanent`.

The next cell lends you what this task and the next need, so that they stand alone: a counter for OpenAI's side, and a
`stand_in` that asks a provider over plain HTTP. It takes shortcuts that tasks 1 and 2 do not allow.
"""

# %% id="given-stand-in" role="locked"
import time

import tiktoken

O200K = tiktoken.get_encoding("o200k_base")


class TokenCounter:
    """Counts turns in tokens of o200k_base, four more for each turn. `all()` lists what it said so far."""

    def __init__(self):
        self.said = []

    def __call__(self, turns):
        self.said.append(sum(4 + len(O200K.encode_ordinary(turn["text"])) for turn in turns))
        return self.said[-1]

    def all(self):
        return self.said


# %% id="given-ask" role="locked"
def stand_in(client, model, max_tokens=100):
    """Return `ask(turns) -> Reply` for either provider; its failures are Retryable or Permanent."""
    limit = "max_tokens" if isinstance(client, anthropic.Anthropic) else "max_completion_tokens"

    def ask(turns):
        messages = [{"role": turn["role"], "content": turn["text"]} for turn in turns]
        try:
            body = post(client, {"model": model, limit: max_tokens, "messages": messages})
        except (anthropic.APIStatusError, openai.APIStatusError) as error:
            if error.status_code < 429:
                raise Permanent(str(error)) from None
            milliseconds = error.response.headers.get("retry-after-ms")
            raise Retryable(str(error), milliseconds and int(milliseconds) / 1000) from None
        except (anthropic.APIConnectionError, openai.APIConnectionError) as error:
            raise Retryable(str(error)) from None
        return in_short(body)

    return ask


# %% id="given-short" role="locked"
def in_short(body):
    """Return the Reply in either provider's body, as long as nothing in it is unusual."""
    usage = body["usage"]
    if body.get("type") == "message":
        said, is_cut = "".join(block["text"] for block in body["content"]), body["stop_reason"] == "max_tokens"
        spent = usage["input_tokens"], usage["output_tokens"]
    else:
        choice, spent = body["choices"][0], (usage["prompt_tokens"], usage["completion_tokens"])
        said, is_cut = choice["message"]["content"], choice["finish_reason"] == "length"
    return Reply(said, "length" if is_cut else "end", *spent, body["model"])


class Naps:
    """A stand-in for `time.sleep`. `all()` lists the seconds it was asked for."""

    def __init__(self):
        self.seconds = []

    def __call__(self, seconds):
        self.seconds.append(seconds)

    def all(self):
        return self.seconds


# %% id="budget" role="answer"
def count_anthropic(client, request):
    """Return the input tokens of a request, without sending it to the model."""
    ### BEGIN SOLUTION
    only_answer = {"max_tokens", "stop_sequences", "metadata", "service_tier", "stream"}
    read = {name: value for name, value in request.items() if name not in only_answer}
    return client.messages.count_tokens(**read).input_tokens
    ### END SOLUTION


def fit(turns, count, window, max_tokens):
    """Return the longest end of `turns` that fits, beginning with the user. Raises Permanent."""
    ### BEGIN SOLUTION
    starts = [place for place, turn in enumerate(turns) if turn["role"] == "user"]
    low, high = 0, len(starts)  # the ends that fit begin at `high` and behind; halving costs few calls
    while low < high:
        middle = (low + high) // 2
        if count(turns[starts[middle] :]) + max_tokens <= window:
            high = middle
        else:
            low = middle + 1
    if low == len(starts):
        raise Permanent(f"the last turn and an answer of {max_tokens} tokens do not fit into {window}")
    return turns[starts[low] :]
    ### END SOLUTION


def complete(ask, turns, rounds):
    """Return the answer to `turns`, asked for again while it is cut off."""
    ### BEGIN SOLUTION
    asked, replies = list(turns), []
    while len(replies) < rounds:
        reply = ask(asked)
        replies.append(reply)
        if reply.stop != "length" or not reply.text:
            break
        asked = [*asked, {"role": "assistant", "text": reply.text}, {"role": "user", "text": GO_ON}]
    texts, _, read, written, *_ = zip(*replies, strict=True)
    return replies[-1]._replace(text="".join(texts), input_tokens=sum(read), output_tokens=sum(written))

    ### END SOLUTION


# %% id="budget-look"
# One answer in three pieces. Who pays for the pieces that are sent back?
STORY = ["Once upon a time ", "there was a token ", "and it was the last."]
RULES = [{"when": {"turn": n}, "say": part, "stop": "length" if n < 3 else "end"} for n, part in enumerate(STORY, 1)]
with session(scenario={"name": "story", "rules": RULES}) as s:
    ask = stand_in(openai.OpenAI(base_url=s.openai_url, api_key=s.token), m.small)
    print(complete(ask, [{"role": "user", "text": "Tell me a story."}], rounds=4))
    print([exchange["usage"] for exchange in s.log()])

# %% id="budget-visible" role="check" points=4

# %% id="budget-hidden" role="hidden" points=8

# %% [markdown] id="chat-task"
r"""
## Task 4 · The show goes on

> **Skill** failover that loses nothing · **Difficulty** 3/5 · **Importance** 5/5 · **Minutes** 18 · **Points** 12 · **Tier** core

`Chat(backends, patience_s=1.0, sleep=time.sleep)` holds a conversation. `backends` is a list of `(name, ask)`, the best
first. `send(text)` asks with the whole conversation so far and `text` as the user's new turn, and returns the `Reply`
with `provider` set to the name of who answered.

1. Every `send` begins with the first backend, and goes on in their order.
2. On `Retryable`: if `retry_after_s` is given and at most `patience_s`, wait that long with `sleep` and ask the same
   backend **once** more. Otherwise, or if that fails too, go to the next.
3. On `Permanent`: raise it at once. Another provider would refuse it too or, worse, would not.
4. When nobody answers, raise `Retryable`.
5. The conversation grows by two turns when there is an answer, by **none** when there is not: whoever calls `send`
   again does not ask twice.

**By hand.** A is overloaded and names no time; B answers. The next `send` goes to A, which works again: its request holds
the first question, B's answer and the second question.

`Naps`, given with task 3, is a `sleep` that notes what it was asked for and returns at once.
"""


# %% id="chat" role="answer"
class Chat:
    """A conversation that changes the provider when one fails."""

    def __init__(self, backends, patience_s=1.0, sleep=time.sleep):
        ### BEGIN SOLUTION
        self.backends, self.patience_s, self.sleep = backends, patience_s, sleep
        self.turns = []
        ### END SOLUTION

    def send(self, text):
        """Return the Reply to `text`. Raises Permanent, or Retryable when nobody answers."""
        ### BEGIN SOLUTION
        asked = [*self.turns, {"role": "user", "text": text}]
        reply = self._first_answer(asked)
        self.turns = [*asked, {"role": "assistant", "text": reply.text}]
        return reply

    def _first_answer(self, turns):
        for name, ask in self.backends:
            for is_second in (False, True):
                try:
                    return ask(turns)._replace(provider=name)
                except Retryable as error:
                    wait = error.retry_after_s
                if is_second or wait is None or wait > self.patience_s:
                    break
                self.sleep(wait)
        raise Retryable("no backend answers; ask again later")
        ### END SOLUTION


# %% id="chat-look"
# All of it together, on your own tasks 1 to 3. OpenAI is overloaded at the second question.
WHERE = {"when": {"heard": r"live in (?P<city>\w+)"}, "say": "You live in ${heard.city}."}
SCRIPT = {"name": "memory", "rules": [WHERE, {"say": "Good to know."}]}


def backend(client, send, request, count=None):
    """Return `ask(turns)` made of your own parts: count, trim, send, go on."""
    count = count or (lambda turns: count_anthropic(client, request(m.small, "Be brief.", turns)))

    def ask(turns):
        kept = fit(turns, count, window=4000, max_tokens=200)
        return complete(lambda asked: send(client, request(m.small, "Be brief.", asked, 200)), kept, rounds=3)

    return ask


with session(scenario=SCRIPT, faults=[{"on": 2, "status": 529}]) as a, session(scenario=SCRIPT) as b:
    gpt = openai.OpenAI(base_url=a.openai_url, api_key=a.token, max_retries=0)
    claude = anthropic.Anthropic(base_url=b.anthropic_url, api_key=b.token, max_retries=0)
    first = ("OpenAI", backend(gpt, send_openai, openai_request, TokenCounter()))
    chat = Chat([first, ("Anthropic", backend(claude, send_anthropic, anthropic_request))])
    for text in ("I live in Oslo.", "Where do I live?", "Are you sure?"):
        print(chat.send(text))

# %% id="chat-visible" role="check" points=4

# %% id="chat-hidden" role="hidden" points=8

# %% [markdown] id="finish-text"
r"""
## Finish

The last cell runs every visible check in a fresh kernel, lists answers that are still empty, updates your progress and
shows the command that submits. One question to take along: which part of your code would a third provider change, and
which would it not? Next week the interface learns tools and streams, and you will find out.
"""

# %% id="finish" role="locked"
from courseware.learner import finish

finish("week 05")
