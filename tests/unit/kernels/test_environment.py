"""A kernel's variables are made from nothing; what names a folder that it may not read is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from courseware.kernels.environment import all_readable, kernel_variables, template_variables


def test_nothing_of_the_owners_variables_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    assert "secret" not in template_variables(kernel_variables([], {})).values()


def test_every_library_has_one_thread() -> None:
    variables = kernel_variables([], {})
    assert {variables[name] for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")} == {"1"}


def test_the_course_is_named_only_where_it_may_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    assert "COURSE_ROOT" not in kernel_variables([tmp_path / "data"], {})
    assert kernel_variables([tmp_path.resolve()], {})["COURSE_ROOT"] == str(tmp_path)


def test_what_the_caller_gives_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        kernel_variables([], {"OMP_NUM_THREADS": "2", "MINE": "x"}).items()
        >= {"OMP_NUM_THREADS": "2", "MINE": "x"}.items()
    )


def test_vocabularies_may_be_read_where_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    readable = all_readable([tmp_path / "missing"])
    assert readable == [tmp_path.resolve()]
    assert kernel_variables(readable, {})["TIKTOKEN_CACHE_DIR"] == str(tmp_path)
