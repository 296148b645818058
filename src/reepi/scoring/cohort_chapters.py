"""Chapters of the cohort's endpoints, in the order in which they are written."""

from collections.abc import Callable
from typing import Final

from reepi.core.results import EndpointRow
from reepi.scoring.cohort_deaths import death_rows, scorten_cohort_rows
from reepi.scoring.cohort_events import described_rows, event_rows, mucosa_rows
from reepi.scoring.cohort_patients import Cohort
from reepi.scoring.cohort_rates import planned_rate_rows, responder_rate_rows
from reepi.scoring.cohort_stay import stay_rows
from reepi.scoring.cohort_times import time_rows

Chapter = Callable[[Cohort], list[EndpointRow]]

COUNTED: Final[tuple[Chapter, ...]] = (responder_rate_rows, planned_rate_rows, time_rows, death_rows)
"""Chapters of every cohort; those that rest on photographs, and deaths, which say so where nothing is known of them."""

CLINICAL: Final[tuple[Chapter, ...]] = (scorten_cohort_rows, stay_rows, mucosa_rows, event_rows, described_rows)
"""Chapters that rest on ``clinical.csv`` alone; without it they would say nothing."""
