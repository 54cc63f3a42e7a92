"""`course record`: runs a week's lesson with a live model behind it and keeps what the model said."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from courseware.build.lesson import execute, lesson_notebook
from courseware.build.places import Week
from courseware.errors import DONE, FAILED, CommandError
from courseware.gateway import ensure
from courseware.gateway.recordings import read, save
from courseware.manifest import course_root, find_week, load


def record_command(week: str, *, source: str, everything: bool) -> int:
    """Record the lesson of `week`, print what changed; `everything` asks again what is recorded already."""
    root, found = course_root(), find_week(load(), week)
    place = Week(root, found.id)
    before = _texts(place.recordings)
    connection = ensure(root)
    settings = {"name": found.id, "record": found.id, "source": source, "recordings": not everything}
    with connection.session(**settings) as session:
        os.environ |= {"COURSE_GATEWAY_KEY": session.token}
        execute(lesson_notebook(place), place)
        log = session.log()
    after = _texts(place.recordings)
    _show_difference(before, after)
    kept = {exchange["origin"] for exchange in log if exchange["tier"] in ("exact", "normalised")}
    made = len([exchange for exchange in log if exchange["tier"] in ("local", "provider")])
    print(f"{found.id}: {made} answers recorded, {len(kept)} recordings used as they were, {len(after)} in all")
    return DONE if all(exchange["status"] < 500 for exchange in log) else FAILED


def keys_command(week: str) -> int:
    """Write the keys of a week's recordings again, after a person edited an authored one."""
    root, found = course_root(), find_week(load(), week)
    folder = root / "data" / "recordings"
    paths = sorted((folder / found.id).glob("*.yaml"))
    if not paths:
        raise CommandError(f"{folder / found.id} holds no recording; `course record {week}` makes them", FAILED)
    for path in paths:
        save(read(path, path.relative_to(folder).with_suffix("").as_posix(), verify=False), folder)
    print(f"{found.id}: keys of {len(paths)} recordings written")
    return DONE


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))}


def _show_difference(before: dict[str, str], after: dict[str, str]) -> None:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, "").splitlines(), after.get(name, "").splitlines()
        for line in difflib.unified_diff(old, new, f"before/{name}", f"after/{name}", lineterm=""):
            print(line)
