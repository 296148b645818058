"""How every drawing of a report looks, and its bytes."""

import io
from typing import Any, Final

from matplotlib.figure import Figure

INK: Final = "#39424e"
GRID: Final = "#e4e7eb"

STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "reepi",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#b6bdc6",
    "xtick.color": INK,
    "ytick.color": INK,
}
"""Text stays text, and the same numbers give the same bytes."""


def svg(figure: Figure) -> bytes:
    """Return a drawing as SVG, without a date."""
    content = io.BytesIO()
    figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    return content.getvalue()
