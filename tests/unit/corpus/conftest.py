from __future__ import annotations

import pytest

from courseware.corpus import Corpus, make_corpus


@pytest.fixture(scope="session")
def small() -> Corpus:
    return make_corpus("small", 1)


@pytest.fixture(scope="session")
def standard() -> Corpus:
    return make_corpus("standard", 1)
