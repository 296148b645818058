"""Gathers what the report says from the tables of a scored study; pure, as what it gives."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.results import (
    COHORT,
    OPEN_LABEL,
    PART_LABELS,
    AreaRow,
    ChangeRow,
    DisagreementRow,
    EndpointRow,
    PhotoRow,
)
from reepi.core.study import Patient, PhotoEntry, Study
from reepi.core.trail import Visit, visit_subject
from reepi.report.content import (
    EndpointGroup,
    PatientContent,
    PhotoContent,
    RegionLine,
    ReportContent,
    VisitContent,
    coverage_legend,
    legend,
)
from reepi.report.deciders import (
    VisitDeciders,
    painters,
    signatures,
    study_deciders,
)
from reepi.report.words import region_title
from reepi.scoring.endpoint_titles import endpoint_title
from reepi.scoring.sources import RestsOn
from reepi.scoring.story import date_of
from reepi.scoring.visits import day_number, photos_by_visit
from reepi.store.freezing import FrozenState

Row = TypeVar("Row")
Group = TypeVar("Group", bound=Hashable)


def report_content(
    study: Study,
    areas: Sequence[AreaRow],
    endpoints: Sequence[EndpointRow],
    photos: Sequence[PhotoRow],
    origin: Mapping[str, Any],
    disagreement: Sequence[DisagreementRow] = (),
    rests: Mapping[Visit, RestsOn] | None = None,
    changes: Sequence[ChangeRow] = (),
    frozen: FrozenState | None = None,
    changed: str = "",
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
    disagreement : sequence of DisagreementRow
        Whether the photographs of each visit agree; none of a study that was scored before that was looked at.
    rests : mapping of (str, date) to RestsOn, optional
        Whose word the skin of each visit rests on; visits whose surface map cannot be read are left out.
    changes : sequence of ChangeRow
        What became of the skin; none of a study that was scored before that was followed.
    frozen : FrozenState, optional
        How the results stand to the freeze of the study; None where it is not frozen.
    changed : str
        Which tables of the study changed since it was scored, in words; empty where none did.
    """
    ended = {row.file: row for row in photos}
    told = _Told(
        _grouped(areas, _visit_of),
        _grouped(endpoints, lambda row: row.patient_id),
        _grouped(photos_by_visit(study.photos).items(), lambda visit: visit[0][0]),
        ended,
        _grouped(disagreement, _visit_of),
        rests or {},
        painters(origin),
        signatures(origin),
        _grouped(changes, _visit_of),
    )
    patients = [_patient(number, patient, study, told) for number, patient in enumerate(study.patients, start=1)]
    known = {COHORT, *(patient.patient_id for patient in study.patients)}
    counts = {status: sum(row.status == status for row in photos) for status in ("scored", "rejected", "failed")}
    deciders = study_deciders(photos, origin)
    return ReportContent(
        study,
        tuple(patients),
        _groups(told.endpoints.get(COHORT, ())),
        counts,
        origin,
        legend(),
        coverage_legend(),
        deciders,
        frozen,
        changed,
        tuple(name for name in told.endpoints if name not in known),
    )


@dataclass(frozen=True)
class _Told:
    """What the results tell of all patients, by patient or visit: no patient's part looks through another's rows."""

    areas: Mapping[Visit, Sequence[AreaRow]]
    endpoints: Mapping[str, Sequence[EndpointRow]]
    entries: Mapping[str, Sequence[tuple[Visit, tuple[PhotoEntry, ...]]]]
    ended: Mapping[str, PhotoRow]
    disagreement: Mapping[Visit, Sequence[DisagreementRow]]
    rests: Mapping[Visit, RestsOn]
    painters: Mapping[str, str]
    signatures: Mapping[str, Mapping[str, str]]
    changes: Mapping[Visit, Sequence[ChangeRow]]


def _visit_of(row: AreaRow | DisagreementRow | ChangeRow) -> Visit:
    return row.patient_id, row.date


def _grouped(rows: Iterable[Row], key_of: Callable[[Row], Group]) -> dict[Group, list[Row]]:
    """Return rows by a key, each group in their order."""
    groups: dict[Group, list[Row]] = {}
    for row in rows:
        groups.setdefault(key_of(row), []).append(row)
    return groups


def _patient(number: int, patient: Patient, study: Study, told: _Told) -> PatientContent:
    name = patient.patient_id
    mine = told.endpoints.get(name, [])
    shown = {
        when: tuple(PhotoContent(entry, told.ended[entry.file]) for entry in entries if entry.file in told.ended)
        for (_, when), entries in told.entries.get(name, ())
    }
    dates = sorted(when for patient_id, when in told.areas if patient_id == name)
    visits = tuple(_visit(patient, when, told, mine, shown.get(when, ())) for when in dates)
    unscored = tuple(photo for when in sorted(shown) for photo in shown[when] if photo.row.status != "scored")
    return PatientContent(f"patient-{number}", patient, visits, _groups(mine), unscored)


def _visit(
    patient: Patient, when: date, told: _Told, endpoints: Sequence[EndpointRow], photos: tuple[PhotoContent, ...]
) -> VisitContent:
    visit = patient.patient_id, when
    rows = {(row.region, row.tissue): row for row in told.areas.get(visit, ())}
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
    rates = (row for row in endpoints if row.endpoint == "reepithelialisation_rate")
    rate = next((row for row in rates if date_of(row, patient.day_zero_date) == when), None)
    differing = tuple(told.disagreement.get(visit, ()))
    named = visit_subject(*visit)
    deciders = VisitDeciders(
        tuple(photo.row for photo in photos),
        told.rests.get(visit),
        told.painters.get(named, ""),
        told.signatures.get(named, {}),
    )
    of_body = [row for row in told.changes.get(visit, ()) if row.region == WHOLE_BODY]
    change = of_body[0] if of_body else None
    return VisitContent(when, day, body, lines, rate, photos, differing, deciders, change)


def _groups(rows: Sequence[EndpointRow]) -> tuple[EndpointGroup, ...]:
    by_name: dict[str, list[EndpointRow]] = {}
    for row in rows:
        by_name.setdefault(row.endpoint, []).append(row)
    return tuple(EndpointGroup(name, endpoint_title(name), tuple(found)) for name, found in by_name.items())
