"""The variables of a template and of its kernels, made from nothing: what the owner knows stays with the owner.

A template's own variables stay readable in every fork of it for ever (/proc/self/environ), whatever the fork's
`os.environ` says. So there is one set, and it holds nothing secret.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

# One thread each: pools of threads do not survive a fork, and on busy cores they make a submission's time, and so its
# points, depend on its neighbours (warm batch: 0.21 CPU-s against 1.77 for the same work).
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "NUMBA_THREADING_LAYER": "workqueue",
    "RAYON_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_DEACTIVATE_ASYNC_LOAD": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # pyarrow's jemalloc would start one when it is imported
}
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False"}
_VOCABULARIES = "TIKTOKEN_CACHE_DIR"
_PASSED_ON = (_VOCABULARIES, "COURSE_ROOT")


def course_variables(root: Path) -> dict[str, str]:
    """Return what makes cells belong to the course at `root` while it is built or graded.

    Static widgets, no record of progress, answers from recordings and scenarios alone.
    """
    return {"COURSE_ROOT": str(root), "COURSE_STATIC": "1", "COURSE_STRICT": "1", "COURSE_PROGRESS": os.devnull}


def kernel_variables(readable: Sequence[Path], more: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that all kernels of a template have; those that name an unreadable folder are left out."""
    given = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "NO_PROXY": "127.0.0.1,localhost",
        **_ONE_THREAD,
        **_OFFLINE,
        **{name: folder for name, folder in given.items() if _inside(Path(folder), readable)},
        **more,
    }


def template_variables(kernels: Mapping[str, str]) -> dict[str, str]:
    """Return a template's variables: its kernels', a home where libraries find their caches, and where to import."""
    path = {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}
    return {"HOME": str(Path.home()), **path, **kernels}


def all_readable(readable: Sequence[Path]) -> list[Path]:
    """Return the folders that kernels may read, that of tiktoken's vocabularies among them where there is one."""
    vocabularies = os.environ.get(_VOCABULARIES)
    folders = [*readable, Path(vocabularies)] if vocabularies else readable
    return [folder.resolve() for folder in folders if folder.exists()]


def _inside(folder: Path, readable: Sequence[Path]) -> bool:
    return any(folder.resolve().is_relative_to(one) for one in readable)
