"""One file over HTTP into a growing `.part` file that an interrupted download goes on from.

Proxies and SSL_CERT_FILE count, as httpx reads them. Nothing here knows about models.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from courseware.models.errors import SourceFailed, WrongHash
from courseware.models.progress import Progress
from courseware.models.store import require_hash, size_of

# Holds for each address of a host in turn, so a silent hub with eight addresses costs half a minute, once.
CONNECT_TIMEOUT_S = 4.0
STALL_TIMEOUT_S = 60.0
# A transfer that breaks is taken up again this often, and only when the last attempt brought new bytes.
_RESUMES = 5


@contextmanager
def open_web(progress: Progress) -> Iterator[Web]:
    """A web that gives up on a silent host after a few seconds. Bad proxy settings raise SourceFailed."""
    timeout = httpx.Timeout(STALL_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
    try:
        client = httpx.Client(follow_redirects=True, timeout=timeout)
    except (ValueError, ImportError, OSError) as error:
        raise SourceFailed(f"proxy or certificate settings of this machine: {error}") from error
    with client:
        yield Web(client, progress)


@dataclass(frozen=True)
class Web:
    """The way out, with somebody to report to."""

    client: httpx.Client
    progress: Progress

    def fetch(self, url: str, part: Path, sha256: str | None, size: int | None = None) -> None:
        """Bring `url` into `part` and check its hash. Raises SourceFailed, or WrongHash after deleting the part.

        If bytes kept from an earlier attempt turn out not to fit, the file is fetched once more from the start.
        """
        kept = size_of(part)
        self._complete(url, part, size)
        try:
            require_hash(part, sha256, url)
        except WrongHash:
            if not kept:
                raise
            self.progress.say(f"{_label(url)}: what was kept from last time did not fit, starting again")
            self._complete(url, part, size)
            require_hash(part, sha256, url)

    def _complete(self, url: str, part: Path, size: int | None) -> None:
        part.parent.mkdir(parents=True, exist_ok=True)
        for attempts_left in reversed(range(_RESUMES)):
            before = size_of(part)
            if size is not None and before >= size:
                return
            try:
                self._go_on(url, part, size)
                return
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                if size_of(part) <= before or not attempts_left:
                    raise SourceFailed(f"{url}: {_reason(error)}") from error
                self.progress.say(f"{_label(url)}: {_reason(error)}, going on")

    def _go_on(self, url: str, part: Path, size: int | None) -> None:
        done = size_of(part)
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
        with self.client.stream("GET", url, headers=headers) as response:
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and done:
                return  # nothing is left to send: the hash decides
            if response.status_code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
                raise SourceFailed(f"{url}: HTTP {response.status_code}")
            start = _start(response)
            if start not in (0, done):
                raise SourceFailed(f"{url}: asked for bytes from {done}, got them from {start}")
            self._write(response, part, start, size)

    def _write(self, response: httpx.Response, part: Path, start: int, size: int | None) -> None:
        length = response.headers.get("content-length", "")
        total = size or (start + int(length) if length.isdigit() else None)
        have = start
        with (
            part.open("ab" if start else "wb") as stream,
            self.progress.bar(_label(str(response.request.url)), total, start) as advance,
        ):
            for chunk in response.iter_bytes():
                stream.write(chunk)
                advance(len(chunk))
                have += len(chunk)
                if size is not None and have > size:
                    return  # longer than the pinned file: the hash will say so, the disk is spared


def _start(response: httpx.Response) -> int:
    """Where in the file the answer begins: 0 from a server that does not know ranges."""
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        return 0
    first = response.headers.get("content-range", "").removeprefix("bytes ").partition("-")[0]
    return int(first) if first.isdigit() else -1


def _label(url: str) -> str:
    return url.split("?")[0].rstrip("/").rpartition("/")[2]


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        return f"no answer within {CONNECT_TIMEOUT_S:g} s"
    if isinstance(error, httpx.ConnectError):
        return f"no connection ({error})"
    return f"transfer broke ({error or type(error).__name__})"
