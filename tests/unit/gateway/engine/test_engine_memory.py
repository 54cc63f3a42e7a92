"""Which weights a role gets, by what is in the store and how much memory is free."""

from __future__ import annotations

import pytest

from courseware.gateway.engine.errors import nothing_fits
from courseware.gateway.engine.memory import Choice, bytes_needed, choose
from courseware.models import load_registry

GB = 1 << 30
NEEDED = {"big": 3 * GB, "small": GB}


def chosen(free: int, present: set[str], loaded: tuple[str, ...] = ()) -> Choice:
    return choose(
        ["big", "small"], present=present.__contains__, loaded=loaded, needed=NEEDED.__getitem__, free=free
    )  # fmt: skip


def test_first_weights_that_fit_are_chosen() -> None:
    assert chosen(8 * GB, {"big", "small"}).name == "big"


def test_smaller_weights_are_chosen_when_memory_is_short() -> None:
    assert chosen(2 * GB, {"big", "small"}) == Choice("small", too_big=("big",))


def test_weights_that_are_not_in_the_store_are_passed_over() -> None:
    assert chosen(8 * GB, {"small"}) == Choice("small", missing=("big",))


def test_loaded_weights_need_no_more_memory() -> None:
    assert chosen(0, {"big", "small"}, loaded=("big",)).name == "big"


def test_nothing_is_chosen_when_nothing_fits() -> None:
    assert chosen(0, {"small"}) == Choice(None, missing=("big",), too_big=("small",))


def test_missing_weights_are_named_with_the_command_that_pulls_them() -> None:
    error = nothing_fits(chosen(8 * GB, set()), 8 * GB)
    assert (error.status, error.code) == (404, "no_local_weights")
    assert "big, small" in error.message
    assert error.message.endswith("course models pull small")


def test_short_memory_is_said_in_megabytes() -> None:
    error = nothing_fits(chosen(GB // 2, {"big", "small"}), GB // 2)
    assert error.status == 503
    assert "512 MB are free" in error.message


def test_role_without_weights_is_refused_with_one_that_has_some() -> None:
    assert "course-small" in nothing_fits(Choice(None), GB).message


@pytest.mark.parametrize("name", [model.name for model in load_registry().of_kind("gguf")])
def test_every_model_needs_more_than_its_file(name: str) -> None:
    model = load_registry()[name]
    assert bytes_needed(model) > (model.bytes or 0) + 300 * (1 << 20)
