"""The kernel's own root: made of what it may see, in place of hiding what it may not.

System libraries, this Python and the readable folders are there at their own paths, read only. `/scratch` is a disk
in memory, with the learner's folder, `/tmp` and `/dev/shm` on it, so that one size holds for all three. See
mount_namespaces(7), mount_setattr(2).
"""

from __future__ import annotations

import os
import stat
import struct
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from courseware.kernels.sandbox.calls import MOUNT_SETATTR, mount, pivot_root_here, syscall
from courseware.kernels.sandbox.errors import OR_LESSER, SandboxFailed, part

HOME, TMP = "/scratch/lab", "/tmp"  # noqa: S108 - the kernel's own
SOCKETS = "/scratch/sockets"  # where a kernel listens whose owner is to connect; its owner sees it, too
_HERE = Path("/tmp")  # noqa: S108 - where the new root is mounted until it is the root; nobody else sees that
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = (
    "alternatives", "ca-certificates", "fonts", "group", "host.conf", "hosts", "ld.so.cache", "ld.so.conf",
    "ld.so.conf.d", "localtime", "mime.types", "nsswitch.conf", "passwd", "pki", "protocols", "services", "ssl",
    "timezone",
)  # fmt: skip
_PYTHON = (Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent)
_CPUS = "/sys/devices/system/cpu"
# Not /dev/zero: a shared mapping of it is memory that no process shows.
DEVICES = ("null", "full", "random", "urandom")
_LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"}
_NOSUID, _NODEV, _NOEXEC, _BIND, _REC, _PRIVATE = 0x2, 0x4, 0x8, 0x1000, 0x4000, 0x40000
_NOSYMFOLLOW = 0x100
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV, _AT_RECURSIVE = 0x1, 0x2, 0x4, 0x8000
_ADVICE = (
    "Use Linux 5.13 or later, and a container that may mount (Docker: --security-opt seccomp=unconfined)" + OR_LESSER
)
_PROC_ADVICE = (
    "The container hides parts of /proc, so no fresh one may be mounted "
    "(for Docker: --security-opt systempaths=unconfined)" + OR_LESSER
)


@dataclass(frozen=True)
class Shown:
    """What kernels of one template see of this machine, and folders in it that are empty for them."""

    readable: Sequence[Path]  # what the caller asked for
    hidden: Sequence[Path]
    places: Sequence[Path]  # all that is shown, none below another

    @property
    def needed(self) -> list[Path]:
        """What no kernel can do without: this Python, and what the caller asked for."""
        return [*_PYTHON, *self.readable]

    @classmethod
    def beside_python(cls, readable: Sequence[Path], hidden: Sequence[Path]) -> Shown:
        """Show this Python, what it needs of the system, and `readable`. Raises SandboxFailed."""
        return cls(readable, hidden, _outermost(_visible(readable)))


