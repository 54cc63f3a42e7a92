"""The same sandbox for a user who is not root, and one clear line where it cannot be had."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from courseware.kernels import Kernel, Template, TemplateFailed

Fork = Callable[..., Kernel]
AS_USER = Path(__file__).with_name("as_user.py")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux")

ORDINARY = """
import os, pathlib, tempfile
from courseware.kernels import Template
secret = pathlib.Path(tempfile.mkdtemp(), "own.txt")
secret.write_text("the owner's")
TRY = f'''
import os
def attempt(work):
    try: return work()
    except OSError as error: return type(error).__name__
print(os.getuid(), os.getpid(), os.getcwd(), [p for p in os.listdir('/proc') if p.isdigit()])
print(attempt(lambda: open({str(secret)!r}).read()), attempt(lambda: os.kill({os.getpid()}, 0)))
print(attempt(lambda: open({os.__file__!r}, "a")), attempt(lambda: open("own", "w").write("x")))
'''
with Template.start(["numpy"]) as template, template.kernel({"a.txt": b"x"}) as kernel:
    print(kernel.run(TRY, 20).outputs[0]["text"], kernel.read("own", 9), kernel.read("a.txt", 9))
secret.unlink()
secret.parent.rmdir()
"""


def test_an_ordinary_user_has_the_same_sandbox() -> None:
    done = subprocess.run(
        [sys.executable, str(AS_USER), "12345", "-c", ORDINARY],
        capture_output=True, text=True, check=False, cwd="/", timeout=60, env={"PATH": "/usr/bin:/bin", "HOME": "/tmp"},
    )  # fmt: skip
    if "user namespaces" in done.stderr:
        pytest.skip(done.stderr.splitlines()[-1])
    assert done.stdout.splitlines() == [
        "12345 1 /scratch/lab ['1']",
        "FileNotFoundError ProcessLookupError",
        "PermissionError 1" if "PermissionError" in done.stdout else "OSError 1",
        " b'x' b'x'",
    ], done.stderr


OWNER = """
import os, time
from courseware.kernels import Template
with Template.start([]) as template, template.kernel({}) as kernel:
    kernel.run("import subprocess; subprocess.Popen(['sleep', '5432.5'], start_new_session=True)", 10)
    print(template.pid, flush=True)
    time.sleep(60)
"""


def test_nothing_survives_an_ordinary_users_owner_that_is_killed(template: Template) -> None:
    command = [sys.executable, str(AS_USER), "12345", "-c", OWNER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd="/", env={"HOME": "/tmp"}, text=True) as owner:
        assert owner.stdout is not None
        family = [psutil.Process(int(owner.stdout.readline()))]
        family += family[0].children(recursive=True)
        assert "5432.5" in family[-1].cmdline()
        owner.kill()
    assert psutil.wait_procs(family, 10)[1] == []


WITHOUT = """
import sys
import importlib, operator
module = operator.attrgetter("kernels.{module}")(__import__("courseware.kernels.template_main"))
def gone(*_, **__): raise OSError(38, "Function not implemented")
module.{name} = gone
from courseware.kernels import template_main
template_main.main()
"""
PARTS = {
    ("sandbox.namespaces", "unshare"): "namespace",
    ("sandbox.root", "mount"): "a root of its own",
    ("sandbox.root", "syscall"): "a root of its own",
    ("sandbox.landlock", "syscall"): "Landlock",
    ("sandbox.seccomp", "prctl"): "seccomp",
    ("sandbox.closed", "set_limits"): "limits",
    ("sandbox.closed", "drop_capabilities"): "capabilities",
}


@pytest.mark.parametrize("part", PARTS)
def test_where_a_part_of_the_sandbox_is_missing_nothing_runs(
    part: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "crippled.py").write_text(WITHOUT.format(module=part[0], name=part[1]), encoding="utf-8")
    tmp_path.chmod(0o755)
    monkeypatch.setattr("courseware.kernels.process._MAIN", "crippled")
    with pytest.raises(TemplateFailed, match=f"the sandbox cannot be had: .*{PARTS[part]}.*not implemented.*[.] [A-Z]"):
        Template.start([], environment={"PYTHONPATH": str(tmp_path)})


def test_without_libseccomp_nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "crippled.py").write_text(WITHOUT.format(module="sandbox.seccomp.ctypes", name="CDLL"))
    monkeypatch.setattr("courseware.kernels.process._MAIN", "crippled")
    with pytest.raises(TemplateFailed, match=r"seccomp.*apt install libseccomp2"):
        Template.start([], environment={"PYTHONPATH": str(tmp_path)})


def test_another_system_is_refused_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(TemplateFailed, match="need Linux; this is darwin"):
        Template.start([])
