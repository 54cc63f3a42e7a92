"""The same edition and seed give the same bytes: in another process, with another hash seed, on another day."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from courseware.corpus import Corpus, make_corpus
from courseware.corpus.folder import contents

CODE = (
    "import hashlib; from courseware.corpus import make_corpus; from courseware.corpus.folder import contents\n"
    "for path, data in contents(make_corpus('small', 1)): print(path, hashlib.sha256(data).hexdigest())"
)


def digests(corpus: Corpus) -> dict[str, str]:
    return {path: hashlib.sha256(data).hexdigest() for path, data in contents(corpus)}


@pytest.mark.parametrize("hash_seed", ["4711"])
def test_another_process_writes_the_same_bytes(hash_seed: str, small: Corpus) -> None:
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, encoding="utf-8", check=True
    )
    assert dict(line.rsplit(" ", 1) for line in done.stdout.splitlines()) == digests(small)


def test_another_seed_is_another_company(small: Corpus) -> None:
    other = make_corpus("small", 2)
    assert {person.name for person in small.world.people} != {person.name for person in other.world.people}
    shared = {document.text for document in small.documents} & {document.text for document in other.documents}
    assert shared == set()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_golden_companies_are_made_again_byte_for_byte(seed: int, root: Path) -> None:
    folder = root / "data" / "gold" / f"company_{seed}"
    kept = {str(path.relative_to(folder).as_posix()): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    made = dict(contents(make_corpus("golden", seed)))
    assert sorted(kept) == sorted(made)
    assert [path for path in made if made[path] != kept[path]] == []
