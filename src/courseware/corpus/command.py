"""What `course data build|list` do."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from courseware.corpus.corpus import make_corpus
from courseware.corpus.editions import EDITIONS, edition
from courseware.corpus.folder import MARKER, default_folder, write_folder
from courseware.corpus.real import REAL
from courseware.errors import DONE

SEED = 1


def data_build(name: str, seed: str, to: Path | None, as_json: bool = False) -> int:
    """Build an edition of the company into a folder."""
    chosen = edition(name)
    folder = to or default_folder(name, seed)
    began = time.monotonic()
    corpus = make_corpus(name, seed, _progress(chosen.documents))
    size = write_folder(corpus, folder)
    took = time.monotonic() - began
    if as_json:
        print(json.dumps({"folder": str(folder), "documents": len(corpus.documents), "bytes": size}))
        return DONE
    print(f"{corpus.world.company}: {len(corpus.documents):,} documents, {size / 1e6:.1f} MB, {took:.1f} s")
    print(folder)
    return DONE


class _progress:  # noqa: N801 - called like a function
    """Says how far it is: on one line of a terminal, in quarters elsewhere."""

    def __init__(self, total: int) -> None:
        self._every = max(1, total // (100 if sys.stderr.isatty() else 4))

    def __call__(self, done: int, total: int) -> None:
        if done % self._every and done != total:
            return
        if sys.stderr.isatty():
            print(f"\r{done:,} of {total:,} documents", end="\n" if done == total else "", file=sys.stderr, flush=True)
        else:
            print(f"{done:,} of {total:,} documents", file=sys.stderr, flush=True)


def data_list(as_json: bool = False) -> int:
    """Show the editions of the company and the real corpora, with licence and state."""
    rows = [
        {"name": f"company {each.name}", "documents": each.documents, "licence": "CC BY 4.0", "purpose": each.purpose,
         "state": "built" if (default_folder(each.name, SEED) / MARKER).is_file() else "not built"}
        for each in EDITIONS.values()
    ]  # fmt: skip
    rows += [
        {"name": each.name, "documents": each.documents, "licence": each.licence, "purpose": each.purpose,
         "state": "installed" if each.is_installed() else "not installed"}
        for each in REAL
    ]  # fmt: skip
    if as_json:
        print(json.dumps({"folder": str(default_folder("small", SEED).parent), "corpora": rows}))
        return DONE
    wide = max(len(str(row["name"])) for row in rows)
    for row in rows:
        print(
            f"{row['name']:<{wide}}  {row['documents']:>6,} documents  {row['state']:<13}"
            f"  {row['licence']:<18}  {row['purpose']}"
        )
    return DONE
