"""One style, three kinds of picture, and the numbers behind any of them.

Each helper labels both axes and returns a figure, which a notebook shows when it is the last thing in a cell; its
`axes[0]` takes anything matplotlib can add. The same numbers give the same picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from courseware.learner.labels import printable
from courseware.learner.pictures import describe_figures
from courseware.learner.plotted import plotted_data
from courseware.learner.switches import STYLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["bars", "heatmap", "lines", "plotted_data"]

# Lines and bars differ in more than colour.
_DASHES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_HATCHES = ("", "//", "..", "xx", "\\\\", "++", "oo")
_MOST_NUMBERED_CELLS = 144


def heatmap(
    matrix: Any,
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
    *,
    x_label: str = "column",
    y_label: str = "row",
    value_label: str = "value",
    numbers: bool | None = None,
) -> Figure:
    """A matrix as colours, one label a row and a column; for attention maps the labels are tokens.

    White space and characters the font lacks are made visible in labels. `numbers` writes each value into its cell,
    by default when there are few enough. Raises ValueError where labels and matrix do not fit.
    """
    import numpy as np

    values = np.asarray(matrix, dtype=float)
    if values.shape != (len(rows), len(columns)):
        raise ValueError(
            f"heatmap got a matrix of shape {values.shape} for {len(rows)} rows and {len(columns)} columns; "
            "give one label a row and a column"
        )
    with _style():
        size = (min(9.0, max(4.0, 2.4 + 0.45 * len(columns))), min(9.0, max(2.6, 1.6 + 0.38 * len(rows))))
        figure, axes = _new(title, x_label, y_label, size)
        image = axes.imshow(values, aspect="auto")
        axes.grid(visible=False)
        tilt = 90 if max(map(len, columns), default=0) > 3 else 0
        axes.set_xticks(range(len(columns)), [printable(name) for name in columns], rotation=tilt, parse_math=False)
        axes.set_yticks(range(len(rows)), [printable(name) for name in rows], parse_math=False)
        figure.colorbar(image, ax=axes, label=value_label)
        if values.size <= _MOST_NUMBERED_CELLS if numbers is None else numbers:
            _write_numbers(axes, image, values)
    return figure


def bars(
    names: Sequence[str],
    values: Sequence[float] | Mapping[str, Sequence[float]],
    title: str,
    *,
    x_label: str,
    y_label: str,
    horizontal: bool = False,
) -> Figure:
    """One bar a name; with a mapping, one group a name and one bar a key in it. The value stands at each bar.

    `x_label` and `y_label` name the axes as drawn. Raises ValueError where names and values do not fit.
    """
    import numpy as np

    groups = _series(values, len(names), "bars")
    with _style():
        height = max(3.8, 1.4 + 0.3 * len(names) * len(groups)) if horizontal else 3.8
        figure, axes = _new(title, x_label, y_label, (6.4, height))
        places, width = np.arange(len(names)), 0.8 / len(groups)
        for index, (label, lengths) in enumerate(groups.items()):
            at = places + (index - (len(groups) - 1) / 2) * width
            draw = axes.barh if horizontal else axes.bar
            drawn = draw(
                at, lengths, width, label=label or None, hatch=_HATCHES[index % len(_HATCHES)], edgecolor="white"
            )
            axes.bar_label(drawn, fmt="{:.4g}", padding=2, fontsize=10)
        axes.margins(x=0.1 if horizontal else None, y=None if horizontal else 0.1)
        axes.grid(visible=False, axis="y" if horizontal else "x")
        axis = axes.yaxis if horizontal else axes.xaxis
        axis.set_ticks(places, [printable(name) for name in names], parse_math=False)
        if horizontal:
            axes.invert_yaxis()
        _legend(axes, groups)
    return figure


def lines(
    x: Sequence[float],
    series: Sequence[float] | Mapping[str, Sequence[float]],
    title: str,
    *,
    x_label: str,
    y_label: str,
) -> Figure:
    """One line over `x`, or one for each key of a mapping. Raises ValueError where lengths differ."""
    groups = _series(series, len(x), "lines")
    with _style():
        figure, axes = _new(title, x_label, y_label, None)
        for index, (label, y) in enumerate(groups.items()):
            axes.plot(
                x,
                y,
                _DASHES[index % len(_DASHES)],
                marker=_MARKERS[index % len(_MARKERS)] if len(x) <= 40 else None,
                label=label or None,
            )
        _legend(axes, groups)
    return figure


@contextmanager
def _style() -> Iterator[None]:
    """The course's style while something is drawn, whatever the notebook has set."""
    import matplotlib as mpl

    with mpl.rc_context(fname=STYLE):
        yield


def _new(title: str, x_label: str, y_label: str, size: tuple[float, float] | None) -> tuple[Figure, Axes]:
    # Not through pyplot: it would keep the figure, and a notebook would then show it twice.
    from matplotlib.figure import Figure

    describe_figures()
    figure = Figure(figsize=size)
    axes = figure.add_subplot()
    axes.set_title(title)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    return figure, axes


def _series(values: Any, length: int, what: str) -> dict[str, Sequence[float]]:
    groups = dict(values) if isinstance(values, Mapping) else {"": values}
    if not groups:
        raise ValueError(f"{what} got no values to draw; give at least one list of numbers")
    for label, numbers in groups.items():
        if len(numbers) != length:
            raise ValueError(f"{what} got {len(numbers)} values for {length} places in {label!r}; give one each")
    return groups


def _legend(axes: Axes, groups: Mapping[str, Any]) -> None:
    if any(groups):
        axes.legend()


def _write_numbers(axes: Axes, image: Any, values: Any) -> None:
    """Each value in its cell, in black or white, whichever is easier to read on the cell's colour."""
    for (row, column), value in _cells(values):
        red, green, blue, _ = image.cmap(image.norm(value))
        ink = "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"
        axes.text(column, row, f"{value:.2g}", ha="center", va="center", color=ink, fontsize=9)


def _cells(values: Any) -> Iterator[tuple[tuple[int, int], float]]:
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            yield (row, column), float(value)
