# shows: Reads expressions of any length.
# loses: tools-hidden 1
# %% id="tools"
def strict_tool(name, description, properties):
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


def calculate(expression):
    try:
        value = value_of(ast.parse(expression.strip(), mode="eval").body)
    except (SyntaxError, ArithmeticError) as error:
        raise ValueError(f"cannot calculate {expression!r}: {error}") from None
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
