"""The ward guide: two A4 pages for the bedside, how to photograph and which views, drawn on the body."""

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from matplotlib import rc_context
from matplotlib.backends.backend_pdf import PdfPages

from reepi.body.template import BodyTemplate, reference_template
from reepi.core.capture import CaptureProtocol
from reepi.core.study import Study
from reepi.core.views import VIEWS
from reepi.report.guide_drawings import draw_round, draw_viewfinder
from reepi.report.guide_pictures import FRAME, Viewfinder, framed_with, viewfinder
from reepi.report.guide_words import POSTURES, STANDARD_VIEWS, Step, round_of, rules
from reepi.report.page import GREY, Page, text_width, wrapped
from reepi.store.files import write_bytes

RIM_MM: Final = 12.0
"""Empty rim of a page [mm], which every printer can keep."""

_ASPECT: Final = FRAME[0] / FRAME[1]

_EXAMPLES: Final = (
    ("Like this", True, 0.8, 0.0),
    ("Too far", False, 0.4, 0.0),
    ("Too near", False, 1.45, 0.0),
    ("Slanted", False, 0.8, math.radians(55)),
)
"""Title, whether it is right, share of the frame, and angle beside the right place [rad]."""


def write_guide(path: Path, study: Study | None = None, views: Sequence[str] | None = None) -> None:
    """Write the guide as PDF of two A4 pages.

    Parameters
    ----------
    path : Path
        File to write.
    study : Study, optional
        Whose name, rules of capture and, where ``views`` are not given, views are printed.
    views : sequence of str, optional
        Names of the views to take. Without them, those that the study's protocol wants of every visit, or else those
        of its photographs, or else the standard round.
    """
    write_bytes(path, guide(study, views))


def guide(study: Study | None = None, views: Sequence[str] | None = None) -> bytes:
    """Return the guide as PDF; see `write_guide`. The same study and views give the same bytes."""
    content = io.BytesIO()
    metadata = {"Title": "Photographing the skin: ward guide", "Creator": "reepi", "CreationDate": None}
    with rc_context({"pdf.fonttype": 42}), PdfPages(content, metadata=metadata) as pages:
        for page in guide_pages(study, views):
            pages.savefig(page.figure)
    return content.getvalue()


def guide_pages(study: Study | None = None, views: Sequence[str] | None = None) -> tuple[Page, Page]:
    """Return the two pages of the guide: how to photograph, and the views; see `write_guide`."""
    capture = study.capture if study is not None else CaptureProtocol()
    steps = round_of(_chosen(study, views))
    template = reference_template()
    return _rules_page(study, capture, steps, template), _views_page(study, capture, steps, template)


def _chosen(study: Study | None, views: Sequence[str] | None) -> Sequence[str]:
    if views:
        return views
    if study is not None and study.capture.views:
        return study.capture.views
    named = {photo.view_name for photo in study.photos} if study is not None else set()
    return [name for name in VIEWS if name in named] or STANDARD_VIEWS


def _headed(study: Study | None, title: str, number: int) -> Page:
    page = Page()
    right = page.width - RIM_MM
    page.text(RIM_MM, 19, title, 19, bold=True)
    page.text(right, 19, f"{number} / 2", 9, colour=GREY, align="right")
    page.rule(RIM_MM, 22.5, right - RIM_MM, 1.6)
    page.text(RIM_MM, 27.5, "Ward guide" if study is None else f"Ward guide for the study {study.name}", 9)
    page.rule(RIM_MM, page.height - 15, right - RIM_MM, 0.5)
    page.text(RIM_MM, page.height - 11, "reepi is research software, not a medical device.", 6.5, colour=GREY)
    return page


def _rules_page(study: Study | None, capture: CaptureProtocol, steps: Sequence[Step], template: BodyTemplate) -> Page:
    page = _headed(study, "Photographing the skin", 1)
    _write_rules(page, capture, 36.0, 96.0)
    left = RIM_MM + 102
    page.text(left, 36, f"The round: {len(steps)} photographs", 10.5, bold=True)
    draw_round(page, left, 39, page.width - RIM_MM - left, 80, template, steps)
    _draw_examples(page, template, 216.0, capture.card != "none")
    return page


def _write_rules(page: Page, capture: CaptureProtocol, y: float, width: float) -> None:
    for number, (heading, sentences) in enumerate(rules(capture), 1):
        page.numbered(RIM_MM + 2.6, y - 1.3, number, 2.6)
        page.text(RIM_MM + 7.5, y, heading, 10.5, bold=True)
        y += 5.2
        for sentence in sentences:
            page.text(RIM_MM + 7.5, y, "–", 8.2)
            y = page.paragraph(RIM_MM + 10.5, y, sentence, 8.2, width - 10.5) + 0.7
        y += 2.9


