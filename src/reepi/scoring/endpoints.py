"""A patient's endpoints: each value with its interval, unit and definition."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from reepi.core.clinical import ClinicalRecord
from reepi.core.history import SkinHistory
from reepi.core.results import AreaRow, ChangeRow, EndpointRow
from reepi.core.study import Patient, Protocol
from reepi.scoring.area_doubt import DEFAULT_DOUBT, Doubt
from reepi.scoring.areas import AreaTable, area_table
from reepi.scoring.extent_rows import eligibility_rows, max_open_rows, open_area_rows, severity_rows
from reepi.scoring.following_rows import following_rows, front_rows
from reepi.scoring.healing import healing_course
from reepi.scoring.healing_front import healing_fronts
from reepi.scoring.history import change_rows, skin_history
from reepi.scoring.intervals import Estimate
from reepi.scoring.rate_rows import planned_rate_rows, planned_visit_rows, rate_rows, time_rows
from reepi.scoring.rates import Course
from reepi.scoring.responder import RESPONDER_DAY, responder_rows
from reepi.scoring.skin import Skin
from reepi.scoring.sources import origins_by_region, so_far, source_text
from reepi.scoring.story import NOTHING_RECORDED, Story
from reepi.scoring.visits import Visit, in_order


@dataclass(frozen=True)
class PatientScore:
    """A patient's rows for the results.

    Parameters
    ----------
    areas : tuple of AreaRow
        Visit by visit.
    endpoints : tuple of EndpointRow
        In the order in which they are written.
    changes : tuple of ChangeRow
        What became of the skin, visit by visit.
    history : SkinHistory or None
        What became of each face; None where there was no visit.
    first_open : (date, Estimate) or None
        The first visit that counts at which skin was assessed, and its open skin [% BSA].
    """

    areas: tuple[AreaRow, ...]
    endpoints: tuple[EndpointRow, ...]
    changes: tuple[ChangeRow, ...] = ()
    history: SkinHistory | None = None
    first_open: tuple[date, Estimate] | None = None


def score_patient(
    patient: Patient,
    visits: Sequence[Visit],
    skin: Skin | None,
    protocol: Protocol,
    doubt: Doubt = DEFAULT_DOUBT,
    *,
    record: ClinicalRecord = NOTHING_RECORDED,
    visit_days: Sequence[int] = (),
) -> PatientScore:
    """Return the areas of every visit, what became of the skin, and the endpoints of a patient.

    Parameters
    ----------
    patient : Patient
        For the index date and day zero.
    visits : sequence of Visit
        In any order, one per date.
    skin : Skin or None
        Shares (by the protocol's table), regions and neighbourhood of the patient's body template; not needed where
        there are no visits.
    protocol : Protocol
        Definitions and thresholds.
    doubt : Doubt
        Constants of the intervals.
    record : ClinicalRecord
        What the ward knows of the patient.
    visit_days : sequence of int
        The study's planned days.

    Raises
    ------
    ValueError
        Two visits on one date, or a surface map that does not fit the skin.
    """
    planned_days = tuple(sorted({*visit_days, RESPONDER_DAY}))
    story = Story(patient, protocol, record=record, planned_days=planned_days)
    if not visits:
        return PatientScore((), tuple(endpoint_rows(story)))
    if skin is None:
        raise ValueError(f"{patient.patient_id} has visits; their areas need the skin that they are measured on")
    ordered = in_order(visits)
    tables = [_table(visit, skin, protocol, doubt) for visit in ordered]
    course = Course(tuple(tables), healing_course(ordered, skin))
    origins = [origins_by_region(visit.surface, skin) for visit in ordered]
    story = replace(
        story,
        dates=tuple(visit.date for visit in ordered),
        course=course,
        origins=tuple(told[-1] for told in origins),
        fronts=healing_fronts(ordered, course.assessed, [table.open_spread for table in tables], skin),
    )
    areas = [
        row
        for day, number, table, told in zip(story.dates, story.days, tables, origins, strict=True)
        for row in table.rows(patient.patient_id, day, number, [source_text(each) for each in told])
    ]
    changes = [
        row
        for day, number, each, told in zip(story.dates, story.days, course.healing, so_far(origins), strict=True)
        for row in change_rows(patient.patient_id, day, number, each, skin, [source_text(names) for names in told])
    ]
    history = skin_history(story.dates, course.healing, patient.day_zero_date)
    first = next(((story.dates[i], course.open_area(i)) for i in story.counted.assessed), None)
    return PatientScore(tuple(areas), tuple(endpoint_rows(story)), tuple(changes), history, first)


def _table(visit: Visit, skin: Skin, protocol: Protocol, doubt: Doubt) -> AreaTable:
    between = visit.agreement.between if visit.agreement else None
    return area_table(visit.surface, skin, protocol.unassessed, doubt, between)


def endpoint_rows(story: Story) -> list[EndpointRow]:
    """Return the endpoints of a patient.

    Every endpoint has at least one row; where it cannot be computed the value is None and the definition says why.
    """
    return [row for chapter in _CHAPTERS for row in chapter(story)]


_CHAPTERS: Final[tuple[Callable[[Story], list[EndpointRow]], ...]] = (
    open_area_rows,
    max_open_rows,
    severity_rows,
    eligibility_rows,
    planned_visit_rows,
    rate_rows,
    planned_rate_rows,
    responder_rows,
    following_rows,
    front_rows,
    time_rows,
)
