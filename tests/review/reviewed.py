"""Reviews of a small scored study, for tests: opened as a new window opens them, and what they are about."""

from pathlib import Path

import numpy as np

from reepi.core.reader_points import ReaderPoint
from reepi.core.surface import NO_FACE
from reepi.core.tissue import Tissue
from reepi.review.app import open_review
from reepi.review.controller import Review
from reepi.store.results import ResultsFolder

_OPEN: dict[tuple[Path, str], Review] = {}


def opened(study: Path, reader: str = "Ada", at: int | None = None) -> Review:
    """Return a reader's review as a new window opens it; a reader has one window at a time."""
    if (study, reader) in _OPEN:
        _OPEN.pop((study, reader)).close()
    review = _OPEN[study, reader] = open_review(study, reader)
    if at is None:
        assert review.resume()
    else:
        review.open(at)
    return review


def chest(review: Review) -> tuple[int, int]:
    """Return a place of the detached chest."""
    rows, columns = np.nonzero(review.mask == Tissue.DETACHED)
    return int(np.median(rows)), int(np.median(columns))


def lose(study: Path, *names: str) -> None:
    """Take photographs out of a study that still lists them."""
    for name in names:
        (study / "photos" / f"{name}.png").unlink()


def same_day(study: Path) -> None:
    """Make the first two photographs those of one visit."""
    photos = study / "photos.csv"
    photos.write_text(photos.read_text().replace("2024-03-10T09:30:00+01:00", "2024-03-05T10:30:00+01:00"))


def whole_body(study: Path, tissue: str, patient: str = "P1", day: int = 0) -> float:
    rows = ResultsFolder(study / "results").read_areas()
    (row,) = [r for r in rows if (r.patient_id, r.day, r.region, r.tissue) == (patient, day, "whole_body", tissue)]
    return row.percent_bsa_full


def unassessed(study: Path, patient: str = "P1", day: int = 0) -> float:
    """Return what of a visit's skin no photograph tells of, as scoring writes it [% BSA]."""
    rows = ResultsFolder(study / "results").read_areas()
    at = (patient, day, "whole_body", "unassessed")
    (row,) = [row for row in rows if (row.patient_id, row.day, row.region, row.tissue) == at]
    return row.percent_bsa


def point_of(review: Review, number: int = 500, beside_px: int = 0) -> ReaderPoint:
    """Return a point of the skin where the registration has it already, or so many pixels beside that."""
    registration = review.photograph.registration
    assert registration is not None
    row, column = np.argwhere(registration.faces != NO_FACE)[number]
    face = int(registration.faces[row, column])
    return ReaderPoint.at_pixel(
        (float(column) + beside_px, float(row)), registration.faces.shape, face, (1 / 3, 1 / 3, 1 / 3)
    )
