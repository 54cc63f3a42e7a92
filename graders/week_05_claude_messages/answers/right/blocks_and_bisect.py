# shows: Content as blocks, one for each turn; the role system; groupby, bisect and recursion.
# %% id="requests"
from itertools import groupby


def blocks(turns):
    spoken = [turn for turn in turns if turn["text"].strip()]
    for role, run in groupby(spoken, key=lambda turn: turn["role"]):
        yield {"role": role, "content": [{"type": "text", "text": turn["text"]} for turn in run]}


def openai_request(model, system, turns, max_tokens=None):
    request = {"model": model, "messages": [*blocks(turns)], "max_completion_tokens": max_tokens}
    if (system or "").strip():
        request["messages"].insert(0, {"role": "system", "content": [{"type": "text", "text": system}]})
    if max_tokens is None:
        del request["max_completion_tokens"]
    return request


def anthropic_request(model, system, turns, max_tokens=None):
    request = dict(model=model, messages=[*blocks(turns)], max_tokens=max_tokens or DEFAULT_LIMIT)
    if (system or "").strip():
        request["system"] = [{"type": "text", "text": system}]
    return request


def spoken(content):
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    return "".join(part["text"] if part.get("type") == "text" else "" for part in content)


def openai_history(request):
    system, turns = [], []
    for message in request["messages"]:
        text = spoken(message.get("content"))
        if not text.strip():
            continue
        if message["role"] in {"system", "developer"}:
            system.append(text)
        elif message["role"] in {"user", "assistant"}:
            turns.append(dict(role=message["role"], text=text))
    return ["\n\n".join(system), turns]


def anthropic_history(request):
    later, turns = openai_history(request)
    texts = (spoken(request.get("system")), later)
    return "\n\n".join(text for text in texts if text.strip()), turns


# %% id="exchange"
def read_openai(body):
    answer = body["choices"][0]
    match answer["finish_reason"]:
        case "stop":
            stop = "end"
        case "length":
            stop = "length"
        case "tool_calls":
            stop = "tools"
        case "content_filter":
            stop = "refusal"
        case _:
            stop = "other"
    if answer["message"].get("refusal") is not None:
        stop = "refusal"
    used = body["usage"]
    return (
        answer["message"].get("content") or "",
        stop,
        used["prompt_tokens"],
        used["completion_tokens"],
        body["model"],
        "",
    )


def read_anthropic(body):
    words = {"end_turn": "end", "stop_sequence": "end", "tool_use": "tools", "refusal": "refusal"}
    words |= dict.fromkeys(["max_tokens", "model_context_window_exceeded"], "length")
    used = body["usage"]
    read = used["input_tokens"] + sum(
        v or 0 for k, v in used.items() if k.startswith("cache_") and k.endswith("_tokens")
    )
    said = [block["text"] for block in body["content"] if block["type"] == "text"]
    return Reply("".join(said), words.get(body["stop_reason"]) or "other", read, used["output_tokens"], body["model"])


def send_openai(client, request):
    try:
        raw = client.chat.completions.with_raw_response.create(**request)
    except openai.APIStatusError as error:
        raise neutral(error.status_code, error.response.headers, str(error.body)) from error
    except openai.APIConnectionError as error:
        raise Retryable(f"no answer: {error}") from error
    return read_openai(raw.parse().to_dict())


def send_anthropic(client, request):
    try:
        return read_anthropic(client.messages.create(**request).to_dict())
    except anthropic.APIStatusError as error:
        raise neutral(error.status_code, error.response.headers, str(error)) from error
    except anthropic.APIConnectionError as error:
        raise Retryable(f"no answer: {error}") from error


def neutral(status, headers, said):
    if 400 <= status < 500 and status not in {408, 409, 429}:
        return Permanent(said)
    return Retryable(said, float(headers["retry-after"]) if "retry-after" in headers else None)


# %% id="budget"
import bisect
import inspect


def count_anthropic(client, request):
    known = inspect.signature(client.messages.count_tokens).parameters
    return client.messages.count_tokens(
        **{name: value for name, value in request.items() if name in known}
    ).input_tokens


def fit(turns, count, window, max_tokens):
    starts = [at for at in range(len(turns)) if turns[at]["role"] == "user"]
    found = bisect.bisect_left(starts, True, key=lambda at: count(turns[at:]) <= window - max_tokens)
    try:
        return tuple(turns[starts[found] :])
    except IndexError:
        raise Permanent("too long") from None


def complete(ask, turns, rounds):
    reply = ask(turns)
    if reply.stop != "length" or rounds == 1 or reply.text == "":
        return reply
    rest = complete(ask, turns + [dict(role="assistant", text=reply.text), dict(role="user", text=GO_ON)], rounds - 1)
    return Reply(reply[0] + rest[0], rest[1], reply[2] + rest[2], reply[3] + rest[3], rest[4])


# %% id="chat"
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Chat:
    backends: list
    patience_s: float = 1.0
    sleep: Any = time.sleep
    said: list = field(default_factory=list)

    def send(self, text):
        self.said.append({"role": "user", "text": text})
        try:
            reply = self.answer()
        except ChatError:
            self.said.pop()
            raise
        self.said.append({"role": "assistant", "text": reply.text})
        return reply

    def answer(self):
        failures = []
        for name, ask in self.backends:
            try:
                return self.patiently(ask)._replace(provider=name)
            except Retryable as failure:
                failures.append(failure)
        raise failures[-1]

    def patiently(self, ask):
        try:
            return ask(self.said)
        except Retryable as failure:
            if failure.retry_after_s is None or failure.retry_after_s > self.patience_s:
                raise
            self.sleep(failure.retry_after_s)
        return ask(self.said)
