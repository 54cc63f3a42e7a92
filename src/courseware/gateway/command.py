"""`course serve` and `course status`."""

from __future__ import annotations

import json

from courseware.errors import DONE, ENVIRONMENT, FAILED, CommandError
from courseware.gateway.supervision import Connection, running


def serve_command() -> int:
    """Run the gateway in the foreground until Ctrl-C."""
    from courseware.gateway.serving import serve
    from courseware.gateway.supervision.lifetime import Lifetime

    state = running()
    if state is not None:
        raise CommandError(f"a gateway already runs at {state.url} (process {state.pid}); use that", ENVIRONMENT)
    serve(Lifetime(grace_s=float("inf"), idle_s=float("inf")), say=True)
    return DONE


def status_command(*, as_json: bool) -> int:
    """Print the gateway's address, tiers and counts; status 1 where none runs."""
    state = running()
    if state is None:
        print(json.dumps({"running": False}) if as_json else "no gateway runs; `course lab` or setup() starts one")
        return FAILED
    status = Connection.of(state).status()
    if as_json:
        print(json.dumps({"running": True, "url": state.url, "pid": state.pid, **status}))
        return DONE
    print(f"gateway at {state.url} (process {state.pid})")
    print(f"tiers: {', '.join(status['tiers'])}; {status['recordings']} recordings")
    print(f"{status['exchanges']} exchanges in {status['sessions']} sessions")
    print(f"recent exchanges: {state.url}/?token={state.control_token}")
    return DONE
