"""The cohort's endpoints: what the trial's patients give together, each value with its interval and definition."""

from collections.abc import Sequence

from reepi.core.results import EndpointRow
from reepi.core.study import Study
from reepi.scoring.cohort_patients import LEAST_OF_COHORT, cohort_of


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
    if len(cohort.patients) < LEAST_OF_COHORT:
        return []
    from reepi.scoring.cohort_chapters import CLINICAL, COUNTED  # Statistics take a second to load.

    chapters = (*COUNTED, *CLINICAL) if cohort.has_clinical else COUNTED
    return [row for chapter in chapters for row in chapter(cohort)]
