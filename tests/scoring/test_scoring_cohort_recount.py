"""Every number of whole drawn trials counted a second time, from the patients' rows alone, by other libraries.

The numbers of one statistic are held against references in its own tests; here the question is whether the cohort's
rows rest on the patients that they say they rest on.
"""

from collections.abc import Iterable
from math import exp, log
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from cohort_trials import LOOKS, VISITS, drawn_trial
from lifelines import KaplanMeierFitter
from pingouin import mwu
from statsmodels.duration.survfunc import CumIncidenceRight
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson

from reepi.core.clinical import MUCOSAE
from reepi.core.results import EndpointRow
from reepi.core.study import Study
from reepi.scoring.bootstrap import bootstrapped
from reepi.scoring.cohort import cohort_rows
from reepi.scoring.scorten import SCORTEN_ITEMS

Z = 1.959963984540054

SEEDS = (1, 2, 3)


class Recount:
    """A drawn trial: its patients' rows as a table, and the cohort's rows by name."""

    def __init__(self, study: Study, rows: list[EndpointRow]) -> None:
        self.study = study
        infused = [each.patient_id for each in study.patients if each.day_zero_date is not None]
        table = pd.DataFrame([vars(each) for each in rows])
        self.table = table[table.patient_id.isin(infused)]
        self.patients = infused
        self.cohort = cohort_rows(study, rows)

    def row(self, name: str, day: int | None = None) -> EndpointRow:
        (found,) = [each for each in self.cohort if each.endpoint == name and day in (None, each.day)]
        return found

    def of(self, name: str) -> pd.Series:
        """Return an endpoint by patient, in numbers where it is one."""
        rows = self.table[self.table.endpoint == name].drop_duplicates("patient_id").set_index("patient_id")
        values = rows["value"].reindex(self.patients)
        return values if set(values.dropna()) <= {"yes", "no"} else values.astype(float)

    def low_of(self, name: str) -> pd.Series:
        rows = self.table[self.table.endpoint == name].drop_duplicates("patient_id").set_index("patient_id")
        return rows["low"].reindex(self.patients).astype(float)

    def deaths(self) -> pd.Series:
        """Return the day of death by patient."""
        zero = {each.patient_id: each.day_zero_date for each in self.study.patients}
        found = {name: self.study.record(name).death for name in self.patients}
        return pd.Series({name: np.nan if day is None else (day - zero[name]).days for name, day in found.items()})

    def last_known(self) -> dict[str, float]:
        """Return the last day of which the ward wrote anything, by patient."""
        zero = {each.patient_id: each.day_zero_date for each in self.study.patients}
        return {
            name: max(float((line.date - zero[name]).days) for line in self.study.record(name).observations)
            for name in self.patients
        }


@pytest.fixture(scope="module", params=SEEDS)
def trial(request: pytest.FixtureRequest) -> Recount:
    return Recount(*drawn_trial(request.param))


def is_share(found: EndpointRow, count: int, total: int) -> None:
    """Check a share with its interval by statsmodels' beta quantiles."""
    low, high = proportion_confint(count, total, method="beta")
    expected = (100 * count / total, 100 * low, 100 * high)
    assert (found.value, found.low, found.high) == pytest.approx(expected, abs=1e-6), found.endpoint


def test_responders_are_counted_again(trial: Recount) -> None:
    """Those with an answer, and both bounds: shares with statsmodels' exact interval."""
    answers = trial.of("responder")
    yes, no = (answers == "yes").sum(), (answers == "no").sum()
    is_share(trial.row("responder_rate"), yes, yes + no)
    is_share(trial.row("responder_rate_missing_no"), yes, len(answers))
    is_share(trial.row("responder_rate_missing_yes"), len(answers) - no, len(answers))


@pytest.mark.parametrize("day", VISITS[1:])
def test_rates_are_the_means_of_the_patients_planned_rates(trial: Recount, day: int) -> None:
    """The mean of the patients' own rows of the planned day, and the interval of the same values."""
    rows = trial.table[(trial.table.endpoint == "reepithelialisation_rate_planned") & (trial.table.day == day)]
    values = np.sort(rows["value"].dropna().astype(float).to_numpy())
    found = trial.row(f"rate_day_{day}")
    assert found.value == pytest.approx(values.mean(), abs=1e-6)
    again, _ = bootstrapped(tuple(values), "mean")
    assert (found.low, found.high) == (again.low, again.high)
    assert trial.row(f"rate_day_{day}_median").value == pytest.approx(np.median(values), abs=1e-6)
    dead = trial.deaths()
    for name in dead.index[(dead <= day) & ~dead.index.isin(rows.dropna(subset="value").patient_id)]:
        assert name in found.definition.split("died by then:")[1].split(";")[0]


