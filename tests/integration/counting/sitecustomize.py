"""On a test's PYTHONPATH: notes every look-up and connection of a Python process that is not to loopback."""

import os
import sys

_LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0", "/")
_LOG = os.environ.get("COUNTING_LOG")


def _note(event: str, arguments: tuple) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = str(address[0]) if isinstance(address, tuple) else "/"
    elif event == "socket.getaddrinfo":
        host = str(arguments[0])
    else:
        return
    if host not in ("", "None") and not host.startswith(_LOOPBACK):
        with open(_LOG, "a", encoding="utf-8") as log:  # noqa: PTH123 - pathlib is not imported this early
            log.write(f"{event} {host}\n")


if _LOG:
    sys.addaudithook(_note)
