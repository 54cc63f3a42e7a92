"""The page about the bench: a run's tables and picture. What stands around them is written by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from courseware.grading.bench.measuring import Cost, Measured
from courseware.manifest.tables import replace_between

PAGE = Path("docs", "reference", "grading-bench.md")
_MARKER = "bench"
_HEAD = """\
| | CPU s a submission | with preload | over `course grade` | seconds a batch | submissions a minute |
|---|---|---|---|---|---|
"""


def write_page(course: Path, measured: Sequence[Measured], machine: Mapping[str, Any], today: date) -> Path:
    """Write tables and picture of a run into the course's folder `course`; return the page."""
    page = course / PAGE
    tables = f"{_machine_line(machine, today)}\n\n" + "".join(_table(one) for one in measured)
    text = page.read_text(encoding="utf-8")
    page.write_text(replace_between(text, _MARKER, tables), encoding="utf-8")
    _draw(page.with_suffix(".svg"), measured)
    return page


def _machine_line(machine: Mapping[str, Any], today: date) -> str:
    named = f"{machine['name']}, " if machine["name"] else ""
    return (
        f"{today.isoformat()} · {machine['cores']} cores, {named}{machine['memory_gb']:g} GB, {machine['system']}, "
        f"Python {machine['python']}, load {machine['load']:g} at the start"
    )


def _table(measured: Measured) -> str:
    rows = "".join(_row(cost, measured) for cost in _dearest_first(measured))
    return f"### The {measured.lab} lab, {measured.submissions} submissions\n\n{_HEAD}{rows}\n"


def _row(cost: Cost, measured: Measured) -> str:
    batch, ours = measured.submissions, measured.costs["ours"]
    each, whole = (cost.cpu_s - cost.preload_cpu_s) / batch, cost.cpu_s / batch
    over = each * batch / (ours.cpu_s - ours.preload_cpu_s)
    cells = f"{each:.2f}", f"{whole:.2f}", f"{over:.2f}", f"{cost.wall_s:.1f}", f"{60 * batch / cost.wall_s:.0f}"
    return f"| {cost.contender.title} | {' | '.join(cells)} |\n"


def _dearest_first(measured: Measured) -> list[Cost]:
    return sorted(measured.costs.values(), key=lambda cost: cost.preload_cpu_s - cost.cpu_s)


def _draw(path: Path, measured: Sequence[Measured]) -> None:
    """Draw a bar for each contender: its work, and its preload behind it."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 0.8 + 2.6 * len(measured)), layout="constrained")
    for axes, one in zip(figure.subplots(len(measured), squeeze=False)[:, 0], measured, strict=True):
        names, work, preload = zip(*_bars(one), strict=True)
        axes.barh(names, work, color="#2f6f8f", label="work")
        axes.barh(names, preload, left=work, color="#c9d8df", label="preload, spread over the batch")
        axes.invert_yaxis()
        axes.set(title=f"{one.lab} lab, {one.submissions} submissions", xlabel="CPU seconds a submission")
        axes.legend(frameon=False)
    with mpl.rc_context({"svg.hashsalt": "course", "svg.fonttype": "none"}):
        FigureCanvasSVG(figure).print_svg(path, metadata={"Date": None})


def _bars(measured: Measured) -> Iterator[tuple[str, float, float]]:
    for cost in _dearest_first(measured):
        title = cost.contender.title.replace("`", "")
        yield title, (cost.cpu_s - cost.preload_cpu_s) / measured.submissions, cost.preload_cpu_s / measured.submissions
