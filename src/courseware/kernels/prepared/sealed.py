"""Weights in one memory file that is sealed: forks share its pages, and who writes to one gets a page of its own.

See memfd_create(2), fcntl(2) on seals, and Documentation/admin-guide/mm/pagemap.rst.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

# As torch itself aligns what it allocates: results of matrix products may depend on it in the last bits.
_ALIGNED = 64
_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
_PRESENT, _SWAPPED, _OF_FILE = (np.uint64(1 << bit) for bit in (63, 62, 61))
_ENTRY_BYTES = 8


class SealedTensors:
    """Moves tensors of the CPU into a sealed file; they keep their identity, shape and values."""

    def __init__(self, tensors: Iterable[Tensor]) -> None:
        own = [tensor for tensor in tensors if tensor.numel()]
        starts, self._size = [], 0
        for tensor in own:
            starts.append(self._size)
            self._size += -(-tensor.numel() * tensor.element_size() // _ALIGNED) * _ALIGNED
        self._memory = _sealed(own, starts, self._size)
        self._address = np.frombuffer(self._memory, np.uint8).ctypes.data
        for tensor, start in zip(own, starts, strict=True):
            tensor.data = _view(self._memory, start, tensor)

    def untouched(self) -> bool:
        """Whether this process has written to none of them, so that all their pages are still the file's."""
        first, last = self._address // mmap.PAGESIZE, -(-(self._address + self._size) // mmap.PAGESIZE)
        try:
            with open("/proc/self/pagemap", "rb", buffering=0) as pages:  # noqa: PTH123 - pread is wanted
                read = os.pread(pages.fileno(), (last - first) * _ENTRY_BYTES, first * _ENTRY_BYTES)
        except OSError:
            return False
        entries = np.frombuffer(read, np.uint64)
        own = ((entries & (_PRESENT | _SWAPPED)) != 0) & ((entries & _OF_FILE) == 0)
        return len(entries) == last - first and not own.any()


def _sealed(tensors: list[Tensor], starts: list[int], size: int) -> mmap.mmap:
    """Return private memory that shows a sealed file with the tensors' bytes."""
    file = os.memfd_create("weights", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.ftruncate(file, max(size, 1))
        for tensor, start in zip(tensors, starts, strict=True):
            os.pwrite(file, tensor.detach().contiguous().numpy().tobytes(), start)
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
        return mmap.mmap(file, max(size, 1), flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    finally:
        os.close(file)


def _view(memory: mmap.mmap, start: int, tensor: Tensor) -> Tensor:
    import torch

    flat = torch.frombuffer(memory, dtype=tensor.dtype, count=tensor.numel(), offset=start)
    return flat.view(tensor.shape)
