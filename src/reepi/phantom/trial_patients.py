"""The patients of a simulated trial: body, disease, pace of healing, and what becomes of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate, build_template
from reepi.core.study import Patient
from reepi.core.tissue import OPEN, Tissue
from reepi.phantom.lesions import Course, draw_course
from reepi.phantom.patients import STUDY_STREAM, dated
from reepi.phantom.subject import canonical_surface

Role = Literal["dies_early", "leaves", "infused_late", "misses_day_7", "comes_late", "comes_early", "unmeasured"]

ROLES: Final[tuple[Role, ...]] = (
    "dies_early",
    "misses_day_7",
    "leaves",
    "infused_late",
    "comes_late",
    "comes_early",
    "unmeasured",
)
"""What happens to one patient each, so that a trial shows every rule at work; in a small trial the first ones only."""

BODIES: Final = (
    Patient("body", "F", 40, 165, 62),
    Patient("body", "M", 62, 178, 80),
    Patient("body", "F", 27, 171, 58),
    Patient("body", "M", 48, 183, 95),
    Patient("body", "F", 70, 158, 74),
    Patient("body", "M", 33, 175, 68),
)
"""Bodies of the patients. Few, since shaping a body takes longer than all else of a patient; their skin differs."""

FIRST_INFUSION: Final = date(2026, 1, 12)
"""Day zero of the first patient."""

BETWEEN_INFUSIONS_DAYS: Final = 21
"""From one patient's day zero to the next one's: one centre sees a case every few weeks."""

LEAD_DAYS: Final = (0.0, 2.5)
"""How far the lesions' clock has come at the infusion; they spread until it shows about 5."""

PACE: Final = (0.9, 2.2)
"""Days of the lesions' clock in a day of the trial. At 1 a patient heals in two weeks; with this range about half of
the patients are nearly healed at day 7, as such a trial might hope."""

MAX_OPEN_PERCENT: Final = (16.0, 60.0)
"""Range of the largest open skin [% BSA], even in its logarithm; above the 10 % of the trial's eligibility."""

DEATH_DAY: Final = 6
"""Day of the early death: before day 7, so that the rule for the dead decides the responder endpoint."""

LEAVING_DAY: Final = 12
"""Day on which one patient leaves the study."""

PRIMARY_DAY: Final = 7
"""Day of the trial's primary endpoint, which one patient misses and two have a day early or late."""

LATE_INFUSION_DAYS: Final = 7
"""From admission to the infusion of the patient who is infused late."""


@dataclass(frozen=True)
class TrialPatient:
    """A patient of a simulated trial.

    Parameters
    ----------
    person : Patient
        With index date and day zero.
    template : BodyTemplate
        The body.
    course : Course
        The lesions by their own clock.
    lead_days, pace : float
        The lesions' clock shows ``lead_days + pace * day`` on a day after the infusion: how far the disease has come,
        and how much faster than the lesions' drawn course it goes on.
    admission : datetime.date
        Date of admission.
    role : Role or None
        What happens to this patient that happens to no other.
    """

    person: Patient
    template: BodyTemplate
    course: Course
    lead_days: float
    pace: float
    admission: date
    role: Role | None

    @property
    def day_zero(self) -> date:
        """Date of the infusion."""
        if self.person.day_zero_date is None:
            raise ValueError(f"{self.person.patient_id} has no day zero")
        return self.person.day_zero_date

    def tissue(self, day: float, shift_m: npt.NDArray[np.float32] | None = None) -> npt.NDArray[np.uint8]:
        """Return the tissue of each face, (F,), by its centre: a face is all of one tissue; eyes and mouth are intact.

        Parameters
        ----------
        day : float
            Days after the infusion.
        shift_m : (3,) float32, optional
            How far lesions are put off their place [m].
        """
        surface = canonical_surface(self.template)
        points = surface.points if shift_m is None else surface.points - shift_m
        state = self.course.state(points, self.lead_days + self.pace * day).tissue
        return np.where(self.template.skin, state, Tissue.INTACT).astype(np.uint8)

    def open_percent(self, day: float) -> float:
        """Return the open skin of a day [% BSA]."""
        shares = self.template.shares("patient", self.person.age_years)
        return float(shares[np.isin(self.tissue(day), OPEN) & self.template.skin].sum())

    def days_seen(self, planned: Sequence[int], end: int | None) -> tuple[int, ...]:
        """Return the days of this patient's visits, until the day on which the patient dies or leaves."""
        moved = {"misses_day_7": (), "comes_late": (PRIMARY_DAY + 1,), "comes_early": (PRIMARY_DAY - 1,)}
        instead = moved.get(self.role or "", (PRIMARY_DAY,))
        days = [each for day in planned for each in (instead if day == PRIMARY_DAY else (day,))]
        return tuple(day for day in sorted(set(days)) if end is None or day < end)


def draw_trial_patient(seed: int, index: int, role: Role | None) -> TrialPatient:
    """Return the patient of an index in a trial."""
    rng = np.random.default_rng([STUDY_STREAM, seed, 5, index])
    day_zero = FIRST_INFUSION + timedelta(days=BETWEEN_INFUSIONS_DAYS * index)
    to_infusion = LATE_INFUSION_DAYS if role == "infused_late" else int(rng.integers(1, 4))
    admission = day_zero - timedelta(days=to_infusion)
    body = BODIES[int(rng.integers(len(BODIES)))]
    onset = admission - timedelta(days=int(rng.integers(2, 6)))
    person = dated(replace(body, patient_id=f"P{index + 1:02d}"), onset, day_zero)
    template = build_template(person)
    worst = float(np.exp(rng.uniform(*np.log(MAX_OPEN_PERCENT))))
    course = draw_course(rng, canonical_surface(template), worst)
    lead, pace = float(rng.uniform(*LEAD_DAYS)), float(rng.uniform(*PACE))
    return TrialPatient(person, template, course, lead, pace, admission, role)


def roles(seed: int, patients: int) -> tuple[Role | None, ...]:
    """Return the role of each patient of a trial."""
    places = np.random.default_rng([STUDY_STREAM, seed, 4]).permutation(patients)
    by_place = dict(zip(places.tolist(), ROLES, strict=False))
    return tuple(by_place.get(place) for place in range(patients))
