"""From the schemas of Gemini's own kind, a subset of OpenAPI 3.0 with types in capitals, to plain JSON Schema.

Source: `Schema` in Google's Gemini API reference and in google-genai 3.4, read November 2026.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from courseware.gateway.errors import ApiError
from courseware.gateway.wire.gemini.shape import Camel, Upper
from courseware.gateway.wire.reading import Field, JsonObject

_Type = Literal["TYPE_UNSPECIFIED", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"]


class SchemaBody(Camel):
    """A schema, or a part of one."""

    type: Annotated[_Type, Upper] | None = None
    title: str | None = None
    description: str | None = None
    format: str | None = None
    nullable: bool | None = None
    enum: list[Any] | None = None
    example: Any = None
    default: Any = None
    items: SchemaBody | None = None
    prefix_items: list[SchemaBody] | None = None
    min_items: int | None = None
    max_items: int | None = None
    properties: dict[str, SchemaBody] | None = None
    property_ordering: list[str] | None = None
    required: list[str] | None = None
    additional_properties: bool | SchemaBody | None = None
    min_properties: int | None = None
    max_properties: int | None = None
    any_of: list[SchemaBody] | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    ref: str | None = Field(None, validation_alias="$ref")
    defs: dict[str, SchemaBody] | None = Field(None, validation_alias="$defs")


_AS_THEY_ARE = {
    "title": "title",
    "description": "description",
    "min_items": "minItems",
    "max_items": "maxItems",
    "required": "required",
    "min_properties": "minProperties",
    "max_properties": "maxProperties",
    "minimum": "minimum",
    "maximum": "maximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
}


def json_schema(schema: SchemaBody) -> JsonObject:
    """Return the same as JSON Schema; properties stand in the order that `propertyOrdering` asks for."""
    plain: JsonObject = {}
    if schema.type not in (None, "TYPE_UNSPECIFIED"):
        plain["type"] = schema.type.lower()
    for name, keyword in _AS_THEY_ARE.items():
        if getattr(schema, name) is not None:
            plain[keyword] = getattr(schema, name)
    # OpenAPI's way to say that there is an enum, not a format of JSON Schema.
    if schema.format not in (None, "enum"):
        plain["format"] = schema.format
    if schema.enum is not None:
        plain["enum"] = _enum(schema)
    if "default" in schema.model_fields_set:
        plain["default"] = schema.default
    if schema.example is not None:
        plain["examples"] = [schema.example]
    plain |= _parts(schema)
    return _nullable(plain) if schema.nullable else plain


def _parts(schema: SchemaBody) -> JsonObject:
    """The keywords whose values are schemas themselves."""
    plain: JsonObject = {}
    if schema.ref is not None:
        plain["$ref"] = schema.ref.replace("#/defs/", "#/$defs/")
    if schema.items is not None:
        plain["items"] = json_schema(schema.items)
    if isinstance(schema.additional_properties, SchemaBody):
        plain["additionalProperties"] = json_schema(schema.additional_properties)
    elif schema.additional_properties is not None:
        plain["additionalProperties"] = schema.additional_properties
    lists = {"prefixItems": schema.prefix_items, "anyOf": schema.any_of}
    plain |= {keyword: [json_schema(one) for one in many] for keyword, many in lists.items() if many is not None}
    named = {"properties": _ordered(schema), "$defs": schema.defs}
    for keyword, ones in named.items():
        if ones is not None:
            plain[keyword] = {name: json_schema(one) for name, one in ones.items()}
    return plain


def _ordered(schema: SchemaBody) -> dict[str, SchemaBody] | None:
    if not schema.properties:
        return schema.properties
    first = [name for name in schema.property_ordering or () if name in schema.properties]
    return {name: schema.properties[name] for name in [*first, *schema.properties]}


def _enum(schema: SchemaBody) -> list[Any]:
    """The values; Google writes those of numbers as text. Raises `ApiError`."""
    if schema.type not in ("INTEGER", "NUMBER"):
        return schema.enum or []
    read = int if schema.type == "INTEGER" else float
    try:
        return [read(value) if isinstance(value, str) else value for value in schema.enum or ()]
    except ValueError:
        said = f"enum is {schema.enum!r:.80}, not all {schema.type.lower()}s; write numbers"
        raise ApiError("invalid_request", said, param="enum") from None


def _nullable(plain: JsonObject) -> JsonObject:
    """The same schema, or null."""
    if "anyOf" in plain:
        return {**plain, "anyOf": [*plain["anyOf"], {"type": "null"}]}
    if "$ref" in plain:
        return {"anyOf": [plain, {"type": "null"}]}
    if "enum" in plain:
        plain = {**plain, "enum": [*plain["enum"], None]}
    return {**plain, "type": [plain["type"], "null"]} if "type" in plain else plain
