"""Responders of a cohort, and how much had re-epithelialised at the planned days."""

from collections.abc import Sequence
from typing import Final

from reepi.core.results import EndpointRow
from reepi.scoring import planned
from reepi.scoring.bootstrap import Kind, bootstrapped
from reepi.scoring.cohort_patients import Cohort, CohortPatient, cohort_row, in_patients, joined_sources, told_of
from reepi.scoring.proportions import CLOPPER_PEARSON, proportion_percent
from reepi.scoring.responder import RESPONDER_DAY

UNIT: Final = "%"


def responder_rate_rows(cohort: Cohort) -> list[EndpointRow]:
    """Return the rate of responders among those with an answer, and its bounds with everybody else as no or as yes."""
    answers = {each.patient_id: each.answer("responder") for each in cohort.patients}
    yes = sum(answer is True for answer in answers.values())
    missing = [each for each in cohort.patients if answers[each.patient_id] is None]
    total = len(answers)
    source = joined_sources(each.row("responder") for each in cohort.patients)
    told = told_of(missing, "no answer for")

    def row(name: str, count: int, among: int, what: str) -> EndpointRow:
        parts = [f"{count} responders of {in_patients(among)} {what}", told, cohort.who, CLOPPER_PEARSON, _rule(cohort)]
        return cohort_row(name, proportion_percent(count, among), UNIT, parts, RESPONDER_DAY, source)

    return [
        row("responder_rate", yes, total - len(missing), "with an answer"),
        row("responder_rate_missing_no", yes, total, "with every patient without an answer taken as no"),
        row(
            "responder_rate_missing_yes", yes + len(missing), total, "with every patient without an answer taken as yes"
        ),
    ]


def _rule(cohort: Cohort) -> str:
    if cohort.study.protocol.almost_complete_percent is None:
        return "the protocol states no almost_complete_percent, so nobody has an answer"
    return "for who is a responder see responder of each patient"


def planned_rate_rows(cohort: Cohort) -> list[EndpointRow]:
    """Return mean and median of the primary rate at each planned day after day zero."""
    return [row for day in rate_days(cohort) for row in _planned_rates(cohort, day)]


def rate_days(cohort: Cohort) -> tuple[int, ...]:
    """Return the planned days after day zero."""
    return tuple(sorted({day for day in cohort.study.visit_days if day > 0}))


def _planned_rates(cohort: Cohort, day: int) -> list[EndpointRow]:
    window = cohort.study.protocol.window_days
    others = {*cohort.study.visit_days, RESPONDER_DAY}
    rates: dict[str, float] = {}
    for each in cohort.patients:
        mine = each.rates()
        answer = planned.answering_day(mine, day, window, others)
        if answer is not None:
            rates[each.patient_id] = mine[answer]
    without = [each for each in cohort.patients if each.patient_id not in rates]
    source = joined_sources(row for each in cohort.patients for row in each.all("reepithelialisation_rate"))
    counted = [
        f"{len(rates)} of {cohort.all_of_them} have such a rate",
        *_why_without(without, day),
        cohort.others,
        f"the dead are left out here, not counted as 0; {planned.rule(window)}",
    ]

    def row(name: str, kind: Kind) -> EndpointRow:
        found, method = bootstrapped(tuple(rates.values()), kind)
        parts = [f"{kind} of reepithelialisation_rate at day {day}", *counted, method]
        return cohort_row(name, found, UNIT, parts, day, source)

    return [row(f"rate_day_{day}", "mean"), row(f"rate_day_{day}_median", "median")]


def _why_without(patients: Sequence[CohortPatient], day: int) -> list[str]:
    """Return why patients have no rate at a day: dead by then, never open, or missing."""
    died = [each for each in patients if each.death_day is not None and each.death_day <= day]
    healthy = [each for each in patients if each not in died and each.never_open]
    missing = [each for each in patients if each not in died and each not in healthy]
    return [
        told_of(died, "died by then:"),
        told_of(healthy, "no open skin at any visit:"),
        told_of(missing, "no rate in the window:"),
    ]
