"""Draws depend on class seed, attempt, check and label, on all of them and on nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from courseware.checks import World

SPRING = World("spring", 1, "train-hidden")


def test_same_world_and_label_give_the_same_draw() -> None:
    again = World("spring", 1, "train-hidden")
    assert SPRING.number("text") == again.number("text")
    assert SPRING.rng("text").random() == again.rng("text").random()
    assert SPRING.generator("text").random() == again.generator("text").random()


def test_draw_is_the_same_on_every_machine_and_python() -> None:
    assert World().number("text") == 15219221952082183174846105293912847462
    assert World().rng("text").random() == 0.2729478764448334


@pytest.mark.parametrize(
    "other",
    [
        replace(SPRING, seed="autumn"),
        replace(SPRING, attempt=2),
        replace(SPRING, check="encode-hidden"),
        World("spring", 11, "train-hidden"),
        World("spring1", 1, "train-hidden"),
    ],
)
def test_other_seed_attempt_or_check_is_another_draw(other: World) -> None:
    assert other.number("text") != SPRING.number("text")
    assert other.rng("text").random() != SPRING.rng("text").random()


def test_other_label_is_another_draw() -> None:
    assert SPRING.number("text") != SPRING.number("texts")


def test_draws_of_one_label_start_anew() -> None:
    assert SPRING.rng("text").random() == SPRING.rng("text").random()


def test_world_is_practice_without_a_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COURSE_CLASS_SEED", raising=False)
    monkeypatch.delenv("COURSE_ATTEMPT", raising=False)
    assert World.of_class("train-hidden") == World("practice", 1, "train-hidden")


def test_class_names_seed_and_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_CLASS_SEED", "spring")
    monkeypatch.setenv("COURSE_ATTEMPT", "3")
    assert World.of_class("train-hidden") == World("spring", 3, "train-hidden")


@pytest.mark.parametrize("attempt", ["", "one", "-1", "1.0", " ", "²", "1 2"])
def test_attempt_that_is_no_number_says_what_to_do(monkeypatch: pytest.MonkeyPatch, attempt: str) -> None:
    monkeypatch.setenv("COURSE_ATTEMPT", attempt)
    with pytest.raises(ValueError, match=r"COURSE_ATTEMPT is '.*', not a whole number; unset it or write one"):
        World.of_class("train-hidden")
