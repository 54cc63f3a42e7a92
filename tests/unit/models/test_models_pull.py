"""Pulling from a publisher's address: resuming, hashes, sources in order, the network away."""

from __future__ import annotations

import hashlib
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from courseware.models import ModelMissing, PullFailed, Store, download, path, pull
from courseware.models.progress import Silent

PULL = "from courseware.models import pull; print(pull('tiny'))"


def url(server, name="weights.gguf"):
    return f'{{ url = "{server.address}/{name}" }}'


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.01)


def test_pull_brings_the_file_and_path_finds_it(server, store, make_registry, content):
    server.files["/weights.gguf"] = content
    registry = make_registry({"weights.gguf": content}, url(server))
    there = pull("tiny", Silent(), registry=registry, store=store)
    assert there.name == "weights.gguf"
    assert there.read_bytes() == content
    assert path("tiny") == there
    assert list(store.downloads.iterdir()) == []


def test_a_present_model_is_not_asked_for_again(server, store, make_registry, content):
    server.files["/weights.gguf"] = content
    registry = make_registry({"weights.gguf": content}, url(server))
    for _ in range(2):
        pull("tiny", Silent(), registry=registry, store=store)
    assert len(server.log) == 1


def test_missing_weights_name_the_command_that_brings_them(store, make_registry, content):
    registry = make_registry({"weights.gguf": content}, '{ url = "http://127.0.0.1:9/x" }')
    with pytest.raises(ModelMissing, match="course models pull tiny"):
        path("tiny", registry=registry, store=store)


def test_a_pull_killed_on_the_way_goes_on_where_it_was(server, store, make_registry, content):
    server.files["/weights.gguf"] = content
    server.hold, server.stop_after = True, 300_000
    registry = make_registry({"weights.gguf": content}, url(server))
    part = store.part(registry["tiny"].files[0])
    with subprocess.Popen([sys.executable, "-c", PULL], stdout=subprocess.DEVNULL) as process:
        wait_for(lambda: part.is_file() and part.stat().st_size >= 200_000)
        process.send_signal(signal.SIGKILL)
    server.release.set()
    assert not store.blob(registry["tiny"].files[0]).exists()
    assert store.state(registry["tiny"]) == "partial"
    kept = part.stat().st_size
    assert pull("tiny", Silent(), registry=registry, store=store).read_bytes() == content
    assert server.requests("/weights.gguf") == [None, f"bytes={kept}-"]


def test_a_lost_connection_is_taken_up_in_the_same_pull(server, store, make_registry, content):
    server.files["/weights.gguf"] = content
    server.stop_after = 300_000
    registry = make_registry({"weights.gguf": content}, url(server))
    assert pull("tiny", Silent(), registry=registry, store=store).read_bytes() == content
    assert server.requests("/weights.gguf") == [None, "bytes=300000-"]


def test_a_server_without_ranges_is_read_from_the_start(server, store, make_registry, content):
    server.files["/weights.gguf"] = content
    server.ranges = False
    registry = make_registry({"weights.gguf": content}, url(server))
    store.downloads.mkdir(parents=True)
    store.part(registry["tiny"].files[0]).write_bytes(content[:1000])
    assert pull("tiny", Silent(), registry=registry, store=store).read_bytes() == content


@pytest.mark.parametrize("kept", [b"x" * 1000, b"x" * 800_000, b"x" * 900_000], ids=["short", "full", "longer"])
@pytest.mark.parametrize("sized", [True, False])
def test_kept_bytes_that_do_not_fit_are_thrown_away(server, store, make_registry, content, kept, sized):
    server.files["/weights.gguf"] = content
    registry = make_registry({"weights.gguf": content}, url(server), sized=sized)
    store.downloads.mkdir(parents=True)
    store.part(registry["tiny"].files[0]).write_bytes(kept)
    assert pull("tiny", Silent(), registry=registry, store=store).read_bytes() == content


def test_a_wrong_hash_names_file_expected_and_got_and_leaves_nothing(server, store, make_registry, content):
    bad = content[:-1] + b"!"
    server.files["/weights.gguf"] = bad
    registry = make_registry({"weights.gguf": content}, url(server))
    with pytest.raises(PullFailed) as failed:
        pull("tiny", Silent(), registry=registry, store=store)
    (reason,) = failed.value.reasons
    for expected in ("/weights.gguf", hashlib.sha256(content).hexdigest(), hashlib.sha256(bad).hexdigest()):
        assert expected in reason
    assert [found for found in store.root.rglob("*") if found.is_file()] == [store.lock_path]


def test_after_a_wrong_hash_the_next_source_is_tried(server, store, make_registry, content):
    server.files |= {"/bad.gguf": b"bad" * 9, "/good.gguf": content}
    registry = make_registry({"weights.gguf": content}, url(server, "bad.gguf"), url(server, "good.gguf"))
    assert pull("tiny", Silent(), registry=registry, store=store).read_bytes() == content


