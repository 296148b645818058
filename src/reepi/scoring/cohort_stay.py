"""Hospital stay of a cohort: how long, what it rises with, and against the stays of a historical cohort."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from reepi.core.results import EndpointRow
from reepi.scoring.cohort_patients import Cohort, CohortPatient, cohort_row, in_patients, joined_sources, told_of
from reepi.scoring.medians import MEDIAN_INTERVAL, median, quantile
from reepi.scoring.ranks import HODGES_LEHMANN, SPEARMAN, rank_correlation, rank_sum_p, shift
from reepi.scoring.statistic import Statistic
from reepi.scoring.stay_regression import REGRESSION, stay_ratio
from reepi.scoring.time_to_event import AALEN_JOHANSEN, Followed, cumulative_incidence

STAY: Final = "hospital_stay_days"
UNIT: Final = "days"

COVARIATES: Final = ("max_open_bsa", "onset_to_admission_days", "scorten")
"""What a stay is related to, in the trial's words: body surface involved, onset and SCORTEN."""

ALIVE: Final = "discharged alive"

Covariates = tuple[float | None, ...]


@dataclass(frozen=True)
class Stays:
    """Stays of a cohort by how they ended [days].

    Parameters
    ----------
    alive, died : tuple of float
        Of those discharged alive, and of those who died in hospital.
    covariates : tuple of Covariates
        Of those discharged alive, as in `COVARIATES`.
    unfinished : tuple of float
        Of those still in hospital when last heard of, so far.
    """

    alive: tuple[float, ...]
    died: tuple[float, ...]
    covariates: tuple[Covariates, ...]
    unfinished: tuple[float, ...] = ()

    def until_discharge(self) -> list[Followed]:
        """Return when each was discharged alive, death competing."""
        return [
            *(Followed("reached", day) for day in self.alive),
            *(Followed("died", day) for day in self.died),
            *(Followed("unknown", day) for day in self.unfinished),
        ]


def stay_rows(cohort: Cohort) -> list[EndpointRow]:
    """Return the rows of hospital stay; against a historical cohort only where the study has one."""
    stays = _of_trial(cohort)
    unknown = [each for each in cohort.patients if _stay(each) is None and _so_far(each) is None]
    told = [cohort.who, told_of(unknown, "stay not known of")]
    rows = [*_length_rows(stays, told), *_relation_rows(cohort, stays, told)]
    return rows + (_historical_rows(cohort, stays, told) if cohort.study.historical else [])


def _stay(patient: CohortPatient) -> float | None:
    stay = patient.number(STAY)
    return stay if stay is not None and stay >= 0 else None


def _so_far(patient: CohortPatient) -> float | None:
    row = patient.row(STAY)
    return None if row is None or row.value is not None else row.low


def _died_in_hospital(patient: CohortPatient) -> bool:
    death, discharge = patient.record.death, patient.time.discharge
    return death is not None and (discharge is None or death <= discharge)


def _of_trial(cohort: Cohort) -> Stays:
    ended = [(each, stay) for each in cohort.patients if (stay := _stay(each)) is not None]
    alive = [(each, stay) for each, stay in ended if not _died_in_hospital(each)]
    return Stays(
        tuple(stay for _, stay in alive),
        tuple(stay for each, stay in ended if _died_in_hospital(each)),
        tuple(tuple(each.number(name) for name in COVARIATES) for each, _ in alive),
        tuple(days for each in cohort.patients if (days := _so_far(each)) is not None),
    )


def _of_history(cohort: Cohort) -> Stays:
    historical = cohort.study.historical
    alive = [each for each in historical if not each.died]
    return Stays(
        tuple(each.stay_days for each in alive),
        tuple(each.stay_days for each in historical if each.died),
        tuple(
            (each.max_open_bsa, each.onset_to_admission_days, None if each.scorten is None else float(each.scorten))
            for each in alive
        ),
    )


