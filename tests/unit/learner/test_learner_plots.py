"""Plots: labelled, the same each time, and their numbers as data."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from courseware.learner import plots
from courseware.learner.labels import printable
from courseware.learner.pictures import png
from courseware.learner.plotted import compacted, description, plotted_data
from courseware.learner.switches import STYLE

TOKENS = ["The", " cat", "\n", "🙂", "$x$ 中"]


def a_heatmap() -> Figure:
    return plots.heatmap(np.eye(5), TOKENS, TOKENS, "Head 3", x_label="attends to", y_label="token")


def some_bars(**options: Any) -> Figure:
    values: dict[str, list[float]] = {"old": [10, 12], "new": [9, 11.5]}
    return plots.bars(["English", "German"], values, "Cost", x_label="language", y_label="tokens", **options)


def some_lines() -> Figure:
    return plots.lines([1, 2, 3], {"train": [3, 2, 1], "test": [3, 2.5, 2.4]}, "Loss", x_label="epoch", y_label="loss")


def only_axes(figure: Figure) -> dict[str, Any]:
    (axes,) = plots.plotted_data(figure)["axes"]
    return dict(axes)


@pytest.mark.parametrize("draw", [a_heatmap, some_bars, some_lines])
def test_both_axes_are_labelled_and_the_title_is_there(draw: Any) -> None:
    axes = only_axes(draw())
    assert all(axes[key] for key in ("title", "x_label", "y_label"))


@pytest.mark.parametrize("draw", [a_heatmap, some_bars, some_lines])
def test_the_same_numbers_give_the_same_picture(draw: Any) -> None:
    assert png(draw()) == png(draw())


def test_a_picture_names_no_version() -> None:
    picture = png(a_heatmap())
    assert picture.startswith(b"\x89PNG")
    assert mpl.__version__.encode() not in picture


def test_a_heatmap_with_numbers_is_small_enough_for_a_lesson() -> None:
    tokens = [f" token{number}" for number in range(12)]
    assert len(png(plots.heatmap(np.random.default_rng(1).random((12, 12)), tokens, tokens, "Head"))) < 60_000


def test_a_partly_transparent_figure_stays_so() -> None:
    figure = some_lines()
    figure.set_facecolor((1, 1, 1, 0.5))
    assert png(figure).startswith(b"\x89PNG")


def test_an_svg_is_the_same_each_time_too() -> None:
    from io import BytesIO

    def svg() -> bytes:
        target = BytesIO()
        with mpl.rc_context(fname=STYLE):
            some_lines().savefig(target, format="svg", metadata={"Date": None})
        return target.getvalue()

    assert svg() == svg()


def test_a_heatmaps_data_is_its_matrix_and_its_tokens() -> None:
    axes = only_axes(a_heatmap())
    assert axes["images"] == [{"values": np.eye(5).tolist()}]
    assert axes["x_names"] == axes["y_names"] == [printable(token) for token in TOKENS]


def test_a_bars_data_is_its_lengths_by_group() -> None:
    groups = only_axes(some_bars())["bars"]
    assert [(group["label"], group["lengths"]) for group in groups] == [("old", [10, 12]), ("new", [9, 11.5])]


def test_lying_bars_have_the_same_lengths() -> None:
    axes = only_axes(some_bars(horizontal=True))
    assert [group["lengths"] for group in axes["bars"]] == [[10, 12], [9, 11.5]]
    assert axes["y_names"] == ["English", "German"]


def test_a_lines_data_is_its_points() -> None:
    assert only_axes(some_lines())["lines"][1] == {"label": "test", "x": [1, 2, 3], "y": [3, 2.5, 2.4]}


def test_white_space_shows_in_labels_and_what_the_font_lacks_is_escaped() -> None:
    assert [printable(token) for token in TOKENS] == ["The", "␣cat", "↵", "\\U0001f642", "$x$␣\\u4e2d"]
    assert printable("\x00\u200d") == "\\x00\\u200d"


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.heatmap([[1, 2]], ["a"], ["b"], "t"), "shape \\(1, 2\\) for 1 rows and 1 columns"),
        (lambda: plots.bars(["a"], [1, 2], "t", x_label="x", y_label="y"), "2 values for 1 places"),
        (lambda: plots.lines([1], {"s": []}, "t", x_label="x", y_label="y"), "0 values for 1 places in 's'"),
        (lambda: plots.lines([1], {}, "t", x_label="x", y_label="y"), "no values to draw"),
    ],
)
def test_labels_that_do_not_fit_are_refused(draw: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw()


def drawn() -> Figure:
    """A figure with a little of everything, made with matplotlib alone."""
    figure = Figure()
    left, right, dates = figure.subplots(1, 3)
    figure.suptitle("All")
    left.scatter([1, 2], [3, math.nan], c=[0.5, 0.7], label="dots")
    left.fill_between([0, 1], [0, 1], [2, 3], label="band")
    left.errorbar([0, 1], [1, 2], yerr=[0.1, 0.2])
    left.hist([1, 1, 2], bins=2)
    left.stairs([1, 2, 3])
    left.annotate("here", (1, 1))
    right.bar(["a", "b"], [1, 2])
    right.pcolormesh(np.ma.masked_equal([[1.0, 2.0]], 2.0))
    dates.plot([np.datetime64("2026-01-01"), np.datetime64("2026-01-02")], [1, 2])
    return figure


def test_any_figure_gives_data_that_json_holds() -> None:
    data = plotted_data(drawn())
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    left, right, dates = data["axes"]
    assert left["points"] == [{"label": "dots", "x": [1, None], "y": [3, None], "values": [0.5, None]}]
    assert left["texts"] == ["here"]
    assert [area["label"] for area in left["areas"]].count("band") == 1
    assert right["x_names"] == ["a", "b"]
    assert dates["lines"][0]["y"] == [1, 2]
    assert right["images"] == [{"values": [[1.0, None]]}]


def test_long_data_is_summed_up_and_short_data_kept() -> None:
    data = compacted({"x": list(range(1001)), "y": [1, None], "m": [[0.5] * 30] * 30, "names": ["a"] * 500})
    assert data["x"] == {"count": 1001, "missing": 0, "mean": 500.0, "quartiles": [0, 250, 500, 750, 1000]}
    assert data["y"] == [1, None]
    assert data["m"]["count"] == 900
    assert data["names"] == ["a"] * 500


def test_a_figure_is_described_in_a_sentence() -> None:
    assert description(some_lines()) == "Loss: 2 lines; x axis: epoch; y axis: loss."
    assert description(a_heatmap()) == "Head 3: 1 heat map; x axis: attends to; y axis: token."
    assert description(Figure()) == "An empty figure."


def test_drawing_leaves_the_notebooks_own_settings_alone() -> None:
    with mpl.rc_context({"font.size": 7.0}):
        some_lines()
        assert mpl.rcParams["font.size"] == 7.0


def test_importing_the_learners_door_is_light() -> None:
    heavy = "{'matplotlib', 'torch', 'IPython', 'ipywidgets', 'pandas', 'nbclient'}"
    code = f"import sys, courseware.learner; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
