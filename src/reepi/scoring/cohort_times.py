"""Times to re-epithelialisation of a cohort: medians, and the share of patients at each planned day, three ways."""

from typing import Final

from reepi.core.results import EndpointRow
from reepi.scoring.cohort_curves import HealingCurves, curves_of
from reepi.scoring.cohort_patients import Cohort, cohort_row, joined_sources, named
from reepi.scoring.cohort_rates import rate_days
from reepi.scoring.follow_up import Looks
from reepi.scoring.statistic import Statistic
from reepi.scoring.time_to_event import AALEN_JOHANSEN, KAPLAN_MEIER, Curve
from reepi.scoring.turnbull import TURNBULL, allowed, half_passed

COMPLETE: Final = 100
"""Name of the endpoint of complete re-epithelialisation; the protocol says from which rate on it is complete [%]."""

SEEN: Final = "reached on the day of the first visit at which it was seen"


def time_rows(cohort: Cohort) -> list[EndpointRow]:
    """Return, for each rate, the median time and the share of patients that has reached it by each planned day."""
    curves = curves_of(cohort)
    return [row for each in curves.healing for row in _rows(cohort, each, curves.looks)]


def _rows(cohort: Cohort, curves: HealingCurves, looks: Looks) -> list[EndpointRow]:
    source = joined_sources(each.row(f"time_to_{curves.percent}") for each in cohort.patients)
    counted = _counted(cohort, curves, looks)
    median, share = f"time_to_{curves.percent}", f"healed_{curves.percent}_by_day"
    rate = cohort.study.protocol.complete_percent if curves.percent == COMPLETE else curves.percent
    what = f"half of the patients have reached a rate of {rate:g} % (time_to_{curves.percent})"
    rows = [
        _median_row(median, curves.healed, [what, *counted, SEEN, AALEN_JOHANSEN], source),
        _median_row(f"{median}_kaplan_meier", curves.kaplan_meier, [what, *counted, SEEN, KAPLAN_MEIER], source),
        _turnbull_median(f"{median}_turnbull", curves, [what, *counted, TURNBULL], source),
    ]
    for day in rate_days(cohort):
        by = f"share of patients that have reached a rate of {rate:g} % (time_to_{curves.percent}) by day {day}"
        rows += [
            _share_row(f"{share}_{day}", curves.healed, day, [by, *counted, SEEN, AALEN_JOHANSEN], source),
            _share_row(
                f"{share}_{day}_kaplan_meier", curves.kaplan_meier, day, [by, *counted, SEEN, KAPLAN_MEIER], source
            ),
            _turnbull_share(f"{share}_{day}_turnbull", curves, day, [by, *counted, TURNBULL], source),
        ]
    return rows


def _counted(cohort: Cohort, curves: HealingCurves, looks: Looks) -> list[str]:
    reached, died, unknown = (
        sum(each.outcome == outcome for each in curves.times) for outcome in ("reached", "died", "unknown")
    )
    left_out = f"no time for {named(curves.left_out)}" if curves.left_out else ""
    told = f"{len(curves.times)} of {cohort.all_of_them}: {reached} reached it, {died} died before"
    return [f"{told}, {unknown} last seen without", looks.rule, left_out, cohort.others]


def _median_row(name: str, curve: Curve, parts: list[str], source: str) -> EndpointRow:
    return cohort_row(name, curve.median(), "day", [f"first day on which {parts[0]}", *parts[1:]], None, source)


def _share_row(name: str, curve: Curve, day: int, parts: list[str], source: str) -> EndpointRow:
    return cohort_row(name, curve.at(day), "%", parts, day, source)


def _turnbull_median(name: str, curves: HealingCurves, parts: list[str], source: str) -> EndpointRow:
    found = curves.turnbull.median()
    parts = [f"latest day by which {parts[0]}", *parts[1:]]
    if found is None:
        reached = sum(each.percent for each in curves.turnbull.intervals)
        why = f"not reached by maximum likelihood: {reached:.1f} % in all" if curves.times else "no patient has a time"
        return cohort_row(name, Statistic(None, remark=why), "day", parts, None, source)
    where = f"{half_passed(curves.times, found)}; no interval is computed"
    return cohort_row(name, Statistic(found.until, remark=where), "day", parts, None, source)


def _turnbull_share(name: str, curves: HealingCurves, day: int, parts: list[str], source: str) -> EndpointRow:
    if curves.healed.at(day).value is None:
        return cohort_row(name, Statistic(None, remark=curves.healed.at(day).remark), "%", parts, day, source)
    least, most = curves.turnbull.by(day)
    open_ended = curves.turnbull.open_percent
    few, many = allowed(curves.times, day)
    told = (
        f"by maximum likelihood at least this, at most {most:.1f} %; the visits alone allow {few:.1f} to {many:.1f} %, "
    )
    told += "as days between visits are not known; no interval is computed"
    told += f"; {open_ended:.1f} % belong to nothing that was seen" if open_ended > 0 else ""
    return cohort_row(name, Statistic(least, remark=told), "%", parts, day, source)
