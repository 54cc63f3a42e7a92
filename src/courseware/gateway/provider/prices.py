"""What a call costs by the manifest's dated table. USD."""

from __future__ import annotations

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import Usage
from courseware.manifest import Course
from courseware.manifest.models import Model

_MILLION = 1_000_000
# A token is at least a byte of text, so that bytes are an upper bound of tokens; the chat format adds a little.
_FORMAT_TOKENS = 500


def priced(course: Course, name: str) -> Model:
    """The table's row of a model. Raises ApiError where it has none, or no price: such a call could not be capped."""
    for model in course.models:
        if model.name == name and model.input_usd is not None and model.output_usd is not None:
            return model
    raise ApiError("permission", f"course.toml has no price for {name!r}, so its cost cannot be capped; add it there")


def cost_usd(model: Model, usage: Usage, write_factor: float = 1.25) -> float:
    """What these tokens cost; a prompt-cache write is charged at `write_factor` times the input."""
    assert model.input_usd is not None
    assert model.output_usd is not None
    cached_usd = model.cached_input_usd if model.cached_input_usd is not None else model.input_usd
    fresh = usage.input - usage.cached - usage.cache_written
    paid = fresh * model.input_usd + usage.cached * cached_usd + usage.cache_written * model.input_usd * write_factor
    return (paid + usage.output * model.output_usd) / _MILLION


def dearest_usd(model: Model, request_bytes: int, max_tokens: int, long_factor: float = 2.0) -> float:
    """The most that a call can cost: every byte a token, the answer as long as it may be, the long-prompt price."""
    return cost_usd(model, Usage(request_bytes + _FORMAT_TOKENS, max_tokens)) * long_factor
