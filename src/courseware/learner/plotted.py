"""The numbers behind a matplotlib figure, as plain data: what the build compares and what a grader looks at.

Positions and colours are left out; what a reader would read off the picture is in. It imports no matplotlib: a figure
that exists has done so.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_NUMBERS = 400


def plotted_data(figure: Figure) -> dict[str, Any]:
    """Everything plotted in `figure`, as data that JSON can hold; a number that is not finite becomes None.

    `{"title": …, "axes": [{"title", "x_label", "y_label", "x_names", "y_names", "lines", "bars", "points", "images",
    "areas", "texts"}, …]}`, in drawing order, without colour bars. A line is `{"label", "x", "y"}`, a bar group
    `{"label", "horizontal", "at", "from", "lengths"}`, points `{"label", "x", "y", "values"}`, an image
    `{"values"}`, an area `{"label", "x", "y"}`.
    """
    axes = [_axes(each) for each in figure.axes if each.get_label() != "<colorbar>"]
    return {"title": figure.get_suptitle(), "axes": axes}


def compacted(data: Any) -> Any:
    """The same data with each long list of numbers, or of lists of them, replaced by what sums it up."""
    if isinstance(data, dict):
        return {key: compacted(value) for key, value in data.items()}
    if not isinstance(data, list):
        return data
    numbers = _all_numbers(data)
    if numbers is None or len(numbers) <= _MOST_NUMBERS:
        return data if numbers is not None else [compacted(value) for value in data]
    return _summary(numbers)


def description(figure: Figure) -> str:
    """The figure in one sentence, for a screen reader and a terminal."""
    data = plotted_data(figure)
    parts = [_described(axes) for axes in data["axes"]]
    return " ".join([f"{data['title']}."] * bool(data["title"]) + parts) or "An empty figure."


def _axes(axes: Axes) -> dict[str, Any]:
    return {
        "title": "".join(axes.get_title(where) for where in ("left", "center", "right")),
        "x_label": axes.get_xlabel(),
        "y_label": axes.get_ylabel(),
        "x_names": _names(axes.xaxis),
        "y_names": _names(axes.yaxis),
        "lines": [
            {"label": _label(line), "x": _plain(line.get_xdata()), "y": _plain(line.get_ydata())} for line in axes.lines
        ],
        "bars": [_bars(group) for group in axes.containers if hasattr(group, "patches")],
        "points": [_points(each) for each in axes.collections if _is(each, "PathCollection")],
        "images": [{"values": _plain(each.get_array())} for each in [*axes.images, *_meshes(axes)]],
        "areas": [*_patch_areas(axes), *_collection_areas(axes)],
        "texts": [text.get_text() for text in axes.texts],
    }


def _names(axis: Any) -> list[str]:
    """The names along an axis of categories; none along an axis of numbers."""
    formatter = axis.get_major_formatter()
    if _is(formatter, "FixedFormatter"):
        return [str(name) for name in formatter.seq]
    if _is(formatter, "FuncFormatter") and _is(axis.get_major_locator(), "FixedLocator"):
        # What matplotlib makes of set_xticks(places, labels).
        return [str(formatter(place, index)) for index, place in enumerate(axis.get_major_locator().locs)]
    if _is(formatter, "StrCategoryFormatter"):
        return list(axis.units._mapping)
    return []


def _bars(group: Any) -> dict[str, Any]:
    flat = group.orientation == "horizontal"
    boxes = [(bar.get_x(), bar.get_width(), bar.get_y(), bar.get_height()) for bar in group.patches]
    return {
        "label": _label(group),
        "horizontal": flat,
        "at": [_plain(y + height / 2 if flat else x + width / 2) for x, width, y, height in boxes],
        "from": [_plain(x if flat else y) for x, _, y, _ in boxes],
        "lengths": [_plain(width if flat else height) for _, width, _, height in boxes],
    }


def _points(collection: Any) -> dict[str, Any]:
    places, values = collection.get_offsets(), collection.get_array()
    return {
        "label": _label(collection),
        "x": _plain(places[:, 0]),
        "y": _plain(places[:, 1]),
        "values": None if values is None else _plain(values),
    }


def _meshes(axes: Axes) -> list[Any]:
    return [each for each in axes.collections if _is(each, "QuadMesh")]


def _patch_areas(axes: Axes) -> list[dict[str, Any]]:
    """Patches that are no bars: steps of a histogram, wedges of a pie, free shapes."""
    in_bars = {id(bar) for group in axes.containers for bar in getattr(group, "patches", ())}
    found = []
    for patch in axes.patches:
        if id(patch) in in_bars:
            continue
        found.append(_area(patch, patch.get_path().vertices if _is(patch, "StepPatch") else patch.get_verts()))
    return found


def _collection_areas(axes: Axes) -> list[dict[str, Any]]:
    """Filled areas, error bars and other collections, one entry a path."""
    return [
        _area(each, path.vertices)
        for each in axes.collections
        if not _is(each, "PathCollection") and not _is(each, "QuadMesh")
        for path in each.get_paths()
    ]


def _area(artist: Any, corners: Any) -> dict[str, Any]:
    return {"label": _label(artist), "x": _plain(corners[:, 0]), "y": _plain(corners[:, 1])}


def _label(artist: Any) -> str:
    label = str(artist.get_label() or "")
    return "" if label.startswith("_") else label


def _is(thing: object, name: str) -> bool:
    return any(kind.__name__ == name for kind in type(thing).__mro__)


def _plain(values: Any) -> Any:
    """Arrays, scalars, dates and masked values as lists, numbers, text and None."""
    if hasattr(values, "tolist"):
        values = values.tolist()
    if isinstance(values, (list, tuple)):
        return [_plain(value) for value in values]
    if isinstance(values, float):
        return values if math.isfinite(values) else None
    return values if values is None or isinstance(values, (bool, int, str)) else str(values)


def _all_numbers(data: list[Any]) -> list[float] | None:
    """Every number in nested lists, in order; None if there is anything but numbers and None in them."""
    found: list[float] = []
    for value in data:
        if isinstance(value, list):
            inner = _all_numbers(value)
            if inner is None:
                return None
            found += inner
        elif value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            found.append(math.nan if value is None else value)
        else:
            return None
    return found


def _summary(numbers: list[float]) -> dict[str, Any]:
    known = sorted(number for number in numbers if not math.isnan(number))
    marks = [known[round(share * (len(known) - 1))] for share in (0, 0.25, 0.5, 0.75, 1)] if known else []
    return {
        "count": len(numbers),
        "missing": len(numbers) - len(known),
        "mean": math.fsum(known) / len(known) if known else None,
        "quartiles": marks,
    }


def _described(axes: dict[str, Any]) -> str:
    kinds = {"lines": "line", "bars": "group of bars", "points": "set of points", "images": "heat map"}
    counts = [(len(axes[key]), name) for key, name in kinds.items() if axes[key]]
    what = ", ".join(_counted(count, name) for count, name in counts) or "a drawing"
    labels = [f"{axis} axis: {axes[key]}" for axis, key in (("x", "x_label"), ("y", "y_label")) if axes[key]]
    return f"{axes['title'] or 'Plot'}: {'; '.join([what, *labels])}."


def _counted(count: int, name: str) -> str:
    plurals = {"group of bars": "groups of bars", "set of points": "sets of points"}
    return f"{count} {name if count == 1 else plurals.get(name, name + 's')}"
