"""A body of any shape is read or refused, never a crash."""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.gateway.errors import ApiError
from courseware.gateway.wire.cohere import embed, rerank

repeatable = settings(derandomize=True, deadline=None, max_examples=60, database=None)
PROPERTIES = [*rerank.Body.model_json_schema()["properties"], *embed.Body.model_json_schema()["properties"]]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["float", "image"])
JSON: Any = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PROPERTIES), inner, max_size=4),
)
RERANK = {"model": "m", "query": "q", "documents": ["a"]}
EMBED = {"model": "m", "input_type": "search_query", "texts": ["a"]}


@repeatable
@given(JSON)
def test_any_json(body: Any) -> None:
    for parse in (rerank.parse, embed.parse):
        with contextlib.suppress(ApiError):
            parse(body, {}, {})


@repeatable
@given(st.sampled_from(PROPERTIES), JSON)
def test_a_right_body_with_one_strange_value(name: str, value: Any) -> None:
    for parse, body in ((rerank.parse, RERANK), (embed.parse, EMBED)):
        with contextlib.suppress(ApiError):
            parse({**body, name: value}, {}, {})
