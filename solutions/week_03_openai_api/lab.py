# %% [markdown] id="header"
r"""
# Lab 03 · A chatbot that remembers, within a budget

**You will ship** four pieces that turn one HTTP call into a conversation you can leave alone: a turn that sends
the whole history, a trimmer that keeps it inside a token budget, a call that survives a bad minute of the network,
and a ledger that refuses to spend more than it was given. Week 04 builds its chatbot on them.

| task | you write | visible | hidden | points |
|---|---|---|---|---|
| 1 | `take_turn` | 4 | 8 | 12 |
| 2 | `trim` | 4 | 9 | 13 |
| 3 | `send_with_retries` | 4 | 9 | 13 |
| 4 | `cost_usd`, `Ledger` | 4 | 8 | 12 |
| | | 16 | 34 | **50** |

**Minutes** 75 (estimated). **Needs** the gateway that the set-up starts; no key, no model, no network.
"""

# %% [markdown] id="rules"
r"""
## How this lab works

Checks look at two things: what your code sent, in the log of a gateway session, and what it returned. **Visible
checks** show both, with a hint. **Hidden checks** run after you submit. They ask for what the task describes and
nothing else, on conversations, faults and prices drawn anew for every attempt, and report a category such as
*no gap*. What a model answers never decides a point: a script answers.

The endpoint is **Chat Completions**, without streaming. A call that runs longer than 10 seconds is stopped.

**Assistance: closed.** Documentation and this course, no coding assistant.

Write in the answer cells. Add cells and helpers wherever you like, but keep names and parameters. Where a task says
*list* or *tuple*, either passes. No check of one task calls your answer to another. Before you submit, choose *Restart
Kernel and Run All Cells*: what runs then is what is graded.

`hint("turn")` opens the first of three hints for task 1; call it again for the next. The others are `"trim"`,
`"retries"` and `"ledger"`. Hints cost no points.
"""

# %% id="setup" role="locked"
import random
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import Any

import openai
import tiktoken
from openai import OpenAI
from openai.types.chat import ChatCompletion

from courseware.learner import hint, session, setup

m = setup("week 03")

# %% [markdown] id="given"
r"""
## Given

One shape runs through the lab: a **send** takes a client and a request, and gives a completion back. `plain_send` is
the smallest one. Your retries of task 3 are another, your ledger's `ask` of task 4 a third. Since all have the same
shape, they stack, and the turn of task 1 does not know how many lie below it.

```
take_turn  →  ledger.ask  →  send_with_retries  →  the wire
messages      may this      waits and tries        one request,
in order      be spent?     again                  one answer
```

A **message** is a dictionary with `role` and `content`. `count_tokens` counts one as the gateway does: its text in
`o200k_base`, and 4 for what the chat format puts around it.

`DESK` is a script that answers as a service desk would, and knows only what the request tells it. `CHAT` is a customer
who says three things and asks for them later. The **score to beat** is that of a bot that sends the newest message
alone. `PRICES` are USD for a million tokens: list prices, compared on 2026-11-21, of the models that serve these roles
for a learner with an OpenAI key.
"""


# %% id="given-send" role="locked"
class OverBudget(RuntimeError):
    """A call was refused before it was sent: it could have cost more than is left."""


def plain_send(client: OpenAI, request: dict[str, Any]) -> ChatCompletion:
    """Send one Chat Completions request and return the completion."""
    return client.chat.completions.create(**request)


def keep_all(messages: list[dict]) -> list[dict]:
    """Return the messages to send: all of them."""
    return messages


O200K = tiktoken.get_encoding("o200k_base")


def count_tokens(message: dict) -> int:
    """Return the tokens of one message."""
    return 4 + len(O200K.encode(message["content"], disallowed_special=()))


def count_words(message: dict) -> int:
    """Return the words of one message: a counter to check sums by hand."""
    return len(message["content"].split())


# %% id="given-stand-ins" role="locked"
class Naps:
    """Stands in for `time.sleep`: takes no time, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)

    def list(self) -> list[float]:
        """Return the waits so far, in seconds."""
        return self.taken


def newest_only(messages: list[dict]) -> list[dict]:
    """Return the last message: a `fit` that forgets everything."""
    return messages[-1:]


def labelled_send(client: OpenAI, request: dict[str, Any]) -> ChatCompletion:
    """Send with a label that shows in the log."""
    return plain_send(client, {**request, "user": "labelled"})


# %% id="given-changed" role="locked"
def wordless_send(client: OpenAI, request: dict[str, Any]) -> ChatCompletion:
    """Send, then take the words away, as in a refusal: the content is null."""
    completion = plain_send(client, request)
    completion.choices[0].message.content = None
    return completion


def cached_send(client: OpenAI, request: dict[str, Any]) -> ChatCompletion:
    """Send, then report half the input as read from the provider's cache."""
    completion = plain_send(client, request)
    completion.usage.prompt_tokens_details.cached_tokens = completion.usage.prompt_tokens // 2
    return completion


