"""What every endpoint of a patient is computed from, and the rows that are made of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from reepi.core.clinical import ClinicalRecord
from reepi.core.results import EndpointRow
from reepi.core.study import Patient, Protocol
from reepi.scoring import definitions
from reepi.scoring.healing_front import Front
from reepi.scoring.intervals import NOTHING, ROUNDING, Estimate
from reepi.scoring.rates import Course, Numerator, rate
from reepi.scoring.sources import Origins, source_text
from reepi.scoring.visits import day_number

BSA_UNIT: Final = "% BSA"
RATE_UNIT: Final = "%"

_NAMED_VISIT: Final = re.compile(r"visit of (\d{4}-\d{2}-\d{2}); ")
"""How a definition begins that names the date of its visit; see `Story.at_visit`."""

NO_COURSE: Final = Course((), ())
"""Of a patient without visits."""

NOTHING_RECORDED: Final = ClinicalRecord()
"""Where ``clinical.csv`` says nothing."""


@dataclass(frozen=True)
class Story:
    """A patient's visits in numbers, and what the ward knows of the patient.

    Parameters
    ----------
    patient : Patient
        For the index date and day zero.
    protocol : Protocol
        Definitions and thresholds.
    dates : tuple of date
        The visits, in order.
    course : Course
        Their areas, and what following the skin says at them.
    origins : tuple of frozenset of Origin
        Who said what the skin of each visit is.
    fronts : tuple of Front
        Speed of the healing front between visits.
    record : ClinicalRecord
        What ``clinical.csv`` says.
    planned_days : tuple of int
        The study's planned days.
    """

    patient: Patient
    protocol: Protocol
    dates: tuple[date, ...] = ()
    course: Course = NO_COURSE
    origins: tuple[Origins, ...] = ()
    fronts: tuple[Front, ...] = ()
    record: ClinicalRecord = NOTHING_RECORDED
    planned_days: tuple[int, ...] = ()

    @property
    def days(self) -> tuple[int | None, ...]:
        """Day of each visit; None where day zero is not known."""
        return tuple(self.day_of(day) for day in self.dates)

    def day_of(self, day: date | None) -> int | None:
        """Return the day of a date."""
        return None if day is None else day_number(day, self.patient.day_zero_date)

    @property
    def death_day(self) -> int | None:
        """Day of death."""
        return self.day_of(self.record.death)

    @property
    def end(self) -> date | None:
        """Last date at which the patient can have been seen: that of death or of leaving the study."""
        known = [each for each in (self.record.death, self.record.left_study) if each is not None]
        return min(known, default=None)

    @property
    def end_words(self) -> str:
        """How the patient's time in the study ended, in words; empty where it did not."""
        told = (("died", self.record.death), ("left the study", self.record.left_study))
        return "; ".join(f"{how} {self.when(day)}" for how, day in told if day is not None)

    @property
    def counted(self) -> Course:
        """The visits up to the end of the patient's time; those dated later prove nothing of the patient."""
        return self.course.up_to(sum(not self.fault_at(visit) for visit in range(len(self.dates))) - 1)

    def course_at(self, visit: int) -> Course:
        """Return the visits that the numbers of a visit rest on: those that count, or all where it does not."""
        return self.course if self.fault_at(visit) else self.counted

    @property
    def not_counted(self) -> str:
        """Which visits do not count, and why, in words; empty where all do."""
        later = [self.name(visit) for visit in self.course.assessed if self.fault_at(visit)]
        return f"not counted, as dated after the patient {self.end_words}: {', '.join(later)}" if later else ""

    @property
    def never_open(self) -> bool:
        """Whether skin was assessed, and none of it was ever found open, or so little that there is none to follow."""
        assessed, numerator = self.counted.assessed, self.protocol.numerator
        return bool(assessed) and all(self.why_no_rate(i, numerator) in definitions.NOTHING_TO_HEAL for i in assessed)

    def rate(self, visit: int, numerator: Numerator) -> Estimate | None:
        """Return the rate of a visit with a numerator and the protocol's denominator [%]."""
        return rate(self.course_at(visit), visit, numerator, self.protocol.denominator)

    def why_no_rate(self, visit: int, numerator: Numerator) -> str:
        """Return why a visit has no rate; empty where it has one."""
        if visit not in self.course.assessed:
            return definitions.NOTHING_ASSESSED
        if self.rate(visit, numerator) is not None:
            return ""
        if self.course.healing[visit].healed_unassessed > 0:
            return definitions.ALL_HIDDEN
        return self.nothing_to_heal

    @property
    def nothing_to_heal(self) -> str:
        """Why a patient who never had open skin to follow has no rate."""
        largest = self.counted.max_open
        nothing = largest is None or largest.value < NOTHING
        return definitions.NEVER_OPEN if nothing else definitions.NEVER_HALF_OPEN

    def contradicted(self, visit: int, percent: float) -> str:
        """Return what to say beside a primary rate that reaches a threshold [%] where much skin is open all the same.

        Skin that was open may have healed while other skin opened, or opened by less than half of a face. Empty where
        the largest open area has closed by as much.
        """
        closed = self.rate(visit, "closed")
        if closed is None or closed.value >= percent - ROUNDING:
            return ""
        area = self.course.open_area(visit).value
        return f"but {area:.1f} % BSA is open at this visit: by the area that closed, the rate is {closed.value:.1f} %"

    def not_kept(self, day: int, percent: float) -> str:
        """Return what to say beside a primary rate [%] that was reached on a day and that a later visit lies below."""
        later = ((each, value.value) for each, (_, value) in self.primary_rates().items() if each > day)
        fallen = next((each for each in later if each[1] < percent - ROUNDING), None)
        return "" if fallen is None else f"but not kept: the rate is {fallen[1]:.1f} % on day {fallen[0]}"

    def when(self, day: date) -> str:
        """Return a date in words: by its day where day zero is known."""
        number = self.day_of(day)
        return f"on {day}" if number is None else f"on day {number}"

    def name(self, visit: int) -> str:
        """Return a visit in words."""
        day = self.days[visit]
        return str(self.dates[visit]) if day is None else f"day {day}"

    def seen_days(self) -> tuple[int, ...]:
        """Return the days of the visits at which skin was assessed, up to the end of the patient's time."""
        return tuple(day for visit in self.course.assessed if (day := self._counted_day(visit)) is not None)

    def primary_rates(self) -> dict[int, tuple[int, Estimate]]:
        """Return place and primary rate [%], by day, of every visit that has both, up to the end of the time."""
        found = {}
        for visit in self.course.assessed:
            day = self._counted_day(visit)
            value = self.rate(visit, self.protocol.numerator)
            if day is not None and value is not None:
                found[day] = visit, value
        return found

    def _counted_day(self, visit: int) -> int | None:
        return self.days[visit] if self.end is None or self.dates[visit] <= self.end else None

    def row(self, endpoint: str, unit: str, definition: str, day: int | None = None) -> EndpointRow:
        """Return the row of an endpoint that has no value yet; its source is that of what counts, up to its day."""
        kept = [
            names
            for visit, (names, when) in enumerate(zip(self.origins, self.days, strict=True))
            if not self.fault_at(visit) and (day is None or (when is not None and when <= day))
        ]
        return EndpointRow(self.patient.patient_id, endpoint, day, None, None, None, unit, definition, _source(kept))

    def at_visit(self, row: EndpointRow, visit: int, value: Estimate | None, *, alone: bool = False) -> EndpointRow:
        """Return the row with the day, value and source of a visit; without a day the definition names the date.

        Parameters
        ----------
        row : EndpointRow
            From `row`.
        visit : int
            Place of the visit.
        value : Estimate, optional
            Its value, if it has one.
        alone : bool
            Whether the value rests on this visit alone; else it compares it with those before.
        """
        if self.days[visit] is None:
            row = replace(row, definition=f"visit of {self.dates[visit]}; {row.definition}")
        source = self.source_at(visit) if alone else self.source_up_to(visit)
        return with_estimate(remarked(replace(row, day=self.days[visit], source=source), self.fault_at(visit)), value)

    def source_at(self, visit: int) -> str:
        """Return who said what the skin of a visit is."""
        return source_text(self.origins[visit])

    def source_up_to(self, visit: int) -> str:
        """Return who said what the skin of a visit and of those before it is."""
        return _source(self.origins[: visit + 1])

    def fault_at(self, visit: int) -> str:
        """Return what is wrong with the date of a visit, or nothing."""
        if self.end is None or self.dates[visit] <= self.end:
            return ""
        return (
            f"this visit is dated after the patient {self.end_words}: check the dates; it counts in its own rows alone"
        )


