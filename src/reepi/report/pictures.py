"""Gathers a patient's pictures from the results and the study: the one place of the report that opens image files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from reepi.body.charts import CHART_TITLES, Chart, body_charts
from reepi.body.template import build_template
from reepi.core.errors import PhotographRejected
from reepi.core.images import Pixels
from reepi.core.results import EndpointRow
from reepi.core.tissue import Tissue
from reepi.imaging.reading import read_photograph
from reepi.report.content import PatientContent, PhotoContent, VisitContent
from reepi.report.course import CoursePoint, course_drawing
from reepi.report.figures import (
    THUMBNAIL_SIDE,
    chart_picture,
    coverage_picture,
    thumbnail,
)
from reepi.scoring.face_findings import face_codes, hidden_faces
from reepi.scoring.intervals import Estimate
from reepi.store.results import ResultsFolder
from reepi.store.study import inside

Charts = dict[date, dict[str, bytes]]

DAY_ZERO_WORDS: Final = {
    "infusion": "day after infusion",
    "index": "day after index date",
    "admission": "day in hospital",
}


@dataclass(frozen=True)
class Pictures:
    """Encoded pictures of one patient.

    Parameters
    ----------
    course : bytes or None
        SVG of the course; None where there is no visit.
    charts : dict
        PNG of each body chart by date and chart name; dates whose surface map is missing are left out.
    coverage : dict
        The same with the part of each region that was assessed.
    photographs, overlays : dict
        JPEG of each photograph, and of its overlay, by file; those that cannot be read are left out.
    """

    course: bytes | None
    charts: Mapping[date, Mapping[str, bytes]]
    coverage: Mapping[date, Mapping[str, bytes]]
    photographs: Mapping[str, bytes]
    overlays: Mapping[str, bytes]


def gather_pictures(content: PatientContent, results: ResultsFolder, study_folder: Path, day_zero: str) -> Pictures:
    """Return the pictures of one patient's part of the report.

    Parameters
    ----------
    content : PatientContent
        What the report says of the patient.
    results : ResultsFolder
        For surface maps and overlays.
    study_folder : Path
        For the photographs.
    day_zero : str
        What day 0 is, for the axis of the course.
    """
    photos = _photos(content)
    charts, coverage = _charts(content, results)
    return Pictures(
        course=_course(content, day_zero),
        charts=charts,
        coverage=coverage,
        photographs=_thumbnails(photos, lambda file: inside(study_folder, file), results.shown),
        overlays=_thumbnails(photos, results.overlay, lambda file, pixels: pixels),
    )


def _photos(content: PatientContent) -> list[PhotoContent]:
    shown = [photo for visit in content.visits for photo in visit.photos]
    return list({photo.entry.file: photo for photo in [*shown, *content.rejected]}.values())


def _thumbnails(
    photos: list[PhotoContent],
    path_of: Callable[[str], Path | None],
    shown: Callable[[str, Pixels], Pixels],
) -> dict[str, bytes]:
    files = [photo.entry.file for photo in photos]
    found = ((file, _pixels(file, path_of(file), shown)) for file in files)
    return {file: thumbnail(pixels) for file, pixels in found if pixels is not None}


def _pixels(file: str, path: Path | None, shown: Callable[[str, Pixels], Pixels]) -> Pixels | None:
    """Return what may be shown of an image at the size of a thumbnail, or None where it cannot be read."""
    if path is None:
        return None
    try:
        return shown(file, read_photograph(path, THUMBNAIL_SIDE).pixels)
    except (PhotographRejected, OSError, ValueError):
        return None


def _charts(content: PatientContent, results: ResultsFolder) -> tuple[Charts, Charts]:
    """Return the charts of tissues and those of coverage."""
    tissues: Charts = {}
    coverage: Charts = {}
    drawn: dict[str, Chart] | None = None
    for visit in content.visits:
        try:
            surface = results.read_surface(content.patient.patient_id, visit.date)
        except (OSError, ValueError):
            continue
        template = build_template(content.patient)
        if len(surface.seen) != template.n_faces:
            continue
        drawn = drawn or body_charts(template)
        codes = face_codes(surface, template.regions)
        hidden, assessed = hidden_faces(surface), [line.assessed_part for line in visit.regions]
        tissues[visit.date] = {name: chart_picture(drawn[name], codes) for name in CHART_TITLES}
        coverage[visit.date] = {name: coverage_picture(drawn[name], hidden, assessed) for name in CHART_TITLES}
    return tissues, coverage


def _course(content: PatientContent, day_zero: str) -> bytes | None:
    if not content.visits:
        return None
    counted = all(visit.day is not None for visit in content.visits)
    points = [
        _point(visit, visit.day if counted and visit.day is not None else number)
        for number, visit in enumerate(content.visits, start=1)
    ]
    return course_drawing(points, DAY_ZERO_WORDS.get(day_zero, "day") if counted else "visit")


def _point(visit: VisitContent, x: int) -> CoursePoint:
    return CoursePoint(
        x,
        _area(visit, "open"),
        _area(visit, Tissue.REEPITHELIALISED.label),
        visit.unassessed,
        _rate(visit.rate),
    )


def _area(visit: VisitContent, tissue: str) -> Estimate:
    row = visit.body[tissue]
    return Estimate(row.percent_bsa_full, min(row.low, row.percent_bsa_full), max(row.high, row.percent_bsa_full))


def _rate(row: EndpointRow | None) -> Estimate | None:
    if row is None or not isinstance(row.value, float):
        return None
    return Estimate.around(row.value, row.value - (row.low or 0.0), (row.high or row.value) - row.value)
