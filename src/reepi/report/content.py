"""What the report says, as values: pure, without pictures and without markup."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.results import OPEN_LABEL, PART_LABELS, UNASSESSED_LABEL, AreaRow, EndpointRow, PhotoRow
from reepi.core.study import Patient, PhotoEntry, Study
from reepi.core.tissue import COLOURS, Tissue
from reepi.core.views import closest_view
from reepi.report.words import endpoint_title, region_title
from reepi.scoring.visits import day_number, photos_by_visit

HARDLY_ASSESSED: Final = 0.5
"""A region of which this part or more is unassessed is named in the report."""

WORTH_A_PHOTOGRAPH: Final = 0.5
"""Unassessed skin [% BSA] from which the view that frames it is named; half a palm with its fingers."""

Hex = str


@dataclass(frozen=True)
class Key:
    """A tissue of the legend."""

    label: str
    colour: Hex


@dataclass(frozen=True)
class RegionLine:
    """One region at one visit [% BSA]; ``seen`` in the order of `PART_LABELS`."""

    region: str
    title: str
    seen: tuple[float, ...]
    open: AreaRow


@dataclass(frozen=True)
class PhotoContent:
    """One photograph: how it ended, and where to find it."""

    entry: PhotoEntry
    row: PhotoRow

    @property
    def title(self) -> str:
        """The declared view in words."""
        return self.entry.view_name.replace("_", " ")


@dataclass(frozen=True)
class VisitContent:
    """One visit in numbers.

    Parameters
    ----------
    date : datetime.date
        Date.
    day : int or None
        Day since day zero.
    body : dict of AreaRow
        The whole body's rows by tissue.
    regions : tuple of RegionLine
        The 33 regions.
    rate : EndpointRow or None
        Primary re-epithelialisation rate.
    photos : tuple of PhotoContent
        Photographs of the visit.
    """

    date: date
    day: int | None
    body: Mapping[str, AreaRow]
    regions: tuple[RegionLine, ...]
    rate: EndpointRow | None
    photos: tuple[PhotoContent, ...]

    @property
    def title(self) -> str:
        """The day, or the date where there is no day zero."""
        return self.date.isoformat() if self.day is None else f"Day {self.day}"

    @property
    def open(self) -> AreaRow:
        """Open skin of the whole body."""
        return self.body[OPEN_LABEL]

    @property
    def unassessed(self) -> float:
        """Unassessed skin [% BSA]."""
        return self.body[UNASSESSED_LABEL].percent_bsa

    @property
    def hardly_assessed(self) -> tuple[tuple[str, float], ...]:
        """Regions of which at least `HARDLY_ASSESSED` is unassessed, with that part [%]."""
        parts = [(line.title, line.seen[-1], sum(line.seen)) for line in self.regions]
        return tuple((title, 100 * un / all_) for title, un, all_ in parts if all_ and un / all_ >= HARDLY_ASSESSED)

    @property
    def to_take(self) -> tuple[tuple[str, float], ...]:
        """Views that frame what was not assessed, with how much of it each frames [% BSA], the largest first."""
        framed: dict[str, float] = {}
        for line in self.regions:
            name = closest_view(line.region).name.replace("_", " ")
            framed[name] = framed.get(name, 0.0) + line.seen[-1]
        worth = [(name, area) for name, area in framed.items() if area >= WORTH_A_PHOTOGRAPH]
        return tuple(sorted(worth, key=lambda each: -each[1]))


@dataclass(frozen=True)
class EndpointGroup:
    """An endpoint at all its days; the definition stands once where it is the same for all."""

    name: str
    title: str
    rows: tuple[EndpointRow, ...]

    @property
    def definition(self) -> str | None:
        """The one definition of all rows, or None where they differ."""
        found = {row.definition for row in self.rows}
        return found.pop() if len(found) == 1 else None


@dataclass(frozen=True)
class PatientContent:
    """Everything the report says of one patient.

    Parameters
    ----------
    anchor : str
        Where links jump to; made of a number, not of the identifier.
    patient : Patient
        Identifier and facts.
    visits : tuple of VisitContent
        By date.
    endpoints : tuple of EndpointGroup
        In the order of ``endpoints.csv``.
    rejected : tuple of PhotoContent
        Photographs that were not scored.
    """

    anchor: str
    patient: Patient
    visits: tuple[VisitContent, ...]
    endpoints: tuple[EndpointGroup, ...]
    rejected: tuple[PhotoContent, ...]

    def endpoint(self, name: str) -> EndpointRow | None:
        """Return the last row of an endpoint that has a value, or else its last row, if it has any."""
        rows = [row for group in self.endpoints if group.name == name for row in group.rows]
        return next((row for row in reversed(rows) if row.value is not None), rows[-1] if rows else None)


@dataclass(frozen=True)
class ReportContent:
    """Everything the report says."""

    study: Study
    patients: tuple[PatientContent, ...]
    cohort: tuple[EndpointGroup, ...]
    photos: Mapping[str, int]
    origin: Mapping[str, Any]
    legend: tuple[Key, ...]


def report_content(
    study: Study,
    areas: Sequence[AreaRow],
    endpoints: Sequence[EndpointRow],
    photos: Sequence[PhotoRow],
    origin: Mapping[str, Any],
) -> ReportContent:
    """Return what the report of a scored study says.

    Parameters
    ----------
    study : Study
        The study.
    areas, endpoints, photos
        Rows of the three tables of its results.
    origin : mapping
        Content of ``run.json``: versions, models, time.
    """
    ended = {row.file: row for row in photos}
    patients = [
        _patient(number, patient, study, areas, endpoints, ended)
        for number, patient in enumerate(study.patients, start=1)
    ]
    known = {patient.patient_id for patient in study.patients}
    cohort = [row for row in endpoints if row.patient_id not in known]
    counts = {status: sum(row.status == status for row in photos) for status in ("scored", "rejected", "failed")}
    return ReportContent(study, tuple(patients), _groups(cohort), counts, origin, legend())


def legend() -> tuple[Key, ...]:
    """Return the tissues that charts and overlays show, with their colours."""
    return tuple(Key(tissue.label, hex_colour(tissue)) for tissue in Tissue if tissue is not Tissue.BACKGROUND)


def hex_colour(tissue: Tissue) -> Hex:
    """Return the colour of a tissue as ``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*COLOURS[tissue])


