"""Cases of a patient's endpoints on the flat body: what was seen and known, and what an endpoint must say then.

Its maps are exact, so intervals have no width unless skin is hidden: what lies on a limit lies on it.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from flat_body import DAY_ZERO, FACES, flat_skin, on_day, painted, part_of_region

from reepi.core.clinical import ClinicalRecord, Observation
from reepi.core.results import EndpointRow
from reepi.core.study import Patient, Protocol
from reepi.core.surface import SurfaceMap
from reepi.core.tissue import Tissue
from reepi.scoring.endpoints import score_patient
from reepi.scoring.skin import Skin

OPEN, HEALED, COVERED = Tissue.DETACHED, Tissue.REEPITHELIALISED, Tissue.COVERED
PATIENT = Patient("P01", "F", 40, 165, 60, DAY_ZERO - timedelta(4), DAY_ZERO)
PROTOCOL = Protocol(almost_complete_percent=90)
WINDOW = replace(PROTOCOL, window_days=2)
AS_NO = replace(WINDOW, missing_responder="non_responder")

FLAT = flat_skin()
ROW = part_of_region(4)
UNSEEN = SurfaceMap.unseen(33 * FACES)
INTACT = painted()


def healed(part: float) -> SurfaceMap:
    """One region of which so much has healed and the rest is open; 0.9 are 18 of 20 faces."""
    return painted((HEALED, ROW), (OPEN, part_of_region(4, 1.0, part)))


def regions_open(count: int) -> SurfaceMap:
    """So many regions open, from region 4 on."""
    return painted((OPEN, slice(ROW.start, ROW.start + count * FACES)))


def happened(**days: int) -> ClinicalRecord:
    """What the ward wrote down, by days after day zero."""
    return ClinicalRecord(tuple(Observation("P01", item, DAY_ZERO + timedelta(day)) for item, day in days.items()))


NO_DAY_ZERO = replace(PATIENT, day_zero_date=None)
START = {0: regions_open(1)}
RESPONSE = START | {7: healed(1.0)}
TWO_MORE = slice(part_of_region(5).start, part_of_region(6).stop)
LATE_PEAK = RESPONSE | {10: painted((HEALED, ROW), (OPEN, TWO_MORE))}
"""One region open, then healed; on day 10 two other regions open."""


@dataclass(frozen=True)
class Case:
    """One edge case: what was seen and known, and what an endpoint must say then."""

    rule: str
    visits: dict[int, SurfaceMap]
    value: Any
    told: tuple[str, ...] = ()
    day: int | None = None
    low: float | None = None
    protocol: Protocol = PROTOCOL
    record: ClinicalRecord = field(default_factory=ClinicalRecord)
    patient: Patient = PATIENT
    visit_days: tuple[int, ...] = (0, 5, 7, 10, 15)
    skin: Skin = field(default_factory=lambda: FLAT)

    def rows(self, endpoint: str) -> list[EndpointRow]:
        visits = [on_day(day, surface) for day, surface in self.visits.items()]
        score = score_patient(
            self.patient, visits, self.skin, self.protocol, record=self.record, visit_days=self.visit_days
        )
        return [row for row in score.endpoints if row.endpoint == endpoint]

    def row(self, endpoint: str) -> EndpointRow:
        found = self.rows(endpoint)
        (row,) = found if self.day is None else [row for row in found if row.day == self.day]
        return row

    def check(self, endpoint: str) -> EndpointRow:
        row = self.row(endpoint)
        assert row.value == (pytest.approx(self.value) if isinstance(self.value, float) else self.value)
        for words in self.told:
            assert words in row.definition
        if self.value is None:
            assert "not computed" in row.definition or "not reached" in row.definition
        return row


def cases(*rows: Case) -> Any:
    """One test for each case, named by its rule."""
    return pytest.mark.parametrize("case", rows, ids=[row.rule for row in rows])
