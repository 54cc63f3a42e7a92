"""What `course models list|pull|verify` do, one function each.

Each returns an exit status: 0 done, 1 failed, 2 usage, 3 environment.
"""

from __future__ import annotations

import functools
import json as json_module
import sys
from collections.abc import Callable, Sequence
from typing import ParamSpec

from courseware.models.errors import ModelError, PullFailed, RegistryError, StoreError, UnknownModel
from courseware.models.listing import list_models, verify
from courseware.models.progress import megabytes
from courseware.models.pulling import pull
from courseware.models.registry import load_registry
from courseware.models.store import default_root

DONE, FAILED, USAGE, ENVIRONMENT = 0, 1, 2, 3
_P = ParamSpec("_P")


def _reports_errors(command: Callable[_P, int]) -> Callable[_P, int]:
    """Print a ModelError as one line on standard error and turn it into an exit status."""

    @functools.wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> int:
        try:
            return command(*args, **kwargs)
        except ModelError as error:
            print(error, file=sys.stderr)
            return _status(error)
        except KeyboardInterrupt:
            print("stopped; run the same command again to go on from here", file=sys.stderr)
            return FAILED

    return run


def _status(error: ModelError) -> int:
    if isinstance(error, UnknownModel):
        return USAGE
    return ENVIRONMENT if isinstance(error, (RegistryError, StoreError)) else FAILED


@_reports_errors
def models_list(json: bool = False) -> int:
    """Print every model with its licence, size and state."""
    models = list_models()
    if json:
        rows = [
            {"name": m.name, "kind": m.kind, "licence": m.licence, "bytes": m.bytes, "state": m.state,
             "page": m.page, "path": str(m.path) if m.path else None}
            for m in models
        ]  # fmt: skip
        print(json_module.dumps({"store": str(default_root()), "models": rows}))
        return DONE
    wide = max((len(m.name) for m in models), default=0)
    for m in models:
        print(f"{m.name:<{wide}}  {m.state:<8}  {megabytes(m.bytes):>12}  {m.licence:<11}  {m.title}")
    print(f"store: {default_root()}")
    return DONE


@_reports_errors
def models_pull(names: Sequence[str]) -> int:
    """Pull the named models in order; one that fails does not stop the others."""
    if not names:
        print("name at least one model; see: course models list", file=sys.stderr)
        return USAGE
    known = load_registry()
    for name in names:
        _ = known[name]  # a wrong name is found before anything is downloaded
    status = DONE
    for name in names:
        try:
            print(f"{name}: {pull(name, registry=known)}")
        except PullFailed as error:
            print(error, file=sys.stderr)
            status = FAILED
    return status


@_reports_errors
def models_verify(names: Sequence[str] = ()) -> int:
    """Hash models again. Without names, models that were never pulled are passed over."""
    known = load_registry()
    wrong = False
    for name in names or known.models:
        (verdict,) = verify(name, registry=known)
        if verdict.state == "missing" and not names:
            continue
        wrong = wrong or verdict.state != "intact"
        files = f" ({', '.join(verdict.files)})" if verdict.files else ""
        fix = "" if verdict.state == "intact" else f"; run: course models pull {name}"
        print(f"{name}: {verdict.state}{files}{fix}")
    return FAILED if wrong else DONE