def connected(client: OpenAI) -> OpenAI:
    """Return the client: the checks use one for several calls."""
    return client


def tried(function: Callable, *arguments: Any) -> list[Any]:
    """Return the arguments as the call of `function` left them, also where it raised."""
    with suppress(Exception):
        function(*arguments)
    return list(arguments)


# %% id="given-chat" role="locked"
DESK = {
    "name": "desk",
    "rules": [
        {"when": {"user": "which project", "heard": r"project is (?P<it>\w+)"}, "say": "Your project is ${heard.it}."},
        {"when": {"user": "which order", "heard": r"order (?P<it>\d+)"}, "say": "It is order ${heard.it}."},
        {"when": {"user": "which city", "heard": r"ship to (?P<it>\w+)"}, "say": "We ship to ${heard.it}."},
        {"when": {"user": r"\?"}, "say": "I do not know."},
        {"say": "Noted."},
    ],
}
CHAT = [
    "My project is Heron.",
    "This is about order 7741. The parcel came open, one of two boxes was missing, and the driver had left.",
    "Please ship to Lisbon.",
    "Which order is this about?",
    "And which city do we ship to?",
    "And which project is it?",
]
SYSTEM = "You are a service desk. Answer in one sentence."
PRICES = {
    m.small: {"input": 0.10, "cached": 0.01, "output": 0.50},
    m.large: {"input": 2.00, "cached": 0.10, "output": 10.00},
}

# %% id="given-baseline" role="locked"
with session(scenario=DESK) as s:
    desk = OpenAI(base_url=s.openai_url, api_key=s.token, max_retries=0)
    said = []
    for text in CHAT:
        request = {"model": m.small, "messages": [{"role": "user", "content": text}]}
        said.append(plain_send(desk, request).choices[0].message.content)
        print(f"{text[:40]:42}{said[-1]}")
    remembered = sum(fact in text for fact, text in zip(["7741", "Lisbon", "Heron"], said[3:], strict=True))
    print(f"remembered: {remembered} of 3; tokens sent: {sum(call['usage']['input'] for call in s.log())}")

# %% [markdown] id="turn-task"
r"""
## Task 1 · One turn

> **Skill** conversation state · **Difficulty** 2/5 · **Importance** 5/5 · **Minutes** 15 · **Points** 12 · **Tier** core

`take_turn(client, model, history, text, *, system="", limit=200, fit=keep_all, send=plain_send)` returns a dictionary.

1. The messages are: the system text, unless it is empty, with the role `system` or `developer`; then `history`, in
   order; then `text` from the user.
2. What is sent is `fit(messages)`, in one call `send(client, request)`. The request is a dictionary with `model`,
   `messages` and `max_completion_tokens`, which is `limit`.
3. `"text"` is what the assistant said; an answer whose content is null is the empty text.
4. `"history"` is a new list: all of the old history, the user's message, the assistant's. Each is a plain dictionary
   that JSON can hold. The system text is not in it. What `fit` left out is.
5. `"usage"` is `{"input": …, "output": …}`, the tokens of this call as the answer states them.
6. `"cut"` is `True` if the answer ended because it reached the limit, otherwise `False`.
7. The `history` that was passed stays as it was, also when the call fails. What `send` raises passes through.
"""

# %% [markdown] id="turn-example"
r"""
**By hand.** With `system="Be brief."`, a `history` of two messages and `text="And now?"`, four messages go out:
`system`, `user`, `assistant`, `user`. The history that comes back has four too: the two old ones, `And now?`, and
the answer. The next turn passes those four, and five go out before the answer to it.

The system text stays outside the history for a reason: you can change it between turns, and it can never be trimmed
away or sent twice.
"""


# %% id="turn" role="answer"
def take_turn(
    client: OpenAI,
    model: str,
    history: list[dict],
    text: str,
    *,
    system: str = "",
    limit: int = 200,
    fit: Callable[[list[dict]], list[dict]] = keep_all,
    send: Callable[[OpenAI, dict], ChatCompletion] = plain_send,
) -> dict[str, Any]:
    """Send one turn of a conversation; return the answer, the new history, the usage, and whether it was cut."""
    ### BEGIN SOLUTION
    instructions = [{"role": "system", "content": system}] if system else []
    asked = {"role": "user", "content": text}
    messages = fit([*instructions, *history, asked])
    completion = send(client, {"model": model, "messages": messages, "max_completion_tokens": limit})
    choice, usage = completion.choices[0], completion.usage
    words = choice.message.content or ""
    return {
        "text": words,
        "history": [*history, asked, {"role": "assistant", "content": words}],
        "usage": {"input": usage.prompt_tokens, "output": usage.completion_tokens},
        "cut": choice.finish_reason == "length",
    }
    ### END SOLUTION


