"""Schemas as the engine can enforce them."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from courseware.gateway.engine.schema import Enforceable
from courseware.gateway.errors import ApiError


def enforceable(schema: Any, *, lax: bool = False) -> dict[str, Any]:
    """The schema sent for one schema, without the spacing that every one has."""
    parts = Enforceable()
    whole = parts.whole(parts.add(schema, "the response format", lax=lax))
    whole.pop("x-guidance")
    return whole


def refusal(schema: Any) -> str:
    with pytest.raises(ApiError) as caught:
        enforceable(schema)
    assert (caught.value.kind, caught.value.code) == ("invalid_request", "unsupported_schema")
    return caught.value.message


def test_notes_are_left_out() -> None:
    schema = {"type": "string", "title": "T", "description": "d", "default": "x", "$schema": "s", "format": "color"}
    assert enforceable(schema) == {"type": "string"}


def test_limits_are_kept() -> None:
    schema = {"type": "array", "items": {"type": "integer", "minimum": 0}, "maxItems": 3}
    assert enforceable(schema) == schema


def test_object_with_named_properties_is_closed() -> None:
    assert enforceable({"type": "object", "properties": {}})["additionalProperties"] is False


def test_object_that_says_so_stays_open() -> None:
    assert enforceable({"type": "object", "properties": {}, "additionalProperties": True})["additionalProperties"] == {}


def test_mapping_keeps_the_type_of_its_values() -> None:
    schema = {"type": "object", "additionalProperties": {"type": "integer"}}
    assert enforceable(schema) == schema


def test_required_property_without_a_schema_may_be_anything() -> None:
    assert enforceable({"type": "object", "properties": {}, "required": ["a"]})["properties"] == {"a": {}}


def test_joined_objects_stay_open_to_each_other() -> None:
    schema = {"allOf": [{"type": "object", "properties": {"a": {}}}, {"type": "object", "properties": {"b": {}}}]}
    assert enforceable(schema) == schema


def test_property_may_be_called_like_a_keyword() -> None:
    schema = {"type": "object", "properties": {"not": {"type": "string"}, "format": {"type": "integer"}}}
    assert enforceable(schema)["properties"] == schema["properties"]


def test_nullable_becomes_an_alternative() -> None:
    assert enforceable({"type": "string", "nullable": True}) == {"anyOf": [{"type": "string"}, {"type": "null"}]}


def test_older_tuples_become_prefix_items() -> None:
    schema = {"type": "array", "items": [{"type": "string"}], "additionalItems": False}
    assert enforceable(schema) == {"type": "array", "prefixItems": [{"type": "string"}], "items": False}


class Part(BaseModel):
    kind: Literal["bolt", "nut"]
    inside: list[Part] = Field(default_factory=list)


class Order(BaseModel):
    parts: list[Part] = Field(max_length=3)
    note: str | None = None


def test_pydantic_model_with_recursive_definitions_is_understood() -> None:
    whole = enforceable(Order.model_json_schema())
    assert whole["properties"]["parts"] == {"type": "array", "maxItems": 3, "items": {"$ref": "#/$defs/s1-0"}}
    assert whole["$defs"]["s1-0"]["properties"]["inside"]["items"] == {"$ref": "#/$defs/s1-0"}


def test_reference_to_the_whole_is_understood() -> None:
    whole = enforceable({"type": "object", "properties": {"next": {"$ref": "#"}}})
    assert whole["$defs"]["s1-0"]["properties"]["next"] == {"$ref": "#/$defs/s1-0"}


def test_definitions_of_two_schemas_do_not_meet() -> None:
    parts = Enforceable()
    one = parts.add({"$ref": "#/$defs/A", "$defs": {"A": {"type": "string"}}}, "tool a")
    two = parts.add({"$ref": "#/$defs/A", "$defs": {"A": {"type": "integer"}}}, "tool b")
    whole = parts.whole({"anyOf": [one, two]})
    assert [whole["$defs"][option["$ref"].rpartition("/")[2]]["type"] for option in whole["anyOf"]] == [
        "string", "integer",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "keyword", ["not", "if", "uniqueItems", "contains", "propertyNames", "dependentRequired", "unevaluatedProperties"]
)
def test_keyword_that_cannot_be_enforced_is_refused_with_its_place(keyword: str) -> None:
    message = refusal({"type": "object", "properties": {"a": {keyword: {"type": "string"}}}})
    assert f"at /properties/a uses '{keyword}'" in message


def test_keyword_that_demands_nothing_is_accepted() -> None:
    assert enforceable({"type": "array", "uniqueItems": False}) == {"type": "array"}


def test_lax_tool_loses_what_cannot_be_enforced() -> None:
    schema = {"type": "array", "uniqueItems": True, "items": {"type": "string", "pattern": "(?=a)b"}}
    assert enforceable(schema, lax=True) == {"type": "array", "items": {"type": "string"}}


@pytest.mark.parametrize("pattern", ["^(?=a)b", r"\bfoo", r"(a)\1", "(?<!x)y"])
def test_pattern_with_look_around_or_back_reference_is_refused(pattern: str) -> None:
    assert "look-around" in refusal({"type": "string", "pattern": pattern})


@pytest.mark.parametrize("reference", ["#/$defs/Nope", "https://example.org/schema", "other.json#/A"])
def test_reference_that_leads_nowhere_is_refused(reference: str) -> None:
    assert reference in refusal({"$ref": reference})


def test_part_that_is_no_schema_is_refused() -> None:
    assert "at /properties/a is 'string'" in refusal({"type": "object", "properties": {"a": "string"}})


@pytest.mark.parametrize(
    ("keyword", "value"),
    [("properties", []), ("required", "city"), ("anyOf", {}), ("type", 3), ("pattern", 1), ("$ref", None)],
)
def test_keyword_with_a_value_of_the_wrong_kind_is_refused_also_for_a_lax_tool(keyword: str, value: Any) -> None:
    with pytest.raises(ApiError, match=f"has '.?{keyword.lstrip('$')}'"):
        enforceable({keyword: value}, lax=True)


def test_schema_nested_without_end_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(2000):
        schema = {"items": schema}
    assert "nested too deeply" in refusal(schema)
