"""SCORTEN of a cohort, and its deaths against those that SCORTEN expects."""

from collections import Counter
from typing import Final

from reepi.core.results import EndpointRow
from reepi.scoring.bootstrap import bootstrapped
from reepi.scoring.cohort_patients import Cohort, CohortPatient, cohort_row, in_patients, joined_sources, told_of
from reepi.scoring.medians import quantile
from reepi.scoring.proportions import (
    CLOPPER_PEARSON,
    GARWOOD,
    observed_to_expected,
    poisson_count,
    proportion_percent,
)
from reepi.scoring.scorten import SCORTEN_ITEMS, SOURCE
from reepi.scoring.statistic import Statistic

NO_TABLE: Final = "the study has no clinical.csv"

FORMS: Final = {"": "scorten_mortality", "_table": "scorten_mortality_table", "_logistic": "scorten_mortality_logistic"}
"""End of the cohort's names, and the patient's mortality that is added up; the protocol's form first."""


def scorten_cohort_rows(cohort: Cohort) -> list[EndpointRow]:
    """Return the mean score, and how many patients have the point of each item."""
    scores = {each: each.number("scorten") for each in cohort.patients}
    known = [score for score in scores.values() if score is not None]
    found, method = bootstrapped(known, "mean")
    unscored = told_of([each for each in cohort.patients if scores[each] is None], "without a score:")
    parts = [f"mean of {in_patients(len(known))} with a score", unscored, cohort.who, _spread(known), SOURCE, method]
    source = joined_sources(each.row("scorten") for each in cohort.patients)
    return [
        cohort_row("scorten", found, "points", parts, None, source),
        *(_item_row(cohort, item) for item in SCORTEN_ITEMS),
    ]


def _spread(scores: list[float]) -> str:
    if not scores:
        return ""
    counts = Counter(int(score) for score in scores)
    told = ", ".join(f"{counts[score]} with {score}" for score in sorted(counts))
    return f"median {quantile(scores, 0.5):g}, points of the patients: {told}"


def _item_row(cohort: Cohort, item: str) -> EndpointRow:
    name = f"scorten_{item}"
    points = {each: each.number(name) for each in cohort.patients}
    known = [each for each in cohort.patients if points[each] is not None]
    count = sum(points[each] == 1 for each in known)
    unknown = told_of([each for each in cohort.patients if points[each] is None])
    parts = [f"{count} of {in_patients(len(known))} of whom it is known have the point", unknown, cohort.who]
    source = joined_sources(each.row(name) for each in cohort.patients)
    return cohort_row(name, proportion_percent(count, len(known)), "%", [*parts, CLOPPER_PEARSON], None, source)


def death_rows(cohort: Cohort) -> list[EndpointRow]:
    """Return deaths observed and expected, by both forms of mortality, and their ratio."""
    rows = [_observed_row(cohort)]
    suffixes = FORMS if cohort.has_clinical else ("",)
    rows += [_expected_row(cohort, suffix) for suffix in suffixes]
    return rows + [_ratio_row(cohort, suffix) for suffix in suffixes if cohort.has_clinical]


def _observed_row(cohort: Cohort) -> EndpointRow:
    days = cohort.study.protocol.death_days
    known = [each for each in cohort.patients if each.answer("death") is not None]
    died = _died(known)
    found = poisson_count(len(died)) if known else Statistic(None, remark=_nothing_known(cohort, "death"))
    who = f"fate known of {len(known)} of {cohort.all_of_them}"
    told = told_of(died, "died:")
    unscored = told_of([each for each in known if each.number(FORMS[""]) is None], "no score, so none expected, of")
    parts = [f"deaths of any cause up to day {days} after day zero", who, _unknown(cohort), told, unscored, cohort.who]
    parts += [GARWOOD] if known else []
    return cohort_row("deaths_observed", found, "deaths", parts, days)


def _unknown(cohort: Cohort) -> str:
    return told_of([each for each in cohort.patients if each.answer("death") is None], "not known whether alive then:")


def _died(patients: list[CohortPatient]) -> list[CohortPatient]:
    return [each for each in patients if each.answer("death")]


def _nothing_known(cohort: Cohort, what: str) -> str:
    return f"{what} is not known of any patient" if cohort.has_clinical else NO_TABLE


def _mortality(cohort: Cohort, suffix: str) -> dict[CohortPatient, float]:
    """Return the mortality [%] of each patient with a score of whom it is known whether they died.

    Deaths are expected of nobody of whom none could be observed.
    """
    found = {each: each.number(FORMS[suffix]) for each in cohort.patients if each.answer("death") is not None}
    return {each: value for each, value in found.items() if value is not None}


def _form_words(cohort: Cohort, suffix: str) -> str:
    form = suffix.removeprefix("_") or f"{cohort.study.protocol.scorten_mortality}, the protocol's form"
    return f"mortality expected by SCORTEN ({form})"


def _expected_row(cohort: Cohort, suffix: str) -> EndpointRow:
    mortality = _mortality(cohort, suffix)
    unscored = told_of([each for each in cohort.patients if each.number(FORMS[suffix]) is None], "without a score:")
    source = joined_sources(each.row(FORMS[suffix]) for each in mortality)
    parts = [f"sum of the {_form_words(cohort, suffix)} over {in_patients(len(mortality))} with score and fate known"]
    parts += [unscored, _unknown(cohort), cohort.who, SOURCE]
    if not mortality:
        found = Statistic(None, remark=_nothing_known(cohort, "both"))
    else:
        total = sum(sorted(mortality.values())) / 100
        found = Statistic(total, remark="no interval: each patient's mortality is taken as SCORTEN's paper gives it")
    days = cohort.study.protocol.death_days
    return cohort_row(f"deaths_expected{suffix}", found, "deaths", parts, days, source)


def _ratio_row(cohort: Cohort, suffix: str) -> EndpointRow:
    mortality = _mortality(cohort, suffix)
    both = list(mortality)
    observed, expected = len(_died(both)), sum(sorted(mortality.values())) / 100
    why = _why_no_ratio(cohort, suffix, observed) if both else _nothing_known(cohort, "both")
    found = Statistic(None, remark=why) if why else observed_to_expected(observed, expected)
    others = told_of([each for each in cohort.patients if each not in both], "not known of both:")
    what = f"{observed} observed / {expected:.3f} expected deaths of {in_patients(len(both))} with both known"
    source = joined_sources(each.row(FORMS[suffix]) for each in both)
    parts = [
        what,
        others,
        _form_words(cohort, suffix),
        cohort.who,
        f"{GARWOOD} of the observed, divided by the expected",
    ]
    return cohort_row(f"deaths_ratio{suffix}", found, "ratio", parts, cohort.study.protocol.death_days, source)


def _why_no_ratio(cohort: Cohort, suffix: str, observed: int) -> str:
    """Return why deaths are not divided by those expected; empty where the fate of all with a score is known.

    A death is always written down, and that somebody lives only if somebody wrote it: among those known the dead are
    too many.
    """
    scored = {each: value for each in cohort.patients if (value := each.number(FORMS[suffix])) is not None}
    open_fates = [each for each in scored if each.answer("death") is None]
    expected = sum(sorted(scored.values())) / 100
    if not open_fates or expected <= 0:
        return ""
    known = f"fate known of {len(scored) - len(open_fates)} of {in_patients(len(scored))} with a score"
    least, most = (number / expected for number in (observed, observed + len(open_fates)))
    return (
        f"{known}, and a death is known sooner than a survival; all scored taken, the ratio lies between {least:.2f} "
        f"(the others alive) and {most:.2f} (the others dead)"
    )
