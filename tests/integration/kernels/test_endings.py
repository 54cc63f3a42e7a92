"""However a submission ends its kernel, its owner learns how, and keeps what was earned before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from courseware.kernels import Kernel, KernelDied, Limits, Template, TemplateFailed

Fork = Callable[..., Kernel]
Run = Callable[..., str]
MIB = 1 << 20

ENDINGS = {
    "import os; os._exit(0)": "exited with status 0",
    "import os; os._exit(9)": "exited with status 9",
    "import ctypes; ctypes.string_at(0)": "was ended by SIGSEGV",
    "import os; os.execv('/bin/true', ['true'])": "exited with status 0",
    "import os; os.closerange(3, 999)": "exited with status 70",
    "x = []\nwhile True: x.append(bytearray(2**24))": "",
}


@pytest.mark.parametrize("source", ENDINGS)
def test_the_end_of_a_kernel_has_a_reason(fork: Fork, source: str) -> None:
    kernel = fork(limits=Limits(memory_bytes=64 * MIB))
    if ENDINGS[source]:
        with pytest.raises(KernelDied, match=ENDINGS[source]):
            kernel.run(source, 20)
    else:
        assert kernel.run(source, 20).outputs[0]["ename"] == "MemoryError"


def test_a_process_cannot_be_ended_from_inside_by_a_signal(kernel: Kernel, run: Run) -> None:
    run(kernel, "import os\nfor number in (9, 15, 19): os.kill(os.getpid(), number)\nos.kill(-1, 9)")
    assert run(kernel, "'still here'") == "'still here'"


def test_a_kernel_that_is_killed_says_so(fork: Fork, template: Template) -> None:
    kernel = fork()
    (inner,) = (p for p in _family(template.pid) if not p.children())
    inner.kill()
    with pytest.raises(KernelDied, match="was ended by SIGKILL"):
        kernel.run("1", 5)
    with pytest.raises(KernelDied, match="was ended by SIGKILL"):
        kernel.run("1", 5)


@pytest.mark.parametrize(
    "source",
    [
        "import signal, time; signal.signal(2, signal.SIG_IGN); time.sleep(99)",
        "import signal, time; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); time.sleep(99)",
    ],
)
def test_a_cell_that_cannot_be_interrupted_ends_the_kernel(
    fork: Fork, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("courseware.kernels.kernel.GRACE_S", 0.5)
    with pytest.raises(KernelDied, match=r"passed its time limit of 0\.1 s and did not stop"):
        fork().run(source, 0.1)


def test_a_cell_that_swallows_interruptions_is_stopped_or_ends_the_kernel(fork: Fork) -> None:
    kernel = fork()
    ending = "ok"
    try:
        kernel.run("while True:\n    try:\n        while True: pass\n    except BaseException: pass", 0.1)
        ending = kernel.run("1", 5).status
    except KernelDied as died:
        ending = str(died)
    assert ending in ("ok", "passed its time limit of 0.1 s and did not stop")


def test_a_submission_has_a_time_limit_of_its_own(fork: Fork) -> None:
    with pytest.raises(KernelDied, match=r"passed its time limit of 0\.5 s"):
        fork(limits=Limits(wall_s=0.5)).run("import time; time.sleep(60)", 60)


def test_processor_time_counts_over_the_whole_tree(fork: Fork) -> None:
    busy = "import os\nfor _ in range(3):\n    if not os.fork():\n        while True: pass\nos.wait()"
    with pytest.raises(KernelDied, match="passed its processor time limit of 1 s"):
        fork(limits=Limits(cpu_s=1)).run(busy, 60)


def test_memory_counts_over_the_whole_tree(fork: Fork) -> None:
    hog = """if True:
        import os, time
        for _ in range(8):
            if not os.fork():
                x = bytearray(b"x") * 2**25
                time.sleep(60)
        os.wait()
    """
    with pytest.raises(KernelDied, match=r"passed its memory limit of 128\.0 MiB"):
        fork(limits=Limits(memory_bytes=128 * MIB)).run(hog, 60)


def test_memory_that_a_process_shares_with_its_children_counts(fork: Fork) -> None:
    hog = "import os, time\nx = bytearray(b'x') * 2**26\nos.fork()\ny = bytearray(b'x') * (5 * 2**23); time.sleep(60)"
    with pytest.raises(KernelDied, match="passed its memory limit"):
        fork(limits=Limits(memory_bytes=110 * MIB)).run(hog, 60)


def _family(pid: int) -> list[psutil.Process]:
    """Return all processes below, those that have ended left out."""
    found = psutil.Process(pid).children(recursive=True)
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]


HIDING = {
    "shared anonymous memory": "import mmap; mmap.mmap(-1, 2**26)",
    "memory files": "import os; os.memfd_create('x')",
    "System V segments": "import ctypes; assert ctypes.CDLL(None).shmget(0, 2**26, 0o600) == -1; raise OSError",
}


@pytest.mark.parametrize("way", HIDING)
def test_memory_that_no_process_shows_cannot_be_had(kernel: Kernel, way: str) -> None:
    assert kernel.run(HIDING[way], 5).outputs[0]["ename"] in ("OSError", "PermissionError")


def test_a_fork_bomb_is_stopped_and_everything_is_gone_afterwards(fork: Fork, run: Run) -> None:
    kernel = fork(limits=Limits(processes=20))
    bomb = """
        import os, time
        made = 0
        try:
            for _ in range(1000):
                if not os.fork(): time.sleep(60); os._exit(0)
                made += 1
        except OSError: pass
        made
    """
    assert int(run(kernel, bomb)) < 20
    kernel.close()


def test_the_disk_fills_up_and_nothing_else(fork: Fork, run: Run) -> None:
    kernel = fork(limits=Limits(scratch_bytes=4 * MIB, file_bytes=2 * MIB))
    assert "File too large" in run(kernel, "open('one', 'wb').write(bytes(3 * 2**20))")
    fill = "for n in range(9): open(f'{n}', 'wb').write(bytes(2**20))"
    assert "No space left" in run(kernel, fill)
    assert "No space left" in run(kernel, "open('/tmp/x', 'wb').write(bytes(2**20))")
    assert "No space left" in run(kernel, "open('/dev/shm/x', 'wb').write(bytes(2**20))")
    many = "import os\nfor n in range(10**6): os.mkdir(f'd{n}')"
    assert "No space left" in run(kernel, many)
    assert run(kernel, "'still here'") == "'still here'"


def test_a_daemon_is_gone_when_the_kernel_is_closed(fork: Fork, run: Run) -> None:
    kernel = fork({"daemon.py": b"import os, time\nif os.fork(): os._exit(0)\nos.setsid()\ntime.sleep(1234.5)"})
    run(kernel, "import subprocess, sys; subprocess.run([sys.executable, 'daemon.py'], start_new_session=True)")
    run(kernel, "subprocess.Popen(['sleep', '1234.5'], start_new_session=True)")
    assert _running("1234.5")
    kernel.close()
    assert not _running("1234.5")


def _running(word: str) -> list[int]:
    return [p.pid for p in psutil.process_iter(["cmdline"]) if word in " ".join(p.info["cmdline"] or [])]


def test_closing_says_what_was_used_and_may_be_done_twice(fork: Fork, run: Run) -> None:
    kernel = fork()
    run(kernel, "import time; x = bytearray(b'x') * 2**27; sum(range(10**6)); time.sleep(0.6)")
    usage = kernel.close()
    assert usage.cpu_s > 0
    assert usage.peak_bytes > 100 * MIB
    assert kernel.close() == usage


def test_files_are_read_after_the_end_and_never_through_links(fork: Fork, run: Run, course_folder: Path) -> None:
    kernel = fork({"given.txt": b"given"})
    tricks = f"""
        import os
        os.mkdir("d"); open("d/own.txt", "w").write("own")
        os.symlink("/etc/passwd", "link"); os.symlink("given.txt", "near"); os.symlink("/etc", "folder")
        os.mkfifo("pipe"); os.symlink("{course_folder}", "course")
        open("hidden.txt", "w").write("h"); os.chmod("hidden.txt", 0)
    """
    run(kernel, tricks)
    with pytest.raises(KernelDied):
        kernel.run("os._exit(0)", 5)
    assert kernel.read("given.txt", 3) == b"giv"
    assert kernel.read("d/own.txt", 100) == b"own"
    for name in ("link", "near", "folder/passwd", "pipe", "course/week.txt", "d", "none", "/etc/passwd", "../x", ""):
        assert kernel.read(name, 100) is None, name


OWNER = """
import sys, time
from courseware.kernels import Template
with Template.start([], sandbox=True) as template, template.kernel({}) as kernel:
    kernel.run("import subprocess; subprocess.Popen(['sleep', '4321.5'], start_new_session=True)", 10)
    print(template.pid, flush=True)
    time.sleep(60)
