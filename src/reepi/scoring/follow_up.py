"""How long a patient counts as followed after the last look, so that the dead and the living are lost alike.

Whoever was not seen to have reached something is lost from sight after the last look. Were the dead followed until they
died, they alone would stay at risk once the looks end, and their share would grow by what the living leave. So the next
look decides: until it was due, and its window over, everybody who is known to be alive stays at risk of dying, and
nobody after it. Healing is seen at looks alone: who missed one was not at risk of being seen healed at it, and is so
only until it could have come. To stay longer would count who missed it as not healed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from reepi.scoring.cohort_patients import CohortPatient
from reepi.scoring.planned import in_days
from reepi.scoring.time_to_event import Followed


@dataclass(frozen=True)
class Looks:
    """When patients are due to be looked at.

    Parameters
    ----------
    days : tuple of int
        Days on which a look is due.
    window : int
        A look may lie so many days before or after such a day.
    kind : str
        What these days are, in words.
    """

    days: tuple[int, ...]
    window: int
    kind: str

    @classmethod
    def on(cls, days: Iterable[int], window: int, kind: str) -> "Looks":
        """Return looks that are due on days in any order."""
        return cls(tuple(sorted(set(days))), window, kind)

    def due_after(self, last: float) -> int | None:
        """Return the first day due that a look cannot have answered; None where no look was to come."""
        return next((day for day in self.days if day > last + self.window), None)

    def seen_without(self, patient: CohortPatient, last: float) -> Followed:
        """Return what is known of a patient who had not reached it at the last look.

        Parameters
        ----------
        patient : CohortPatient
            Who; for the end of the patient's time, and the last day on which anything is known of the patient.
        last : float
            Day of the last look.
        """
        due, end = self.due_after(last), inf if patient.end_day is None else patient.end_day
        if patient.death_day == end and end <= (last if due is None else due + self.window):
            return Followed("died", max(end, 0.0))
        heard_of = patient.time.day(patient.record.last_contact)
        if due is None or heard_of is None:
            return Followed("unknown", max(last, 0.0), last)
        known = min(end, heard_of)
        followed = max(min(due - self.window - 1, known), last, 0.0)
        return Followed("unknown", followed, last, max(min(due + self.window, known), followed))

    @property
    def rule(self) -> str:
        """Until when patients count as followed, in words."""
        late = f" and {in_days(self.window)} after it" if self.window else ""
        early = "its window begins" if self.window else "the day before"
        return (
            "who was last seen without stays at risk, as long as known to be alive, until the next look was due: the "
            f"first {self.kind} that the last look cannot have answered; at risk of dying up to that day{late}, of "
            f"being seen to reach it until {early}; a later death does not compete; where no look was to come, dead "
            "and living are lost at the last one"
        )
