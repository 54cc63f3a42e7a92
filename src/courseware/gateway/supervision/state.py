"""What a running gateway leaves behind for those who look for it: a file that only its user can read.

The folder is $COURSE_STATE, else $XDG_RUNTIME_DIR/courseware, else ~/.cache/courseware/gateway. There is a file for
each course folder, so that two copies of the course do not answer for each other.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import psutil

from courseware.manifest import course_root

STATE_VARIABLE = "COURSE_STATE"


@dataclass(frozen=True)
class State:
    """A gateway's address and tokens. `started` is its process's start, seconds since 1970: pids are used again.

    `token` is the learner's key, `control_token` opens the control side. `fingerprint` is of the code and recordings
    it was started from.
    """

    pid: int
    started: float
    port: int
    token: str
    control_token: str
    fingerprint: str

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def is_alive(self) -> bool:
        """Whether that very process still runs."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < 1.0
            return bool(same and process.status() != psutil.STATUS_ZOMBIE)
        except psutil.Error:
            return False


def state_folder() -> Path:
    """Where state files, locks and logs lie; made when first needed, for its user alone."""
    named, runtime = os.environ.get(STATE_VARIABLE), os.environ.get("XDG_RUNTIME_DIR")
    if named:
        folder = Path(named).expanduser().absolute()
    elif runtime and Path(runtime).is_dir():
        folder = Path(runtime) / "courseware"
    else:
        folder = Path.home() / ".cache" / "courseware" / "gateway"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def state_path(root: Path | None = None) -> Path:
    """The state file of the gateway for a course folder."""
    key = hashlib.sha256(str(root or course_root()).encode()).hexdigest()[:12]
    return state_folder() / f"gateway-{key}.json"


def read_state(path: Path) -> State | None:
    """What a state file says, dead or alive; None where there is none that can be read."""
    try:
        data = json.loads(path.read_bytes())
        return State(**{field.name: data[field.name] for field in fields(State)})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_state(path: Path, state: State) -> None:
    """Put the file there whole, readable by its user alone."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(asdict(state), stream)
    fresh.replace(path)


def fingerprint(root: Path) -> str:
    """Changes when the gateway's code, the manifest or a recording does."""
    package = Path(__file__).resolve().parent.parent
    watched = [root / "course.toml", *package.rglob("*.py"), *(root / "data" / "recordings").rglob("*.yaml")]
    stamps = [f"{path}:{path.stat().st_mtime_ns}" for path in sorted(watched) if path.is_file()]
    return hashlib.sha256("\n".join(stamps).encode()).hexdigest()[:16]