# %% id="turn-look"
# The customer again, with your turn. How does the number of tokens grow? Change this cell as you like.
with session(scenario=DESK) as s:
    desk = OpenAI(base_url=s.openai_url, api_key=s.token, max_retries=0)
    history = []
    for text in CHAT:
        turn = take_turn(desk, m.small, history, text, system=SYSTEM)
        history = turn["history"]
        print(f"{turn['usage']['input']:4} tokens sent   {text[:40]:42}{turn['text']}")

# %% id="turn-visible" role="check" points=4

# %% id="turn-hidden" role="hidden" points=8

# %% [markdown] id="trim-task"
r"""
## Task 2 · The newest turns that fit

> **Skill** trimming to a token budget · **Difficulty** 3/5 · **Importance** 5/5 · **Minutes** 18 · **Points** 13 · **Tier** core

`trim(messages, budget, count)` returns the messages to send; `count(message)` gives the tokens of one.

1. **Instructions** are the messages with the role `system` or `developer`; they stand at the start of the list, if
   there are any. All are kept, and their tokens count.
2. A **turn** is a message with the role `user` and all that follows before the next such message. Turns are kept or
   dropped whole.
3. The newest turn is always kept, even if it does not fit.
4. Before it, keep the longest run of turns, without a gap, such that all messages together count at most `budget`.
5. What stands between the instructions and the first user message, such as a greeting by the assistant, belongs to
   no turn and is never sent. So what follows the instructions is always the user's.
6. Messages keep their order. `messages` stays as it is. Without a user message, the instructions alone are left.
"""

# %% [markdown] id="trim-example"
r"""
**By hand.** The instructions count 10 tokens. Three turns follow, oldest first, and the last one waits for its answer:

| | messages | tokens |
|---|---|---|
| turn 1 | user, assistant | 20 |
| turn 2 | user, assistant | 15 |
| turn 3 | user | 5 |

With `budget=50` everything fits exactly. With `budget=49` turn 1 goes, both messages of it, and 30 tokens are left.
With `budget=29` only turn 3 stays. With `budget=12` also: the instructions and the newest turn are sent, although
they count 15. Sending them is your caller's risk, and task 4 gives the caller a way to refuse it.
"""


# %% id="trim" role="answer"
def trim(messages: list[dict], budget: int, count: Callable[[dict], int]) -> list[dict]:
    """Return the instructions and the newest whole turns that fit into `budget` tokens."""
    ### BEGIN SOLUTION
    instructions = [message for message in messages if message["role"] in ("system", "developer")]
    starts = [place for place, message in enumerate(messages) if message["role"] == "user"]
    turns = [messages[start:end] for start, end in pairwise([*starts, len(messages)])]
    left = budget - sum(map(count, instructions))
    kept: list[dict] = []
    for turn in reversed(turns):
        left -= sum(map(count, turn))
        if left < 0 and kept:
            break
        kept = turn + kept
    return instructions + kept
    ### END SOLUTION


# %% id="trim-look"
# Four budgets for the same messages: which turns go first, and what is sent in any case?
talk = [{"role": "system", "content": SYSTEM}]
for text in CHAT[:3]:
    talk += [{"role": "user", "content": text}, {"role": "assistant", "content": "Noted."}]
talk.append({"role": "user", "content": CHAT[3]})
for budget in (120, 80, 60, 10):
    kept = trim(talk, budget, count_tokens)
    print(budget, sum(map(count_tokens, kept)), [message["content"][:20] for message in kept])

# %% id="trim-visible" role="check" points=4

# %% id="trim-hidden" role="hidden" points=9

