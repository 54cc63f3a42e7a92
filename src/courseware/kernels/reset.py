"""Gives a fork what a fresh interpreter would have had: nothing of the template's own, nothing shared with siblings."""

from __future__ import annotations

import gc
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from typing import Any


def reset(environment: Mapping[str, str]) -> None:
    """Reset this process, a fork of the template. Its folder is the present one."""
    os.environ.clear()
    os.environ.update(environment)
    os.umask(0o077)
    sys.argv = ["kernel"]
    if "" not in sys.path:
        sys.path.insert(0, "")  # a module that a cell writes can be imported
    tempfile.tempdir = None
    reset_signals()
    reset_chance()
    reset_progress_bars()
    gc.enable()


def reset_signals() -> None:
    """Have signals do what they do in a Python that has just started."""
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # as Python itself starts
        signal.signal(ignored, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def reset_chance() -> None:
    """Two forks that drew the same numbers would look as if one had copied."""
    random.seed()
    numpy_random: Any = sys.modules.get("numpy.random")  # numpy itself imports it on first use
    if numpy_random is not None:
        numpy_random.seed()
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.default_generator.seed()
    multiprocessing.current_process().authkey = os.urandom(32)


def reset_progress_bars() -> None:
    """Give tqdm locks of its own: a sibling that is killed while it holds the template's would stop this one."""
    std: Any = sys.modules.get("tqdm.std")
    if std is None:
        return
    std.tqdm.monitor_interval = 10
    try:
        std.TqdmDefaultWriteLock.mp_lock = multiprocessing.RLock()
    except OSError:  # the lesser sandbox has no shared memory; tqdm goes on without
        std.TqdmDefaultWriteLock.mp_lock = None
    std.TqdmDefaultWriteLock.th_lock = threading.RLock()
    std.tqdm.set_lock(std.TqdmDefaultWriteLock())
