"""The capture card as PDF of its exact size, to print, cut out and lay beside the skin."""

import io
from pathlib import Path
from typing import Final

from matplotlib import rc_context
from matplotlib.backends.backend_pdf import PdfPages

from reepi.core.study import Study
from reepi.imaging.card_drawing import INK, WHITE, marker_cells
from reepi.imaging.card_layout import LAYOUTS, CardLayout, reference_colours
from reepi.report.page import A4, GREY, Page, text_width
from reepi.store.files import write_bytes

NAME_ROOM_MM: Final = 40.0
"""Room for a line between two markers [mm, at A6]."""

LEAST_POINTS: Final = 5.0
"""Smallest size of the study's name [pt]; a longer one is cut."""

_HOW: Final = (
    "Print at 100 %, without fitting to the page, on matt white paper in colour; do not laminate: it would glare.",
    "Measure the ruler: it must be as long as it says. Cut out along the thin line.",
    "Lay the card flat beside the skin, in its plane and in its light, with nothing across it. "
    "At least three of the eight markers must be seen whole.",
    "Use a fresh print for every patient: paper touches the bed and cannot be disinfected.",
    "The millimetres hold for every printer. The colours hold as far as the printer keeps them: photographs taken with "
    "cards of one printing are alike among themselves; to compare sites, print all cards in one place, or lay a "
    "measured chart of 24 patches beside the skin.",
)


def write_card(path: Path, size: str = "a6", study: Study | None = None) -> None:
    """Write a card as PDF: the card alone on a page of its size, then how to use it beside a card on A4.

    Parameters
    ----------
    path : Path
        File to write.
    size : "a6" or "a5"
        Size of the card.
    study : Study, optional
        Whose name is printed on it.
    """
    write_bytes(path, card(LAYOUTS[size], "" if study is None else study.name))


def card(layout: CardLayout, name: str = "") -> bytes:
    """Return a card as PDF; see `write_card`. The same name gives the same bytes."""
    content = io.BytesIO()
    metadata = {"Title": f"Capture card {layout.kind}", "Creator": "reepi", "CreationDate": None}
    with rc_context({"pdf.fonttype": 42}), PdfPages(content, metadata=metadata) as pages:
        for page in (_card_page(layout, name), _sheet(layout, name)):
            pages.savefig(page.figure)
    return content.getvalue()


def _card_page(layout: CardLayout, name: str) -> Page:
    page = Page(layout.size)
    _draw(page, layout, name, 0.0, 0.0)
    return page


def _sheet(layout: CardLayout, name: str) -> Page:
    """Return an A4 page with the card to cut out and how to use it."""
    page = Page(A4 if layout.size[0] <= A4[0] - 20 else (A4[1], A4[0]))
    left, top = (page.width - layout.size[0]) / 2, 14.0
    _draw(page, layout, name, left, top)
    page.box(left, top, *layout.size, weight=0.3)
    y = top + layout.size[1] + 9
    for sentence in _HOW:
        y = page.paragraph(left, y, sentence, 9, layout.size[0]) + 1.2
    return page


def _draw(page: Page, layout: CardLayout, name: str, left: float, top: float) -> None:
    _fill(page, left, top, layout.size, WHITE)
    for number, corners in layout.markers.items():
        _draw_marker(page, number, left + corners[0, 0], top + corners[0, 1], corners[1, 0] - corners[0, 0])
    ground = layout.ground
    _fill(page, left + ground[0, 0], top + ground[0, 1], tuple(ground[2] - ground[0]), INK)
    for corners, colour in zip(layout.patches, reference_colours(), strict=True):
        width, height = corners[2] - corners[0]
        _fill(page, left + corners[0, 0], top + corners[0, 1], (width, height), tuple(colour))
    _draw_ruler(page, layout, left, top)
    _draw_words(page, layout, name, left, top)


def _draw_marker(page: Page, number: int, left: float, top: float, side: float) -> None:
    cells = marker_cells(number)
    cell = side / len(cells)
    _fill(page, left, top, (side, side), INK)
    for row, column in zip(*cells.nonzero(), strict=True):
        _fill(page, left + column * cell, top + row * cell, (cell, cell), WHITE)


def _draw_ruler(page: Page, layout: CardLayout, left: float, top: float) -> None:
    (x, y), length = layout.ruler
    for mm in range(length + 1):
        tick = 4.0 if mm % 10 == 0 else (3.0 if mm % 5 == 0 else 2.0)
        _fill(page, left + x + mm - 0.1, top + y - tick, (0.2, tick), INK)
    page.text(left + x + length + 2, top + y, f"{length} mm", 6)


def _draw_words(page: Page, layout: CardLayout, name: str, left: float, top: float) -> None:
    room = NAME_ROOM_MM * layout.scale
    x = left + 23.5 * layout.scale
    size, words = _fitting(name or "reepi capture card", room, 9 * layout.scale)
    page.text(x, top + 10 * layout.scale, words, size, bold=True)
    page.text(x, top + 15 * layout.scale, "lay flat beside the skin, uncovered", 5.5 * layout.scale, colour=GREY)
    right = left + 84.5 * layout.scale
    page.text(right, top + 10 * layout.scale, layout.kind, 7 * layout.scale, mono=True)
    page.text(right, top + 15 * layout.scale, "no names on the card", 5.0 * layout.scale, colour=GREY)


def _fitting(words: str, room: float, size: float) -> tuple[float, str]:
    """Return a font size [pt] in which words fit a room [mm], and the words, cut where none does."""
    while size > LEAST_POINTS and text_width(words, size, bold=True) > room:
        size -= 0.25
    while len(words) > 1 and text_width(words, size, bold=True) > room:
        words = words[:-2] + "…"
    return size, words


def _fill(page: Page, left: float, top: float, size: tuple[float, ...], colour: tuple[float, ...]) -> None:
    page.fill(left, top, size[0], size[1], (colour[0] / 255, colour[1] / 255, colour[2] / 255))