# %% [markdown] id="retries-task"
r"""
## Task 3 · A call that survives

> **Skill** retries with backoff · **Difficulty** 4/5 · **Importance** 5/5 · **Minutes** 22 · **Points** 13 · **Tier** core

`send_with_retries(client, request, *, attempts=4, base_s=0.5, most_s=8.0, sleep=time.sleep, rng=random)` sends
`request` as `plain_send` does and returns the completion.

1. **May pass**, so it is tried again: no connection, a connection that breaks, a timeout, and the statuses 408, 409,
   429 and all from 500 up. **Any other error** is raised at once.
2. At most `attempts` requests go out for one call. The error of the last is raised as it came, without another wait.
3. That bound holds whatever retries the client was given of its own: a client with `max_retries=2` must not turn
   3 attempts into 9 requests.
4. Between two attempts `sleep` is called once, with seconds. If the answer has a header `retry-after`, these are its
   seconds (a number, perhaps with a fraction), even above `most_s`.
5. Otherwise, after failure number `n` = 1, 2, 3 …, let `full` be `base_s` times 2 to the power `n - 1`, but no more
   than `most_s`. Wait a time drawn by `rng`, evenly between half of `full` and all of it.

`rng` is a `random.Random`, or the module `random`, which has the same functions.
"""

# %% [markdown] id="retries-example"
r"""
**By hand.** `attempts=4, base_s=0.5, most_s=8`, and the server answers 500, then 429 with `retry-after: 3`, then 500,
then an answer. Four requests go out. The first wait is drawn between 0.25 and 0.5 s, the second is 3 s, the third is
drawn between 1 and 2 s, for it follows failure number 3.

With a 401 in place of the first 500, one request goes out and `AuthenticationError` is raised: a key does not become
valid by asking again. The exceptions are `openai`'s; `APIStatusError` has `status_code` and `response`, and a
connection that fails is an `APIConnectionError`.
"""


# %% id="retries" role="answer"
def send_with_retries(
    client: OpenAI,
    request: dict[str, Any],
    *,
    attempts: int = 4,
    base_s: float = 0.5,
    most_s: float = 8.0,
    sleep: Callable[[float], None] = time.sleep,
    rng: random.Random = random,
) -> ChatCompletion:
    """Send a request, again after failures that may pass; raise the last error after so many attempts."""
    ### BEGIN SOLUTION
    once, failures = client.with_options(max_retries=0), 0
    while True:
        try:
            return plain_send(once, request)
        except openai.APIError as error:
            failures += 1
            if failures == attempts or not _may_pass(error):
                raise
            wait = _wait_s(error, min(most_s, base_s * 2 ** (failures - 1)), rng)
        sleep(wait)


def _may_pass(error: openai.APIError) -> bool:
    if isinstance(error, openai.APIStatusError):
        return error.status_code in (408, 409, 429) or error.status_code >= 500
    return isinstance(error, openai.APIConnectionError)  # timeouts are a kind of it


def _wait_s(error: openai.APIError, full_s: float, rng: random.Random) -> float:
    headers = error.response.headers if isinstance(error, openai.APIStatusError) else {}
    return float(headers.get("retry-after", rng.uniform(full_s / 2, full_s)))
    ### END SOLUTION


# %% id="retries-look"
# A bad minute: two failures, then a rate limit that names its wait. `naps` stands in for time.sleep.
bad_minute = [{"on": [1, 2], "status": 500}, {"on": 3, "status": 429, "retry_after_s": 3}]
naps = Naps()
with session(scenario=DESK, faults=bad_minute) as s:
    desk = OpenAI(base_url=s.openai_url, api_key=s.token)
    request = {"model": m.small, "messages": [{"role": "user", "content": "Please ship to Lisbon."}]}
    print(send_with_retries(desk, request, sleep=naps).choices[0].message.content)
    print("statuses:", [call["status"] for call in s.log()], "waits:", [round(wait, 2) for wait in naps.list()])

# %% id="retries-visible" role="check" points=4

# %% id="retries-hidden" role="hidden" points=9

# %% [markdown] id="ledger-task"
r"""
## Task 4 · A ledger with a budget

> **Skill** usage and cost · **Difficulty** 3/5 · **Importance** 5/5 · **Minutes** 20 · **Points** 12 · **Tier** core

`cost_usd(usage, price)` returns the cost of one call. `usage` is the answer's own, as JSON: `prompt_tokens`,
`completion_tokens`, and perhaps `prompt_tokens_details` with `cached_tokens`; details or figure may be missing or
null, which stands for 0. `price` has `input`, `output` and perhaps `cached`, in USD for a million tokens.

1. Cached tokens are part of `prompt_tokens`, at the price `cached`, or `input` if there is no such price. The rest
   costs `input`.
2. All `completion_tokens` cost `output`. Reasoning tokens are among these already.

`Ledger(prices, budget_usd, count)` keeps the books of one conversation; `prices` maps models to prices.

3. `ask(client, request, send=plain_send)` gives the completion of `send(client, request)`, and books its usage.
4. Before that: the most the call can cost is `count` of every message as input, none cached, and
   `max_completion_tokens` of output. If this and what was spent exceed the budget, raise `OverBudget` and send
   nothing. Exactly the budget may be spent.
5. A model without a price is a `KeyError`, and nothing is sent. An unknown price is not zero.
6. A call that raises books nothing; the error passes through.
7. `report()` returns `{"calls": …, "input": …, "cached": …, "output": …, "usd": …}`: answered calls, their tokens
   (`input` includes the cached ones), and their cost, not rounded.
"""

