"""Stock Jupyter programs on kernels of ours: the same outputs, behind the sandbox, and nothing left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import psutil
import pytest

pytest.importorskip("ipykernel")
import nbformat
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from traitlets.config import Config

from courseware.kernels import TemplateFailed, shared

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux"),
]
CANARY = "canary-4711"
Run = Callable[..., list[str]]


def notebook(*cells: str, kernel: str = "python3") -> nbformat.NotebookNode:
    """Return a notebook of these code cells."""
    spec = {"name": kernel, "display_name": kernel, "language": "python"}
    code = [nbformat.v4.new_code_cell(dedent(cell)) for cell in cells]
    return nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": spec})


def client_of(page: nbformat.NotebookNode, folder: Path | None = None, **options: Any) -> NotebookClient:
    """Return what runs `page` in `folder`, as nbgrader would: errors are outputs."""
    settings = {"timeout": 60, "allow_errors": True, "extra_arguments": ["--IPKernelApp.log_level=ERROR"], **options}
    return NotebookClient(page, resources={"metadata": {"path": str(folder or "")}}, **settings)


def texts(page: nbformat.NotebookNode) -> list[str]:
    """Return the text of each cell: what it printed, gave back or failed with."""
    return ["".join(map(_text, cell.outputs)) for cell in page.cells]


def _text(output: nbformat.NotebookNode) -> str:
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    return str(output.text if output.output_type == "stream" else output.data["text/plain"])


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have kernels be forks, by the variable that an instructor sets."""
    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", "course-warm")
    KernelProvisionerFactory.clear_instance()  # it reads the variable once
    yield
    KernelProvisionerFactory.clear_instance()


@pytest.fixture(scope="module", autouse=True)
def _no_template_afterwards() -> Iterator[None]:
    yield
    shared.close_all()


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A submission's folder in a course with secrets, where nbgrader would run it."""
    folder = tmp_path / "autograded" / "ada" / "lab"
    folder.mkdir(parents=True)
    for name in ("gradebook.db", "source/lab/lab.ipynb", "autograded/ada/lab/lab.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(CANARY, encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "prices.csv").write_text("1,2\n", encoding="utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "gradebook.db")
    return folder


@pytest.fixture
def run(warm: None, lab: Path) -> Run:
    """Run cells in the submission's folder and return their texts."""

    def run_cells(*cells: str, **options: Any) -> list[str]:
        page = notebook(*cells)
        client_of(page, lab, **options).execute()
        return texts(page)

    return run_cells


ORDINARY = (
    "6 * 7",
    "print('out'); import sys; print('err', file=sys.stderr)",
    "1 / 0",
    "!echo from a program",
    "from IPython.display import HTML, display; display(HTML('<b>bold</b>'))",
    "import asyncio; await asyncio.sleep(0.01); 'awaited'",
    "%%writefile module.py\nvalue = 1",
    "import module; module.value",
    "def f(x)\n  return x",
    "import matplotlib.pyplot as plt; _ = plt.plot([1, 2])",
    "import getpass; input('name?')",
    "open('data/prices.csv').read()",
    "In[1], __name__",
)


