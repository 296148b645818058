"""A printed page measured in millimetres from its top left corner."""

from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Rectangle
from matplotlib.textpath import TextToPath

A4: Final = (210.0, 297.0)
"""Width and height of a page [mm] (ISO 216)."""

POINT_MM: Final = 25.4 / 72

BLACK: Final = "#111111"
GREY: Final = "#555555"
PALE: Final = "#9a9a9a"

_FAMILY: Final = "DejaVu Sans"
_MONO: Final = "DejaVu Sans Mono"
"""Fonts that come with matplotlib, so that a page looks the same everywhere."""

_paths = TextToPath()


class Page:
    """One page of paper, drawn on in millimetres."""

    def __init__(self, size: tuple[float, float] = A4) -> None:
        self.width, self.height = size
        self.figure = Figure(figsize=(size[0] / 25.4, size[1] / 25.4))
        self._sheet = self.figure.add_axes((0, 0, 1, 1))
        self._sheet.set(xlim=(0, size[0]), ylim=(size[1], 0))
        self._sheet.axis("off")
        # Words and numbers lie over the pictures.
        self._sheet.set_zorder(1)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        *,
        bold: bool = False,
        mono: bool = False,
        colour: str = BLACK,
        align: str = "left",
    ) -> None:
        """Write a line at the left, middle or right of ``x``, its baseline at ``y`` [mm]; ``size`` in points."""
        font = _font(size, bold, mono)
        self._sheet.text(x, y, words, fontproperties=font, color=colour, ha=align, va="baseline")

    def paragraph(self, x: float, y: float, words: str, size: float, width: float, lead: float = 1.32) -> float:
        """Write words in lines no wider than ``width`` [mm]; return where the next line's baseline lies [mm]."""
        for line in wrapped(words, size, width):
            self.text(x, y, line, size)
            y += size * POINT_MM * lead
        return y

    def rule(self, x: float, y: float, length: float, weight: float = 0.8, colour: str = BLACK) -> None:
        """Draw a horizontal line from ``x`` [mm]; ``weight`` in points."""
        self._sheet.add_line(Line2D([x, x + length], [y, y], linewidth=weight, color=colour))

    def box(self, x: float, y: float, width: float, height: float, weight: float = 0.8, fill: str = "none") -> None:
        """Draw a rectangle by its top left corner [mm]."""
        self._sheet.add_patch(Rectangle((x, y), width, height, linewidth=weight, edgecolor=BLACK, facecolor=fill))

    def fill(self, x: float, y: float, width: float, height: float, colour: tuple[float, float, float]) -> None:
        """Fill a rectangle without a border by its top left corner [mm]; ``colour`` is red, green, blue, 0 to 1."""
        self._sheet.add_patch(Rectangle((x, y), width, height, linewidth=0, facecolor=colour))

    def numbered(self, x: float, y: float, number: int, radius: float = 2.4) -> None:
        """Draw a number in a filled circle around a place [mm]."""
        self._sheet.add_patch(Circle((x, y), radius, facecolor=BLACK, edgecolor="white", linewidth=0.6, zorder=5))
        self._sheet.text(
            x,
            y,
            str(number),
            fontproperties=_font(radius * 2.75, True, False),
            color="white",
            ha="center",
            va="center_baseline",
            zorder=6,
        )

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """Return axes for a picture in a rectangle of the page [mm]."""
        place = (x / self.width, 1 - (y + height) / self.height, width / self.width, height / self.height)
        axes = self.figure.add_axes(place)
        axes.axis("off")
        return axes


def wrapped(words: str, size: float, width: float) -> list[str]:
    """Return words as lines of a font size [pt] that are no wider than ``width`` [mm], a longer word excepted."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def text_width(words: str, size: float, *, bold: bool = False, mono: bool = False) -> float:
    """Return how wide a line is [mm] in a font size [pt]."""
    width, _, _ = _paths.get_text_width_height_descent(words, _font(size, bold, mono), ismath=False)
    return float(width) * POINT_MM


def _font(size: float, bold: bool, mono: bool) -> FontProperties:
    return FontProperties(family=_MONO if mono else _FAMILY, weight="bold" if bold else "normal", size=size)
