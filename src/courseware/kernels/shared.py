"""One template for all kernels of a process that ask for the same: started on first need, ended with the process."""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from courseware.kernels.template import Template

_Key = tuple[tuple[str, ...], tuple[str, ...]]
_templates: dict[_Key, Template] = {}
_lock = threading.Lock()


@contextlib.contextmanager
def jupyter_template(imports: Sequence[str], readable: Sequence[str]) -> Iterator[Template]:
    """Have the template to oneself; where it has ended, as when it was killed, another one. Raises TemplateFailed."""
    key = tuple(imports), tuple(readable)
    with _lock:
        if key in _templates and not _templates[key].running:
            _templates.pop(key).close()
        if key not in _templates:
            _templates[key] = Template.start(imports, readable=[Path(name) for name in readable], servant=None)
        yield _templates[key]


def close_all() -> None:
    """End all templates of this process, with their kernels."""
    with _lock:
        while _templates:
            _templates.popitem()[1].close()


atexit.register(close_all)
os.register_at_fork(after_in_child=_templates.clear)  # they are the parent's
