"""Gathers a patient's pictures from the results and the study: the one place of the report that opens image files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.body.charts import CHART_TITLES, Chart, body_charts
from reepi.body.template import BodyTemplate, build_template
from reepi.core.errors import PhotographRejected
from reepi.core.results import OPEN_LABEL, EndpointRow
from reepi.core.study import Study
from reepi.core.surface import SurfaceMap
from reepi.core.tissue import Tissue
from reepi.imaging.reading import read_photograph
from reepi.imaging.writing import decode_mask, encode_small
from reepi.report.body3d import Body, body_of
from reepi.report.content import PatientContent, PhotoContent, VisitContent
from reepi.report.course import CoursePoint, Plan, course_drawing
from reepi.report.figures import (
    Picture,
    chart_picture,
    coverage_picture,
    map_picture,
    photograph_picture,
    tissue_picture,
)
from reepi.report.following import BECAME_SWATCHES, Codes, Swatch, became, heal_codes, heal_swatches
from reepi.report.words import DAY_ZERO_WORDS
from reepi.scoring.face_findings import face_codes, hidden_faces
from reepi.scoring.intervals import Estimate
from reepi.store.results import ResultsFolder
from reepi.store.study import inside

Charts = dict[date, dict[str, bytes]]


SIDES: Final = ("anterior", "posterior")
"""Charts on which the skin is followed."""

LEAST_VISITS: Final = 2
"""Skin is followed from one visit to another."""

HANDS: Final = 4
"""Pictures that are made at a time; reading, painting and packing them lets other threads run."""


@dataclass(frozen=True)
class Pictures:
    """Encoded pictures of one patient.

    Parameters
    ----------
    course : bytes or None
        SVG of the course; None where there is no visit.
    charts : dict
        Picture (WebP) of each body chart by date and chart name; dates whose surface map is missing are left out.
    coverage : dict
        The same with the part of each region that was assessed.
    became : dict
        What became of the skin at each visit but the first, by date and chart name; empty without a history.
    healing : dict
        How long the skin took to heal, by chart name; empty without a history.
    photographs : dict
        Each photograph by file, without what no picture may show; those that cannot be read are left out.
    tissues : dict
        What lies over each of them, by file; those without a mask are left out.
    body : Body or None
        The body that turns; None where there is no surface map.
    """

    course: bytes | None
    charts: Mapping[date, Mapping[str, bytes]]
    coverage: Mapping[date, Mapping[str, bytes]]
    became: Mapping[date, Mapping[str, bytes]]
    healing: Mapping[str, bytes]
    photographs: Mapping[str, Picture]
    tissues: Mapping[str, Picture]
    body: Body | None

    def shots(self, files: Iterable[str]) -> list[Picture]:
        """Return photographs, each followed by its tissues, as far as they are there."""
        pairs = [(self.photographs.get(file), self.tissues.get(file)) for file in files]
        return [picture for pair in pairs for picture in pair if picture is not None]


def gather_pictures(
    content: PatientContent, results: ResultsFolder, study_folder: Path, study: Study, *, pictured: bool = True
) -> Pictures:
    """Return the pictures of one patient's part of the report.

    Parameters
    ----------
    content : PatientContent
        What the report says of the patient.
    results : ResultsFolder
        For surface maps and masks.
    study_folder : Path
        For the photographs.
    study : Study
        For what day 0 is, and for the planned days.
    pictured : bool
        Whether the photographs themselves are shown.
    """
    files = [photo.entry.file for photo in _photos(content)] if pictured else []
    with ThreadPoolExecutor(HANDS) as hands:
        pairs = hands.map(lambda file: _shot(file, study_folder, results), files)
        course = _course(content, study)
        drawn = _charts(content, results, hands)
        shots = dict(zip(files, pairs, strict=True))
    return Pictures(
        course=course,
        charts=drawn.tissues,
        coverage=drawn.coverage,
        became=drawn.became,
        healing=drawn.healing,
        photographs={file: shot[0] for file, shot in shots.items() if shot is not None},
        tissues={file: shot[1] for file, shot in shots.items() if shot is not None and shot[1] is not None},
        body=drawn.body,
    )


def has_body(content: PatientContent, results: ResultsFolder) -> bool:
    """Return whether there is a body to turn: a surface map of some visit that fits the patient."""
    return next(_surfaces(content, results), None) is not None


def _photos(content: PatientContent) -> list[PhotoContent]:
    shown = [photo for visit in content.visits for photo in visit.photos]
    return list({photo.entry.file: photo for photo in [*shown, *content.rejected]}.values())


def _shot(file: str, study_folder: Path, results: ResultsFolder) -> tuple[Picture, Picture | None] | None:
    """Return what may be shown of a photograph, and its tissues; None where it cannot be read."""
    try:
        picture = photograph_picture(_small(file, study_folder, results))
    except (PhotographRejected, OSError, ValueError):
        return None
    return picture, _tissues(file, results, (picture.height, picture.width))


def _small(file: str, study_folder: Path, results: ResultsFolder) -> bytes:
    """Return the small picture that the scoring left of a photograph, or make the same in results of older programs.

    Raises
    ------
    PhotographRejected, OSError, ValueError
        There is none, and the photograph cannot be read either.
    """
    try:
        return results.small(file).read_bytes()
    except FileNotFoundError:
        path = inside(study_folder, file)
        if path is None:
            raise
        return encode_small(results.shown(file, read_photograph(path).pixels))


def _tissues(file: str, results: ResultsFolder, size: tuple[int, int]) -> Picture | None:
    try:
        mask = decode_mask(results.shown_mask(file).read_bytes())
    except (OSError, ValueError):
        return None
    try:
        left_out = results.left_out(file)
    except (OSError, ValueError):
        # It was not laid on the body.
        left_out = None
    return tissue_picture(mask, size, left_out)


@dataclass(frozen=True)
class _Drawn:
    """What the surface maps of a patient give."""

    tissues: Charts
    coverage: Charts = field(default_factory=dict)
    became: Charts = field(default_factory=dict)
    healing: Mapping[str, bytes] = field(default_factory=dict)
    body: Body | None = None


def _charts(content: PatientContent, results: ResultsFolder, hands: Executor) -> _Drawn:
    surfaces = list(_surfaces(content, results))
    if not surfaces:
        return _Drawn({})
    template = build_template(content.patient)
    drawn = body_charts(template)
    dates = [visit.date for visit, _ in surfaces]
    codes = [face_codes(surface, template.regions) for _, surface in surfaces]
    tissues = hands.map(partial(_tissue_charts, drawn), codes)
    coverage = hands.map(partial(_coverage, drawn), *zip(*surfaces, strict=True))
    became, healing = _followed(content, results, template, drawn, hands)
    body = body_of(template, {visit.title: found for (visit, _), found in zip(surfaces, codes, strict=True)})
    return _Drawn(
        dict(zip(dates, tissues, strict=True)), dict(zip(dates, coverage, strict=True)), became, healing, body
    )


def _followed(
    content: PatientContent,
    results: ResultsFolder,
    template: BodyTemplate,
    drawn: Mapping[str, Chart],
    hands: Executor,
) -> tuple[Charts, dict[str, bytes]]:
    """Return the maps of the skin followed: what became of it at each visit, and how long it took to heal."""
    try:
        history = results.read_history(content.patient.patient_id)
    except (OSError, ValueError):
        return {}, {}
    if history.states.shape[1] != template.n_faces or len(history.dates) < LEAST_VISITS:
        return {}, {}
    regions, days = template.regions, history.dates[1:]
    codes = (became(history, visit, regions) for visit, _ in enumerate(days, start=1))
    maps = hands.map(lambda found: _maps(drawn, found, BECAME_SWATCHES), codes)
    healing = _maps(drawn, heal_codes(history, regions), heal_swatches())
    return dict(zip(days, maps, strict=True)), healing


def _maps(drawn: Mapping[str, Chart], codes: Codes, swatches: Sequence[Swatch]) -> dict[str, bytes]:
    return {name: map_picture(drawn[name], codes, swatches) for name in SIDES}


def _surfaces(content: PatientContent, results: ResultsFolder) -> Iterator[tuple[VisitContent, SurfaceMap]]:
    """Yield the surface map of each visit that has one which fits the body."""
    for visit in content.visits:
        try:
            surface = results.read_surface(content.patient.patient_id, visit.date, doubt=False)
        except (OSError, ValueError):
            continue
        if len(surface.seen) == build_template(content.patient).n_faces:
            yield visit, surface


def _tissue_charts(drawn: Mapping[str, Chart], codes: npt.NDArray[np.uint8]) -> dict[str, bytes]:
    return {name: chart_picture(drawn[name], codes) for name in CHART_TITLES}


def _coverage(drawn: Mapping[str, Chart], visit: VisitContent, surface: SurfaceMap) -> dict[str, bytes]:
    hidden, assessed = hidden_faces(surface), [line.assessed_part for line in visit.regions]
    return {name: coverage_picture(drawn[name], hidden, assessed) for name in CHART_TITLES}


def _course(content: PatientContent, study: Study) -> bytes | None:
    if not content.visits:
        return None
    counted = all(visit.day is not None for visit in content.visits)
    points = [
        _point(visit, visit.day if counted and visit.day is not None else number)
        for number, visit in enumerate(content.visits, start=1)
    ]
    if not counted:
        return course_drawing(points, "visit")
    plan = Plan(study.visit_days, study.protocol.window_days)
    return course_drawing(points, DAY_ZERO_WORDS.get(study.day_zero, "day"), plan)


def _point(visit: VisitContent, x: int) -> CoursePoint:
    return CoursePoint(
        x,
        _area(visit, OPEN_LABEL),
        _area(visit, Tissue.REEPITHELIALISED.label),
        visit.unassessed,
        _rate(visit.rate),
    )


def _area(visit: VisitContent, tissue: str) -> Estimate | None:
    if not visit.is_assessed:
        return None
    row = visit.body[tissue]
    return Estimate(row.percent_bsa_full, min(row.low, row.percent_bsa_full), max(row.high, row.percent_bsa_full))


def _rate(row: EndpointRow | None) -> Estimate | None:
    if row is None or not isinstance(row.value, float):
        return None
    return Estimate.around(row.value, row.value - (row.low or 0.0), (row.high or row.value) - row.value)
