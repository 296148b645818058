"""A patient's endpoints: each value with its interval, unit and definition."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from reepi.core.clinical import ClinicalRecord
from reepi.core.history import SkinHistory
from reepi.core.results import AreaRow, ChangeRow, EndpointRow
from reepi.core.study import Patient, Protocol
from reepi.scoring import definitions
from reepi.scoring.area_doubt import DEFAULT_DOUBT, Doubt
from reepi.scoring.areas import AreaTable, area_table
from reepi.scoring.healing import Healing, healing_course
from reepi.scoring.history import change_rows, skin_history
from reepi.scoring.intervals import Estimate
from reepi.scoring.rates import NUMERATORS, Course, Numerator, rate
from reepi.scoring.severity import (
    BOUNDARY_RULES,
    OVERLAP_FROM,
    ROUNDING,
    TEN_FROM,
    BoundaryRule,
    eligibility,
    severity_class,
)
from reepi.scoring.skin import Skin
from reepi.scoring.sources import Origins, origins_by_region, so_far, source_text
from reepi.scoring.visits import Visit, day_number, in_order

BSA_UNIT: Final = "% BSA"
RATE_UNIT: Final = "%"

RESPONDER_DAY: Final = 7
"""Day after day zero at which the trial's responders are told (LYSYME's primary efficacy endpoint)."""

OF_ONE_VISIT: Final = ("open_bsa",)
"""Endpoints that rest on the visit of their day alone; all others compare it with the visits before."""

NOTHING_RECORDED: Final = ClinicalRecord()
"""Where ``clinical.csv`` says nothing."""

TIME_TO_PERCENT: Final = (50.0, 90.0)
"""Rates whose times are reported, beside the protocol's complete rate [%]."""


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
    """

    areas: tuple[AreaRow, ...]
    endpoints: tuple[EndpointRow, ...]
    changes: tuple[ChangeRow, ...] = ()
    history: SkinHistory | None = None


@dataclass(frozen=True)
class _Story:
    """What every endpoint of a patient is computed from."""

    patient: Patient
    protocol: Protocol
    dates: tuple[date, ...]
    course: Course

    @property
    def days(self) -> tuple[int | None, ...]:
        return tuple(day_number(day, self.patient.day_zero_date) for day in self.dates)

    def row(self, endpoint: str, unit: str, definition: str) -> EndpointRow:
        """Return the row of an endpoint that has no value yet."""
        return EndpointRow(self.patient.patient_id, endpoint, None, None, None, None, unit, definition)

    def at_visit(self, row: EndpointRow, visit: int, value: Estimate | None) -> EndpointRow:
        """Return the row with the day and the value of a visit; without a day the definition names the date."""
        if self.days[visit] is None:
            row = replace(row, definition=f"visit of {self.dates[visit]}; {row.definition}")
        return with_estimate(replace(row, day=self.days[visit]), value)


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
    if not visits:
        return PatientScore((), tuple(endpoint_rows(patient, (), (), (), protocol)))
    if skin is None:
        raise ValueError(f"{patient.patient_id} has visits; their areas need the skin that they are measured on")
    ordered = in_order(visits)
    tables = [
        area_table(
            visit.surface, skin, protocol.unassessed, doubt, visit.agreement.between if visit.agreement else None
        )
        for visit in ordered
    ]
    healing = healing_course(ordered, skin)
    origins = [origins_by_region(visit.surface, skin) for visit in ordered]
    days = [day_number(visit.date, patient.day_zero_date) for visit in ordered]
    areas = [
        row
        for visit, day, table, told in zip(ordered, days, tables, origins, strict=True)
        for row in table.rows(patient.patient_id, visit.date, day, [source_text(each) for each in told])
    ]
    changes = [
        row
        for visit, day, each, told in zip(ordered, days, healing, so_far(origins), strict=True)
        for row in change_rows(patient.patient_id, visit.date, day, each.flows, [source_text(names) for names in told])
    ]
    of_body = list(zip(days, (told[-1] for told in origins), strict=True))
    endpoints = [
        replace(row, source=_source_of(row, of_body))
        for row in endpoint_rows(patient, ordered, tables, healing, protocol)
    ]
    history = skin_history([visit.date for visit in ordered], healing, patient.day_zero_date)
    return PatientScore(tuple(areas), tuple(endpoints), tuple(changes), history)


def _source_of(row: EndpointRow, visits: Sequence[tuple[int | None, Origins]]) -> str:
    """Return who said what an endpoint rests on: its own visit, or all visits up to its day where it looks back."""
    if row.day is None:
        return source_text(origin for _, origins in visits for origin in origins)
    own = row.endpoint in OF_ONE_VISIT
    return source_text(
        origin
        for day, origins in visits
        if day is not None and (day == row.day if own else day <= row.day)
        for origin in origins
    )


def endpoint_rows(
    patient: Patient,
    visits: Sequence[Visit],
    tables: Sequence[AreaTable],
    healing: Sequence[Healing],
    protocol: Protocol,
) -> list[EndpointRow]:
    """Return the endpoints of a patient.

    Every endpoint has at least one row; where it cannot be computed the value is None and the definition says why.

    Parameters
    ----------
    patient : Patient
        For the index date and day zero.
    visits : sequence of Visit
        By date (`reepi.scoring.visits.in_order`).
    tables : sequence of AreaTable
        Areas of those visits.
    healing : sequence of Healing
        What following the skin says at them.
    protocol : Protocol
        Definitions and thresholds.
    """
    course = Course(tuple(tables), tuple(healing))
    story = _Story(patient, protocol, tuple(visit.date for visit in visits), course)
    rows: list[EndpointRow] = []
    for chapter in _CHAPTERS:
        rows += chapter(story)
    return rows


def with_estimate(row: EndpointRow, value: Estimate | None) -> EndpointRow:
    """Return the row with a value and its interval, or unchanged where there is none."""
    return row if value is None else replace(row, value=value.value, low=value.low, high=value.high)


def without_value(row: EndpointRow, reason: str) -> EndpointRow:
    """Return the row with the reason for its empty value at the head of its definition."""
    return replace(row, definition=f"{reason}; {row.definition}")


def _open_area_rows(story: _Story) -> list[EndpointRow]:
    rows = []
    for visit, table in enumerate(story.course.tables):
        definition = definitions.open_area(story.protocol, 100 - table.assessed_percent)
        row = story.row("open_bsa", BSA_UNIT, definition)
        if visit in story.course.assessed:
            rows.append(story.at_visit(row, visit, story.course.open_area(visit)))
        else:
            rows.append(story.at_visit(without_value(row, definitions.NOTHING_ASSESSED), visit, None))
    missing = without_value(story.row("open_bsa", BSA_UNIT, definitions.OPEN), definitions.NO_VISIT)
    return rows or [missing]


def _max_open_rows(story: _Story) -> list[EndpointRow]:
    row = story.row("max_open_bsa", BSA_UNIT, definitions.max_open_area(story.protocol))
    peak = story.course.peak_visit
    if peak is None:
        return [without_value(row, definitions.NOTHING_ASSESSED)]
    return [story.at_visit(row, peak, story.course.max_open)]


def _severity_rows(story: _Story, rule: BoundaryRule = "bastuji-garin") -> list[EndpointRow]:
    row = story.row("severity_class", "class", f"max_open_bsa, not rounded: {BOUNDARY_RULES[rule]}")
    largest = story.course.max_open
    if largest is None:
        return [without_value(row, definitions.NOTHING_ASSESSED)]
    past_ten = largest.probability_above(OVERLAP_FROM, inclusive=True)
    past_thirty = largest.probability_above(TEN_FROM, inclusive=rule == "pnds")
    chances = f"probability of being past 10 % BSA {past_ten:.2f}, past 30 % BSA {past_thirty:.2f}"
    return [replace(row, value=severity_class(largest.value, rule), definition=f"{row.definition}; {chances}")]


def _eligibility_rows(story: _Story) -> list[EndpointRow]:
    protocol, course = story.protocol, story.course
    areas = [(story.dates[i], course.open_area(i)) for i in course.assessed]
    answer = eligibility(story.patient.index_date, areas, protocol)
    definition = (
        f"open_bsa >= {protocol.eligibility_percent:g} % BSA at any visit up to day {protocol.eligibility_days} after "
        f"the index date; {answer.reason}"
    )
    row = story.row("eligible", "yes/no", definition)
    if answer.eligible is None or answer.probability is None:
        return [without_value(row, "not computed")]
    chance = f"{definition}; probability {answer.probability:.2f}"
    return [replace(row, value=_yes_no(answer.eligible), definition=chance)]


def _yes_no(answer: bool) -> str:
    return "yes" if answer else "no"


def _rate_rows(story: _Story) -> list[EndpointRow]:
    primary = _rates(story, "reepithelialisation_rate", story.protocol.numerator)
    return primary + [row for n in NUMERATORS for row in _rates(story, f"reepithelialisation_rate_{n}", n)]


def _rates(story: _Story, endpoint: str, numerator: Numerator) -> list[EndpointRow]:
    """Return the rate with one numerator at every visit."""
    row = story.row(endpoint, RATE_UNIT, definitions.rate(story.protocol, numerator))
    rows = []
    for visit in range(len(story.dates)):
        value = rate(story.course, visit, numerator, story.protocol.denominator)
        told = row if value is not None else without_value(row, _why_no_rate(story, visit))
        rows.append(story.at_visit(told, visit, value))
    return rows or [without_value(row, definitions.NO_VISIT)]


def _why_no_rate(story: _Story, visit: int) -> str:
    if visit not in story.course.assessed:
        return definitions.NOTHING_ASSESSED
    return definitions.ALL_HIDDEN if story.course.healing[visit].healed_unassessed > 0 else definitions.NEVER_OPEN


def _primary_rates(story: _Story) -> list[tuple[int, Estimate]]:
    """Return day and primary rate of every visit that has both."""
    protocol, rates = story.protocol, []
    for visit, day in enumerate(story.days):
        value = rate(story.course, visit, protocol.numerator, protocol.denominator)
        if day is not None and value is not None:
            rates.append((day, value))
    return rates


def _responder_rows(story: _Story) -> list[EndpointRow]:
    threshold = story.protocol.almost_complete_percent
    row = story.row(
        "responder", "yes/no", f"reepithelialisation_rate at day {RESPONDER_DAY} reaches the protocol's rate"
    )
    if threshold is None:
        return [without_value(row, "not computed: the protocol states no almost_complete_percent")]
    row = replace(
        row, day=RESPONDER_DAY, definition=f"reepithelialisation_rate at day {RESPONDER_DAY} >= {threshold:g} %"
    )
    at_day = dict(_primary_rates(story)).get(RESPONDER_DAY)
    if at_day is None:
        return [without_value(row, f"not computed: no rate at day {RESPONDER_DAY}")]
    chance = f"{row.definition}; probability {at_day.probability_above(threshold, inclusive=True):.2f}"
    return [replace(row, value=_yes_no(at_day.value >= threshold - ROUNDING), definition=chance)]


def _time_rows(story: _Story) -> list[EndpointRow]:
    complete = story.protocol.complete_percent
    times = [(f"time_to_{percent:g}", percent) for percent in TIME_TO_PERCENT]
    return [_time_row(story, name, percent) for name, percent in [*times, ("time_to_100", complete)]]


def _time_row(story: _Story, endpoint: str, percent: float) -> EndpointRow:
    """Return the day a rate was first seen reached; its true day lies in (low, high]."""
    protocol = story.protocol
    row = story.row(endpoint, "day", definitions.time_to(percent, protocol.numerator, protocol.denominator))
    rates = _primary_rates(story)
    if not rates:
        return without_value(row, "not computed: no visit has both a day and a rate")
    before = None
    for day, value in rates:
        if value.value >= percent - ROUNDING:
            return replace(row, value=float(day), low=before, high=float(day))
        before = float(day)
    return replace(row, low=before)


def _new_skin_rows(story: _Story) -> list[EndpointRow]:
    rows: list[EndpointRow] = []
    course = story.course
    later = [visit for visit in course.assessed if visit > 0]
    for visit in later:
        healing, spread = course.healing[visit], course.tables[visit].open_spread
        new = Estimate.around(healing.new_detachment, spread, spread + healing.first_seen_open, 0, 100)
        rows.append(story.at_visit(story.row("new_detachment_bsa", BSA_UNIT, definitions.NEW_DETACHMENT), visit, new))
    for visit in later:
        healing, spread = course.healing[visit], course.tables[visit].open_spread
        again = Estimate.around(healing.relapse, spread, spread, 0, 100)
        rows.append(story.at_visit(story.row("relapse_bsa", BSA_UNIT, definitions.RELAPSE), visit, again))
    return rows


_CHAPTERS: Final[tuple[Callable[[_Story], list[EndpointRow]], ...]] = (
    _open_area_rows,
    _max_open_rows,
    _severity_rows,
    _eligibility_rows,
    _rate_rows,
    _responder_rows,
    _new_skin_rows,
    _time_rows,
)
