"""The cohort's endpoints: what the trial's patients give together, each value with its interval and definition."""

from collections.abc import Callable, Sequence
from typing import Final

from reepi.core.results import EndpointRow
from reepi.core.study import Study
from reepi.scoring.cohort_deaths import death_rows, scorten_cohort_rows
from reepi.scoring.cohort_events import described_rows, event_rows, mucosa_rows
from reepi.scoring.cohort_patients import LEAST_PATIENTS, Cohort, cohort_of
from reepi.scoring.cohort_rates import planned_rate_rows, responder_rate_rows
from reepi.scoring.cohort_stay import stay_rows
from reepi.scoring.cohort_times import time_rows

Chapter = Callable[[Cohort], list[EndpointRow]]

PHOTOGRAPHED: Final[tuple[Chapter, ...]] = (responder_rate_rows, planned_rate_rows, time_rows)
"""Chapters that rest on the photographs."""

CLINICAL: Final[tuple[Chapter, ...]] = (scorten_cohort_rows, stay_rows, mucosa_rows, event_rows, described_rows)
"""Chapters that rest on ``clinical.csv`` alone; without it they would say nothing."""


def cohort_rows(study: Study, endpoints: Sequence[EndpointRow]) -> list[EndpointRow]:
    """Return the endpoints of the cohort; none of a study with fewer than two patients with a day zero.

    Parameters
    ----------
    study : Study
        The study, with its protocol, clinical records and historical cohort.
    endpoints : sequence of EndpointRow
        Those of all its patients.
    """
    cohort = cohort_of(study, endpoints)
    if len(cohort.patients) < LEAST_PATIENTS:
        return []
    chapters = (*PHOTOGRAPHED, death_rows, *(CLINICAL if cohort.has_clinical else ()))
    return [row for chapter in chapters for row in chapter(cohort)]
