# shows: A class for each direction; plain HTTP in place of the SDKs' methods; a gallop in place of halving.
# %% id="requests"
class Shape:
    system_roles = ("developer", "system")

    def text(self, content):
        if isinstance(content, (list, tuple)):
            return "".join(block["text"] for block in content if "text" in block and block["type"] == "text")
        return str(content or "")

    def messages(self, turns):
        texts, roles = [], []
        for turn in filter(lambda turn: not (turn["text"].isspace() or turn["text"] == ""), turns):
            if roles[-1:] == [turn["role"]]:
                texts[-1].append(turn["text"])
            else:
                roles.append(turn["role"])
                texts.append([turn["text"]])
        return [{"content": "\n\n".join(parts), "role": role} for role, parts in zip(roles, texts, strict=True)]

    def history(self, request):
        system, turns = [self.text(request.get("system"))], []
        for message in request["messages"]:
            text = self.text(message["content"])
            if message["role"] in self.system_roles:
                system.append(text)
            elif message["role"] in ("user", "assistant") and text.strip():
                turns += [{"text": text, "role": message["role"]}]
        return "\n\n".join(filter(str.strip, system)), turns


def openai_request(model, system, turns, max_tokens=None):
    messages = Shape().messages(turns)
    if system is not None and system.strip():
        messages = [{"role": "system", "content": system}, *messages]
    return {"model": model, "messages": messages, **({"max_completion_tokens": max_tokens} if max_tokens else {})}


def anthropic_request(model, system, turns, max_tokens=None):
    request = {"max_tokens": max_tokens or 1024, "model": model, "messages": Shape().messages(turns)}
    return request | ({"system": system} if system is not None and system.strip() else {})


openai_history = anthropic_history = Shape().history


# %% id="exchange"
class Exchange:
    def __init__(self, errors, read):
        self.errors, self.read = errors, read

    def send(self, do):
        try:
            return self.read(do())
        except self.errors.APIStatusError as error:
            text = error.response.headers.get("retry-after")
            kind = Retryable if error.status_code >= 500 or error.status_code in {408, 409, 429} else Permanent
            failure = kind(f"{error.status_code}: {error.message}")
            if kind is Retryable and text:
                failure.retry_after_s = float(text)
        except self.errors.APIError as error:
            failure = Retryable(error.message)
        raise failure


def read_openai(body):
    choice = body["choices"][0]
    stop = {"stop": "end", "length": "length", "tool_calls": "tools", "content_filter": "refusal"}
    refused = bool(choice["message"].get("refusal"))
    return Reply(
        text=choice["message"]["content"] if choice["message"]["content"] else "",
        stop="refusal" if refused else stop.get(choice["finish_reason"], "other"),
        input_tokens=body["usage"]["prompt_tokens"],
        output_tokens=body["usage"]["completion_tokens"],
        model=body["model"],
    )


def read_anthropic(body):
    text = ""
    for block in body["content"]:
        if block["type"] == "text":
            text += block["text"]
    stop = body["stop_reason"]
    for neutral, words in {
        "end": ("end_turn", "stop_sequence"),
        "length": ("max_tokens", "model_context_window_exceeded"),
        "tools": ("tool_use",),
        "refusal": ("refusal",),
    }.items():
        if stop in words:
            break
    else:
        neutral = "other"
    usage = body["usage"]
    tokens = [usage.get(f"{kind}input_tokens") for kind in ("", "cache_read_", "cache_creation_")]
    return Reply(text, neutral, sum(filter(None, tokens)), usage["output_tokens"], body["model"])


def send_openai(client, request):
    return Exchange(openai, read_openai).send(lambda: post(client, request))


def send_anthropic(client, request):
    return Exchange(anthropic, read_anthropic).send(lambda: post(client, request))


# %% id="budget"
def count_anthropic(client, request):
    body = {
        k: v for k, v in request.items() if k in ("model", "messages", "system", "tools", "tool_choice", "thinking")
    }
    return client.post("/v1/messages/count_tokens", body=body, cast_to=object)["input_tokens"]


def fit(turns, count, window, max_tokens):
    room = window - max_tokens
    users = [at for at, turn in enumerate(turns) if turn["role"] == "user"][::-1]  # the shortest end first
    if count(turns[users[0] :]) > room:
        raise Permanent("not even the last turn")
    good, step = 0, len(users)
    while step := step // 2 if step > 1 else 0:
        while good + step < len(users) and count(turns[users[good + step] :]) <= room:
            good += step
    return turns[users[good] :]


def complete(ask, turns, rounds):
    history, total = [*turns], None
    for _ in range(rounds):
        reply = ask(history)
        if total is None:
            total = reply
        else:
            total = reply._replace(
                text=total.text + reply.text,
                input_tokens=total.input_tokens + reply.input_tokens,
                output_tokens=total.output_tokens + reply.output_tokens,
            )
        if reply.stop == "length" and reply.text:
            history.append({"role": "assistant", "text": reply.text})
            history.append({"role": "user", "text": GO_ON})
        else:
            return total
    return total


# %% id="chat"
class Chat:
    def __init__(self, backends, patience_s=1.0, sleep=time.sleep):
        self._backends = dict(backends)
        self._patience_s = patience_s
        self._sleep = sleep
        self._turns = ()

    def _tries(self):
        for name in self._backends:
            yield name, True
            yield name, False

    def send(self, text):
        turns = [*self._turns, {"role": "user", "text": text}]
        skip, failure = None, Retryable("no backends")
        for name, first in self._tries():
            if name == skip:
                continue
            try:
                reply = self._backends[name](turns)
            except Retryable as error:
                failure, wait = error, error.retry_after_s
                if first and wait is not None and wait <= self._patience_s:
                    self._sleep(wait)
                else:
                    skip = name
            else:
                self._turns = (*turns, {"role": "assistant", "text": reply.text})
                return Reply(*reply[:5], name)
        raise Retryable(f"nobody answers; the last one said: {failure}")
