"""What happened to a cohort beside its skin: mucous membranes, events, and values that are described only."""

from collections.abc import Sequence
from math import inf, isfinite

from reepi.core.clinical import LABORATORY, MUCOSAE
from reepi.core.results import EndpointRow
from reepi.scoring.clinical_endpoints import AT_LEAST
from reepi.scoring.cohort_patients import Cohort, CohortPatient, cohort_row, in_patients, told_of
from reepi.scoring.follow_up import Looks
from reepi.scoring.proportions import CLOPPER_PEARSON, proportion_percent
from reepi.scoring.statistic import Statistic
from reepi.scoring.time_to_event import AALEN_JOHANSEN, Followed, cumulative_incidence
from reepi.scoring.turnbull import half_passed, interval_censored


def mucosa_rows(cohort: Cohort) -> list[EndpointRow]:
    """Return, for each mucous membrane, how many were involved, how many of these healed, and when."""
    return [row for site in MUCOSAE for row in _site_rows(cohort, site)]


def _site_rows(cohort: Cohort, site: str) -> list[EndpointRow]:
    states = {each: {state.text for state in each.record.all(f"mucosa_{site}")} for each in cohort.patients}
    known = [each for each in cohort.patients if states[each]]
    involved = [each for each in known if states[each] & {"involved", "healed"}]
    name = f"mucosa_{site}_healing_days"
    healed = [each for each in involved if each.number(name) is not None]
    unknown = told_of([each for each in cohort.patients if each not in known])
    counted = f"{len(involved)} of {in_patients(len(known))} of whom it is known had the {site} involved"
    some = f"{len(healed)} of {len(involved)} involved were seen healed for good"
    told = [counted, some, unknown, cohort.who]
    looks = _looks(cohort, site)
    found = {each: _healing_time(each, name, looks) for each in involved}
    times = [time for time in found.values() if time is not None]
    untimed = told_of([each for each in involved if found[each] is None], "no time for")
    what = f"first day on which half of the {len(times)} involved had the {site} healed; on the day it was seen healed"
    median = cumulative_incidence(times).median()
    return [
        cohort_row(
            f"mucosa_{site}_involved", proportion_percent(len(involved), len(known)), "%", [*told, CLOPPER_PEARSON]
        ),
        cohort_row(
            f"mucosa_{site}_healed", proportion_percent(len(healed), len(involved)), "%", [*told, CLOPPER_PEARSON]
        ),
        cohort_row(name, median, "day", [what, *told, untimed, looks.rule, _between(times), AALEN_JOHANSEN]),
    ]


def _looks(cohort: Cohort, site: str) -> Looks:
    """Return when looks at a mucous membrane are due; no plan says it, so on days on which anybody's was looked at."""
    states = ((each, state) for each in cohort.patients for state in each.record.all(f"mucosa_{site}"))
    days = (each.time.day(state.date) for each, state in states)
    window = cohort.study.protocol.window_days
    return Looks.on((day for day in days if day is not None), window, "day on which anybody's was looked at")


def _between(times: Sequence[Followed]) -> str:
    """Return within which days half have healed, as days between two looks are not known."""
    found = interval_censored(times).median()
    if found is None:
        return ""
    return f"by the looks before (Turnbull, J R Stat Soc B 1976;38:290-295), {half_passed(times, found)}"


def _healing_time(patient: CohortPatient, name: str, looks: Looks) -> Followed | None:
    """Return what is known of when a membrane healed; None where no look is dated, whether dead or alive."""
    row = patient.row(name)
    if row is None:
        return None
    value = patient.number(name)
    if value is not None:
        day, after = max(value, 0.0), -inf if row.low is None or row.low < 0 else row.low
        return Followed("reached", day, after if after < day else -inf)
    return None if row.low is None else looks.seen_without(patient, row.low)


def event_rows(cohort: Cohort) -> list[EndpointRow]:
    """Return the share of patients with each event, the trial's safety endpoint first."""
    protocol = cohort.study.protocol
    safety = f"at least one adverse event from day zero to day {protocol.adverse_event_days}"
    return [
        *_share_rows(cohort, "adverse_event", safety, protocol.adverse_event_days),
        _count_row(cohort, protocol.adverse_event_days),
        *_share_rows(cohort, "sepsis", "sepsis at any time"),
        *_share_rows(cohort, "intensive_care", "transfer to intensive care at any time"),
        *_share_rows(cohort, "sequelae", "at least one lasting harm at any time"),
        *_share_rows(cohort, "death", f"death of any cause up to day {protocol.death_days}", protocol.death_days),
    ]


