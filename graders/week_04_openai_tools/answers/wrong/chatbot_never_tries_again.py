# shows: Turns the SDK's retries off and has none of its own.
# loses: chatbot-hidden 1
# %% id="chatbot"
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
    if city not in CELSIUS:
        raise LookupError(f"no weather for {city!r}; known are {', '.join(CELSIUS)}")
    degrees = CELSIUS[city] if unit == "celsius" else CELSIUS[city] * 9 / 5 + 32
    return {"city": city, "degrees": degrees, "unit": unit}


def calculate(expression):
    if len(expression) > 200:
        raise ValueError("more than 200 characters")
    value = value_of(ast.parse(expression.strip(), mode="eval").body)
    if not isinstance(value, float) or not math.isfinite(value):
        raise ValueError(f"{expression!r} has no finite real value")
    return value


def value_of(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(node.value)
    if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        return BINARY[type(node.op)](value_of(node.left), value_of(node.right))
    if isinstance(node, ast.UnaryOp) and type(node.op) in UNARY:
        return UNARY[type(node.op)](value_of(node.operand))
    raise ValueError(f"{type(node).__name__} is not arithmetic")


def strict_tool(name, description, properties):
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
    calls = [call["function"] for call in message.get("tool_calls") or []]
    texts = [message.get("content") or "", *(f"{call['name']} {call['arguments']}" for call in calls)]
    return 4 + sum(len(O200K.encode(text, disallowed_special=())) for text in texts)


def trim(messages, budget):
    head = [message for message in messages if message["role"] in ("system", "developer")]
    turns = []
    for message in messages[len(head) :]:
        turns += [[message]] if message["role"] == "user" else []
        turns[-1] += [message] if message["role"] != "user" else []
    while len(turns) > 1 and sum(map(count_tokens, [*head, *chain(*turns)])) > budget:
        del turns[0]
    return [*head, *chain(*turns)]


def run_call(name, arguments):
    try:
        if name not in FUNCTIONS:
            raise LookupError(f"there is no tool {name!r}; there are {', '.join(FUNCTIONS)}")
        result = FUNCTIONS[name](**json.loads(arguments))
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    return result if isinstance(result, str) else json.dumps(result)


def stream_turn(client, model, messages, choice):
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="course-small")
    parser.add_argument("--system", default="")
    parser.add_argument("--budget-tokens", type=int, default=1000)
    options = parser.parse_args()
    client, status = OpenAI(max_retries=0), 0
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
