"""Runs attacks in a kernel of the lesser sandbox, where no namespace may be made; prints what came of each as JSON.

Started by `as_user.py UID --without-namespaces`. Attacks aim at files and processes of the same user.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from courseware.kernels import Kernel, KernelDied, Limits, Template, TemplateFailed

MIB = 1 << 20
ATTEMPT = """
import ctypes, os, resource, signal, socket, struct, subprocess, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def attempt(work):
    try: result = work()
    except Exception as error: return type(error).__name__
    if result == -1 and ctypes.get_errno(): return os.strerror(ctypes.get_errno())
    return "done" if result is None else result
def pair(kind):
    return socket.socketpair(1, kind)[0]
"""


class _Echo(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"heard " + self.rfile.readline())


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="attacked-"))
    folder.chmod(0o755)
    found = _Attacked(folder).found()
    shutil.rmtree(folder)
    print(json.dumps(found))


class _Attacked:
    """A folder with what a learner may read and may not, a server, and sockets that hear what reaches them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "shown").mkdir()
        (folder / "shown" / "graders").mkdir()
        (folder / "shown" / "week.txt").write_text("week one")
        (folder / "shown" / "graders" / "answers.txt").write_text("forty-two")
        self.own = folder / "own.txt"
        self.own.write_text("the owner's")
        (folder / "shown" / "link").symlink_to(self.own)
        self.heard: list[str] = []

    def found(self) -> dict[str, Any]:
        before = self._state()
        try:
            Template.start([])
            full = "started"
        except TemplateFailed as failed:
            full = str(failed)
        start = {"readable": [self.folder / "shown"], "hidden": [self.folder / "shown" / "graders"], "lesser": True}
        with (
            socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Echo) as server,
            Template.start([], **start) as template,
        ):
            threading.Thread(target=server.serve_forever, daemon=True).start()
            found = {"full": full, "template listens": _names(template.pid)}
            with template.kernel({"a.txt": b"x"}, port=server.server_address[1]) as kernel:
                found |= self._attempts(kernel, template, server.server_address[1])
            found["supervised"] = [self._ends(template, *one) for one in ENDINGS]
            found["killed"] = _killed(template)
            server.shutdown()
        found["heard"] = self.heard
        found["changed"] = self._state() != before
        return found

    def _state(self) -> list[Any]:
        paths = [self.own, *sorted((self.folder / "shown").rglob("*"))]
        found = [path.lstat() for path in paths]
        names = [[str(path), one.st_mode, one.st_mtime, one.st_size] for path, one in zip(paths, found, strict=True)]
        return [names, os.listxattr(self.own), psutil.Process().nice(), psutil.Process().rlimit(psutil.RLIMIT_NOFILE)]

    def _attempts(self, kernel: Kernel, template: Template, port: int) -> dict[str, Any]:
        listeners = {name: self._listener(name, *one) for name, one in self._addresses().items()}
        words = {
            "own": str(self.own), "shown": str(self.folder / "shown"), "template": template.pid, "owner": os.getpid(),
            "port": port, **{name: listener.getsockname() for name, listener in listeners.items()},
        }  # fmt: skip
        kernel.run(ATTEMPT + "\n".join(f"{name.upper()} = {word!r}" for name, word in words.items()), 20)
        results = {}
        for name, code in ATTEMPTS.items():
            run = kernel.run(f"print(attempt(lambda: {code}))", 20)
            results[name] = run.outputs[0].get("text", str(run.outputs[0])).strip()
        for listener in listeners.values():
            listener.close()
        return results

    def _addresses(self) -> dict[str, tuple[int, int, Any]]:
        return {
            "tcp": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "udp": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "path": (socket.AF_UNIX, socket.SOCK_DGRAM, str(self.folder / "socket")),
            "abstract": (socket.AF_UNIX, socket.SOCK_DGRAM, f"\0attacked-{os.getpid()}"),
            "stream": (socket.AF_UNIX, socket.SOCK_STREAM, f"\0attacked-stream-{os.getpid()}"),
            "sequenced": (socket.AF_UNIX, socket.SOCK_SEQPACKET, f"\0attacked-sequenced-{os.getpid()}"),
        }

    def _listener(self, name: str, family: int, kind: int, address: Any) -> socket.socket:
        listener = socket.socket(family, kind)
        listener.bind(address)
        connects = kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET)
        if connects:
            listener.listen()
        if name == "path":
            Path(address).chmod(0o777)

        def hear() -> None:
            try:
                listener.accept() if connects else listener.recv(9)
            except OSError:
                return
            self.heard.append(name)

        threading.Thread(target=hear, daemon=True).start()
        return listener

    @staticmethod
    def _ends(template: Template, limits: dict[str, int], code: str) -> str:
        """Run code that passes a limit; say how it was ended and what it left."""
        before = set(Path("/tmp").glob("kernel-*"))
        with template.kernel({}, Limits(**limits)) as kernel:
            (folder,) = set(Path("/tmp").glob("kernel-*")) - before
            try:
                kernel.run(ATTEMPT + code, 30)
                said = "it ran"
            except KernelDied as died:
                said = str(died)
        return f"{said}; {_left(folder)}"