def _length_rows(stays: Stays, told: Sequence[str], suffix: str = "") -> list[EndpointRow]:
    """Return median, quartiles, the stays that ended in death, and the time until discharge with death competing."""
    n, died, unfinished = len(stays.alive), len(stays.died), len(stays.unfinished)
    ended = f"{n} {ALIVE}, {died} died in hospital" + (f", {unfinished} still there" if unfinished else "")
    who = [ended, *told]
    rows = [cohort_row(f"{STAY}{suffix}", median(stays.alive), UNIT, [f"median, {ALIVE}", *who, MEDIAN_INTERVAL])]
    for name, part in (("lower", 0.25), ("upper", 0.75)):
        parts = [f"{name} quartile, {ALIVE}", *who]
        found = _only_value(quantile(stays.alive, part)) if stays.alive else median(())
        rows.append(cohort_row(f"{STAY}{suffix}_{name}_quartile", found, UNIT, parts))
    if stays.died:
        parts = ["median, ended by death in hospital", *who, MEDIAN_INTERVAL]
        rows.append(cohort_row(f"{STAY}{suffix}_died", median(stays.died), UNIT, parts))
    parts = ["days from admission by which half of the patients have been discharged alive", *who, AALEN_JOHANSEN]
    found = cumulative_incidence(stays.until_discharge()).median()
    return [*rows, cohort_row(f"hospital_stay_until_discharge{suffix}", found, UNIT, parts)]


def _only_value(value: float) -> Statistic:
    return Statistic(value, remark="no interval is computed")


def _relation_rows(cohort: Cohort, stays: Stays, told: Sequence[str]) -> list[EndpointRow]:
    """Return how stays rise with each covariate, among those discharged alive."""
    rows = []
    for place, name in enumerate(COVARIATES):
        pairs = [(each[place], stay) for each, stay in zip(stays.covariates, stays.alive, strict=True)]
        known = [(value, stay) for value, stay in pairs if value is not None]
        found = rank_correlation([value for value, _ in known], [stay for _, stay in known])
        parts = [f"{STAY} and {name} of {in_patients(len(known))} {ALIVE} with both known", *told, SPEARMAN]
        source = joined_sources(each.row(name) for each in cohort.patients)
        rows.append(cohort_row(f"hospital_stay_with_{name}", found, "correlation", parts, None, source))
    return rows


def _historical_rows(cohort: Cohort, stays: Stays, told: Sequence[str]) -> list[EndpointRow]:
    history = _of_history(cohort)
    of_file = [f"of the {in_patients(len(cohort.study.historical))} of historical.csv"]
    sizes = f"{in_patients(len(stays.alive))} of the trial and {len(history.alive)} of historical.csv, {ALIVE}"
    parts = [f"stays of the trial minus those of the historical cohort; {sizes}", *told, HODGES_LEHMANN]
    rows = [
        *_length_rows(history, of_file, "_historical"),
        cohort_row("hospital_stay_difference", shift(stays.alive, history.alive), UNIT, parts),
    ]
    p = rank_sum_p(stays.alive, history.alive)
    found = Statistic(None, remark="a group is empty") if p is None else Statistic(p, remark="a p has no interval")
    test = "two-sided Mann-Whitney test (Ann Math Stat 1947;18:50-60)"
    rows.append(cohort_row("hospital_stay_difference_p", found, "p", [test, sizes, *told]))
    return [*rows, _ratio_row(cohort, stays, history, told)]


def _ratio_row(cohort: Cohort, stays: Stays, history: Stays, told: Sequence[str]) -> EndpointRow:
    table = [
        (stay, of_trial, *(value for value in known if value is not None))
        for group, of_trial in ((stays, 1.0), (history, 0.0))
        for stay, known in zip(group.alive, group.covariates, strict=True)
        if stay > 0 and None not in known
    ]
    # The order of patients must not change the last digits of sums.
    numbers = np.array(sorted(table), np.float64).reshape(len(table), 2 + len(COVARIATES))
    found = stay_ratio(numbers[:, 0], numbers[:, 1], numbers[:, 2:])
    trial = int(numbers[:, 1].sum())
    sizes = f"{in_patients(trial)} of the trial and {len(table) - trial} of historical.csv, {ALIVE}"
    sizes += ", with a stay above 0 days and all values known"
    parts = [f"geometric mean stay of the trial / that of the historical cohort at equal severity; {sizes}", *told]
    source = joined_sources(each.row("max_open_bsa") for each in cohort.patients)
    return cohort_row("hospital_stay_ratio", found, "ratio", [*parts, REGRESSION], None, source)
