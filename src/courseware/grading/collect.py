"""`course collect LAB --from DIR`: bundles a class handed in by folder become nbgrader submissions."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from courseware.submission import Bundle, BundleError, read_bundle


@dataclass(frozen=True)
class Collected:
    """What a collection took in: the newest bundle of each learner, and one line for each file refused."""

    taken: tuple[Bundle, ...]
    refused: tuple[str, ...]


def collect_bundles(lab: str, files: tuple[str, ...], folder: Path, submitted: Path) -> Collected:
    """Take the newest bundle of each learner for `lab` from `folder` into nbgrader's `submitted/<learner>/<lab>`.

    A learner's earlier collection is replaced only by a later submission, and only once the later one is whole.
    `files` are the names the manifest declares beside the notebook; a bundle with others is refused.
    """
    newest: dict[str, Bundle] = {}
    refused: list[str] = []
    for path in sorted(folder.glob("*.zip")):
        try:
            bundle = _accepted(path, lab, files)
        except BundleError as error:
            refused.append(str(error))
            continue
        if bundle is not None and bundle.moment >= newest.get(bundle.learner, bundle).moment:
            newest[bundle.learner] = bundle
    taken = [bundle for bundle in newest.values() if _store(bundle, submitted / bundle.learner / lab)]
    return Collected(tuple(taken), tuple(refused))


def _accepted(path: Path, lab: str, files: tuple[str, ...]) -> Bundle | None:
    """Return the bundle if it is one of this lab, None if of another."""
    bundle = read_bundle(path)
    if bundle.lab != lab:
        return None
    asked = {"lab.ipynb", *files}
    for name in sorted(set(bundle.files) - asked):
        raise BundleError(f"{path}: holds {name!r}, which {lab} does not ask for; ask for it again")
    for name in sorted(asked - set(bundle.files)):
        raise BundleError(f"{path}: lacks {name!r}, which {lab} asks for; ask for it again")
    return bundle


def _store(bundle: Bundle, target: Path) -> bool:
    """Write the submission beside `target` and put it in its place; False where a later one is there already."""
    stamp = target / "timestamp.txt"
    if stamp.is_file() and stamp.read_text(encoding="utf-8").strip() >= _nbgrader_time(bundle):
        return False
    scratch = target.with_name(f".{target.name}.part")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    for name, content in bundle.files.items():
        (scratch / name).write_bytes(content)
    (scratch / stamp.name).write_text(_nbgrader_time(bundle), encoding="utf-8")
    # nbgrader names a learner's feedback by this secret; the learner has it as the receipt.
    (scratch / "submission_secret.txt").write_text(bundle.receipt, encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    scratch.replace(target)
    return True


def _nbgrader_time(bundle: Bundle) -> str:
    """Return the time as nbgrader's timestamp.txt has it."""
    return bundle.moment.strftime("%Y-%m-%d %H:%M:%S.%f %Z")