def test_outputs_are_those_of_a_plain_kernel(lab: Path, warm: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, plain = notebook(*ORDINARY), notebook(*ORDINARY)
    client_of(ours, lab).execute()
    (lab / "module.py").unlink()
    monkeypatch.delenv("JUPYTER_DEFAULT_PROVISIONER_NAME")
    KernelProvisionerFactory.clear_instance()
    client_of(plain, lab).execute()
    assert texts(ours) == texts(plain)
    assert [_kinds(cell) for cell in ours.cells] == [_kinds(cell) for cell in plain.cells]


def _kinds(cell: nbformat.NotebookNode) -> list[tuple[str, list[str]]]:
    return [(output.output_type, sorted(output.get("data", {}))) for output in cell.outputs]


def test_a_hostile_cell_finds_nothing_of_the_course(run: Run, lab: Path, tmp_path: Path) -> None:
    places = [tmp_path / "gradebook.db", Path("../../../gradebook.db"), Path("../../../source/lab/lab.ipynb")]
    attempts = [f"open({str(place)!r}).read()" for place in [*places, Path("lab.ipynb"), Path("link.txt")]]
    *read, seen, found = run(
        *attempts,
        "import os; sorted(os.listdir())",
        f"""
        import subprocess
        words = ['grep', '-rl', {CANARY[:6]!r} + {CANARY[6:]!r}, '/scratch', '/tmp', '/home']
        subprocess.run(words, capture_output=True, text=True).stdout
        """,
    )
    assert {text.partition(":")[0] for text in read} == {"FileNotFoundError"}
    assert (seen, found) == ("['data']", "''")


def test_variables_of_the_instructor_stay_outside(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_CLASS_SEED", CANARY)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    look = "import os; os.environ.get('NBGRADER_EXECUTION'), 'COURSE_CLASS_SEED' in os.environ"
    assert run(look) == ["('autograde', False)"]


def test_a_link_among_the_sockets_leads_nowhere(warm: None, lab: Path) -> None:
    page = notebook("import os; os.symlink('/etc/hostname', '/scratch/sockets/k-9')")
    client = client_of(page, lab)
    with client.setup_kernel():
        client.execute_cell(page.cells[0], 0)
        place = client.km.get_connection_info()["ip"] + "-9"
        with pytest.raises(OSError, match="Too many levels of symbolic links"):
            os.open(place, os.O_RDONLY)


def test_a_cell_that_takes_too_long_is_interrupted_and_the_rest_runs(run: Run) -> None:
    slow = "import time\nwhile True: time.sleep(0.1)"
    first, second = run(slow, "'goes on'", timeout=2, interrupt_on_timeout=True)
    assert first.startswith("KeyboardInterrupt")
    assert second == "'goes on'"


def test_a_kernel_that_ends_itself_or_passes_a_limit_is_dead(run: Run) -> None:
    with pytest.raises(DeadKernelError):
        run("import os; os._exit(3)")
    with pytest.raises(DeadKernelError):
        run("import time; time.sleep(60)", config=Config(WarmProvisioner={"limits": {"wall_s": 1}}))
    assert run("1") == ["1"]


def test_new_files_come_back_and_none_is_replaced(run: Run, lab: Path) -> None:
    run(
        """
        from pathlib import Path
        Path("out").mkdir()
        Path("out/result.txt").write_text("made")
        Path("data/prices.csv").write_text("forged")
        Path("lab.ipynb").write_text("forged")
        Path("timestamp.txt").write_text("2999-01-01")
        Path("passwords").symlink_to("/etc/passwd")
        """
    )
    assert (lab / "out" / "result.txt").read_text(encoding="utf-8") == "made"
    assert (lab / "data" / "prices.csv").read_text(encoding="utf-8") == "1,2\n"
    assert (lab / "lab.ipynb").read_text(encoding="utf-8") == CANARY
    assert not (lab / "timestamp.txt").exists()
    assert not (lab / "passwords").is_symlink()


def test_kernels_of_a_process_share_one_template_also_after_it_was_killed(run: Run) -> None:
    assert run("1") == run("1")
    (template,) = shared._templates.values()
    psutil.Process(template.pid).kill()
    psutil.wait_procs([process for process in psutil.Process().children() if process.pid == template.pid], 5)
    deadline = time.monotonic() + 5
    while template.running and time.monotonic() < deadline:
        time.sleep(0.01)
    assert run("1") == ["1"]
    (another,) = shared._templates.values()
    assert another.pid != template.pid


def test_many_launches_leave_no_descriptor(run: Run) -> None:
    run("1")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counts
    for _ in range(3):
        run("1")
    assert len(os.listdir("/proc/self/fd")) <= before + 1  # noqa: PTH208


def test_where_no_sandbox_can_be_had_nothing_is_launched(run: Run) -> None:
    with pytest.raises(TemplateFailed, match="/ is to be readable"):
        run("1", config=Config(WarmProvisioner={"readable": ["/"]}))


def test_a_kernelspec_may_ask_for_it_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTER_DEFAULT_PROVISIONER_NAME", raising=False)
    KernelProvisionerFactory.clear_instance()
    provisioner = {"provisioner_name": "course-warm", "config": {"imports": ["json.tool"]}}
    argv = ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "w", "language": "python", "metadata": {"kernel_provisioner": provisioner}}
    (tmp_path / "kernels" / "warm").mkdir(parents=True)
    (tmp_path / "kernels" / "warm" / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    page = notebook("import os, sys; os.getpid(), 'json.tool' in sys.modules", kernel="warm")
    client_of(page, tmp_path).execute()
    assert texts(page) == ["(1, True)"]


def test_another_language_is_not_launched(warm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = tmp_path / "kernels" / "shell"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(
        '{"argv": ["sh", "-c", "touch ran", "{connection_file}"], "display_name": "shell", "language": "sh"}',
        encoding="utf-8",
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    with pytest.raises(TemplateFailed, match="runs Python notebooks by ipykernel; this kernel is sh"):
        client_of(notebook("1", kernel="shell"), tmp_path).execute()


CLIENT = """
import sys, nbformat
from nbclient import NotebookClient
cell = nbformat.v4.new_code_cell('''
import subprocess, time
subprocess.Popen(["sleep", "77"], start_new_session=True)
open("/tmp/started", "w").close()
time.sleep(77)
''')
NotebookClient(nbformat.v4.new_notebook(cells=[cell]), timeout=60, kernel_name="python3").execute()
"""


def test_the_end_of_a_killed_client_ends_everything() -> None:
    environment = {**os.environ, "JUPYTER_DEFAULT_PROVISIONER_NAME": "course-warm"}
    with subprocess.Popen([sys.executable, "-c", CLIENT], env=environment, stderr=subprocess.DEVNULL) as client:
        family = _family_with(client.pid, "sleep")
        client.kill()
    assert len(family) >= 4  # template, supervisor, kernel, what the cell started
    assert psutil.wait_procs(family, 10)[1] == []


def _family_with(pid: int, name: str) -> list[psutil.Process]:
    """Return all processes below, as soon as one has that name."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        family = psutil.Process(pid).children(recursive=True)
        if any(process.name() == name for process in family):
            return family
        time.sleep(0.1)
    raise AssertionError(f"no {name} was started")


ORDINARY_USER = """
import os, tempfile
own = tempfile.mkdtemp()
os.environ |= {"HOME": own, "JUPYTER_RUNTIME_DIR": own, "JUPYTER_DEFAULT_PROVISIONER_NAME": "course-warm"}
import nbformat
from nbclient import NotebookClient
from traitlets.config import Config
settings = Config(WarmProvisioner={"imports": []})
page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os; print(os.getuid(), os.getpid())")])
NotebookClient(page, timeout=60, kernel_name="python3", config=settings).execute()
print(page.cells[0].outputs[0].text)
"""


def test_an_ordinary_user_has_the_same_kernels() -> None:
    as_user = Path(__file__).with_name("as_user.py")
    done = subprocess.run(
        [sys.executable, str(as_user), "12345", "-c", ORDINARY_USER],
        capture_output=True, text=True, check=False, cwd="/", timeout=120, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    if "user namespaces" in done.stderr:
        pytest.skip(done.stderr.splitlines()[-1])
    assert done.stdout.split() == ["12345", "1"], done.stderr


AUTOGRADE = "nbgrader.tests.apps.test_nbgrader_autograde"


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_nbgraders_own_tests_of_autograde_pass_unchanged(tmp_path: Path) -> None:
    """Upstream itself leaves two of the 42 out, because they take too long."""
    markers = "[pytest]\naddopts = --strict-markers\nmarkers =\n  nbextensions\n  labextensions\n"
    (tmp_path / "pytest.ini").write_text(markers, encoding="utf-8")
    environment = {
        **os.environ,
        "JUPYTER_DEFAULT_PROVISIONER_NAME": "course-warm",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",  # nbgrader starts alembic by name
        "USER": os.environ.get("USER", "instructor"),
    }
    words = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-c", "pytest.ini", "-p", "no:cacheprovider", "--pyargs"]
    done = subprocess.run([*words, AUTOGRADE], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "40 passed, 2 skipped" in done.stdout, done.stdout[-4000:]
