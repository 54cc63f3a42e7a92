# shows: Server-sent events read by hand over httpx, schemas from pydantic, a parser without ast, a recursive loop that takes the tools away, a program that trims message by message.
# %% id="stream"
def stream_turn(client, messages, write, tools=None):
    body = {"model": MODEL, "messages": messages, "stream": True, "stream_options": {"include_usage": True}}
    if tools is not None:
        body["tools"] = tools
    headers = {"authorization": f"Bearer {client.api_key}"}
    words, made, finish, usage = [], {}, None, None
    with httpx.stream("POST", f"{client.base_url}chat/completions", json=body, headers=headers) as answer:
        answer.raise_for_status()
        try:
            for line in answer.iter_lines():
                if not line.startswith("data: ") or line == "data: [DONE]":
                    continue
                event = json.loads(line[6:])
                if event.get("usage"):
                    usage = {
                        "input": event["usage"]["prompt_tokens"],
                        "output": event["usage"]["completion_tokens"],
                    }
                for choice in event["choices"]:
                    finish = finish or choice["finish_reason"]
                    if choice["delta"].get("content"):
                        words.append(choice["delta"]["content"])
                        write(words[-1])
                    for piece in choice["delta"].get("tool_calls", ()):
                        call = made.setdefault(piece["index"], {"id": "", "name": "", "arguments": ""})
                        call["id"] += piece.get("id", "")
                        call["name"] += piece["function"].get("name", "")
                        call["arguments"] += piece["function"].get("arguments", "")
        except httpx.HTTPError:
            finish = usage = None
    calls = [made[index] for index in sorted(made)] if finish else []
    return {"text": "".join(words), "calls": calls, "finish": finish, "usage": usage}


def remember(messages, turn):
    if not turn["finish"]:
        return [dict(message) for message in messages]
    message = {"role": "assistant", "content": turn["text"] or None}
    if turn["calls"]:
        message["tool_calls"] = []
        for call in turn["calls"]:
            function = {key: call[key] for key in ("name", "arguments")}
            message["tool_calls"].append({"type": "function", "id": call["id"], "function": function})
    return messages + [message]


# %% id="tools"
import re
from typing import Literal

from openai import pydantic_function_tool
from pydantic import BaseModel


class Weather(BaseModel):
    """Look up how warm it is in a city."""

    city: str
    unit: Literal["celsius", "fahrenheit"]


class Sum(BaseModel):
    """Do arithmetic."""

    expression: str


TOOLS = [pydantic_function_tool(Weather, name="get_weather"), pydantic_function_tool(Sum, name="calculate")]
TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(\*\*|[-+*/()]))")


def calculate(expression):
    if len(expression) > 200:
        raise ValueError("too long")
    text, tokens, at = expression.rstrip(), [], 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found:
            raise ValueError(f"not arithmetic: {text[at:]!r}")
        tokens.append(float(found[1]) if found[1] else found[2])
        at = found.end()
    tokens.append("end")
    try:
        value = added(tokens)
    except ArithmeticError as error:
        raise ValueError(str(error)) from error
    if tokens != ["end"] or isinstance(value, complex) or not -1e308 < value < 1e308:
        raise ValueError("no value")
    return value


def added(tokens):
    value = multiplied(tokens)
    while tokens[0] in ("+", "-"):
        value = value + multiplied(tokens) if tokens.pop(0) == "+" else value - multiplied(tokens)
    return value


def multiplied(tokens):
    value = signed(tokens)
    while tokens[0] in ("*", "/"):
        value = value * signed(tokens) if tokens.pop(0) == "*" else value / signed(tokens)
    return value


def signed(tokens):
    if tokens[0] in ("+", "-"):
        return signed(tokens) if tokens.pop(0) == "+" else -signed(tokens)
    value = atom(tokens)
    if tokens[0] == "**":
        tokens.pop(0)
        value = value ** signed(tokens)
        if isinstance(value, complex):
            raise ValueError("not a real number")
    return value


def atom(tokens):
    token = tokens.pop(0)
    if isinstance(token, float):
        return token
    if token != "(":
        raise ValueError(f"unexpected {token}")
    value = added(tokens)
    if tokens.pop(0) != ")":
        raise ValueError("a parenthesis is not closed")
    return value


# %% id="loop"
def converse(client, messages, tools, functions, max_rounds=4):
    offered = {"tools": tools} if max_rounds > 0 else {}
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=messages, **offered)
    message = raw.parse().choices[0].message
    if not message.tool_calls:
        messages.append({"role": "assistant", "content": message.content})
        return message.content
    messages.append(message)
    for call in message.tool_calls:
        name = call.function.name
        if name in functions:
            try:
                result = functions[name](**json.loads(call.function.arguments))
            except Exception as error:
                result = {"error": repr(error), "tool": name}
        else:
            result = {"error": f"unknown tool; the tools are {sorted(functions)}"}
        content = result if type(result) is str else json.dumps(result, ensure_ascii=False)
        messages.append({"role": "tool", "content": content, "tool_call_id": call.id})
    return converse(client, messages, tools, functions, max_rounds - 1)


