"""A store that is damaged, full or not ours to write; and the commands that report on it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from courseware.models import ModelMissing, Store, list_models, path, pull, tiktoken_cache_dir, verify
from courseware.models.command import models_list, models_pull, models_verify
from courseware.models.errors import StoreFull, StoreReadOnly
from courseware.models.progress import Silent

PULL = """
import os, sys
from courseware.models.command import models_pull
if sys.argv[1:] == ["drop"] and os.getuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
sys.exit(models_pull(["tiny"]))
"""


@pytest.fixture
def tiny(server, make_registry, content):
    """A registry whose one model the server can give."""
    server.files["/weights.gguf"] = content
    return make_registry({"weights.gguf": content}, f'{{ url = "{server.address}/weights.gguf" }}')


def blob_of(store, registry):
    return store.blob(registry["tiny"].files[0])


def run_pull(*arguments, **options):
    command = [sys.executable, "-c", PULL, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def state(registry, store):
    (status,) = list_models(registry=registry, store=store)
    return status.state


def test_states_go_from_missing_over_partial_to_present(tiny, store, content):
    assert state(tiny, store) == "missing"
    store.downloads.mkdir(parents=True)
    store.part(tiny["tiny"].files[0]).write_bytes(content[:9])
    assert state(tiny, store) == "partial"
    pull("tiny", Silent(), registry=tiny, store=store)
    assert state(tiny, store) == "present"


def test_a_shortened_file_is_damaged_and_path_refuses_it(tiny, store, content):
    pull("tiny", Silent(), registry=tiny, store=store)
    blob_of(store, tiny).write_bytes(content[:-1])
    assert state(tiny, store) == "damaged"
    with pytest.raises(ModelMissing, match=r"is damaged.*course models pull tiny"):
        path("tiny", registry=tiny, store=store)


def test_verify_finds_one_changed_byte_and_pull_repairs_it(tiny, store, content):
    there = pull("tiny", Silent(), registry=tiny, store=store)
    blob_of(store, tiny).write_bytes(b"!" + content[1:])
    (verdict,) = verify("tiny", registry=tiny, store=store)
    assert (verdict.state, verdict.files) == ("damaged", ("weights.gguf",))
    pull("tiny", Silent(), registry=tiny, store=store)
    assert verify(registry=tiny, store=store)[0].state == "intact"
    assert there.read_bytes() == content


def test_a_file_removed_from_the_model_folder_is_put_back_without_download(tiny, store, server):
    pull("tiny", Silent(), registry=tiny, store=store).unlink()
    assert state(tiny, store) == "partial"
    pull("tiny", Silent(), registry=tiny, store=store)
    assert len(server.log) == 1


def test_the_tiktoken_folder_asks_for_every_encoding_named(server, store, make_registry, content):
    server.files["/ranks"] = content
    registry = make_registry({"abc": content}, f'{{ url = "{server.address}/ranks" }}', kind="tiktoken")
    with pytest.raises(ModelMissing):
        tiktoken_cache_dir(registry=registry, store=store)
    pull("tiny", Silent(), registry=registry, store=store)
    assert (tiktoken_cache_dir("tiny", registry=registry, store=store) / "abc").read_bytes() == content


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 1 MB."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root; the file size limit test covers the rest")
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no small disk here: {done.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_one_clear_line_and_no_final_file(server, make_registry, content, small_disk):
    server.files["/weights.gguf"] = content * 2
    source = f'{{ url = "{server.address}/weights.gguf" }}'
    registry = make_registry({"weights.gguf": content * 2}, source, sized=False)
    store = Store(small_disk)
    with pytest.raises(StoreFull, match=r"no room left in .*COURSE_MODELS") as failed:
        pull("tiny", Silent(), registry=registry, store=store)
    assert "\n" not in str(failed.value)
    assert not blob_of(store, registry).exists()


def test_room_is_counted_before_a_download_of_known_size(server, make_registry, content, small_disk):
    source = f'{{ url = "{server.address}/weights.gguf" }}'
    registry = make_registry({"weights.gguf": content * 2}, source)
    with pytest.raises(StoreFull, match=r"tiny needs 1\.6 MB in .*, 1\.0 MB are free"):
        pull("tiny", Silent(), registry=registry, store=Store(small_disk))
    assert server.log == []


def test_a_file_size_limit_is_told_like_a_full_disk(tiny, store):
    resource = pytest.importorskip("resource")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = run_pull(preexec_fn=limit)
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1].startswith(f"no room left in {store.root}")
    assert not blob_of(store, tiny).exists()


@pytest.fixture
def foreign_store(monkeypatch):
    """A store that the process after its drop of user may read but not write."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "store"
        root.mkdir()
        Path(folder).chmod(0o755)
        monkeypatch.setenv("COURSE_MODELS", str(root))
        yield Store(root)
        root.chmod(0o755)


