"""Endpoints of how much has re-epithelialised: at each visit, as it was known then, and when a rate was reached."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from reepi.core.results import EndpointRow
from reepi.core.study import Patient, Study
from reepi.scoring import definitions
from reepi.scoring.changed_maximum import moved_rate, rate_as_known
from reepi.scoring.intervals import ROUNDING
from reepi.scoring.planned import PLANNED_VISIT, answers, how_answered, rule, why_unanswered
from reepi.scoring.rates import NUMERATORS, Numerator
from reepi.scoring.story import RATE_UNIT, Story, remarked, with_estimate, without_value

PRIMARY_RATE: Final = "reepithelialisation_rate"
"""Endpoint that tells the protocol's primary rate of a visit."""

TIME_TO_PERCENT: Final = (50.0, 90.0)
"""Rates whose times are reported, beside the protocol's complete rate [%]."""


def planned_visit_rows(story: Story) -> list[EndpointRow]:
    """Return which visit answers each planned day: in time, early, late, or none."""
    days, window = story.seen_days(), story.protocol.window_days
    answered = answers(days, story.planned_days, window)
    rows = []
    for planned in story.planned_days:
        row = story.row(PLANNED_VISIT, "day", f"{definitions.PLANNED_VISIT}; {rule(window)}", planned)
        day = answered.get(planned)
        if day is None:
            rows.append(_unanswered(row, story, days, planned))
        else:
            row = replace(row, value=float(day), source=story.source_at(story.days.index(day)))
            rows.append(remarked(row, how_answered(days, planned, window, day)))
    return rows


def planned_rate_rows(story: Story) -> list[EndpointRow]:
    """Return the primary rate at each planned day: that of the visit which answers it among those that have a rate."""
    rates, window = story.primary_rates(), story.protocol.window_days
    answered = answers(rates, story.planned_days, window)
    rows = []
    for planned in story.planned_days:
        definition = f"{definitions.PLANNED_RATE}; {rule(window)}"
        row = story.row("reepithelialisation_rate_planned", RATE_UNIT, definition, planned)
        day = answered.get(planned)
        if day is None:
            rows.append(_unanswered(row, story, tuple(rates), planned))
        else:
            visit, value = rates[day]
            row = with_estimate(replace(row, source=story.source_up_to(visit)), value)
            rows.append(remarked(row, how_answered(tuple(rates), planned, window, day)))
    return rows


def answering_rates(study: Study, patient: Patient, rows: Iterable[EndpointRow]) -> dict[int, int]:
    """Return the day of the visit whose rate answers each planned day, from the results.

    Rate and responder of a planned day come from that visit. It is another than that of ``planned_visit`` where a visit
    shows skin and none that was open before, so that it has no rate.

    Parameters
    ----------
    study : Study
        For its window, and the end of the patient's time.
    patient : Patient
        Whose results.
    rows : iterable of EndpointRow
        The patient's; those of the primary rate and of the planned visits are looked at.
    """
    told = list(rows)
    story = Story(patient, study.protocol, record=study.record(patient.patient_id))
    end = story.day_of(story.end)
    planned = {row.day for row in told if row.endpoint == PLANNED_VISIT and row.day is not None}
    days = {
        row.day
        for row in told
        if row.endpoint == PRIMARY_RATE and row.value is not None and row.day is not None
        if end is None or row.day <= end
    }
    return answers(days, planned, study.protocol.window_days)


def _unanswered(row: EndpointRow, story: Story, days: Sequence[int], planned: int) -> EndpointRow:
    """Return the row of a planned day that no visit answers, with the reason."""
    if story.patient.day_zero_date is None:
        return without_value(row, definitions.NO_DAY_ZERO)
    if story.never_open and row.unit == RATE_UNIT:
        return without_value(row, story.nothing_to_heal)
    reason = f"not computed: {why_unanswered(days, planned, story.protocol.window_days)}"
    return remarked(without_value(row, reason), story.end_words)


def rate_rows(story: Story) -> list[EndpointRow]:
    """Return the rate of each visit: the primary one, it as it was known then, and that with each numerator."""
    primary = _rates(story, PRIMARY_RATE, story.protocol.numerator)
    each = [row for n in NUMERATORS for row in _rates(story, f"reepithelialisation_rate_{n}", n)]
    return [*primary, *_as_known(story), *each]


def _rates(story: Story, endpoint: str, numerator: Numerator) -> list[EndpointRow]:
    """Return the rate with one numerator at every visit."""
    row = story.row(endpoint, RATE_UNIT, definitions.rate(story.protocol, numerator))
    rows = []
    for visit in range(len(story.dates)):
        why = story.why_no_rate(visit, numerator)
        told = story.at_visit(without_value(row, why) if why else row, visit, story.rate(visit, numerator))
        moved = moved_rate(story.course_at(visit), visit, numerator, story.protocol.denominator)
        rows.append(
            told
            if moved is None
            else remarked(
                told, f"{moved.known:.1f} % as known then; later visits moved it by {moved.points:+.1f} points"
            )
        )
    return rows or [without_value(row, definitions.NO_VISIT)]


def _as_known(story: Story) -> list[EndpointRow]:
    """Return the primary rate of each visit with the visits up to it alone."""
    protocol = story.protocol
    definition = f"{definitions.AS_KNOWN}; {definitions.rate(protocol, protocol.numerator)}"
    row = story.row("reepithelialisation_rate_as_known", RATE_UNIT, definition)
    rows = []
    for visit in range(len(story.dates)):
        value = rate_as_known(story.course, visit, protocol.numerator, protocol.denominator)
        why = story.why_no_rate(visit, protocol.numerator) or definitions.NOT_YET_OPEN
        rows.append(story.at_visit(row if value is not None else without_value(row, why), visit, value))
    return rows or [without_value(row, definitions.NO_VISIT)]


def time_rows(story: Story) -> list[EndpointRow]:
    """Return when rates were reached."""
    times = [(f"time_to_{percent:g}", percent) for percent in TIME_TO_PERCENT]
    return [_time_row(story, *each) for each in [*times, ("time_to_100", story.protocol.complete_percent)]]


def _time_row(story: Story, endpoint: str, percent: float) -> EndpointRow:
    """Return the day a rate was first seen reached; its true day lies in (low, high].

    Death and leaving the study end the time: what is seen later reaches nothing.
    """
    protocol = story.protocol
    row = story.row(endpoint, "day", definitions.time_to(percent, protocol.numerator, protocol.denominator))
    if story.patient.day_zero_date is None:
        return without_value(row, definitions.NO_DAY_ZERO)
    rates = story.primary_rates()
    if not rates:
        return remarked(without_value(row, "not computed: no visit has both a day and a rate"), story.end_words)
    before = None
    for day, (visit, value) in rates.items():
        if value.value >= percent - ROUNDING:
            chance = value.probability_above(percent, inclusive=True)
            sure = f"probability {chance:.2f} that it was {percent:g} % or more on that day"
            told = replace(row, value=float(day), low=before, high=float(day))
            return remarked(told, sure, story.contradicted(visit, percent), story.not_kept(day, percent))
        before = float(day)
    return remarked(replace(row, low=before), f"not reached by day {max(rates)}", story.end_words)