# %% id="chatbot"
import json
import random
import sys
import time
from argparse import ArgumentParser

import httpx
import openai
import tiktoken

TEMPERATURES = {"Oslo": -3.5, "Cairo": 31.0, "Lima": 19.5, "Pune": 27.0}
SYMBOLS = set("0123456789.+-*/() ")
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "strict": True,
            "parameters": {
                "type": "object",
                "properties": properties,
                "required": sorted(properties),
                "additionalProperties": False,
            },
        },
    }
    for name, description, properties in (
        ("calculate", "Do arithmetic.", {"expression": {"type": "string"}}),
        ("get_weather", "Tell the weather.", {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}}),
    )
]


def run(name, arguments):
    if name == "calculate":
        expression = arguments["expression"]
        if not SYMBOLS.issuperset(expression) or expression.count("**") > 1 or len(expression) > 50:
            raise ValueError("only short sums")
        return eval(expression, {"__builtins__": {}})  # nothing but digits and signs comes here
    if name == "get_weather":
        celsius = TEMPERATURES.get(arguments["city"])
        if celsius is None:
            return {"error": f"{arguments['city']} is not among {', '.join(TEMPERATURES)}"}
        fahrenheit = arguments["unit"] == "fahrenheit"
        return {"degrees": celsius * 1.8 + 32 if fahrenheit else celsius, "city": arguments["city"]}
    raise ValueError(f"no tool {name}; use calculate or get_weather")


def answer_to(name, text):
    try:
        return json.dumps(run(name, json.loads(text)))
    except Exception as error:
        return json.dumps({"error": str(error) or "failed"})


def size(message):
    encode = tiktoken.get_encoding("o200k_base").encode_ordinary
    content = message.get("content") or ""
    text = content if isinstance(content, str) else "".join(part["text"] for part in content)
    calls = message.get("tool_calls", [])
    return (
        4 + len(encode(text)) + sum(len(encode(f"{c['function']['name']} {c['function']['arguments']}")) for c in calls)
    )


def window(first, messages, budget):
    """Drop single messages from the front, and never begin with a result whose call is gone."""
    question = max(i for i, message in enumerate(messages) if message["role"] == "user")
    start = 0
    while start < question and sum(map(size, first + messages[start:])) > budget:
        start += 1
        while messages[start]["role"] == "tool":
            start += 1
    return first + messages[start:]


def request(client, **body):
    for attempt in range(4):
        try:
            return client.chat.completions.create(**body)
        except (openai.RateLimitError, openai.InternalServerError) as error:
            if attempt == 3:
                raise
            wait = error.response.headers.get("retry-after")
            time.sleep(float(wait) if wait else random.random() * 2**attempt)


def ask(client, options, first, messages):
    for left in range(5, -1, -1):
        extra = {"tool_choice": "auto" if left else "none"}
        sent = window(first, messages, options.budget_tokens)
        whole, calls = "", {}
        done = False
        for chunk in request(client, model=options.model, messages=sent, tools=TOOLS, stream=True, **extra):
            if not chunk.choices:
                continue
            delta = chunk.choices[0].delta
            done = done or chunk.choices[0].finish_reason is not None
            if delta.content:
                whole += delta.content
                sys.stdout.write(delta.content)
                sys.stdout.flush()
            for piece in delta.tool_calls or ():
                call = calls.setdefault(
                    piece.index, {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
                )
                call["id"] = piece.id or call["id"]
                call["function"]["name"] += piece.function.name or ""
                call["function"]["arguments"] += piece.function.arguments or ""
        if not done:
            raise ConnectionError("the answer ended too early")
        if not calls:
            messages.append({"role": "assistant", "content": [{"type": "text", "text": whole}]})
            return
        messages.append({"role": "assistant", "content": whole or None, "tool_calls": list(calls.values())})
        for call in calls.values():
            content = answer_to(call["function"]["name"], call["function"]["arguments"])
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": content})


def main():
    parser = ArgumentParser()
    parser.add_argument("--model", default="course-small")
    parser.add_argument("--system")
    parser.add_argument("--budget-tokens", default=1000, type=int)
    options = parser.parse_args()
    client = openai.OpenAI(max_retries=0)
    first = [{"role": "developer", "content": options.system}] if options.system else []
    messages, failed = [], False
    while (line := sys.stdin.readline()) and line.strip() != "/quit":
        if line.isspace():
            continue
        begun = len(messages)
        messages.append({"role": "user", "content": line.strip()})
        try:
            ask(client, options, first, messages)
        except (openai.OpenAIError, httpx.HTTPError, ConnectionError) as error:
            del messages[begun:]
            failed = True
            sys.stderr.write(f"error: {type(error).__name__}\n")
        sys.stdout.write("\n")
    raise SystemExit(int(failed))


main()

# %% id="defended"
defended = {"requests": 11, "last messages": 10, "last tokens": 154}