def test_a_read_only_store_is_told_in_one_line(tiny, foreign_store, tmp_path):
    foreign_store.root.chmod(0o555)
    done = run_pull("drop", env=_readable(os.environ, foreign_store))
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert "no permission for" in line
    assert "COURSE_MODELS" in line


def test_a_whole_model_in_a_read_only_store_needs_no_writing(tiny, foreign_store):
    pull("tiny", Silent(), registry=tiny, store=foreign_store)
    foreign_store.root.chmod(0o555)
    done = run_pull("drop", env=_readable(os.environ, foreign_store))
    assert (done.returncode, done.stderr) == (0, "")


def _readable(environment, store):
    """The same environment with the registry beside the store, where another user can read it."""
    copy = store.root.parent / "registry.toml"
    copy.write_text(Path(environment["COURSE_MODEL_REGISTRY"]).read_text())
    copy.chmod(0o644)
    return {**environment, "COURSE_MODEL_REGISTRY": str(copy)}


def test_a_read_only_error_is_a_store_error(tmp_path):
    from courseware.models.errors import StoreError, store_errors

    with pytest.raises(StoreReadOnly) as failed, store_errors(tmp_path):
        raise PermissionError(13, "denied", str(tmp_path / "lock"))
    assert isinstance(failed.value, StoreError)


def test_the_list_command_prints_one_json_object(tiny, store, capsys):
    assert models_list(json=True) == 0
    told = json.loads(capsys.readouterr().out)
    (row,) = told["models"]
    assert told["store"] == str(store.root)
    assert (row["name"], row["state"], row["bytes"], row["path"]) == ("tiny", "missing", 800_000, None)


def test_the_list_command_shows_name_state_size_and_licence(tiny, store, capsys):
    assert models_list() == 0
    assert capsys.readouterr().out.split()[:6] == ["tiny", "missing", "0.8", "MB", "MIT", "t"]


def test_the_pull_command_reports_in_plain_lines_off_a_terminal(tiny, store):
    done = run_pull()
    assert done.returncode == 0
    assert done.stdout == f"tiny: {path('tiny')}\n"
    assert done.stderr.splitlines()[0] == "weights.gguf: 0.8 MB"
    assert "\r" not in done.stderr


def test_the_pull_command_shows_a_bar_on_a_terminal(tiny, store):
    termios = pytest.importorskip("termios")
    leader, follower = os.openpty()
    termios.tcsetwinsize(follower, (24, 100))
    command = [sys.executable, "-c", PULL]
    assert subprocess.run(command, stdout=subprocess.DEVNULL, stderr=follower).returncode == 0
    os.set_blocking(leader, False)
    shown = b""
    while b"100%" not in shown:
        shown += os.read(leader, 4096)
    assert b"weights.gguf: 100%" in shown
    os.close(follower)
    os.close(leader)


def test_an_interrupted_pull_command_says_how_to_go_on(tiny, store, server):
    server.hold, server.stop_after = True, 300_000
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    # A shell starts background jobs with Ctrl-C ignored, and Python keeps it so: listen again, as on a terminal.
    listening = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n{PULL}"
    with subprocess.Popen([sys.executable, "-c", listening], **pipes) as process:
        next(line for line in process.stderr if "30 %" in line)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    server.release.set()
    assert process.returncode == 1
    assert said.splitlines()[-1].startswith("stopped; run the same command again")


@pytest.mark.parametrize("names", [[], ["nope"]])
def test_a_wrong_use_of_the_pull_command_is_status_2(tiny, store, names):
    assert models_pull(names) == 2


def test_a_failed_pull_is_status_1(tiny, store, server, capsys):
    server.files.clear()
    assert models_pull(["tiny"]) == 1
    assert "HTTP 404" in capsys.readouterr().err.splitlines()[-1]


def test_the_verify_command_fails_for_damage_and_for_named_missing_models(tiny, store, content, capsys):
    assert models_verify() == 0
    assert models_verify(["tiny"]) == 1
    pull("tiny", Silent(), registry=tiny, store=store)
    assert models_verify(["tiny"]) == 0
    blob_of(store, tiny).write_bytes(b"!" + content[1:])
    assert models_verify() == 1
    assert "tiny: damaged (weights.gguf); run: course models pull tiny" in capsys.readouterr().out