def _share_rows(cohort: Cohort, endpoint: str, what: str, day: int | None = None) -> list[EndpointRow]:
    """Return the share among those known, and its bounds with everybody else as no or as yes.

    What happened is written down, and what did not is known only if somebody wrote that: the share of those known may
    lie far above that of all.
    """
    answers = {each: each.answer(endpoint) for each in cohort.patients}
    unknown = [each for each in cohort.patients if answers[each] is None]
    yes, total = sum(answer is True for answer in answers.values()), len(answers)
    told = [f"known of {total - len(unknown)} of {cohort.all_of_them}", told_of(unknown), cohort.who, CLOPPER_PEARSON]

    def row(name: str, count: int, among: int, who: str) -> EndpointRow:
        parts = [f"{what}: {count} of {in_patients(among)} {who}", *told]
        return cohort_row(name, proportion_percent(count, among), "%", parts, day)

    return [
        row(endpoint, yes, total - len(unknown), "of whom it is known"),
        row(f"{endpoint}_missing_no", yes, total, "with everybody of whom it is not known taken as no"),
        row(
            f"{endpoint}_missing_yes", yes + len(unknown), total, "with everybody of whom it is not known taken as yes"
        ),
    ]


def _count_row(cohort: Cohort, days: int) -> EndpointRow:
    rows = {each: each.row("adverse_events") for each in cohort.patients}
    counts = {each: each.number("adverse_events") for each in cohort.patients}
    known = [count for count in counts.values() if count is not None]
    unknown = told_of([each for each in cohort.patients if counts[each] is None])
    more = [each for each, row in rows.items() if row is not None and AT_LEAST in row.definition]
    at_least = told_of(more, "at least, as further ones are not denied of")
    what = f"adverse events of {in_patients(len(known))} from day zero to day {days}, added up"
    parts = [what, at_least, unknown, cohort.who]
    remark = "no interval: events of one patient are not independent" if known else "not known of any patient"
    found = Statistic(sum(known) if known else None, remark=remark)
    return cohort_row("adverse_events", found, "events", parts, days)


def described_rows(cohort: Cohort) -> list[EndpointRow]:
    """Return the median of each laboratory value, and of chimerism, on each day on which it was measured."""
    rows = [row for each in cohort.patients for row in each.rows if _is_described(row)]
    keys = sorted({(row.endpoint, row.unit, row.day) for row in rows if row.day is not None})
    return [_described_row(cohort, *key) for key in keys]


def _is_described(row: EndpointRow) -> bool:
    return row.value is not None and (row.endpoint.startswith(LABORATORY) or row.endpoint == "chimerism_percent")


def _described_row(cohort: Cohort, endpoint: str, unit: str, day: int) -> EndpointRow:
    """Return one description; of several values of a patient on a day the first counts."""
    mine = {
        each.patient_id: next((row for row in each.all(endpoint) if (row.unit, row.day) == (unit, day)), None)
        for each in cohort.patients
    }
    values = [row.value for row in mine.values() if row is not None and row.value is not None]
    written = sorted({value for value in values if isinstance(value, str)})
    numbers = sorted(_ranked(value) for value in values)
    middle = (numbers[(len(numbers) - 1) // 2] + numbers[len(numbers) // 2]) / 2  # Infinite where it lies beyond.
    inside = [number for number in numbers if isfinite(number)]
    parts = [
        f"median of {in_patients(len(numbers))} on day {day}",
        f"{min(inside):g} to {max(inside):g}" if inside else "",
        f"{len(numbers) - len(inside)} beyond what can be measured: {', '.join(written)}" if written else "",
        cohort.who,
    ]
    value = middle if isfinite(middle) else None
    remark = "half or more lie beyond what can be measured" if value is None else "described only: no interval"
    return cohort_row(endpoint, Statistic(value, remark=remark), unit, parts, day)


def _ranked(value: float | str) -> float:
    """Return where a value stands: one written as below what can be measured below all, one above it above all."""
    if isinstance(value, str):
        return -inf if value.startswith("<") else inf
    return float(value)
