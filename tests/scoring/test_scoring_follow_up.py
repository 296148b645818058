"""Until when patients count as followed: until the next look was due, dead or alive."""

import pytest
from cohort_studies import DAY_ZERO, observed

from reepi.core.clinical import ClinicalRecord, Observation
from reepi.core.study import Patient
from reepi.scoring.clinical_dates import Timeline
from reepi.scoring.cohort_patients import CohortPatient
from reepi.scoring.follow_up import Looks
from reepi.scoring.time_to_event import Followed, cumulative_incidence

LOOKS = Looks.on((15, 0, 5, 7, 10), 1, "planned day")


def patient(*told: Observation) -> CohortPatient:
    who = Patient("P1", "F", 40, 165, 60, None, DAY_ZERO)
    return CohortPatient(who, Timeline(who, ClinicalRecord(told), "infusion"))


@pytest.mark.parametrize(
    ("last", "due"), [(-4, 0), (0, 5), (4, 7), (5, 7), (6, 10), (7, 10), (8, 10), (13, 15), (14, None), (20, None)]
)
def test_the_next_look_is_one_that_the_last_cannot_have_answered(last: int, due: int | None) -> None:
    """With a window of a day, a visit on day 4 answers day 5, and one on day 14 the last planned day."""
    assert LOOKS.due_after(last) == due


@pytest.mark.parametrize(
    ("last", "death", "outcome", "day", "mortal"),
    [
        (7, 11, "died", 11, 11),
        (7, 12, "unknown", 8, 11),
        (7, 300, "unknown", 8, 11),
        (5, 9, "unknown", 5, 8),
        (10, 15, "died", 15, 15),
        (14, 14, "died", 14, 14),
        (14, 15, "unknown", 14, 14),
        (15, 16, "unknown", 15, 15),
    ],
)
def test_a_death_competes_until_the_next_look_was_due(
    last: int, death: int, outcome: str, day: int, mortal: int
) -> None:
    """Dead and living are at risk of dying up to its window's end; the living of being seen healed up to its start."""
    found = LOOKS.seen_without(patient(observed("death", death)), last)
    assert (found.outcome, found.day, found.mortal) == (outcome, day, mortal)
    alive = LOOKS.seen_without(patient(observed("last_contact", 400)), last)
    assert alive.outcome == "unknown"
    assert outcome == "died" or alive == found


def test_who_is_not_known_to_be_alive_is_lost_at_the_last_look() -> None:
    """Nothing is guessed: heard of on day 12, followed to day 12; the look stays what it was."""
    heard = LOOKS.seen_without(patient(observed("last_contact", 12)), 10)
    assert (heard.day, heard.look, heard.mortal) == (12, 10, 12)
    unheard = LOOKS.seen_without(patient(), 10)
    assert (unheard.day, unheard.mortal) == (10, 10)


@pytest.mark.parametrize("window", [0, 1])
@pytest.mark.parametrize("death", [6, 7])
def test_one_death_after_the_photographs_of_all_ended_is_one_of_all(window: int, death: int) -> None:
    """Ten last seen open on day 5, nine of them alive on day 60: one died, 10 %, though nobody came on day 7."""
    looks = Looks.on((0, 5, 7, 10), window, "planned day")
    told = [observed("death", death), *[observed("last_contact", 60)] * 9]
    died = cumulative_incidence([looks.seen_without(patient(each), 5) for each in told], "died")
    assert died.percent[-1] == pytest.approx(10)


def test_who_missed_a_look_is_not_counted_as_unhealed_at_it() -> None:
    """Five of ten were seen healed on day 7, five were not looked at and live: all who were looked at had healed."""
    missed = [LOOKS.seen_without(patient(observed("last_contact", 60)), 5)] * 5
    assert cumulative_incidence([Followed("reached", 7, 5)] * 5 + missed).at(7).value == 100