"""


def test_nothing_survives_an_owner_that_is_killed(template: Template) -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        family = psutil.Process(pid).children(recursive=True)
        assert len(family) >= 3
        owner.kill()
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], 10)
    assert psutil.wait_procs(family, 10)[1] == []
    assert not _running("4321.5")


def test_a_template_that_is_killed_takes_its_kernels_along_and_says_so(template: Template) -> None:
    with Template.start([]) as doomed:
        kernel = doomed.kernel({})
        family = psutil.Process(doomed.pid).children(recursive=True)
        os.kill(doomed.pid, signal.SIGKILL)
        assert psutil.wait_procs(family, 10)[1] == []
        with pytest.raises(TemplateFailed, match="is gone"):
            kernel.run("1", 5)
        kernel.close()
        with pytest.raises(TemplateFailed, match="was ended by SIGKILL"):
            doomed.kernel({})


def test_a_module_that_cannot_be_imported_is_named_and_does_no_harm() -> None:
    with Template.start(["json", "no_such_module"], sandbox=False) as template:
        assert template.not_imported == ("no_such_module (ModuleNotFoundError: No module named 'no_such_module')",)
        with template.kernel({}) as kernel:
            assert kernel.run("1", 5).status == "ok"


def test_a_module_that_starts_threads_is_left_to_the_forks(tmp_path: Path) -> None:
    starts = "import threading, time\nthreading.Thread(target=time.sleep, args=[60], daemon=True).start()"
    (tmp_path / "threaded.py").write_text(starts, encoding="utf-8")
    with Template.start(
        ["threaded", "json.tool"], sandbox=False, environment={"PYTHONPATH": str(tmp_path)}
    ) as template:
        assert template.not_imported[0].startswith("threaded (starts threads: ")
        with template.kernel({}) as kernel:
            seen = kernel.run("import sys; print('threaded' in sys.modules, 'json.tool' in sys.modules)", 5)
    assert seen.outputs[0]["text"] == "False True\n"


def test_a_template_that_starts_threads_later_does_not_fork(tmp_path: Path) -> None:
    starts = (
        "import signal, threading, time\n"
        "def start(*_): threading.Thread(target=time.sleep, args=[60], daemon=True).start()\n"
        "signal.signal(signal.SIGUSR1, start)"
    )
    (tmp_path / "later.py").write_text(starts, encoding="utf-8")
    with Template.start(["later"], sandbox=False, environment={"PYTHONPATH": str(tmp_path)}) as template:
        os.kill(template.pid, signal.SIGUSR1)
        while psutil.Process(template.pid).num_threads() == 1:
            time.sleep(0.01)
        with pytest.raises(TemplateFailed, match="has 2 threads"):
            template.kernel({})


def test_a_template_that_dies_in_its_imports_says_how(tmp_path: Path) -> None:
    (tmp_path / "deadly.py").write_text("import os; print('last words', flush=True); os._exit(5)")
    with pytest.raises(TemplateFailed, match=r"did not start: it exited with status 5 \(it last printed: last words\)"):
        Template.start(["deadly"], environment={"PYTHONPATH": str(tmp_path)})


def test_the_thread_that_starts_a_template_may_end() -> None:
    import threading

    started: list[Template] = []
    thread = threading.Thread(target=lambda: started.append(Template.start([], sandbox=False)))
    thread.start()
    thread.join()
    time.sleep(0.2)
    with started[0] as template, template.kernel({}) as kernel:
        assert kernel.run("1", 5).status == "ok"
        assert template.forks == 1


def test_many_kernels_leave_nothing_behind(template: Template, run: Run) -> None:
    owner, warm = psutil.Process(), psutil.Process(template.pid)
    before = owner.num_fds(), warm.num_fds(), owner.num_threads()
    for _ in range(15):
        with template.kernel({"a.txt": b"a"}) as kernel:
            run(kernel, "import os\nif os.fork() == 0: os.setsid(); __import__('time').sleep(77)")
    assert (owner.num_fds(), warm.num_fds(), owner.num_threads()) == before
    assert psutil.wait_procs(_family(template.pid), 5)[1] == []