def _names(pid: int) -> list[str]:
    """The addresses that a process's sockets have: whoever is given none cannot be spoken to."""
    return [str(one.laddr) for one in psutil.Process(pid).net_connections("all") if one.laddr]


def _left(folder: Path) -> str:
    deadline = time.monotonic() + 10
    while (found := (folder.exists(), _marked())) != (False, 0) and time.monotonic() < deadline:
        time.sleep(0.05)
    return "nothing left" if found == (False, 0) else f"left: {found}"


def _marked() -> int:
    """How many of the attacks' own processes there are."""
    done = subprocess.run(["pgrep", "-c", "-f", "^sleep 5431[.]25$"], capture_output=True, text=True, check=False)
    return int(done.stdout)


def _killed(template: Template) -> str:
    """Kill the template while a kernel and its daemon run; say what stays."""
    before = set(Path("/tmp").glob("kernel-*"))
    kernel = template.kernel({})
    (folder,) = set(Path("/tmp").glob("kernel-*")) - before
    kernel.run(ATTEMPT + DAEMON, 20)
    running = _marked()
    psutil.Process(template.pid).kill()
    return f"{running} ran; {_left(folder)}"


DAEMON = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 4096)
        os.execvp("sleep", ["sleep", "5431.25"])
    os._exit(0)
os.wait()
time.sleep(0.3)
"""
MANY_PROCESSES = """
for _ in range(30):
    subprocess.Popen(["sleep", "5431.25"], start_new_session=True)
time.sleep(9)
"""
MANY_FILES = """
for number in range(9):
    open(str(number), "wb").write(bytes(1 << 20))
time.sleep(9)
"""
FILES_WITHOUT_NAMES = """
files = [open(str(number), "wb", 0) for number in range(9)]
for number, file in enumerate(files):
    os.remove(str(number))
    file.write(bytes(1 << 20))
time.sleep(9)
"""
DEEP_FOLDERS = """
for _ in range(99):
    os.mkdir("d")
    os.chdir("d")
time.sleep(9)
"""
MEMORY_OF_DAEMONS = """
for _ in range(2):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            block = bytearray(b"x") * (120 << 20)
            time.sleep(60)
        os._exit(0)