def build_root(shown: Shown, scratch_bytes: int, uid: int, *, sockets: bool = False) -> int:
    """Build the root in this process's own mounts; return an open descriptor of the learner's folder.

    With `sockets` there is a folder for those, see `open_sockets`.
    Raises SandboxFailed.
    """
    with part("a root of its own", _ADVICE):
        mount(None, "/", None, _REC | _PRIVATE)
        # Opened before anything is mounted over them: they may lie where the new root comes.
        readable = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in shown.places]
        devices = [(name, os.open(f"/dev/{name}", os.O_PATH | os.O_CLOEXEC)) for name in DEVICES]
        mount("root", str(_HERE), "tmpfs", _NOSUID | _NODEV, "size=1m,mode=755")
        _make_scratch(scratch_bytes, uid)
        if sockets:
            _make_sockets(uid)
        for path, descriptor in readable:
            _show(path, descriptor)
        _make_devices(devices)
        _link_system()
        for path in shown.hidden:
            _hide(path)
        _inside("/proc").mkdir()
        for _, descriptor in (*readable, *devices):
            os.close(descriptor)
        _set(_HERE, _ATTR_RDONLY, recursive=False)
        return os.open(_inside(HOME), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def open_sockets() -> int:
    """Return an open descriptor of the folder for sockets: whoever has it connects by `/proc/self/fd/N/NAME`."""
    return os.open(_inside(SOCKETS), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def check_readable(shown: Shown) -> None:
    """After the user was changed: what is to be readable must be so. Raises SandboxFailed."""
    for path in shown.readable:
        shown_at = _inside(path)
        wanted = os.R_OK | (os.X_OK if shown_at.is_dir() else 0)
        if os.access(shown_at, os.F_OK, effective_ids=True) and not os.access(shown_at, wanted, effective_ids=True):
            raise SandboxFailed(
                f"the sandbox cannot be had: user {os.geteuid()} may not read {path}. Run: chmod -R o+rX {path}"
            )


def enter_root() -> None:
    """In the kernel, in mounts of its own: see that root and nothing else from now on. Raises SandboxFailed."""
    with part("a root of its own", _ADVICE):
        # Mounts inherited from a more privileged namespace may not become the root; a copy of them may.
        mount(str(_HERE), str(_HERE), None, _BIND | _REC)
        os.chdir(_HERE)
        with part("a fresh /proc", _PROC_ADVICE):
            mount("proc", "proc", "proc", _NOSUID | _NODEV | _NOEXEC)
        pivot_root_here()
        os.chdir(HOME)


def _visible(readable: Iterable[Path]) -> list[Path]:
    imported = [Path(entry) for entry in sys.path if entry]
    settings = [Path("/etc", name) for name in _SETTINGS]
    system = [Path(name) for name in _SYSTEM if not Path(name).is_symlink()]
    wanted = [*system, *settings, Path(_CPUS), *_PYTHON, *imported, *readable]
    return [path for path in wanted if path.is_absolute() and path.exists()]


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Leave out what is below another one."""
    chosen: list[Path] = []
    for path in sorted(set(paths)):
        if path == Path("/"):
            raise SandboxFailed("the sandbox cannot be had: / is to be readable. Name the folders that a lab needs")
        if not any(path.is_relative_to(above) for above in chosen):
            chosen.append(path)
    return chosen


def _inside(path: str | Path) -> Path:
    return _HERE / str(path).lstrip("/")


def _make_scratch(size: int, uid: int) -> None:
    disk = _inside("/scratch")
    disk.mkdir()
    options = f"size={size},nr_inodes=20000,mode=755,uid={uid},gid={uid}"
    mount("scratch", str(disk), "tmpfs", _NOSUID | _NODEV, options)
    for name, target in (("lab", None), ("tmp", TMP), ("shm", "/dev/shm")):  # noqa: S108 - the kernel's own
        (disk / name).mkdir(mode=0o700)
        os.chown(disk / name, uid, uid)
        if target is not None:
            _inside(target).mkdir(parents=True)
            mount(str(disk / name), str(_inside(target)), None, _BIND)


def _make_sockets(uid: int) -> None:
    """The learner's code can put anything there; a link that led its owner to another socket is not followed."""
    folder = _inside(SOCKETS)
    folder.mkdir()
    options = f"size=64k,nr_inodes=16,mode=700,uid={uid},gid={uid}"
    mount("sockets", str(folder), "tmpfs", _NOSUID | _NODEV | _NOEXEC | _NOSYMFOLLOW, options)


def _show(path: Path, descriptor: int) -> None:
    target = _inside(path)
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount(f"/proc/self/fd/{descriptor}", str(target), None, _BIND | _REC)
    _set(target, _ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NODEV, recursive=True)


def _make_devices(devices: Iterable[tuple[str, int]]) -> None:
    for name, descriptor in devices:
        target = _inside(f"/dev/{name}")
        target.touch()
        mount(f"/proc/self/fd/{descriptor}", str(target), None, _BIND)
    for name, link in _LINKS.items():
        _inside(f"/dev/{name}").symlink_to(link)
    _inside("/dev/pts").mkdir()
    mount("devpts", str(_inside("/dev/pts")), "devpts", _NOSUID | _NOEXEC, "newinstance,ptmxmode=0666,mode=0600")
    _inside("/dev/ptmx").symlink_to("pts/ptmx")


def _link_system() -> None:
    for name in _SYSTEM:
        if Path(name).is_symlink():
            _inside(name).symlink_to(Path(name).readlink())


def _hide(path: Path) -> None:
    target = _inside(path)
    if target.is_dir():
        mount("hidden", str(target), "tmpfs", _NOSUID | _NODEV, "size=4k,mode=755")
        _set(target, _ATTR_RDONLY, recursive=False)
    elif target.exists():
        mount(str(_inside("/dev/null")), str(target), None, _BIND)


def _set(target: Path, attributes: int, *, recursive: bool) -> None:
    """Set attributes of a mount, or of all below it too; struct mount_attr is four 64-bit numbers."""
    wanted = struct.pack("QQQQ", attributes, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    syscall(MOUNT_SETATTR, -100, os.fsencode(target), flags, wanted, len(wanted), what=f"mount_setattr {target}")
