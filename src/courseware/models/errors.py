"""What can go wrong with local weights. Every message is one line that ends in the next step.

ModelError
├── RegistryError        the registry file cannot be read or says something impossible
│   └── UnknownModel     a name that the registry does not have
├── ModelMissing         a file is not in the store, or has the wrong size there
├── StoreError           the store's folder cannot be used
│   ├── StoreReadOnly    no permission to write, or a read-only disk
│   └── StoreFull        no room for the file
├── SourceFailed         one source could not give a file; the next one is tried
│   ├── WrongHash        a source gave other bytes than the pinned ones
│   └── BrokenWheel      a wheel cannot be read or lacks the file
└── PullFailed           every source failed; `reasons` has one line for each
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


class ModelError(Exception):
    """Base of every error of this subpackage."""


class RegistryError(ModelError):
    """The registry file cannot be read or says something impossible."""


class UnknownModel(RegistryError):
    """A name that the registry does not have."""


class ModelMissing(ModelError):
    """A model is not in the store, not whole there, or has a file of the wrong size."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"model {name} {why}; run: course models pull {name}")
        self.name = name


class StoreError(ModelError):
    """The store's folder cannot be used."""


class StoreReadOnly(StoreError):
    """No permission to write into the store, or its disk is mounted read-only."""


class StoreFull(StoreError):
    """The store's disk has no room for the file."""


class SourceFailed(ModelError):
    """One source could not give a file; the caller tries the next one."""


class WrongHash(SourceFailed):
    """A source gave other bytes than the pinned ones; they were deleted."""

    def __init__(self, file: str, expected: str, got: str) -> None:
        super().__init__(f"{file} has the wrong sha256: expected {expected}, got {got}; deleted")


class BrokenWheel(SourceFailed):
    """A wheel cannot be read or lacks the file."""


class PullFailed(ModelError):
    """Every source failed."""

    def __init__(self, name: str, reasons: Sequence[str]) -> None:
        tried = "; ".join(f"({n}) {reason}" for n, reason in enumerate(reasons, 1))
        super().__init__(
            f"could not pull {name}: {tried}. Check the network or proxy, then run again:"
            f" course models pull {name} (what has arrived is kept)"
        )
        self.name = name
        self.reasons = tuple(reasons)


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} if hasattr(errno, "EDQUOT") else {errno.ENOSPC, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


@contextmanager
def store_errors(root: Path) -> Iterator[None]:
    """Turn the operating system's errors while writing under `root` into a StoreError."""
    try:
        yield
    except OSError as error:
        raise _store_error(root, error) from error


def _store_error(root: Path, error: OSError) -> StoreError:
    if error.errno in _FULL:
        return StoreFull(f"no room left in {root}: free some space, or set COURSE_MODELS to a folder with more")
    if error.errno in _READ_ONLY:
        return StoreReadOnly(
            f"no permission for {error.filename or root}: make {root} writable,"
            " or set COURSE_MODELS to a folder of your own"
        )
    return StoreError(f"cannot use the model store {root}: {error}; set COURSE_MODELS to another folder")
