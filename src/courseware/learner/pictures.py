"""How any matplotlib figure is displayed in this kernel: small, and with a sentence for those who cannot see it.

While outputs are made for the committed notebook, the figure's numbers stand beside it; the build compares those.
"""

from __future__ import annotations

import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any

from courseware.learner.notebook import active_shell, is_static
from courseware.learner.plotted import compacted, description, plotted_data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PLOT_DATA = "application/vnd.courseware.plot+json"
_COLOURS = 256


def describe_figures() -> None:
    """Make the running shell show figures this way, whoever drew them. Does not import matplotlib."""
    shell = active_shell()
    formatter = getattr(shell, "display_formatter", None)
    if shell is None or formatter is None:
        return
    formatter.mimebundle_formatter.for_type_by_name("matplotlib.figure", "Figure", _bundle)
    # The notebook's own picture of a figure would come on top of this one.
    inline = sys.modules.get("matplotlib_inline.backend_inline")
    if inline is None:
        shell.config.InlineBackend.figure_formats = set()
    else:
        inline.set_matplotlib_formats()


def _bundle(figure: Figure) -> tuple[dict[str, Any], dict[str, Any]]:
    if not figure.axes:
        return {}, {}
    said = description(figure)
    data: dict[str, Any] = {"text/plain": said, "image/png": png(figure)}
    if is_static():
        data[PLOT_DATA] = compacted(plotted_data(figure))
    return data, {"image/png": {"alt": said}}


def png(figure: Figure) -> bytes:
    """The figure as a PNG that names no version, with at most 256 colours: a third of the usual size."""
    from PIL import Image

    target = BytesIO()
    figure.savefig(target, format="png", bbox_inches="tight", metadata={"Software": None})
    picture = Image.open(target)
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() != (255, 255):
        return target.getvalue()  # a palette has no room for partly transparent colours
    small = BytesIO()
    palette = picture.convert("RGB").quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette.save(small, "PNG", optimize=True)
    return small.getvalue()