def test_a_file_longer_than_pinned_is_cut_off_and_refused(server, store, make_registry, content):
    server.files["/weights.gguf"] = content * 40
    registry = make_registry({"weights.gguf": content}, url(server))
    with pytest.raises(PullFailed, match="wrong sha256"):
        pull("tiny", Silent(), registry=registry, store=store)


def test_without_network_each_source_is_listed_with_its_reason(server, store, make_registry, content):
    dead = f'{{ url = "http://127.0.0.1:{closed_port()}/weights.gguf" }}'
    registry = make_registry({"weights.gguf": content}, dead, url(server, "absent"))
    with pytest.raises(PullFailed) as failed:
        pull("tiny", Silent(), registry=registry, store=store)
    assert "no connection" in failed.value.reasons[0]
    assert failed.value.reasons[1].endswith("/absent: HTTP 404")
    assert "course models pull tiny" in str(failed.value)
    assert "\n" not in str(failed.value)


@pytest.mark.skipif(sys.platform != "linux", reason="a full queue drops connections silently on Linux")
def test_a_silent_host_is_given_up_soon(store, make_registry, content, monkeypatch):
    monkeypatch.setattr(download, "CONNECT_TIMEOUT_S", 0.3)
    with socket.socket() as silent, ExitStack() as queue:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        for _ in range(4):
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(silent.getsockname())
        source = f'{{ url = "http://127.0.0.1:{silent.getsockname()[1]}/weights.gguf" }}'
        with pytest.raises(PullFailed, match=r"no answer within 0\.3 s"):
            pull("tiny", Silent(), registry=make_registry({"w.gguf": content}, source), store=store)


def test_bad_proxy_settings_are_one_line(server, store, make_registry, content, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "nonsense://x")
    with pytest.raises(PullFailed, match="proxy or certificate settings"):
        pull("tiny", Silent(), registry=make_registry({"w.gguf": content}, url(server)), store=store)


def test_course_offline_asks_nobody(server, store, make_registry, content, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    server.files["/weights.gguf"] = content
    registry = make_registry({"weights.gguf": content}, url(server), '{ packages = "no-such==1", member = "x" }')
    with pytest.raises(PullFailed, match=r"COURSE_OFFLINE.*COURSE_OFFLINE"):
        pull("tiny", Silent(), registry=registry, store=store)
    assert server.log == []


def test_four_processes_pulling_at_once_download_once(server, store, make_registry, content):
    server.files["/weights.gguf"] = content
    server.hold, server.stop_after = True, 300_000
    registry = make_registry({"weights.gguf": content}, url(server))
    command = [sys.executable, "-c", PULL]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(4)]
    try:
        waiting = [next(line for line in p.stderr if "waiting" in line or "weights" in line) for p in processes]
        server.stop_after = None
        server.release.set()
        outputs = [process.communicate(timeout=60)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert sum("waiting for another pull" in line for line in waiting) == 3
    assert [process.returncode for process in processes] == [0] * 4
    assert len(set(outputs)) == 1
    assert path("tiny", registry=registry, store=store).read_bytes() == content
    # The first answer breaks off when it is released, so its owner asks once more for the rest.
    assert server.requests("/weights.gguf") == [None, "bytes=300000-"]


def test_a_model_folder_has_its_files_under_their_own_names(server, store, make_registry):
    files = {"config.json": b"{}", "1_Pooling/config.json": b"[]"}
    server.files |= {f"/m/{name}": body for name, body in files.items()}
    registry = make_registry(files, url(server, "m/{file}"), kind="sentence-transformer")
    folder = pull("tiny", Silent(), registry=registry, store=store)
    assert {name: (folder / name).read_bytes() for name in files} == files


def test_where_hard_links_are_refused_files_are_copied(server, store, make_registry, content, monkeypatch):
    def refuse(self: Path, target: Path) -> None:
        raise OSError("this disk has no hard links")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    server.files["/weights.gguf"] = content
    registry = make_registry({"weights.gguf": content}, url(server))
    there = pull("tiny", Silent(), registry=registry, store=store)
    assert there.read_bytes() == content
    assert there.stat().st_nlink == 1
    assert store.damaged(registry["tiny"]) == []


def test_changed_pins_do_not_pass_for_the_old_file(server, store, make_registry, content):
    server.files["/weights.gguf"] = content
    pull("tiny", Silent(), registry=make_registry({"weights.gguf": content}, url(server)), store=store)
    newer = make_registry({"weights.gguf": content[::-1]}, url(server))
    assert store.state(newer["tiny"]) == "missing"


def test_the_store_is_found_by_variable_then_cache_then_home(monkeypatch, tmp_path):
    from courseware.models.store import default_root

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("COURSE_MODELS", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert default_root() == tmp_path / ".cache/courseware/models"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert default_root() == tmp_path / "cache/courseware/models"
    monkeypatch.setenv("COURSE_MODELS", str(tmp_path / "own"))
    assert Store(default_root()).root == tmp_path / "own"