def date_of(row: EndpointRow, day_zero: date | None) -> date | None:
    """Return the date of a patient's row: that of its day, or, without day zero, of the visit that it names.

    Parameters
    ----------
    row : EndpointRow
        As `Story.at_visit` or `Story.row` made it.
    day_zero : datetime.date, optional
        The patient's.
    """
    if day_zero is not None:
        return None if row.day is None else day_zero + timedelta(row.day)
    named = _NAMED_VISIT.match(row.definition)
    return date.fromisoformat(named[1]) if named else None


def _source(told: Iterable[Origins]) -> str:
    return source_text(origin for origins in told for origin in origins)


def with_estimate(row: EndpointRow, value: Estimate | None) -> EndpointRow:
    """Return the row with a value and its interval, or unchanged where there is none."""
    return row if value is None else replace(row, value=value.value, low=value.low, high=value.high)


def without_value(row: EndpointRow, reason: str) -> EndpointRow:
    """Return the row with the reason for its empty value at the head of its definition."""
    return replace(row, definition=f"{reason}; {row.definition}")


def remarked(row: EndpointRow, *remarks: str) -> EndpointRow:
    """Return the row with remarks at the end of its definition; empty ones say nothing."""
    return replace(row, definition="; ".join([row.definition, *(each for each in remarks if each)]))


def yes_no(answer: bool) -> str:
    """Return an answer as it stands in the results."""
    return "yes" if answer else "no"
