"""A JSON Schema as the engine can enforce it: what it cannot is refused, what means nothing to it is left out.

The engine must never see a keyword it does not know: it then writes freely, with status 200 and a line in its log.
Which keywords it enforces was tried one by one against xllamacpp 2026.10.11549 (llguidance).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from courseware.gateway.engine.errors import unfit_schema

_PLAIN = (
    "type", "enum", "const", "required", "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "minProperties", "maxProperties",
)  # fmt: skip
_ONE, _LIST, _NAMED = ("items", "additionalProperties"), ("anyOf", "oneOf", "allOf", "prefixItems"), (
    "properties", "patternProperties",
)  # fmt: skip
_FORMATS = ("date-time", "date", "time", "duration", "email", "uuid", "hostname", "ipv4", "ipv6")
_REFUSED = (
    "not", "if", "then", "else", "uniqueItems", "contains", "minContains", "maxContains", "propertyNames",
    "dependentRequired", "dependentSchemas", "dependencies", "unevaluatedProperties", "unevaluatedItems", "$dynamicRef",
)  # fmt: skip
_SHAPES: tuple[tuple[tuple[str, ...], tuple[type, ...], str], ...] = (
    (("properties", "patternProperties"), (Mapping,), "an object"),
    (("required", "enum", "anyOf", "oneOf", "allOf", "prefixItems"), (list, tuple), "a list"),
    (("type",), (str, list, tuple), "a name or a list of names"),
    (("pattern", "$ref"), (str,), "a text"),
)
# Look-around, back references and word boundaries, which its regular expressions do not have.
_UNFIT_PATTERN = re.compile(r"\(\?(?:[=!]|<[=!]|P=)|\\[1-9bB]")
# One space after a comma and a colon, as Python's json writes. Left to itself a small model pads with newlines.
_SPACING = {"x-guidance": {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}}


class Enforceable:
    """Collects schemas that go to the engine as one, with the definitions they share.

    `add` may be called for several schemas, each with references into itself; `whole` puts the result together.
    """

    def __init__(self) -> None:
        self._definitions: dict[str, Any] = {}
        self._added = 0

    def add(self, schema: Mapping[str, Any], where: str, *, lax: bool = False) -> dict[str, Any]:
        """Return the part to put in place of `schema`.

        `lax` leaves out what cannot be enforced, for a tool that promises nothing; else that is an ApiError.
        """
        self._added += 1
        try:
            return _Reader(schema, where, lax, f"s{self._added}-", self._definitions).part(schema, "")
        except RecursionError:
            raise unfit_schema(where, "is nested too deeply", "put repeated parts under $defs") from None

    def whole(self, root: Mapping[str, Any]) -> dict[str, Any]:
        """Return the schema to send: `root`, which is made of added parts."""
        return {**_SPACING, **root, **({"$defs": self._definitions} if self._definitions else {})}


class _Reader:
    """Reads one schema. `path` is where in it a part stands."""

    def __init__(
        self, root: Mapping[str, Any], where: str, lax: bool, prefix: str, definitions: dict[str, Any]
    ) -> None:
        self._root, self._where, self._lax = root, where, lax
        self._prefix, self._definitions = prefix, definitions
        self._names: dict[str, str] = {}
        # An object that allOf joins to others must stay open to their properties.
        self._close = "allOf" not in str(root)

    def part(self, schema: Any, path: str) -> dict[str, Any]:
        if schema is True:
            return {}
        if not isinstance(schema, Mapping):
            raise self._unfit(path, f"is {schema!r}", "give an object there, such as {}")
        schema = self._modern(schema)
        self._check_shapes(schema, path)
        for keyword in _REFUSED:
            if keyword in schema and schema[keyword] not in (False, None) and not self._lax:
                raise self._unfit(path, f"uses {keyword!r}", f"leave {keyword!r} out and check it in your own code")
        kept = {key: schema[key] for key in _PLAIN if schema.get(key) is not None or (key == "const" and key in schema)}
        self._check_pattern(kept, path)
        kept |= self._nested(schema, path)
        if schema.get("format") in _FORMATS:  # others are notes to the reader
            kept["format"] = schema["format"]
        if "$ref" in schema:
            kept["$ref"] = self._reference(str(schema["$ref"]), path)
        closed = self._closed(kept)
        return {"anyOf": [closed, {"type": "null"}]} if schema.get("nullable") is True else closed

    def _nested(self, schema: Mapping[str, Any], path: str) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key in _ONE:
            if key in schema:
                kept[key] = False if schema[key] is False else self.part(schema[key], f"{path}/{key}")
        for key in _LIST:
            if key in schema:
                name = "anyOf" if self._lax and key == "oneOf" else key
                kept[name] = [self.part(item, f"{path}/{key}/{n}") for n, item in enumerate(schema[key])]
        for key in _NAMED:
            if key in schema:
                kept[key] = {name: self.part(item, f"{path}/{key}/{name}") for name, item in schema[key].items()}
        return kept

    def _modern(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Today's words for what older drafts of JSON Schema said otherwise."""
        if isinstance(schema.get("items"), list):
            rest = {"items": schema["additionalItems"]} if "additionalItems" in schema else {}
            others = {key: value for key, value in schema.items() if key != "items"}
            schema = {**others, "prefixItems": schema["items"], **rest}
        return schema

    def _closed(self, kept: dict[str, Any]) -> dict[str, Any]:
        """An object with named properties gets no others, unless it says so: a small model would invent some."""
        if self._close and "properties" in kept and not {"additionalProperties", "patternProperties"} & kept.keys():
            unnamed: dict[str, Any] = {name: {} for name in kept.get("required", ()) if name not in kept["properties"]}
            return {**kept, "properties": {**kept["properties"], **unnamed}, "additionalProperties": False}
        return kept

    def _check_shapes(self, schema: Mapping[str, Any], path: str) -> None:
        """What JSON Schema itself demands, as far as a mistake would be answered without the schema being held."""
        for keywords, kind, name in _SHAPES:
            for keyword in keywords:
                if keyword in schema and not isinstance(schema[keyword], kind):
                    raise self._unfit(path, f"has {keyword!r}: {schema[keyword]!r}", f"give {name} there")

    def _check_pattern(self, kept: dict[str, Any], path: str) -> None:
        if _UNFIT_PATTERN.search(str(kept.get("pattern", ""))):
            if not self._lax:
                raise self._unfit(
                    path,
                    f"has the pattern {kept['pattern']!r}",
                    "write it without look-around, \\b and back references",
                )
            del kept["pattern"]

    def _reference(self, reference: str, path: str) -> str:
        if reference not in self._names:
            self._names[reference] = name = f"{self._prefix}{len(self._names)}"
            self._definitions[name] = {}  # taken before its content is read, which may refer to itself
            self._definitions[name] = self.part(self._target(reference, path), reference)
        return f"#/$defs/{self._names[reference]}"

    def _target(self, reference: str, path: str) -> Any:
        target: Any = self._root
        try:
            if not reference.startswith("#"):
                raise KeyError(reference)
            for step in reference[1:].split("/")[1:]:
                step = unquote(step).replace("~1", "/").replace("~0", "~")
                target = target[int(step)] if isinstance(target, list) else target[step]
        except (KeyError, IndexError, ValueError, TypeError):
            raise self._unfit(
                path, f"refers to {reference!r}, which is not in it", "put the definition under $defs"
            ) from None
        return target

    def _unfit(self, path: str, what: str, instead: str) -> Exception:
        return unfit_schema(f"{self._where}{f' at {path}' if path else ''}", what, instead)
