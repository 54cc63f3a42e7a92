"""A real HTTP server, real wheels and a registry of one small model, for the tests of courseware.models."""

from __future__ import annotations

import hashlib
import os
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from courseware.models import Registry, Store, load_registry

MakeRegistry = Callable[..., Registry]


@dataclass
class FileServer:
    """Files by address; `log` holds (address, Range header) of each request.

    `ranges`: understands the Range header. `stop_after`: the next answer stops after that many bytes and then
    waits for `release` (`hold`) or closes the connection.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    log: list[tuple[str, str | None]] = field(default_factory=list)
    ranges: bool = True
    hold: bool = False
    stop_after: int | None = None
    release: threading.Event = field(default_factory=threading.Event)
    address: str = ""

    def requests(self, path: str) -> list[str | None]:
        return [asked for got, asked in self.log if got == path]


def _handler(served: FileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            served.log.append((self.path, asked))
            body = served.files.get(self.path)
            if body is None:
                self.send_error(404)
                return
            first = int(re.findall(r"\d+", asked)[0]) if asked and served.ranges else 0
            if first >= len(body):
                self.send_error(416)
            else:
                self._answer(body, first)

        def _answer(self, body: bytes, first: int) -> None:
            self.send_response(206 if first else 200)
            self.send_header("Content-Length", str(len(body) - first))
            self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/zip")
            if first:
                self.send_header("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")
            self.end_headers()
            stop, served.stop_after = served.stop_after, None
            try:
                self.wfile.write(body[first:] if stop is None else body[first : first + stop])
                self.wfile.flush()
            except ConnectionError:
                return
            if stop is not None and served.hold:
                served.release.wait(60)

        def log_message(self, *args: object) -> None:
            pass

    return Handler


@pytest.fixture
def server() -> Iterator[FileServer]:
    served = FileServer()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(served)) as http:
        http.daemon_threads = True
        served.address = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield served
        served.release.set()
        http.shutdown()
        thread.join()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store that COURSE_MODELS names too; nothing outside leaks in."""
    for name in list(os.environ):
        if name.lower() in ("http_proxy", "https_proxy", "all_proxy", "course_offline", "course_model_registry"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COURSE_MODELS", str(tmp_path / "store"))
    return Store(tmp_path / "store")


@pytest.fixture
def content() -> bytes:
    """800 KB that no two places of are alike."""
    return b"".join(hashlib.sha256(n.to_bytes(4, "big")).digest() for n in range(25_000))


@pytest.fixture
def make_registry(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeRegistry:
    """Write a registry with one model, `tiny`; COURSE_MODEL_REGISTRY names it too."""

    def make(
        files: Mapping[str, bytes], *sources: str, kind: str = "gguf", sized: bool = True, name: str = "tiny"
    ) -> Registry:
        rows = [
            f'{{ name = "{file}", sha256 = "{hashlib.sha256(body).hexdigest()}"'
            + (f", bytes = {len(body)} }}" if sized else " }")
            for file, body in files.items()
        ]
        path = tmp_path / "registry.toml"
        path.write_text(
            f'[models.{name}]\nkind = "{kind}"\ntitle = "t"\nlicence = "MIT"\npage = "https://example.org"\n'
            f"files = [{', '.join(rows)}]\nsources = [{', '.join(sources)}]\n"
        )
        monkeypatch.setenv("COURSE_MODEL_REGISTRY", str(path))
        return load_registry(path)

    return make


@pytest.fixture
def make_wheel(tmp_path: Path) -> Callable[..., Path]:
    """Build a wheel whose code must never run: importing it raises."""

    def make(name: str, version: str, members: Mapping[str, bytes]) -> Path:
        path = tmp_path / f"{name}-{version}-py3-none-any.whl"
        info = f"{name}-{version}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
            wheel.writestr(f"{name}/__init__.py", "raise SystemExit('imported')")
            for member, body in members.items():
                wheel.writestr(member, body)
            wheel.writestr(f"{info}/METADATA", metadata)
            tags = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            wheel.writestr(f"{info}/WHEEL", tags)
            wheel.writestr(f"{info}/RECORD", "")
        return path

    return make


@pytest.fixture
def make_index(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Serve wheels as a package index that gives metadata apart, and make it the only one pip knows."""

    def make(*wheels: Path) -> None:
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_INDEX_URL", f"{server.address}/simple/")
        for wheel in wheels:
            name, version = wheel.name.split("-")[:2]
            body = wheel.read_bytes()
            with zipfile.ZipFile(wheel) as archive:
                metadata = archive.read(f"{name}-{version}.dist-info/METADATA")
            link = f"/files/{wheel.name}#sha256={hashlib.sha256(body).hexdigest()}"
            apart = f"sha256={hashlib.sha256(metadata).hexdigest()}"
            page = f'<!DOCTYPE html><a href="{link}" data-dist-info-metadata="{apart}">{wheel.name}</a>'
            server.files[f"/simple/{name.replace('_', '-')}/"] = page.encode()
            server.files[f"/files/{wheel.name}"] = body
            server.files[f"/files/{wheel.name}.metadata"] = metadata

    return make
