"""What a submission can reach from its kernel: its own folder, this Python, one port. Each attack says what it got."""

from __future__ import annotations

import os
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from courseware.kernels import Kernel, Template

Fork = Callable[..., Kernel]
Run = Callable[..., str]


class _Echo(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        for line in self.rfile:
            self.wfile.write(b"heard " + line)


@pytest.fixture
def service() -> Iterator[int]:
    """A server on this machine's 127.0.0.1 that answers lines; its port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


SPEAK = """
import socket
def speak(port, text=b"hello", host="127.0.0.1"):
    with socket.create_connection((host, port), timeout=3) as line:
        line.sendall(text + b"\\n")
        line.shutdown(socket.SHUT_WR)
        return line.makefile("rb").read()
"""


def test_the_given_port_works_and_no_other_one_does(fork: Fork, run: Run, service: int) -> None:
    allowed, refused = fork(port=service), fork()
    for kernel in (allowed, refused):
        run(kernel, SPEAK)
    assert run(allowed, f"speak({service})") == "b'heard hello\\n'"
    assert "ConnectionRefused" in run(refused, f"speak({service})")


def test_the_given_port_carries_much_both_ways_and_many_times(fork: Fork, run: Run, service: int) -> None:
    kernel = fork(port=service)
    run(kernel, SPEAK)
    assert run(kernel, f"len(speak({service}, b'x' * 1_000_000))") == "1000007"
    assert run(kernel, f"[len(speak({service})) for _ in range(20)] == [12] * 20") == "True"
    hold = f"held = [socket.create_connection(('127.0.0.1', {service})) for _ in range(150)]\ndel held\n'let go'"
    assert run(kernel, hold) == "'let go'"
    assert run(kernel, f"speak({service})") == "b'heard hello\\n'"


def test_a_port_that_nobody_serves_ends_the_connection(fork: Fork, run: Run) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    kernel = fork(port=port)
    run(kernel, SPEAK)
    said = run(kernel, f"speak({port})")
    assert said == "b''" or "Error" in said


def test_other_ways_out_of_the_network_are_closed(kernel: Kernel, run: Run) -> None:
    own = socket.socket(socket.AF_UNIX)
    own.bind("\0course-test-abstract")
    own.listen()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    udp.settimeout(0.2)
    run(kernel, "import socket")
    with own, udp:
        abstract = "socket.socket(socket.AF_UNIX).connect('\\0course-test-abstract')"
        assert "ConnectionRefused" in run(kernel, abstract) or "PermissionError" in run(kernel, abstract)
        run(kernel, f"socket.socket(2, 2).sendto(b'out', ('127.0.0.1', {udp.getsockname()[1]}))")
        with pytest.raises(TimeoutError):
            udp.recv(10)
    assert "PermissionError" in run(kernel, "socket.socket(40, 1)")  # vsock
    assert "PermissionError" in run(kernel, "socket.socket(17, 3)")  # packets
    assert "PermissionError" in run(kernel, "socket.socket(38, 5)")  # kernel crypto
    assert "OSError" in run(kernel, "socket.create_connection(('1.1.1.1', 53), 1)")
    assert run(kernel, "len(socket.if_nameindex())") == "1"


def test_loopback_of_its_own_works(kernel: Kernel, run: Run) -> None:
    serve = """
        import socket
        server = socket.create_server(("127.0.0.1", 8123))
        client = socket.create_connection(("127.0.0.1", 8123))
        server.accept()[0].sendall(b"own")
        client.recv(9)
    """
    assert run(kernel, serve) == "b'own'"


def test_hidden_folders_are_empty_and_the_rest_of_the_machine_is_not_there(
    kernel: Kernel, run: Run, course_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").write_text("another submission", encoding="utf-8")
    run(kernel, "import os, pathlib")
    assert run(kernel, f"open('{course_folder}/week.txt').read()") == "'week one'"
    assert run(kernel, f"os.listdir('{course_folder}/graders')") == "[]"
    assert "FileNotFoundError" in run(kernel, f"open('{course_folder}/graders/answers.txt')")
    assert "FileNotFoundError" in run(kernel, f"open('{tmp_path}/other')")
    for folder in ("/root/.ssh", "/home", "/var", "/run", "/etc/shadow", "/sys/kernel", "/boot", "/mnt", "/opt"):
        seen = run(kernel, f"print(os.path.exists('{folder}') and os.listdir('{folder}'))")
        assert seen.strip() in ("False", "[]"), folder


def test_nothing_outside_its_folder_can_be_written(kernel: Kernel, run: Run, course_folder: Path) -> None:
    places = [
        f"{course_folder}/new", f"{course_folder}/week.txt", f"{sys.prefix}/new", os.__file__, sys.executable,
        "/new", "/usr/new", "/etc/new", "/etc/passwd", "/dev/new", "/proc/sys/kernel/core_pattern",
        "/proc/self/oom_score_adj", "/proc/self/uid_map", "/sys/devices/system/cpu/new",
    ]  # fmt: skip
    tries = f"""
        written = []
        for place in {places!r}:
            try: open(place, "a").write("x"); written.append(place)
            except OSError: pass
        written
    """
    assert run(kernel, tries) == "[]"
    assert (
        run(kernel, "import os\n[open(p, 'w').write('x') for p in ('own', '/tmp/own', '/dev/shm/own')]") == "[1, 1, 1]"
    )


def test_it_sees_no_process_but_its_own(kernel: Kernel, run: Run, template: Template) -> None:
    assert run(kernel, "import os\nos.getpid(), [p for p in os.listdir('/proc') if p.isdigit()]") == "(1, ['1'])"
    assert "ProcessLookupError" in run(kernel, f"os.kill({template.pid}, 0)")
    assert "ProcessLookupError" in run(kernel, "os.kill(os.getppid() or 2, 0)")


def test_it_is_nobody_and_can_become_nobody_else(kernel: Kernel, run: Run) -> None:
    assert run(kernel, "import os\n0 in (os.getuid(), os.geteuid(), os.getgid()), os.getgroups()").startswith("(False")
    assert "Error" in run(kernel, "os.setuid(0)")
    status = run(kernel, "print(open('/proc/self/status').read())")
    for line in ("CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"):
        assert line in status


CALLS = {
    "ptrace": "libc.ptrace(0, 0, 0, 0)",
    "mount": "libc.mount(b'x', b'/tmp', b'tmpfs', 0, None)",
    "new user namespace": "libc.unshare(0x10000000)",
    "new user namespace by clone": "libc.syscall(56, 0x10000011, 0, 0, 0, 0)",
    "another process's memory": "libc.process_vm_readv(1, 0, 0, 0, 0, 0)",
    "bpf": "libc.syscall(321, 0, 0, 0)",
    "io_uring": "libc.syscall(425, 1, 0)",
    "userfaultfd": "libc.syscall(323, 0)",
    "keys": "libc.syscall(250, 0, 0)",
    "performance counters": "libc.syscall(298, 0, 0, 0, 0, 0)",
    "message queue": "libc.syscall(240, b'x', 0o102, 0o600, 0)",
    "outliving its supervisor": "libc.prctl(1, 0, 0, 0, 0)",
    "hiding its pages": "libc.prctl(4, 0, 0, 0, 0)",
    "typing into a terminal": "libc.ioctl(0, 0x5412, b'x')",
    "chroot": "libc.chroot(b'/tmp')",
    "open by handle": "libc.syscall(304, 0, 0, 0)",
}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86-64")
def test_calls_that_no_submission_needs_are_refused(kernel: Kernel, run: Run) -> None:
    run(kernel, "import ctypes, errno\nlibc = ctypes.CDLL(None, use_errno=True)")
    results = {name: run(kernel, f"({call}, errno.errorcode[ctypes.get_errno()])") for name, call in CALLS.items()}
    assert results == dict.fromkeys(CALLS, "(-1, 'EPERM')")


def test_its_environment_holds_nothing_of_the_owners(fork: Fork, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADEBOOK_PASSWORD", "forty-two")
    with Template.start([]) as template, template.kernel({}, environment={"COURSE_GATEWAY_KEY": "mine"}) as kernel:
        told = run(kernel, "import os\nprint(dict(os.environ), open('/proc/self/environ').read())")
        assert "forty-two" not in told
        assert "'COURSE_GATEWAY_KEY': 'mine'" in told
        assert "'HOME': '/scratch/lab'" in told
    with Template.start([]) as template:
        template.kernel({"a.txt": b"first one's file"}, environment={"KEY": "first one's key"}).close()
        with template.kernel({}) as second:
            search = """
                import re
                for line in open("/proc/self/maps"):
                    found = re.match("([0-9a-f]+)-([0-9a-f]+) rw.*(heap|00:00 0)", line)
                    if found:
                        memory = open("/proc/self/mem", "rb", 0)
                        memory.seek(int(found[1], 16))
                        data = memory.read(int(found[2], 16) - int(found[1], 16)) or b""
                        print(re.findall(b"first[ ]one[']s (?:file|key)", data) or "", end="")
            """
            assert run(second, search) == ""


def test_descriptors_are_its_own(kernel: Kernel, run: Run) -> None:
    listed = """
        import os
        for number in os.listdir("/proc/self/fd"):
            if os.path.islink(f"/proc/self/fd/{number}"): print(os.readlink(f"/proc/self/fd/{number}").split(":")[0])
    """
    known = {"/dev/null", "/memfd", "socket", "anon_inode", "/proc/1/fd"}
    assert set(run(kernel, listed).split()) - {"(deleted)"} <= known


def test_shared_libraries_programs_and_certificates_are_there(kernel: Kernel, run: Run) -> None:
    assert run(kernel, "import ssl\nlen(ssl.create_default_context().get_ca_certs()) >= 0") == "True"
    assert "Python 3" in run(
        kernel, "import subprocess, sys\nsubprocess.check_output([sys.executable, '-V'], text=True)"
    )
    assert (
        run(kernel, "import zoneinfo, os\nos.cpu_count() > 0, bool(zoneinfo.ZoneInfo('Europe/Berlin'))")
        == "(True, True)"
    )
    assert (
        run(kernel, "import multiprocessing as m\nwith m.Pool(2) as pool: print(pool.map(abs, [-1, -2]))") == "[1, 2]\n"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes others")
def test_started_as_root_each_kernel_is_another_user(fork: Fork, run: Run) -> None:
    users = {run(fork(), "import os; os.getuid()") for _ in range(2)}
    assert len(users) == 2
    assert all(60_100 <= int(user) < 60_600 for user in users)