def followed(trial: Recount, name: str, due: Iterable[int]) -> pd.DataFrame:
    """Return day and event (0 unknown, 1 reached, 2 died) of each patient with a time.

    Until the next look was due, a death competes; who was not looked at then was followed to the last day before its
    window on which the patient was known to be alive.
    """
    reached, last, dead = trial.of(name), trial.low_of(name), trial.deaths()
    window, times = trial.study.protocol.window_days, {}
    for each in trial.patients:
        come = [day for day in sorted(due) if day - window > last[each]]
        if not np.isnan(reached[each]):
            times[each] = (reached[each], 1)
        elif dead[each] <= (come[0] + window if come else last[each]):
            times[each] = (dead[each], 2)
        elif not np.isnan(last[each]):
            alive = min(np.nan_to_num(dead[each], nan=np.inf), trial.last_known()[each])
            times[each] = (max(last[each], min(come[0] - window - 1, alive)) if come else last[each], 0)
    return pd.DataFrame.from_dict(times, orient="index", columns=["day", "event"])


@pytest.mark.parametrize("percent", [50, 90, 100])
def test_incidence_by_day_is_that_of_two_libraries(trial: Recount, percent: int) -> None:
    """Aalen-Johansen of statsmodels with its error, Kaplan-Meier of lifelines, on the times of the patients' rows."""
    times = followed(trial, f"time_to_{percent}", VISITS)
    with np.errstate(all="ignore"):
        healed = CumIncidenceRight(times.day, times.event)
    lone = KaplanMeierFitter().fit(times.day, times.event == 1)
    for day in (day for day in VISITS[1:] if day <= times.day.max()):
        found = trial.row(f"healed_{percent}_by_day_{day}")
        place = np.searchsorted(healed.times, day, side="right") - 1
        share, error = (healed.cinc[0][place], healed.cinc_se[0][place]) if place >= 0 else (0.0, np.nan)
        assert found.value == pytest.approx(100 * share, abs=1e-6)
        if 0 < share < 1 and np.isfinite(error):
            spread = Z * error / (share * abs(log(share)))
            ends = (100 * share ** exp(spread), 100 * share ** exp(-spread))
            assert (found.low, found.high) == pytest.approx(ends, abs=1e-6)
        assert trial.row(f"healed_{percent}_by_day_{day}_kaplan_meier").value == pytest.approx(
            100 * (1 - lone.predict(day)), abs=1e-6
        )
    half = healed.times[healed.cinc[0] >= 0.5 - 1e-12]
    assert trial.row(f"time_to_{percent}").value == (half[0] if len(half) else None)


@pytest.mark.parametrize("percent", [50, 90])
def test_turnbull_holds_what_was_seen(trial: Recount, percent: int) -> None:
    """At least as many as were seen to have reached it, of all; no more than all who may have."""
    reached, last = trial.of(f"time_to_{percent}"), trial.low_of(f"time_to_{percent}")
    n = len(followed(trial, f"time_to_{percent}", VISITS))
    for day in VISITS[1:]:
        found = trial.row(f"healed_{percent}_by_day_{day}_turnbull")
        surely, never = (reached <= day).sum(), ((last >= day) & ~(reached <= day)).sum()
        if found.value is not None:
            assert 100 * surely / n - 1e-6 <= found.value <= 100 * (n - never) / n + 1e-6


def test_deaths_are_held_against_sums_of_mortality(trial: Recount) -> None:
    """Observed by the record, expected by adding up; the ratio only where all with a score have a fate."""
    died = trial.of("death")
    observed = trial.row("deaths_observed")
    low, high = confint_poisson((died == "yes").sum(), 1, method="exact-c")
    assert (observed.value, observed.low, observed.high) == pytest.approx(
        ((died == "yes").sum(), 0 if np.isnan(low) else low, high), abs=1e-6
    )
    for form in ("table", "logistic"):
        mortality = trial.of(f"scorten_mortality_{form}")
        both = mortality.notna() & died.notna()
        expected = mortality[both].sum() / 100
        assert trial.row(f"deaths_expected_{form}").value == pytest.approx(expected, abs=1e-9)
        ratio = (died[both] == "yes").sum() / expected if both.sum() == mortality.notna().sum() else None
        assert trial.row(f"deaths_ratio_{form}").value == (None if ratio is None else pytest.approx(ratio))
    for name in ("deaths_expected", "deaths_ratio"):  # The protocol of these trials says table.
        assert trial.row(name).value == trial.row(f"{name}_table").value


def test_scorten_is_the_patients_mean_and_shares(trial: Recount) -> None:
    """Mean of the scores that are known; points of each item as shares."""
    assert trial.row("scorten").value == pytest.approx(trial.of("scorten").mean())
    for item in SCORTEN_ITEMS:
        points = trial.of(f"scorten_{item}").dropna()
        is_share(trial.row(f"scorten_{item}"), int(points.sum()), len(points))


@pytest.mark.parametrize("endpoint", ["adverse_event", "sepsis", "intensive_care", "sequelae", "death"])
def test_events_are_counted_again(trial: Recount, endpoint: str) -> None:
    """Yes among those of whom it is known; the unknown are named, or counted where they are many."""
    answers = trial.of(endpoint)
    is_share(trial.row(endpoint), (answers == "yes").sum(), answers.notna().sum())
    is_share(trial.row(f"{endpoint}_missing_no"), (answers == "yes").sum(), len(answers))
    is_share(trial.row(f"{endpoint}_missing_yes"), (answers != "no").sum(), len(answers))
    unknown = answers.index[answers.isna()]
    told = trial.row(endpoint).definition
    assert all(name in told for name in unknown) or f"not known of {len(unknown)} patients" in told


