"""The prompt cache's figures: written once, read while it is kept, never more than the input."""

from __future__ import annotations

import pytest

from courseware.gateway.counting import count
from courseware.gateway.exchange import Usage
from courseware.gateway.prompt_cache import LEAST_TOKENS, PromptCache

pytestmark = pytest.mark.needs_models  # the tokenizer's file

FIVE, HOUR = 300, 3_600
TOOLS = "".join(f"tool {n}\n" for n in range(400))
SYSTEM = "".join(f"rule {n}\n" for n in range(400))
USED = Usage(10_000, 7)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> PromptCache:
    return PromptCache(clock)


def figures(usage: Usage) -> tuple[int, int]:
    return usage.cached, usage.cache_written


def test_a_marked_prefix_is_written_and_then_read(cache: PromptCache) -> None:
    assert figures(cache.charge(USED, [(TOOLS, FIVE)])) == (0, count(TOOLS))
    assert figures(cache.charge(USED, [(TOOLS, FIVE)])) == (count(TOOLS), 0)


def test_what_is_not_marked_is_not_written(cache: PromptCache) -> None:
    assert cache.charge(USED, []) == USED


def test_a_short_prefix_is_not_written(cache: PromptCache) -> None:
    short = "word " * (LEAST_TOKENS - 2)
    assert count(short) < LEAST_TOKENS
    assert cache.charge(USED, [(short, FIVE)]) == cache.charge(USED, [(short, FIVE)]) == USED


def test_a_longer_prefix_reads_the_shorter_and_writes_the_rest(cache: PromptCache) -> None:
    cache.charge(USED, [(TOOLS, FIVE)])
    both = [(TOOLS, FIVE), (TOOLS + SYSTEM, FIVE)]
    rest = count(TOOLS + SYSTEM) - count(TOOLS)
    assert figures(cache.charge(USED, both)) == (count(TOOLS), rest)
    assert figures(cache.charge(USED, both)) == (count(TOOLS + SYSTEM), 0)


def test_a_later_request_that_begins_the_same_reads_what_an_earlier_one_marked(cache: PromptCache) -> None:
    cache.charge(USED, [(TOOLS, FIVE)])
    longer = TOOLS + "one more turn\n"
    assert figures(cache.charge(USED, [(longer, FIVE)])) == (count(TOOLS), count(longer) - count(TOOLS))


def test_only_twenty_blocks_before_a_mark_are_looked_at(cache: PromptCache) -> None:
    cache.charge(USED, [(TOOLS, FIVE)])
    near, far = (TOOLS + "turn\n" * blocks for blocks in (19, 20))
    assert PromptCache.charge(cache, USED, [(far, FIVE)]).cached == 0
    assert cache.charge(USED, [(near, FIVE)]).cached == count(TOOLS)


def test_another_beginning_reads_nothing(cache: PromptCache) -> None:
    cache.charge(USED, [(TOOLS, FIVE)])
    assert figures(cache.charge(USED, [("x" + TOOLS, FIVE)])) == (0, count("x" + TOOLS))


@pytest.mark.parametrize(("kept_s", "after_s", "read"), [(FIVE, 299, True), (FIVE, 301, False), (HOUR, 3_599, True)])
def test_a_prefix_is_kept_for_its_time(cache: PromptCache, clock: Clock, kept_s: int, after_s: int, read: bool) -> None:
    cache.charge(USED, [(TOOLS, kept_s)])
    clock.now += after_s
    assert bool(cache.charge(USED, [(TOOLS, kept_s)]).cached) is read


def test_reading_keeps_it_anew(cache: PromptCache, clock: Clock) -> None:
    for _ in range(4):
        usage = cache.charge(USED, [(TOOLS, FIVE)])
        clock.now += 200
    assert usage.cached == count(TOOLS)


def test_cached_and_written_are_never_more_than_the_input(cache: PromptCache) -> None:
    usage = cache.charge(Usage(50, 1), [(TOOLS, FIVE)])
    assert (usage.input, *figures(usage)) == (50, 0, 50)
    assert figures(cache.charge(Usage(50, 1), [(TOOLS, FIVE)])) == (50, 0)


def test_what_is_written_for_an_hour_is_told_apart(cache: PromptCache) -> None:
    usage = cache.charge(USED, [(TOOLS, HOUR), (TOOLS + SYSTEM, FIVE)])
    assert (usage.cache_written, usage.cache_written_1h) == (count(TOOLS + SYSTEM), count(TOOLS))


def test_what_was_read_is_not_written_for_an_hour_again(cache: PromptCache) -> None:
    cache.charge(USED, [(TOOLS, HOUR)])
    usage = cache.charge(USED, [(TOOLS, HOUR), (TOOLS + SYSTEM, HOUR)])
    assert usage.cache_written_1h == usage.cache_written == count(TOOLS + SYSTEM) - count(TOOLS)


def test_caches_know_nothing_of_each_other(cache: PromptCache) -> None:
    cache.charge(USED, [(TOOLS, FIVE)])
    assert PromptCache().charge(USED, [(TOOLS, FIVE)]).cached == 0
