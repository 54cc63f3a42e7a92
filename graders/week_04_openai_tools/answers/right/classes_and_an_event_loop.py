# shows: A generator under the stream, whole numbers kept whole within bounds, a loop that sends the SDK's objects back, and an asynchronous program made of classes.
# %% id="stream"
def pieces_of(client, request):
    with client.chat.completions.create(stream=True, stream_options={"include_usage": True}, **request) as chunks:
        try:
            yield from chunks
        except Exception:
            yield None


def stream_turn(client, messages, write, tools=None):
    request = {"model": MODEL, "messages": messages}
    if tools:
        request["tools"] = tools
    text, calls, finish, usage = "", [], None, None
    for chunk in pieces_of(client, request):
        if chunk is None:
            return {"text": text, "calls": [], "finish": None, "usage": None}
        if chunk.usage is not None:
            usage = {"input": chunk.usage.prompt_tokens, "output": chunk.usage.completion_tokens}
        if not chunk.choices:
            continue
        [choice] = chunk.choices
        finish = choice.finish_reason or finish
        if choice.delta.content:
            text += choice.delta.content
            write(choice.delta.content)
        for piece in choice.delta.tool_calls or []:
            if piece.id:
                calls.append({"id": piece.id, "name": piece.function.name, "arguments": ""})
            calls[-1]["arguments"] += piece.function.arguments or ""
    return {"text": text, "calls": calls, "finish": finish, "usage": usage}


def remember(messages, turn):
    history = messages.copy()
    if turn["finish"]:
        history.append({"role": "assistant", "content": [{"type": "text", "text": turn["text"]}]})
        if turn["calls"]:
            history[-1]["tool_calls"] = [
                {"id": one["id"], "type": "function", "function": {"name": one["name"], "arguments": one["arguments"]}}
                for one in turn["calls"]
            ]
    return history


# %% id="tools"
CITY, UNIT = {"type": "string", "minLength": 1}, {"$ref": "#/$defs/unit"}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "calculate",
            "description": "Work out a sum.",
            "strict": True,
            "parameters": {
                "type": "object",
                "properties": {"expression": {"type": "string", "description": "such as 2 * (3 + 4)"}},
                "required": ["expression"],
                "additionalProperties": False,
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The temperature in a city.",
            "strict": True,
            "parameters": {
                "type": "object",
                "$defs": {"unit": {"anyOf": [{"const": "celsius"}, {"const": "fahrenheit"}]}},
                "properties": {"city": CITY, "unit": UNIT},
                "required": ["unit", "city"],
                "additionalProperties": False,
            },
        },
    },
]


class Calculator(ast.NodeVisitor):
    def visit_Expression(self, node):
        return self.visit(node.body)

    def visit_Constant(self, node):
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            raise ValueError("not a number")
        return self.checked(node.value)

    def visit_UnaryOp(self, node):
        value = self.visit(node.operand)
        if isinstance(node.op, ast.USub):
            return -value
        if isinstance(node.op, ast.UAdd):
            return value
        raise ValueError("not a sign")

    def visit_BinOp(self, node):
        left, right = self.visit(node.left), self.visit(node.right)
        match node.op:
            case ast.Add():
                return self.checked(left + right)
            case ast.Sub():
                return self.checked(left - right)
            case ast.Mult():
                return self.checked(left * right)
            case ast.Div() if right:
                return self.checked(left / right)
            case ast.Pow() if abs(right) <= 10_000 and (left or right >= 0):
                return self.checked(float(left) ** float(right))
        raise ValueError("no value")

    def checked(self, value):
        if isinstance(value, complex) or not abs(value) < 1e300:
            raise ValueError("too large, or not real")
        return value

    def generic_visit(self, node):
        raise ValueError(f"{node} is not allowed")


def calculate(expression):
    if len(expression) > 200:
        raise ValueError("too long")
    try:
        return Calculator().visit(ast.parse(expression.strip(), mode="eval"))
    except ValueError:
        raise
    except (SyntaxError, OverflowError) as error:
        raise ValueError(str(error)) from error


# %% id="loop"
def converse(client, messages, tools, functions, max_rounds=4):
    rounds = 0
    while True:
        last = {"tool_choice": "none"} if rounds >= max_rounds else {}
        [choice] = client.chat.completions.create(model=MODEL, messages=messages, tools=tools, **last).choices
        messages.append(choice.message)
        if choice.finish_reason != "tool_calls":
            return choice.message.content
        messages.extend(answered(call, functions) for call in choice.message.tool_calls)
        rounds += 1


def answered(call, functions):
    function = functions.get(call.function.name)
    try:
        if function is None:
            raise KeyError(f"choose one of {list(functions)}")
        content = function(**json.loads(call.function.arguments))
    except Exception as error:
        content = {"error": str(error)}
    if not isinstance(content, str):
        content = json.dumps(content)
    return {"role": "tool", "tool_call_id": call.id, "content": [{"type": "text", "text": content}]}


