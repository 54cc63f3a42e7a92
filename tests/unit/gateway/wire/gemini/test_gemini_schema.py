"""Gemini's schemas mean the same as JSON Schema."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.gateway.errors import ApiError
from courseware.gateway.wire.gemini.schema import SchemaBody, json_schema
from courseware.gateway.wire.reading import read


def converted(schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema."""
    return json_schema(read(schema, SchemaBody))


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "STRING"}, {"type": "string"}),
        ({"type": "string", "description": "d"}, {"type": "string", "description": "d"}),
        ({"type": "TYPE_UNSPECIFIED"}, {}),
        ({"type": "STRING", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "STRING", "format": "enum", "enum": ["a", "b"]}, {"type": "string", "enum": ["a", "b"]}),
        (
            {"type": "STRING", "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        ({"type": "INTEGER", "enum": ["101", "201"]}, {"type": "integer", "enum": [101, 201]}),
        ({"type": "INTEGER", "format": "int32", "minimum": 1}, {"type": "integer", "format": "int32", "minimum": 1}),
        (
            {"type": "ARRAY", "items": {"type": "NUMBER"}, "minItems": "2", "max_items": 3},
            {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 3},
        ),
        (
            {"anyOf": [{"type": "STRING"}, {"type": "BOOLEAN"}], "nullable": True},
            {"anyOf": [{"type": "string"}, {"type": "boolean"}, {"type": "null"}]},
        ),
        (
            {"ref": "#/defs/Pet", "defs": {"Pet": {"type": "OBJECT"}}},
            {"$ref": "#/$defs/Pet", "$defs": {"Pet": {"type": "object"}}},
        ),
        ({"type": "OBJECT", "additionalProperties": False}, {"type": "object", "additionalProperties": False}),
        (
            {"type": "OBJECT", "additional_properties": {"type": "STRING"}},
            {"type": "object", "additionalProperties": {"type": "string"}},
        ),
        ({"type": "STRING", "default": "x", "example": "y"}, {"type": "string", "default": "x", "examples": ["y"]}),
    ],
)
def test_a_schema(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    assert converted(schema) == expected


def test_properties_keep_their_names_and_take_the_order_asked_for() -> None:
    properties = {"first_name": {"type": "STRING"}, "anyOf": {"type": "STRING"}, "type": {"type": "STRING"}}
    schema = converted(
        {"type": "OBJECT", "properties": properties, "propertyOrdering": ["type", "anyOf"], "required": ["type"]}
    )
    assert list(schema["properties"]) == ["type", "anyOf", "first_name"]
    assert schema == {
        "type": "object",
        "properties": {name: {"type": "string"} for name in properties},
        "required": ["type"],
    }


@pytest.mark.parametrize(
    "schema",
    [{"type": "TEXT"}, {"oneOf": []}, {"type": "INTEGER", "enum": ["many"]}, {"properties": {"a": {"type": 3}}}],
)
def test_what_is_no_schema_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(ApiError):
        converted(schema)
