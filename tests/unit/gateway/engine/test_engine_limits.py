"""A crash loop is bounded, an unfit CPU is known before the engine starts, and threads are few."""

from __future__ import annotations

import pytest

from courseware.gateway.engine.cpu import NEEDED, missing_features, threads
from courseware.gateway.engine.crashes import CrashLimit
from courseware.gateway.engine.errors import crashed, resting, unfit_cpu


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def crashes_at(*times: float) -> tuple[CrashLimit, Clock]:
    clock = Clock()
    limit = CrashLimit(3, 60.0, clock)
    for clock.now in times:
        limit.record()
    return limit, clock


def test_two_crashes_do_not_stop_a_restart() -> None:
    assert crashes_at(0, 1)[0].wait_s() == 0


def test_three_crashes_in_a_minute_ask_for_a_pause() -> None:
    assert crashes_at(0, 10, 20)[0].wait_s() == 60


def test_pause_ends() -> None:
    limit, clock = crashes_at(0, 10, 20)
    clock.now = 80.5
    assert limit.wait_s() == 0


def test_crash_after_the_pause_asks_for_another_only_when_the_last_three_were_close() -> None:
    limit, clock = crashes_at(0, 10, 20)
    clock.now = 100
    limit.record()
    assert limit.wait_s() == 0


def test_crash_messages_say_what_happened_and_what_to_do() -> None:
    assert crashed("m", "was ended by signal 9 (SIGKILL)").message.endswith("so send this one again")
    assert "for another 42 s" in resting("m", 41.7, "ended with status 1").message


def test_cpu_without_avx2_is_refused_by_name() -> None:
    missing = missing_features("processor : 0\nflags\t\t: fpu sse2 fma bmi2 f16c\n")
    assert missing == ("avx2",)
    assert "lacks avx2" in unfit_cpu(missing).message


def test_cpu_with_every_feature_is_accepted() -> None:
    assert missing_features(f"flags : fpu {' '.join(NEEDED)}\n") == ()


def test_cpu_that_lists_no_features_is_accepted() -> None:
    assert missing_features("Processor : ARMv8\nFeatures : asimd\n") == ()


@pytest.mark.parametrize(("value", "count"), [("3", 3), ("1", 1)])
def test_threads_follow_the_environment(monkeypatch: pytest.MonkeyPatch, value: str, count: int) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert threads() == count


def test_threads_without_the_environment_leave_a_core() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OMP_NUM_THREADS", raising=False)
        patch.setattr("psutil.cpu_count", lambda logical: 4)
        assert threads() == 3