def _patient(
    number: int,
    patient: Patient,
    study: Study,
    areas: Sequence[AreaRow],
    endpoints: Sequence[EndpointRow],
    ended: Mapping[str, PhotoRow],
) -> PatientContent:
    mine = [row for row in endpoints if row.patient_id == patient.patient_id]
    shown = {
        when: tuple(PhotoContent(entry, ended[entry.file]) for entry in entries if entry.file in ended)
        for (patient_id, when), entries in photos_by_visit(study.photos).items()
        if patient_id == patient.patient_id
    }
    rows: dict[date, dict[tuple[str, str], AreaRow]] = {}
    for row in areas:
        if row.patient_id == patient.patient_id:
            rows.setdefault(row.date, {})[row.region, row.tissue] = row
    visits = tuple(_visit(patient, when, rows[when], mine, shown.get(when, ())) for when in sorted(rows))
    unscored = tuple(photo for when in sorted(shown) for photo in shown[when] if photo.row.status != "scored")
    return PatientContent(f"patient-{number}", patient, visits, _groups(mine), unscored)


def _visit(
    patient: Patient,
    when: date,
    rows: Mapping[tuple[str, str], AreaRow],
    endpoints: Sequence[EndpointRow],
    photos: tuple[PhotoContent, ...],
) -> VisitContent:
    lines = tuple(
        RegionLine(
            region,
            region_title(region),
            tuple(rows[region, part].percent_bsa for part in PART_LABELS),
            rows[region, OPEN_LABEL],
        )
        for region in REGIONS
    )
    body = {tissue: row for (region, tissue), row in rows.items() if region == WHOLE_BODY}
    day = day_number(when, patient.day_zero_date)
    rates = [row for row in endpoints if row.endpoint == "reepithelialisation_rate" and row.day == day]
    return VisitContent(when, day, body, lines, rates[0] if rates and day is not None else None, photos)


def _groups(rows: Sequence[EndpointRow]) -> tuple[EndpointGroup, ...]:
    by_name: dict[str, list[EndpointRow]] = {}
    for row in rows:
        by_name.setdefault(row.endpoint, []).append(row)
    return tuple(EndpointGroup(name, endpoint_title(name), tuple(found)) for name, found in by_name.items())
