"""Of what level the interval of an endpoint is; none where its ends are bounds of another kind.

The ends of ``low`` and ``high`` are not always those of an interval of one level: between two visits lies the true day
of healing, and a SCORTEN with an unknown item lies between its fewest and its most points. What they are stands in the
definition beside them, and the level is read from there.
"""

import re
from typing import Final

from reepi.core.results import COHORT, EndpointRow

AREA_LEVEL: Final = 90
"""Level of the intervals of areas [%]."""

ESTIMATED: Final = (
    "reepithelialisation_rate_planned",
    "new_detachment_bsa",
    "healed_bsa",
    "relapse_bsa",
    "healing_front_mm_per_day",
)
"""A patient's endpoints whose interval is of 90 %, as that of the areas they come from, without saying so each time."""

_STATED: Final = re.compile(r"(?:^|; |\bits )(\d+) % interval\b")
"""A clause that begins with the level. What stands within a clause is the interval of something else."""


def interval_level(row: EndpointRow) -> int | None:
    """Return the level of the interval of an endpoint [%]; None where there is none, or where its ends are bounds."""
    if row.low is None and row.high is None:
        return None
    stated = _STATED.search(row.definition)
    if stated is not None:
        return int(stated[1])
    is_whole = row.low is not None and row.high is not None
    return AREA_LEVEL if row.patient_id != COHORT and row.endpoint in ESTIMATED and is_whole else None