# %% [markdown] id="ledger-example"
r"""
**By hand.** At 2 USD for input, 0.5 for cached input and 10 for output, a call with 1,000 input tokens, 400 of them
cached, and 200 output tokens costs 600 × 2 + 400 × 0.5 + 200 × 10 = 3,400 millionths, 0.0034 USD.

A ledger has 0.01 USD left. A request whose messages count 1,000 tokens, with `max_completion_tokens` of 800, can cost
1,000 × 2 + 800 × 10 = 10,000 millionths: exactly what is left, so it is sent. If the answer takes 50 tokens, only
those are booked.
"""


# %% id="ledger" role="answer"
def cost_usd(usage: dict[str, Any], price: dict[str, float]) -> float:
    """Return what a call with this usage costs, in USD."""
    ### BEGIN SOLUTION
    cached = _cached(usage)
    fresh = usage["prompt_tokens"] - cached
    read = price["input"] * fresh + price.get("cached", price["input"]) * cached
    return (read + price["output"] * usage["completion_tokens"]) / 1_000_000


def _cached(usage: dict[str, Any]) -> int:
    details = usage.get("prompt_tokens_details") or {}
    return details.get("cached_tokens") or 0
    ### END SOLUTION


class Ledger:
    """Books what a conversation costs, and refuses what could exceed its budget."""

    def __init__(self, prices: dict[str, dict[str, float]], budget_usd: float, count: Callable[[dict], int]) -> None:
        ### BEGIN SOLUTION
        self._prices, self._budget_usd, self._count = prices, budget_usd, count
        self._booked = {"calls": 0, "input": 0, "cached": 0, "output": 0, "usd": 0.0}
        ### END SOLUTION

    def ask(
        self,
        client: OpenAI,
        request: dict[str, Any],
        send: Callable[[OpenAI, dict], ChatCompletion] = plain_send,
    ) -> ChatCompletion:
        """Send a request if the budget allows the most it can cost, and book what it did cost."""
        ### BEGIN SOLUTION
        price = self._prices[request["model"]]
        counted = sum(map(self._count, request["messages"]))
        most = cost_usd({"prompt_tokens": counted, "completion_tokens": request["max_completion_tokens"]}, price)
        if self._booked["usd"] + most > self._budget_usd:
            raise OverBudget(f"{most:.6f} USD could exceed the {self._budget_usd - self._booked['usd']:.6f} left")
        completion = send(client, request)
        usage = completion.usage.model_dump()
        new = {"calls": 1, "input": usage["prompt_tokens"], "cached": _cached(usage)}
        new |= {"output": usage["completion_tokens"], "usd": cost_usd(usage, price)}
        self._booked = {name: self._booked[name] + amount for name, amount in new.items()}
        return completion
        ### END SOLUTION

    def report(self) -> dict[str, float]:
        """Return calls, tokens and cost so far."""
        ### BEGIN SOLUTION
        return dict(self._booked)
        ### END SOLUTION


# %% id="ledger-look"
# All four pieces: a chat with a token budget for each call and a budget in USD for all. Try other budgets.
books = Ledger(PRICES, budget_usd=0.0005, count=count_tokens)
layers = partial(books.ask, send=partial(send_with_retries, base_s=0.01))
with session(scenario=DESK, faults=[{"on": 2, "status": 503}]) as s:
    desk = OpenAI(base_url=s.openai_url, api_key=s.token)
    history, fit = [], partial(trim, budget=100, count=count_tokens)
    for text in CHAT:
        turn = take_turn(desk, m.small, history, text, system=SYSTEM, limit=60, fit=fit, send=layers)
        history = turn["history"]
        print(f"{turn['usage']['input']:4} tokens sent   {text[:40]:42}{turn['text']}")
print(books.report())

# %% id="ledger-visible" role="check" points=4

# %% id="ledger-hidden" role="hidden" points=8

# %% [markdown] id="finish-text"
r"""
## Finish

The last cell runs every visible check in a fresh kernel, lists answers that are still empty, updates your progress and
shows the command that submits. One thought to take along: the look at task 4 forgot the oldest fact and kept its
budget. Which of the two your users would forgive is a product decision, and now it is a parameter.
"""

# %% id="finish" role="locked"
from courseware.learner import finish

finish("week 03")