# %% id="chatbot"
import argparse
import ast
import asyncio
import json
import sys
from dataclasses import dataclass, field

import tiktoken
from openai import AsyncOpenAI, pydantic_function_tool
from pydantic import BaseModel, ConfigDict


class get_weather(BaseModel):
    """Look up how warm it is."""

    model_config = ConfigDict(extra="forbid")
    city: str
    unit: str

    def run(self):
        known = {"Oslo": -3.5, "Cairo": 31.0, "Lima": 19.5, "Pune": 27.0}
        if self.city not in known:
            raise LookupError(f"{self.city!r} has no station")
        degrees = known[self.city]
        return {"unit": self.unit, "degrees": degrees if self.unit == "celsius" else degrees * 9 / 5 + 32}


class calculate(BaseModel):
    """Work out an arithmetic expression."""

    model_config = ConfigDict(extra="forbid")
    expression: str

    def run(self):
        return value_of(ast.parse(self.expression.strip()[:200], mode="eval").body)


def value_of(node):
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -value_of(operand)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return value_of(left) + value_of(right)
        case ast.BinOp(op=ast.Sub(), left=left, right=right):
            return value_of(left) - value_of(right)
        case ast.BinOp(op=ast.Mult(), left=left, right=right):
            return value_of(left) * value_of(right)
        case ast.BinOp(op=ast.Div(), left=left, right=right):
            return value_of(left) / value_of(right)
        case ast.BinOp(op=ast.Pow(), left=left, right=right):
            return value_of(left) ** value_of(right)
    raise ValueError("not arithmetic")


TOOLS = {tool.__name__: tool for tool in (get_weather, calculate)}
OFFER = [pydantic_function_tool(tool) for tool in TOOLS.values()]


def tokens(message):
    encoding = tiktoken.get_encoding("o200k_base")
    words = [message["content"] or ""]
    words += [call["function"]["name"] + " " + call["function"]["arguments"] for call in message.get("tool_calls", ())]
    return 4 + sum(len(encoding.encode(text, disallowed_special=())) for text in words)


@dataclass
class Bot:
    client: AsyncOpenAI
    model: str
    budget: int
    system: list = field(default_factory=list)
    past: list = field(default_factory=list)  # exchanges, each a list of messages

    def context(self, now):
        kept = [*self.system, *now]
        room = self.budget - sum(map(tokens, kept))
        older = []
        for exchange in self.past[::-1]:
            room -= sum(map(tokens, exchange))
            if room < 0:
                break
            older = exchange + older
        return self.system + older + now

    async def reply(self, now, last):
        message, ended = {"role": "assistant", "content": ""}, False
        stream = await self.client.chat.completions.create(
            model=self.model,
            messages=self.context(now),
            stream=True,
            tools=OFFER,
            tool_choice="none" if last else "auto",
        )
        async for chunk in stream:
            for choice in chunk.choices:
                ended |= bool(choice.finish_reason)
                message["content"] += choice.delta.content or ""
                print(choice.delta.content or "", end="", flush=True)
                for piece in choice.delta.tool_calls or ():
                    calls = message.setdefault("tool_calls", [])
                    if piece.index >= len(calls):
                        calls.append({"id": piece.id, "type": "function", "function": {"name": "", "arguments": ""}})
                    calls[piece.index]["function"]["name"] += piece.function.name or ""
                    calls[piece.index]["function"]["arguments"] += piece.function.arguments or ""
        if not ended:
            raise EOFError("cut off")
        return message

    async def ask(self, question):
        now = [{"role": "user", "content": question}]
        rounds = 0
        while rounds == 0 or "tool_calls" in now[-1] or now[-1]["role"] == "tool":
            now.append(await self.reply(now, rounds == 5))
            rounds += 1
            for call in now[-1].get("tool_calls", ()):
                now.append({"role": "tool", "tool_call_id": call["id"], "content": self.run(**call["function"])})
        self.past.append(now)

    def run(self, name, arguments):
        try:
            return json.dumps(TOOLS[name].model_validate_json(arguments).run())
        except KeyError:
            return json.dumps({"error": f"unknown; there are {list(TOOLS)}"})
        except Exception as error:
            return json.dumps({"error": f"{error}"})


async def main(options):
    system = [{"role": "system", "content": options.system}] if options.system else []
    bot, status = Bot(AsyncOpenAI(max_retries=5), options.model, options.budget_tokens, system), 0
    for line in map(str.strip, sys.stdin.read().splitlines()):
        if line == "/quit":
            return status
        try:
            if line:
                await bot.ask(line)
                print()
        except Exception as error:
            print("\nthis answer is not whole:".lstrip(), str(error)[:80].replace("\n", " "), file=sys.stderr)
            print()
            status = 1
    return status


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--model", default="course-small")
    arguments.add_argument("--system", default=None)
    arguments.add_argument("--budget-tokens", type=int, default=1000)
    sys.exit(asyncio.run(main(arguments.parse_args())))

# %% id="defended"
defended = {"requests": 11, "last messages": 10, "last tokens": 158}