def _draw_examples(page: Page, template: BodyTemplate, y: float, card: bool) -> None:
    page.text(RIM_MM, y, "Framing", 10.5, bold=True)
    height = 50.0
    width = height / _ASPECT
    gap = (page.width - 2 * RIM_MM - len(_EXAMPLES) * width) / (len(_EXAMPLES) - 1)
    for index, (title, right, fill, azimuth) in enumerate(_EXAMPLES):
        x = RIM_MM + index * (width + gap)
        seen = framed_with(template, VIEWS["trunk_anterior"], fill, azimuth, card=card and right)
        axes = page.axes(x, y + 3, width, height)
        draw_viewfinder(axes, seen)
        page.text(x + width / 2, y + height + 7, ("✓  " if right else "✗  ") + title, 9, bold=True, align="center")


def _views_page(study: Study | None, capture: CaptureProtocol, steps: Sequence[Step], template: BodyTemplate) -> Page:
    page = _headed(study, "The views, in the order of the round", 2)
    groups = [(title, [s for s in steps if s.posture == name]) for name, title in POSTURES.items()]
    groups = [(title, group) for title, group in groups if group]
    top, bottom = 31.0, page.height - 28
    columns = _columns(groups, bottom - top)
    rows = sum(math.ceil(len(group) / columns) for _, group in groups)
    height = min((bottom - top - _BAND_MM * len(groups)) / rows, _LARGEST_MM)
    y = top
    for title, group in groups:
        page.box(RIM_MM, y, page.width - 2 * RIM_MM, 5.2, 0, "#e2e2e2")
        page.text(RIM_MM + 2, y + 3.8, title, 9, bold=True)
        y += _BAND_MM
        for index, step in enumerate(group):
            width = (page.width - 2 * RIM_MM) / columns
            place = RIM_MM + index % columns * width, y + index // columns * height
            _draw_step(page, *place, width, height, step, viewfinder(template, step.view, capture.card != "none"))
        y += math.ceil(len(group) / columns) * height
    _explain(page, capture)
    return page


_BAND_MM: Final = 7.0
"""Height of a group's heading [mm]."""

_LARGEST_MM: Final = 78.0
"""Greatest height of a view's drawing with its words [mm]."""

_WORDS_MM: Final = 13.0
"""Height of the words below a drawing [mm]."""


def _columns(groups: Sequence[tuple[str, Sequence[Step]]], height: float) -> int:
    """Return how many views stand side by side so that the drawings become largest."""

    def drawing(columns: int) -> float:
        rows = sum(math.ceil(len(group) / columns) for _, group in groups)
        return min((height - _BAND_MM * len(groups)) / rows - _WORDS_MM, (186 / columns - 4) * _ASPECT)

    return max(range(3, 7), key=drawing)


def _draw_step(page: Page, x: float, y: float, width: float, height: float, step: Step, seen: Viewfinder) -> None:
    tall = min(height - _WORDS_MM, (width - 4) * _ASPECT)
    wide = tall / _ASPECT
    draw_viewfinder(page.axes(x + (width - wide) / 2, y, wide, tall), seen, 0.8)
    page.numbered(x + 3.2, y + 3.2, step.number, 2.8)
    page.box(x + width - 5.4, y + 1.4, 3.4, 3.4, 0.7)
    middle, line = x + width / 2, y + tall + 3.0
    page.text(middle, line, step.title, _fitting(step.title, 7, width, bold=True), bold=True, align="center")
    for words in wrapped(f"{seen.distance_m:.1f} m · {step.hint}", 5.8, width - 1):
        line += 2.7
        page.text(middle, line, words, 5.8, align="center")
    name = step.view.name
    page.text(middle, line + 2.7, name, _fitting(name, 5.4, width, mono=True), mono=True, colour=GREY, align="center")


def _fitting(words: str, size: float, width: float, *, bold: bool = False, mono: bool = False) -> float:
    """Return the font size [pt], at most ``size``, at which a line is no wider than ``width`` [mm]."""
    return size * min(1.0, (width - 1) / text_width(words, size, bold=bold, mono=mono))


def _explain(page: Page, capture: CaptureProtocol) -> None:
    card = "; the small rectangle with four squares is the capture card" if capture.card != "none" else ""
    words = (
        f"The corners show the picture's frame{card}. Distances are for 2x on a telephone (50 mm on a full frame) and "
        "an adult; for a child, fill the frame alike. Left and right are the patient's. The name in small letters is "
        "the view's in photos.csv. Tick the box when the picture has been looked at."
    )
    page.paragraph(RIM_MM, page.height - 23.5, words, 6.5, page.width - 2 * RIM_MM)
