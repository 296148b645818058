"""The cohort's endpoints: what the trial's patients give together, each value with its interval and definition."""

from collections.abc import Sequence

from reepi.core.results import EndpointRow
from reepi.core.study import Study


def cohort_rows(study: Study, endpoints: Sequence[EndpointRow]) -> list[EndpointRow]:
    """Return the endpoints of the cohort.

    Parameters
    ----------
    study : Study
        The study, with its protocol, clinical records and historical cohort.
    endpoints : sequence of EndpointRow
        Those of all its patients.
    """
    return []