time.sleep(9)
"""
TIME_OF_A_DAEMON = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            pass
    os._exit(0)
time.sleep(9)
"""
ENDINGS: list[tuple[dict[str, int], str]] = [
    ({}, DAEMON),
    ({"processes": 20}, MANY_PROCESSES),
    ({"scratch_bytes": 8 * MIB}, MANY_FILES),
    ({"scratch_bytes": 8 * MIB}, FILES_WITHOUT_NAMES),
    ({"scratch_bytes": 8 * MIB}, DEEP_FOLDERS),
    ({"memory_bytes": 200 * MIB}, MEMORY_OF_DAEMONS),
    ({"cpu_s": 1}, TIME_OF_A_DAEMON),
]
ATTEMPTS = {
    "shown": "open(f'{SHOWN}/week.txt').read()",
    "hidden": "open(f'{SHOWN}/graders/answers.txt').read()",
    "hidden, listed": "os.listdir(f'{SHOWN}/graders')",
    "owner's file": "open(OWN).read()",
    "owner's file by a link": "open(f'{SHOWN}/link').read()",
    "owner's file written": "open(OWN, 'a')",
    "owner's file removed": "os.remove(OWN)",
    "owner's file moved": "os.rename(OWN, 'mine')",
    "owner's file linked": "os.link(OWN, 'mine')",
    "owner's file cut": "os.truncate(OWN, 0)",
    "owner's file, other mode": "os.chmod(OWN, 0o777)",
    "owner's file, other mode by number": "libc.syscall(452, -100, OWN.encode(), 0o777, 0)",
    "owner's file, other times": "os.utime(OWN, (0, 0))",
    "owner's file, other attribute": "os.setxattr(OWN, 'user.x', b'x')",
    "owner's file watched": "libc.inotify_add_watch(libc.inotify_init(), OWN.encode(), 2)",
    "new file": f"open({str(Path(tempfile.gettempdir(), 'new'))!r}, 'w')",
    "shared memory": "open('/dev/shm/new', 'w')",
    "a terminal": "os.openpty()",
    "processes": "os.listdir('/proc')",
    "owner's command line": "open(f'/proc/{OWNER}/cmdline').read()",
    "template's memory": "open(f'/proc/{TEMPLATE}/mem')",
    "template's descriptors": "os.listdir(f'/proc/{TEMPLATE}/fd')",
    "template's root": "os.listdir(f'/proc/{TEMPLATE}/root')",
    "template signalled": "os.kill(TEMPLATE, 0)",
    "supervisor signalled": "os.kill(os.getppid(), 0)",
    "everybody signalled": "os.kill(-1, 0)",
    "template held": "os.pidfd_open(TEMPLATE)",
    "template traced": "libc.ptrace(16, TEMPLATE, 0, 0)",
    "owner limited": "resource.prlimit(OWNER, resource.RLIMIT_NOFILE, (9, 9))",
    "owner slowed": "os.setpriority(os.PRIO_PROCESS, OWNER, 19)",
    "owner's user slowed": "os.setpriority(os.PRIO_USER, os.getuid(), 19)",
    "owner moved": "os.sched_setaffinity(OWNER, {0})",
    "given port": "socket.create_connection(('127.0.0.1', PORT)).makefile('rwb', 0).write(b'x\\n')",
    "other port": "socket.create_connection(TCP)",
    "other port by fast open": "socket.socket().sendto(b'x', 0x20000000, TCP)",
    "other port by MPTCP": "socket.socket(2, 1, 262).connect(TCP)",
    "datagram": "socket.socket(2, 2).sendto(b'x', UDP)",
    "datagram over IPv6": "socket.socket(10, 2)",
    "raw": "socket.socket(2, 3, 1)",
    "socket in a folder": "socket.socket(1, 2).sendto(b'x', PATH)",
    "abstract socket": "socket.socket(1, 2).sendto(b'x', ABSTRACT)",
    "socket in a folder by a pair": "pair(2).sendto(b'x', PATH)",
    "abstract socket by a sequenced pair": "pair(5).connect(SEQUENCED)",
    "abstract socket by a stream pair": "pair(1).connect(STREAM)",
    "own server": "socket.create_server(('127.0.0.1', 0))",
    "own server without a name": "socket.socket().listen()",
    "own pair": "(lambda a, b: (a.send(b'x'), b.recv(9)))(*socket.socketpair())",
    "own files": "[open('n', 'w').write('x'), os.makedirs('d/e'), os.chmod('n', 0o600), os.listdir('.')]",
    "own program": "subprocess.check_output([sys.executable, '-c', 'print(6)'])",
    "own processes": "subprocess.run(['sh', '-c', 'kill -9 $$']).returncode",
}
main()
