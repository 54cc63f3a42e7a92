"""Example requests for a tool, made of its name, description and schema alone.

A small model that has seen one call of each tool chooses and fills them better; the tools are the client's, so the
examples cannot be written by hand. The values are the same for every tool and every run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from courseware.gateway.exchange import Tool

# The first pattern found in a parameter's name says what an example of it looks like.
_LOOKS = (
    ("mail", "ada@example.org"),
    ("phone|mobile", "+44 20 7946 0000"),
    ("url|link|website", "https://example.org/plan"),
    ("path|file|folder|directory", "notes/plan.txt"),
    ("date|day|when|deadline", "2031-05-17"),
    ("time|hour", "07:45"),
    ("currency", "NOK"),
    ("lang", "Welsh"),
    ("country|nation", "Chad"),
    ("city|town|place|location|destination|origin|region", "Tromsø"),
    ("expr|formula|equation", "12 * 7"),
    ("quer|search|question|keyword|term", "parking permit"),
    ("unit", "furlong"),
    ("colou?r", "teal"),
    (r"(?:^|_)(?:id|sku|ref|code|number|no)(?:$|_)", "ZX-81"),
    ("title|subject|topic", "Spring fair"),
    ("name|person|user|customer|author|recipient|guest", "Ines Faro"),
    ("text|message|body|content|note|comment|sentence|phrase", "The ferry leaves at dawn."),
)
_FORMATS = {
    "date": "2031-05-17", "time": "07:45:00", "date-time": "2031-05-17T07:45:00Z", "email": "ada@example.org",
    "uuid": "6f1c0f7e-52d4-4c7e-9a58-0c1f4f1f7a10",
}  # fmt: skip
_DEPTH = 4


def example_of(tool: Tool) -> tuple[str, dict[str, Any]]:
    """Return what a user might say, and the arguments of the call that answers it."""
    arguments = _object(tool.schema, tool.schema, _DEPTH)
    wish = _wish(tool)
    told = ", ".join(f"{_spoken(name)} {_told(value)}" for name, value in arguments.items())
    return f"{wish}: {told}" if told else wish, arguments


def _wish(tool: Tool) -> str:
    first = re.split(r"(?<=[.!?])\s|\n", tool.description.strip())[0].rstrip(".!? ")
    return first if first else _spoken(tool.name).capitalize()


def _spoken(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-.]+", " ", name).lower().strip()


def _told(value: Any) -> str:
    if isinstance(value, list):
        return " and ".join(map(_told, value))
    if isinstance(value, dict):
        return ", ".join(f"{_spoken(name)} {_told(item)}" for name, item in value.items())
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _object(schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> dict[str, Any]:
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    required = [name for name in schema.get("required", ()) if name in properties]
    return {name: _value(name, properties[name], root, depth - 1) for name in required or list(properties)[:1]}


def _value(name: str, schema: Any, root: Mapping[str, Any], depth: int) -> Any:
    schema = followed(schema, root)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][-1]  # the last one: a model is drawn to the first anyway
    kind = kind_of(schema)
    if kind == "object":
        return _object(schema, root, depth) if depth > 0 else {}
    if kind == "array":
        return [_value(name, schema.get("items", {}), root, depth - 1)] if depth > 0 else []
    if kind in ("integer", "number"):
        return _number(schema, kind)
    return True if kind == "boolean" else _words(name, schema)


def _number(schema: Mapping[str, Any], kind: str) -> float:
    value: float = 3 if kind == "integer" else 46.5
    low, high = schema.get("minimum"), schema.get("maximum")
    if isinstance(low, (int, float)) and value < low:
        value = low
    return high if isinstance(high, (int, float)) and value > high else value


def _words(name: str, schema: Mapping[str, Any]) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return next((look for pattern, look in _LOOKS if re.search(pattern, snake)), f"some {_spoken(name)}")


def followed(schema: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema a local reference leads to, and of alternatives the first that is not null."""
    for _ in range(_DEPTH):
        if not isinstance(schema, Mapping):
            return {}
        if "$ref" in schema:
            schema = _at(str(schema["$ref"]), root)
            continue
        options = [option for key in ("anyOf", "oneOf", "allOf") for option in schema.get(key) or ()]
        real = [option for option in options if isinstance(option, Mapping) and option.get("type") != "null"]
        if not real or "type" in schema:
            return schema
        schema = real[0]
    return schema if isinstance(schema, Mapping) else {}


def _at(reference: str, root: Mapping[str, Any]) -> Any:
    found: Any = root
    for step in reference.lstrip("#").split("/")[1:]:
        found = found.get(step, {}) if isinstance(found, Mapping) else {}
    return found


def kind_of(schema: Mapping[str, Any]) -> str:
    """The type a value should have: of several the first that is not null, else what its keywords hint at."""
    kinds = schema.get("type", "object" if "properties" in schema else "array" if "items" in schema else "string")
    if isinstance(kinds, list):
        kinds = next((kind for kind in kinds if kind != "null"), "string")
    return str(kinds)
