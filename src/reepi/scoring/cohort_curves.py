"""Curves of a cohort's healing: by day, the share of patients that has reached a rate, and the share that has died.

`cohort_curves` computes all of them from a study and the rows of its patients, so that a page drawn from
``endpoints.csv`` shows what the rows of the cohort say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from reepi.core.results import EndpointRow
from reepi.core.study import Study
from reepi.scoring.cohort_patients import Cohort, CohortPatient, cohort_of
from reepi.scoring.follow_up import Looks
from reepi.scoring.time_to_event import Curve, Followed, cumulative_incidence, kaplan_meier
from reepi.scoring.turnbull import IntervalCensored, interval_censored

REACHED_PERCENT: Final = (50, 90, 100)
"""Rates of the endpoints ``time_to_50``, ``time_to_90`` and ``time_to_100`` [%]."""


@dataclass(frozen=True)
class HealingCurves:
    """When patients reached one rate, estimated three ways.

    Parameters
    ----------
    percent : int
        The rate [%]; one of `REACHED_PERCENT`.
    patients : tuple of str
        Whom they rest on.
    left_out : tuple of str
        Who counts in the cohort and has no time, as no visit had a rate or none showed open skin.
    times : tuple of Followed
        What is known of each patient.
    healed : Curve
        Share that has reached it, death competing (Aalen & Johansen). The one to draw first.
    died : Curve
        Share that has died without.
    kaplan_meier : Curve
        Share that has reached it with the dead taken as lost; for comparison.
    turnbull : IntervalCensored
        Shares by the interval between two visits within which it was reached.
    """

    percent: int
    patients: tuple[str, ...]
    left_out: tuple[str, ...]
    times: tuple[Followed, ...]
    healed: Curve
    died: Curve
    kaplan_meier: Curve
    turnbull: IntervalCensored


@dataclass(frozen=True)
class CohortCurves:
    """Curves of a cohort.

    Parameters
    ----------
    healing : tuple of HealingCurves
        Of each rate of `REACHED_PERCENT`.
    looks : Looks
        When visits were due: until then death competes with healing.
    """

    healing: tuple[HealingCurves, ...]
    looks: Looks


def cohort_curves(study: Study, endpoints: Sequence[EndpointRow]) -> CohortCurves:
    """Return the curves of a study from the rows of its patients."""
    return curves_of(cohort_of(study, endpoints))


def curves_of(cohort: Cohort) -> CohortCurves:
    """Return the curves of a cohort."""
    looks = visits_due(cohort)
    return CohortCurves(tuple(_healing(cohort, percent, looks) for percent in REACHED_PERCENT), looks)


def visits_due(cohort: Cohort) -> Looks:
    """Return when visits are due: on the planned days; without any, on days on which any patient had a visit."""
    planned, window = cohort.study.visit_days, cohort.study.protocol.window_days
    if planned:
        return Looks.on(planned, window, "planned day")
    return Looks.on((day for each in cohort.patients for day in each.rates()), window, "day of anybody's visit")


def _healing(cohort: Cohort, percent: int, looks: Looks) -> HealingCurves:
    found = {each.patient_id: _followed(each, percent, looks) for each in cohort.patients}
    known = {name: time for name, time in found.items() if time is not None}
    times = tuple(known.values())
    return HealingCurves(
        percent,
        tuple(known),
        tuple(name for name, time in found.items() if time is None),
        times,
        cumulative_incidence(times, "reached"),
        cumulative_incidence(times, "died"),
        kaplan_meier(times),
        interval_censored(times),
    )


def _followed(patient: CohortPatient, percent: int, looks: Looks) -> Followed | None:
    """Return what is known of when a patient reached a rate; None where no visit tells, whether dead or alive."""
    row = patient.row(f"time_to_{percent}")
    if row is None or patient.never_open:
        return None
    if row.value is not None and not isinstance(row.value, str):
        # What was reached before day zero counts as reached on it.
        day, after = max(float(row.value), 0.0), -inf if row.low is None else max(row.low, 0.0)
        return Followed("reached", day, after if after < day else -inf)
    return None if row.low is None else looks.seen_without(patient, row.low)
