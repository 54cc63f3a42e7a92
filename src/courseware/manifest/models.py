"""Roles that notebooks use, and the dated table of real models: their prices, rules and end dates.

All prices are USD; per million tokens unless the key says otherwise. A key that is absent is not known.
"""

from datetime import date
from typing import Literal

from pydantic import Field

from courseware.manifest.fields import Day, Factor, Flag, Frozen, ModelKind, Positive, Text, Usd


class Role(Frozen):
    """A neutral model name that notebooks use; its rules are permissive. `weights`: best first."""

    alias: Text
    kind: ModelKind
    summary: Text
    weights: tuple[Text, ...] = ()
    with_key: dict[str, Text] = Field(default_factory=dict)


class Source(Frozen):
    """Where a row of the table was read."""

    title: Text


class Terms(Frozen):
    """Price rules that several models share. Factors multiply the model's own price."""

    summary: Text
    batch_factor: Factor | None = None
    cache_write_factor: Factor | None = None
    cache_write_1h_factor: Factor | None = None
    long_input_tokens: Positive | None = None
    long_input_factor: Factor | None = None
    long_output_factor: Factor | None = None


class Rules(Frozen):
    """What the provider's API refuses for the models that name this set."""

    summary: Text
    api_version: Text | None = None
    rejects: tuple[Text, ...] = ()
    rejects_unless_effort_none: tuple[Text, ...] = ()
    rejects_efforts: tuple[Text, ...] = ()
    chat_tools: Literal["always", "only with effort none", "never"] | None = None
    fine_tuning: Flag | None = None


class Model(Frozen):
    """One dated, real model. A name that ends in `*` stands for a family."""

    name: Text
    provider: Literal["openai", "anthropic", "google", "cohere"]
    kind: ModelKind
    input_usd: Usd | None = None
    output_usd: Usd | None = None
    cached_input_usd: Usd | None = None
    per_1000_searches_usd: Usd | None = None
    context_tokens: Positive | None = None
    price_until: Day | None = None
    later_input_usd: Usd | None = None
    later_output_usd: Usd | None = None
    long_input_tokens: Positive | None = None
    long_input_usd: Usd | None = None
    long_output_usd: Usd | None = None
    terms: Text | None = None
    rules: Text | None = None
    released: Day | None = None
    shutdown: Day | None = None
    gone_by: Day | None = None
    replacement: Text | None = None
    note: Text | None = None
    sources: tuple[Text, ...] = Field(min_length=1)
    checked: Day

    def answers_on(self, day: date) -> bool:
        """Whether the provider still serves this model on `day`, as far as the table knows."""
        ends = [end for end in (self.shutdown, self.gone_by) if end is not None]
        return all(day < end for end in ends)
