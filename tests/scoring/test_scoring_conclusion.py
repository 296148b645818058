"""What a patient's photographs say to the rows of the ward: whoever was photographed lived."""

from collections.abc import Mapping

import pytest
from endpoint_cases import PATIENT, PROTOCOL, UNSEEN, happened, regions_open
from flat_body import flat_skin, on_day

from reepi.core.clinical import ClinicalRecord
from reepi.core.results import EndpointRow
from reepi.core.study import Study
from reepi.core.surface import SurfaceMap
from reepi.scoring.conclusion import concluded_patient


def death(record: ClinicalRecord, days: Mapping[int, SurfaceMap]) -> EndpointRow:
    """Return the row of death up to day 30 of a patient who was photographed on these days."""
    part = Study("one", "infusion", (0, 7), PROTOCOL, (PATIENT,), (), clinical={PATIENT.patient_id: record})
    score = concluded_patient(part, [on_day(day, surface) for day, surface in days.items()], flat_skin()).score
    (row,) = [row for row in score.endpoints if row.endpoint == "death"]
    return row


OPEN = regions_open(1)


@pytest.mark.parametrize(
    ("told", "days", "value", "words"),
    [
        ({"discharge": 24}, {36: OPEN}, "no", "known until day 36"),
        ({"discharge": 24}, {}, None, "nothing is known after day 24"),
        ({"discharge": 24}, {5: OPEN, 20: OPEN}, None, "nothing is known after day 24"),
        ({"discharge": 24}, {5: OPEN, 36: UNSEEN}, None, "nothing is known after day 24"),
        ({"discharge": 24, "left_study": 26}, {36: OPEN}, None, "nothing is known after day 26"),
        ({"death": 20}, {36: OPEN}, "yes", "died on day 20"),
    ],
)
def test_a_photograph_that_shows_skin_is_a_proof_of_life(
    told: dict[str, int], days: dict[int, SurfaceMap], value: str | None, words: str
) -> None:
    """Up to death or leaving; what is dated later is dated wrongly, and a photograph without skin shows nobody."""
    row = death(happened(**told), days)
    assert (row.value, words in row.definition) == (value, True)
