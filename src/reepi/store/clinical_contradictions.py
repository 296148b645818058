"""What the lines of ``clinical.csv`` say against each other. What is merely unusual is none."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from reepi.core.clinical import MUCOSAE, Observation
from reepi.core.clinical_items import item_of
from reepi.core.errors import Fault
from reepi.core.study import Patient
from reepi.store.tables import Line

LONG_BEFORE: Final = timedelta(days=366)
"""A date so long before the first symptoms is a slip of the year: onset, admission and stay lie within weeks."""

LONG_AFTER: Final = timedelta(days=20 * 366)
"""No study follows its patients so long; what lies beyond is a slip of the year."""


@dataclass(frozen=True)
class Told:
    """An observation, and the line that tells it."""

    line: Line
    observation: Observation

    @property
    def day(self) -> date:
        """Its date; the earliest there is, where it has none."""
        return self.observation.date or date.min


def contradictions(
    told: Sequence[Told], patients: Mapping[str, Patient], counts_from_admission: bool = False
) -> list[Fault]:
    """Return what the lines of a table say against each other, and against ``patients.csv``, in the order of lines.

    Parameters
    ----------
    told : sequence of Told
        The lines.
    patients : mapping of str to Patient
        By identifier.
    counts_from_admission : bool
        Whether day zero of the study is the admission.
    """
    faults = []
    for patient_id in dict.fromkeys(each.observation.patient_id for each in told):
        of_one = [each for each in told if each.observation.patient_id == patient_id]
        faults += _far_away(of_one, patients.get(patient_id))
        if counts_from_admission and patient_id in patients:
            faults += _other_day_zero(of_one, patients[patient_id])
        faults += [fault for find in _FINDERS for fault in find(of_one)]
    return sorted(faults, key=lambda fault: fault.line or 0)


def _of(told: Iterable[Told], item: str) -> list[Told]:
    """Return the lines of an item by date."""
    return sorted((each for each in told if each.observation.item == item), key=lambda each: each.day)


def _happened(told: Iterable[Told], item: str) -> list[Told]:
    return [each for each in _of(told, item) if each.observation.text != "no"]


def _far_away(told: Iterable[Told], patient: Patient | None) -> list[Fault]:
    """Tell dates that belong to no disease of this patient."""
    if patient is None or patient.index_date is None:
        return []
    faults = []
    for each in told:
        item, day = item_of(each.observation.item), each.observation.date
        if item is None or day is None:
            continue
        early = patient.index_date - day > LONG_BEFORE and not item.any_time_before
        if early or day - patient.index_date > LONG_AFTER:
            distance = "more than a year before" if early else "more than twenty years after"
            problem = f"{item.name} on {day} lies {distance} the first symptoms ({patient.index_date})"
            faults.append(each.line.fault(problem, "Check the year, here and in patients.csv."))
    return faults


def _other_day_zero(told: Iterable[Told], patient: Patient) -> list[Fault]:
    """Tell a first admission that is not the patient's day zero, though the protocol says that it is."""
    first = next(iter(_happened(told, "admission")), None)
    if first is None or first.day == patient.day_zero_date:
        return []
    zero = f"is {patient.day_zero_date}" if patient.day_zero_date else "is empty"
    problem = f"admission on {first.day}, and day_zero_date of patients.csv {zero}, though day zero is the admission"
    return [first.line.fault(problem, "Write the same date in both.")]


def _repeated(told: Iterable[Told]) -> list[Fault]:
    """Tell events that stand there twice: they would be counted twice. A value may well be measured twice."""
    faults, first = [], dict[Observation, Told]()
    for each in told:
        item, earlier = item_of(each.observation.item), first.setdefault(each.observation, each)
        if earlier is not each and item is not None and item.kind == "term":
            problem = f"{each.observation.item} stands in line {earlier.line.number} already, with the same value"
            faults.append(each.line.fault(problem, "Remove one; if both happened, tell them apart."))
    return faults


def _answers(told: Sequence[Told]) -> list[Fault]:
    """Tell a yes and a no of the same day; a "no" without a date speaks of all days."""
    faults = []
    kinds = ("answer", "event", "term")
    for name in dict.fromkeys(each.observation.item for each in told):
        item = item_of(name)
        if item is None or item.kind not in kinds:
            continue
        happened = _happened(told, name)
        for no in [each for each in _of(told, name) if each.observation.text == "no"]:
            against = [yes for yes in happened if no.observation.date in (None, yes.observation.date)]
            if against:
                problem = f"{name} is no, and line {against[0].line.number} tells one"
                remedy = "Remove one, or give the day up to which there was none."
                faults.append(no.line.fault(problem, remedy))
    return faults


def _after_death(told: Sequence[Told]) -> list[Fault]:
    deaths = _happened(told, "death")
    if not deaths:
        return []
    first, faults = deaths[0], []
    for each in deaths[1:]:
        if each.day != first.day:
            problem = f"death on {each.day}, and line {first.line.number} tells one on {first.day}"
            faults.append(each.line.fault(problem, "Remove one."))
    alive = [each for each in _of(told, "death") if each.observation.text == "no"]
    positive = [each for each in told if each.observation.text not in ("no", "not_involved")]
    living = [each for each in positive if (item := item_of(each.observation.item)) is not None and item.in_life]
    later = sorted(each.line.number for each in [*alive, *living] if each.day > first.day)
    if later:
        lines = f"line {later[0]} tells" if len(later) == 1 else f"lines {', '.join(map(str, later))} tell"
        faults.append(first.line.fault(f"death on {first.day}, and {lines} of life after it", "Correct the dates."))
    return faults


def _stay(told: Sequence[Told]) -> list[Fault]:
    admitted = _happened(told, "admission")
    return [
        each.line.fault(
            f"discharge on {each.day}, before the admission on {admitted[0].day} (line {admitted[0].line.number})",
            "Correct one of the dates.",
        )
        for each in _happened(told, "discharge")
        if admitted and each.day < admitted[0].day
    ]


def _mucosae(told: Sequence[Told]) -> list[Fault]:
    return [fault for site in MUCOSAE for fault in _mucosa(_of(told, f"mucosa_{site}"))]


def _mucosa(lines: Sequence[Told]) -> list[Fault]:
    """Tell a membrane that healed before it was involved, or was never involved after it was."""
    involved = [each for each in lines if each.observation.text == "involved"]
    if not involved:
        return []
    first, faults = involved[0], []
    for each in lines:
        state, name = each.observation.text, each.observation.item
        where = f"(line {first.line.number})"
        if state == "healed" and each.day < first.day:
            problem = f"{name} healed on {each.day}, before it was involved on {first.day} {where}"
            faults.append(each.line.fault(problem, "Correct one of the dates."))
        elif state == "not_involved" and (each.observation.date is None or each.day >= first.day):
            problem = f"{name} is not_involved, and was involved on {first.day} {where}"
            faults.append(each.line.fault(problem, "Write healed once it is; otherwise remove one."))
        elif state == "healed" and each.day in {other.day for other in involved}:
            problem = f"{name} is both healed and involved on {each.day}"
            faults.append(each.line.fault(problem, "Remove one."))
    return faults


_FINDERS: Final[tuple[Callable[[Sequence[Told]], list[Fault]], ...]] = (
    _repeated,
    _answers,
    _after_death,
    _stay,
    _mucosae,
)
