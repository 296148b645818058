"""Visits: which photographs belong to one, which day it is, and the order in which a patient had them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from reepi.core.study import PhotoEntry
from reepi.core.surface import SurfaceMap
from reepi.scoring.agreement import Agreement


@dataclass(frozen=True)
class Visit:
    """All photographs of one patient on one day, fused.

    Parameters
    ----------
    date : datetime.date
        Date of the visit.
    surface : SurfaceMap
        What its photographs showed.
    agreement : Agreement, optional
        Whether they agree; None where that is not known, as for a map that was painted.
    """

    date: date
    surface: SurfaceMap
    agreement: Agreement | None = None


def visit_date(taken_at: datetime) -> date:
    """Return the date of the visit a photograph belongs to: the calendar day on the camera's own clock."""
    return taken_at.date()


def day_number(visit: date, day_zero: date | None) -> int | None:
    """Return the day of a visit, counted from day zero, or None where day zero is not known.

    The day before day zero is -1; the calendar counts, not the hours.
    """
    return None if day_zero is None else (visit - day_zero).days


def photos_by_visit(photos: Iterable[PhotoEntry]) -> dict[tuple[str, date], tuple[PhotoEntry, ...]]:
    """Return the photographs of each visit, by patient and date, in the order of patient and date.

    Photographs of one patient on one day belong to one visit, however many hours lie between them. Within a visit they
    stand by file name, so the order of the list changes nothing.
    """
    visits: dict[tuple[str, date], list[PhotoEntry]] = {}
    for photo in photos:
        visits.setdefault((photo.patient_id, visit_date(photo.taken_at)), []).append(photo)
    return {key: tuple(sorted(visits[key], key=lambda photo: photo.file)) for key in sorted(visits)}


def in_order(visits: Iterable[Visit]) -> tuple[Visit, ...]:
    """Return a patient's visits by date.

    Raises
    ------
    ValueError
        Two visits have the same date, or their surface maps have different faces.
    """
    ordered = tuple(sorted(visits, key=lambda visit: visit.date))
    for earlier, later in pairwise(ordered):
        if earlier.date == later.date:
            raise ValueError(f"two visits on {later.date}; photographs of one day are one visit, fuse them first")
        if earlier.surface.seen.shape != later.surface.seen.shape:
            raise ValueError(f"the visits of {earlier.date} and {later.date} are mapped on different body templates")
    return ordered
