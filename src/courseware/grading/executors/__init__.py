"""Who examines: processes of this machine, or the workers of a Dask cluster."""

from pathlib import Path

from courseware.errors import USAGE, CommandError
from courseware.grading.executors.interface import Executor, News
from courseware.grading.executors.local import LocalExecutor

__all__ = ["Executor", "LocalExecutor", "News", "executor_for"]


def executor_for(root: Path, workers: int, dask: str | None) -> Executor:
    """The cluster at `dask`, else so many processes here, for the course at `root`. Raises CommandError."""
    if workers < 1:
        raise CommandError(f"--workers is {workers}; give 1 or more", USAGE)
    if dask is None:
        return LocalExecutor(root, workers)
    from courseware.grading.executors.dask import DaskExecutor

    return DaskExecutor(dask)