@pytest.mark.parametrize("site", MUCOSAE)
def test_mucous_membranes_are_counted_again(trial: Recount, site: str) -> None:
    """Involved, healed, and the first day on which statsmodels' incidence with death competing reaches one half."""
    name = f"mucosa_{site}_healing_days"
    healed = trial.of(name)
    states = {each: {line.text for line in trial.study.record(each).all(f"mucosa_{site}")} for each in trial.patients}
    involved = [each for each, told in states.items() if told & {"involved", "healed"}]
    is_share(trial.row(f"mucosa_{site}_involved"), len(involved), sum(bool(told) for told in states.values()))
    is_share(trial.row(f"mucosa_{site}_healed"), healed.notna().sum(), len(involved))
    times = followed(trial, name, LOOKS)
    with np.errstate(all="ignore"):
        of_those = times.loc[times.index.intersection(involved)]
        other = CumIncidenceRight(of_those.day, of_those.event)
    half = other.times[other.cinc[0] >= 0.5 - 1e-12]
    assert trial.row(name).value == (half[0] if len(half) else None)


def stays(trial: Recount) -> pd.DataFrame:
    """Return stay, covariates and whether it ended in death, of patients whose stay has ended."""
    rows = trial.table[trial.table.endpoint == "hospital_stay_days"].set_index("patient_id")
    names = ("hospital_stay_days", "max_open_bsa", "onset_to_admission_days", "scorten")
    table = pd.DataFrame({name: trial.of(name) for name in names})
    table["died"] = rows.definition.str.contains("ended by death")
    return table.dropna(subset="hospital_stay_days")


def test_stays_are_described_and_related_again(trial: Recount) -> None:
    """Quantiles and Spearman's correlations of pandas, among those discharged alive."""
    table = stays(trial)
    alive = table[~table.died]
    assert trial.row("hospital_stay_days").value == alive.hospital_stay_days.median()
    for name, part in (("lower", 0.25), ("upper", 0.75)):
        assert trial.row(f"hospital_stay_days_{name}_quartile").value == alive.hospital_stay_days.quantile(part)
    assert trial.row("hospital_stay_days_died").value == table[table.died].hospital_stay_days.median()
    for name in ("max_open_bsa", "onset_to_admission_days", "scorten"):
        other = alive.hospital_stay_days.corr(alive[name], method="spearman")
        assert trial.row(f"hospital_stay_with_{name}").value == pytest.approx(other, abs=1e-6)


def test_stays_are_held_against_the_historical_cohort_again(trial: Recount) -> None:
    """Median of all differences, pingouin's Mann-Whitney p, and the regression as a formula of statsmodels."""
    mine = stays(trial)
    mine = mine[~mine.died].assign(trial=1.0)
    history: Any = pd.DataFrame([vars(each) for each in trial.study.historical])
    history = history[~history.died].rename(columns={"stay_days": "hospital_stay_days"}).assign(trial=0.0)
    one, two = mine.hospital_stay_days.to_numpy(), history.hospital_stay_days.to_numpy(float)
    difference = trial.row("hospital_stay_difference")
    assert difference.value == np.median(np.subtract.outer(one, two))
    assert trial.row("hospital_stay_difference_p").value == pytest.approx(mwu(one, two)["p_val"].iloc[0], abs=1e-6)
    together = pd.concat([mine, history]).dropna(subset=["max_open_bsa", "onset_to_admission_days", "scorten"])
    formula = "np.log(hospital_stay_days) ~ trial + max_open_bsa + onset_to_admission_days + scorten"
    fitted = smf.ols(formula, together.astype({"scorten": float})).fit(cov_type="HC3", use_t=True)
    ratio = trial.row("hospital_stay_ratio")
    ends = np.exp([fitted.params["trial"], *fitted.conf_int().loc["trial"]])
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx(tuple(ends), abs=1e-6)


def test_laboratory_values_are_described_again(trial: Recount) -> None:
    """Median by day, of pandas; what is below what can be measured stands below all."""
    rows = trial.table[trial.table.endpoint == "laboratory_il_4"]
    for day, values in rows.groupby("day")["value"]:
        middle = float(pd.to_numeric(values, errors="coerce").fillna(-np.inf).median())
        expected = pytest.approx(middle) if np.isfinite(middle) else None
        assert trial.row("laboratory_il_4", int(day)).value == expected


def test_nobody_who_was_not_infused_counts(trial: Recount) -> None:
    """One patient has rows and was never infused: every row but those of historical.csv says so, and none counts it."""
    sixteenth = next(each.patient_id for each in trial.study.patients if each.day_zero_date is None)
    told = [each for each in trial.cohort if "historical" not in each.endpoint]
    for each in told:
        assert "the 15 infused patients" in each.definition, each.endpoint
        assert f"left out, never infused: {sixteenth}" in each.definition, each.endpoint
