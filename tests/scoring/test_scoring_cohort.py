"""The cohort's rows of small studies, each counted by hand."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import Any

import numpy as np
import pytest
from cohort_studies import PROTOCOL, observed, rates, row, study
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.core.clinical import HistoricalPatient
from reepi.core.results import COHORT, EndpointRow
from reepi.core.study import Study
from reepi.scoring.clinical_endpoints import AT_LEAST
from reepi.scoring.cohort import cohort_rows
from reepi.scoring.cohort_curves import cohort_curves
from reepi.scoring.definitions import NEVER_OPEN, NOTHING_ASSESSED, NOTHING_TO_HEAL
from reepi.scoring.scorten import SCORTEN_ITEMS, logistic_mortality, table_mortality

NAMES = [f"P{i + 1}" for i in range(15)]


def found(of: Study, endpoints: Sequence[EndpointRow], name: str, day: int | None = None) -> EndpointRow:
    """Return the one row of a name, on a day if one is asked for."""
    mine = [each for each in cohort_rows(of, endpoints) if each.endpoint == name and day in (None, each.day)]
    assert len(mine) == 1, f"{len(mine)} rows of {name}"
    return mine[0]


def never_open(name: str, why: str = NEVER_OPEN) -> EndpointRow:
    return row(name, "reepithelialisation_rate", None, 0, definition=f"{why}; as the protocol says")


@pytest.mark.parametrize("why", NOTHING_TO_HEAL)
def test_who_had_nothing_to_heal_is_counted_so(why: str) -> None:
    """No open skin at all, or too little to follow; a visit at which nothing was assessed does not speak against it."""
    rows = [
        *rates("P1", {7: 20.0}),
        never_open("P2", why),
        row("P2", "reepithelialisation_rate", None, 5, definition=NOTHING_ASSESSED),
    ]
    assert "no open skin at any visit: P2" in found(study(2), rows, "rate_day_7").definition


def responders(*answers: str | None) -> list[EndpointRow]:
    return [row(name, "responder", answer, 7) for name, answer in zip(NAMES, answers, strict=False)]


def test_eight_of_fifteen_responders_have_the_trials_interval() -> None:
    """8 / 15 = 53.3 %, exact 95 % interval 26.6 to 78.7 % (Clopper & Pearson 1934)."""
    rate = found(study(15), responders(*["yes"] * 8, *["no"] * 7), "responder_rate")
    assert (rate.patient_id, rate.day, rate.unit) == (COHORT, 7, "%")
    assert (round(rate.value, 1), round(rate.low, 1), round(rate.high, 1)) == (53.3, 26.6, 78.7)


def test_patients_without_an_answer_bound_the_rate() -> None:
    """2 yes, 1 no, 1 unknown: 2/3 of those with an answer, 2/4 at least, 3/4 at most; the unknown one is named."""
    rows = responders("yes", "yes", "no", None)
    rate, least, most = (
        found(study(4), rows, name)
        for name in ("responder_rate", "responder_rate_missing_no", "responder_rate_missing_yes")
    )
    assert [each.value for each in (rate, least, most)] == pytest.approx([200 / 3, 50, 75])
    assert "no answer for P4" in rate.definition


def test_without_a_threshold_there_is_no_rate_and_the_reason() -> None:
    """The protocol must state what "almost complete" is; until then nobody has an answer."""
    of = study(3, protocol=replace(PROTOCOL, almost_complete_percent=None))
    rate = found(of, responders(None, None, None), "responder_rate")
    assert (rate.value, rate.low) == (None, None)
    assert "almost_complete_percent" in rate.definition


def test_whoever_was_never_infused_does_not_count_and_is_named() -> None:
    """The analysis set is the infused; P3 is left out above and below the line."""
    rate = found(study(3, never_infused=["P3"]), responders("yes", "no", "yes"), "responder_rate")
    assert rate.value == 50
    assert "the 2 infused patients; left out, never infused: P3" in rate.definition


@pytest.mark.parametrize(("patients", "never"), [(1, ()), (2, ("P1",)), (2, ("P1", "P2")), (0, ())])
def test_fewer_than_two_patients_are_no_cohort(patients: int, never: tuple[str, ...]) -> None:
    """One patient's rows say everything; there is no row of a cohort, and nothing fails."""
    assert cohort_rows(study(patients, never_infused=never), responders("yes", "no")[:patients]) == []


def test_a_study_without_clinical_records_says_so_once() -> None:
    """Deaths are named as not computed; chapters that rest on clinical.csv alone are left out."""
    rows = {each.endpoint: each for each in cohort_rows(study(2), responders("yes", "no"))}
    for name in ("deaths_observed", "deaths_expected"):
        assert rows[name].value is None
        assert "the study has no clinical.csv" in rows[name].definition
    assert not {"sepsis", "scorten", "hospital_stay_days", "deaths_ratio"} & set(rows)


RATE_CASES: list[tuple[str, dict[int, float | None], list[Any], float | None]] = [
    ("a visit on the day answers it", {0: 0.0, 7: 80.0}, [], 80.0),
    ("a visit within the window answers it", {0: 0.0, 8: 85.0}, [], 85.0),
    ("the nearer of two answers it", {6: 60.0, 7: 70.0}, [], 70.0),
    ("of two equally near the earlier answers it", {5: 10.0, 6: 60.0, 8: 88.0}, [], 60.0),
    ("a visit beyond the window does not", {3: 20.0, 12: 99.0}, [], None),
    ("a visit without a rate does not", {7: None}, [], None),
    ("a visit nearer to another planned day answers that one", {9: 90.0}, [], None),
    ("what was photographed after death does not count", {7: 80.0}, [observed("death", 5)], None),
    ("what was photographed after leaving does not count", {7: 80.0}, [observed("left_study", 5)], None),
    ("a visit on the day of death counts", {7: 80.0}, [observed("death", 7)], 80.0),
]


@pytest.mark.parametrize(("rule", "by_day", "told", "expected"), RATE_CASES, ids=[case[0] for case in RATE_CASES])
def test_the_rate_of_a_planned_day(
    rule: str, by_day: dict[int, float | None], told: list[Any], expected: float | None
) -> None:
    """One patient's visits; the other has no visit, so the mean is that patient's rate."""
    of = study(2, records={"P1": told} if told else {}, protocol=replace(PROTOCOL, window_days=1))
    assert found(of, rates("P1", by_day), "rate_day_7").value == expected, rule


def test_rates_have_mean_median_and_whoever_is_missing() -> None:
    """Rates 20, 40, 90: mean 50, median 40; the dead, the healthy and the missing are named apart."""
    of = study(6, records={"P4": [observed("death", 4)]})
    rows = [*rates("P1", {7: 20.0}), *rates("P2", {7: 40.0}), *rates("P3", {7: 90.0}), never_open("P5")]
    mean, median = found(of, rows, "rate_day_7"), found(of, rows, "rate_day_7_median")
    assert (mean.value, median.value) == (50, 40)
    for told in (
        "3 of the 6 infused",
        "died by then: P4",
        "no open skin at any visit: P5",
        "no rate in the window: P6",
    ):
        assert told in mean.definition


def healing(*times: tuple[float | None, float | None]) -> list[EndpointRow]:
    """Return time_to_90 rows: value and low of each patient, as `reepi.scoring.rate_rows` writes them."""
    return [row(n, "time_to_90", value, low=low, high=value) for n, (value, low) in zip(NAMES, times, strict=False)]


def test_healing_competes_with_death() -> None:
    """Of four, healed on day 5 and 10, one died on day 6, one last seen on day 10: 25 %, then 25 + 50/2 = 50 %."""
    of = study(4, records={"P2": [observed("death", 6)]})
    rows = healing((5.0, 3.0), (None, 5.0), (10.0, 7.0), (None, 10.0))
    by = {day: found(of, rows, f"healed_90_by_day_{day}").value for day in (5, 7, 10)}
    assert by == pytest.approx({5: 25, 7: 25, 10: 50})
    assert found(of, rows, "healed_90_by_day_10_kaplan_meier").value == pytest.approx(100 * (1 - 3 / 4 * 1 / 2))
    assert found(of, rows, "time_to_90").value == 10
    turnbull = found(of, rows, "time_to_90_turnbull")
    assert turnbull.value == 10
    assert "after day 7 and not after day 10" in turnbull.definition


FOLLOWED_CASES: list[tuple[str, tuple[float | None, float | None], list[Any], str, tuple[str, float] | None]] = [
    ("reached at a visit", (7.0, 5.0), [], "", ("reached", 7)),
    ("reached at the first visit", (5.0, None), [], "", ("reached", 5)),
    ("reached before day zero counts on it", (-1.0, -2.0), [], "", ("reached", 0)),
    ("not reached: lost after the last visit", (None, 15.0), [], "", ("unknown", 15)),
    ("left the study: lost before the next visit", (None, 5.0), [observed("left_study", 9)], "", ("unknown", 6)),
    ("left the study before the next visit was due", (None, 10.0), [observed("left_study", 12)], "", ("unknown", 12)),
    ("known to be alive: lost before the next visit", (None, 5.0), [observed("last_contact", 90)], "", ("unknown", 6)),
    ("died before the next visit", (None, 5.0), [observed("death", 6)], "", ("died", 6)),
    ("died on the day of the next visit", (None, 5.0), [observed("death", 7)], "", ("died", 7)),
    ("died after it: lost before it as the living are", (None, 5.0), [observed("death", 9)], "", ("unknown", 6)),
    ("died after leaving", (None, 10.0), [observed("left_study", 11), observed("death", 12)], "", ("unknown", 11)),
    ("died on the day of the last visit", (None, 15.0), [observed("death", 15)], "", ("died", 15)),
    ("reached, then died", (5.0, 0.0), [observed("death", 9)], "", ("reached", 5)),
    ("died before any visit: as little known as of the living", (None, None), [observed("death", 2)], "", None),
    ("died long after the last visit: lost then", (None, 15.0), [observed("death", 200)], "", ("unknown", 15)),
    ("no visit with a rate", (None, None), [], "", None),
    ("no open skin at any visit", (None, None), [observed("death", 9)], "never open", None),
    ("seen before day zero alone", (None, -3.0), [], "", ("unknown", 0)),
    ("seen before day zero, died on it", (None, -3.0), [observed("death", 0)], "", ("died", 0)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "time", "told", "skin", "expected"), FOLLOWED_CASES, ids=[case[0] for case in FOLLOWED_CASES]
)
def test_what_is_known_of_a_patients_time(
    rule: str,
    time: tuple[float | None, float | None],
    told: list[Any],
    skin: str,
    expected: tuple[str, float] | None,
) -> None:
    """How a patient enters the curves."""
    rows = [*healing(time), *([never_open("P1")] if skin else [])]
    curves = cohort_curves(study(2, records={"P1": told}), rows).healing[1]
    assert curves.percent == 90
    known = [(each.outcome, each.day) for each in curves.times]
    assert known == ([expected] if expected else []), rule
    assert ("P1" in curves.left_out) == (expected is None)


def test_a_death_after_the_last_visit_counts_no_more_than_the_living() -> None:
    """Of fifteen, twelve healed on day 10 and three were last seen open on day 15; one of them died on day 25.

    At most one of fifteen (6.7 %) died without: where a visit of day 28 was planned, all three were at risk until it.
    Where none was, nothing is said beyond day 15.
    """
    records = {"P13": [observed("death", 25)], **{name: [observed("last_contact", 40)] for name in ("P14", "P15")}}
    rows = healing(*[(10.0, 7.0)] * 12, *[(None, 15.0)] * 3)
    planned, ended = (
        study(15, records=records, visit_days=days) for days in ((0, 5, 7, 10, 15, 28), (0, 5, 7, 10, 15))
    )
    curves = cohort_curves(planned, rows).healing[1]
    assert curves.died.percent[-1] == pytest.approx(100 / 15)
    assert curves.turnbull.died == ((25, pytest.approx(100 / 15)),)
    assert found(planned, rows, "healed_90_by_day_28").value is None
    definition = found(planned, rows, "healed_90_by_day_15").definition
    assert "1 died before, 2 last seen without; who was last seen without stays at risk" in definition
    ended_curves = cohort_curves(ended, rows).healing[1]
    assert (ended_curves.died.percent[-1], ended_curves.turnbull.died) == (0, ())
    assert ended_curves.healed.at(28).value is None


def test_deaths_long_after_the_looks_leave_no_share() -> None:
    """Ten last seen on day 7, of whom two died on day 20: nothing of it was followed, and nobody is 100 % dead."""
    records = {name: [observed("death", 20)] for name in ("P9", "P10")}
    curves = cohort_curves(study(10, records=records), healing(*[(None, 7.0)] * 10)).healing[1]
    assert (curves.died.percent[-1], {each.outcome for each in curves.times}) == (0, {"unknown"})


def test_without_planned_days_any_visit_tells_when_the_next_was_due() -> None:
    """Others came on day 12: a death on day 11 after a visit on day 5 competes, one on day 13 does not."""
    rows = [*rates("P2", {5: 10.0, 12: 20.0}), *healing((None, 5.0), (None, 12.0))]
    for death, expected in ((11, ("died", 11)), (13, ("unknown", 11))):
        of = study(2, records={"P1": [observed("death", death)]}, visit_days=())
        curves = cohort_curves(of, rows)
        assert (curves.healing[1].times[0].outcome, curves.healing[1].times[0].day) == expected
        assert "day of anybody's visit" in curves.looks.rule


@pytest.mark.parametrize(("low", "after"), [(None, -inf), (0.0, 0.0), (-2.0, 0.0), (3.0, 3.0)])
def test_nobody_looked_before_the_first_visit(low: float | None, after: float) -> None:
    """Reached at the first visit there is: how long before is not known, not even that it was after day zero."""
    (time,) = cohort_curves(study(1), healing((5.0, low))).healing[1].times
    assert (time.day, time.after) == (5.0, after)


def test_nobody_healed_says_how_far_it_came() -> None:
    """No median: the row says what share had healed by when."""
    median = found(study(2), healing((None, 7.0), (None, 10.0)), "time_to_90")
    assert median.value is None
    assert "not reached: 0.0 % by day 10" in median.definition


def test_all_healed_at_the_first_visit() -> None:
    """Everybody healed on day 5: 0 % before, 100 % from then on, and the median is day 5."""
    of, rows = study(6), healing(*[(5.0, None)] * 6)
    assert found(of, rows, "healed_90_by_day_5").value == 100
    assert found(of, rows, "healed_90_by_day_15").value == 100
    assert found(of, rows, "time_to_90").value == 5


def scores(*points: int | None) -> list[EndpointRow]:
    rows = []
    for name, score in zip(NAMES, points, strict=False):
        forms = (None, None) if score is None else (table_mortality(score).percent, logistic_mortality(score).percent)
        values = zip(
            ("scorten_mortality", "scorten_mortality_table", "scorten_mortality_logistic"),
            (forms[1], *forms),
            strict=True,
        )
        rows += [row(name, "scorten", None if score is None else float(score), unit="points")]
        rows += [row(name, endpoint, value, unit="%") for endpoint, value in values]
        rows += [
            row(name, f"scorten_{item}", float(score is not None and place < score))
            for place, item in enumerate(SCORTEN_ITEMS)
        ]
    return rows  # fmt: skip


def deaths(*answers: str | None) -> list[EndpointRow]:
    return [row(name, "death", answer, 30) for name, answer in zip(NAMES, answers, strict=False)]


KNOWN = {"P1": [observed("admission", -1)]}
"""Some clinical record, so that the study has a clinical.csv."""


def test_deaths_are_held_against_both_forms_of_scorten() -> None:
    """Scores 1, 2, 3: table 3.2 + 12.1 + 35.3 % = 0.506 deaths; logistic sums the same points; one died."""
    rows = [*scores(1, 2, 3), *deaths("no", "no", "yes")]
    of = study(3, records=KNOWN)
    observed_row, table = found(of, rows, "deaths_observed"), found(of, rows, "deaths_expected_table")
    assert (observed_row.value, observed_row.day) == (1.0, 30)
    assert (observed_row.low, observed_row.high) == pytest.approx((0.0253178, 5.5716434), abs=1e-6)
    assert table.value == pytest.approx(0.506)
    logistic = sum(1 / (1 + np.exp(4.448 - 1.237 * score)) for score in (1, 2, 3))
    assert found(of, rows, "deaths_expected_logistic").value == pytest.approx(logistic)
    assert found(of, rows, "deaths_expected").value == pytest.approx(logistic)
    ratio = found(of, rows, "deaths_ratio_table")
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx(
        (1 / 0.506, 0.0253178 / 0.506, 5.5716434 / 0.506), 1e-5
    )


def test_a_ratio_counts_only_patients_with_a_score() -> None:
    """P1 has no score: the ratio is of P2 and P3, and P1 is named."""
    ratio = found(study(3, records=KNOWN), [*scores(None, 2, 3), *deaths("yes", "no", "no")], "deaths_ratio_table")
    assert ratio.value == 0
    assert "0 observed / 0.474 expected deaths of 2 patients" in ratio.definition
    assert "not known of both: P1" in ratio.definition


def test_while_fates_are_unknown_there_is_no_ratio_but_its_bounds() -> None:
    """One of ten with 12.1 % is known to have died, of the others nothing: 1 / 1.21 if they live, 10 / 1.21 if not.

    Of those known it would be 1 / 0.121: 8.3 times the deaths expected.
    """
    of, rows = study(10, records=KNOWN), [*scores(*[2] * 10), *deaths("yes", *[None] * 9)]
    ratio = found(of, rows, "deaths_ratio_table")
    assert (ratio.value, ratio.low, ratio.high) == (None, None, None)
    assert "not computed: fate known of 1 of 10 patients with a score" in ratio.definition
    assert "between 0.83 (the others alive) and 8.26 (the others dead)" in ratio.definition
    assert "fate known of 1 of the 10 infused patients" in found(of, rows, "deaths_observed").definition


def test_deaths_are_expected_of_whom_they_could_be_observed() -> None:
    """P1 has no score, P3 no known fate: 0.121 deaths are expected of P2 alone, and each row names who is not in it."""
    of, rows = study(3, records=KNOWN), [*scores(None, 2, 3), *deaths("yes", "no", None)]
    expected, seen = found(of, rows, "deaths_expected_table"), found(of, rows, "deaths_observed")
    assert (expected.value, seen.value) == (pytest.approx(0.121), 1)
    assert "without a score: P1; not known whether alive then: P3" in expected.definition
    assert "no score, so none expected, of P1" in seen.definition
    assert "not known whether alive then: P3" in seen.definition


def test_scorten_is_told_by_item_and_by_score() -> None:
    """Scores 1, 2, 3: mean 2; the first item has its point in 3 of 3, the third in 1 of 3."""
    of, rows = study(3, records=KNOWN), scores(1, 2, 3)
    assert found(of, rows, "scorten").value == 2
    assert "1 with 1, 1 with 2, 1 with 3" in found(of, rows, "scorten").definition
    shares = [found(of, rows, f"scorten_{item}").value for item in SCORTEN_ITEMS[:4]]
    assert shares == pytest.approx([100, 200 / 3, 100 / 3, 0])


def stays(*days: float | None, so_far: float | None = None) -> list[EndpointRow]:
    return [
        row(name, "hospital_stay_days", day, low=so_far if day is None else None, unit="days")
        for name, day in zip(NAMES, days, strict=False)
    ]


def test_stays_that_ended_in_death_are_told_apart() -> None:
    """10, 20 and 30 days to discharge, 5 to death: median 20, quartiles 15 and 25 of the living, 5 of the dead."""
    of = study(4, records={"P4": [observed("admission", 0), observed("death", 5)]})
    rows = stays(10.0, 20.0, 30.0, 5.0)
    names = ("", "_lower_quartile", "_upper_quartile", "_died")
    assert [found(of, rows, f"hospital_stay_days{name}").value for name in names] == [20, 15, 25, 5]
    assert found(of, rows, "hospital_stay_until_discharge").value == 20


def test_a_death_after_discharge_does_not_end_the_stay() -> None:
    """Discharged on day 8 and dead on day 20: a stay that ended alive."""
    told = [observed("admission", 0), observed("discharge", 8), observed("death", 20)]
    length = found(study(2, records={"P1": told}), stays(8.0, 12.0), "hospital_stay_days")
    assert length.value == 10
    assert "2 discharged alive, 0 died in hospital" in length.definition


def test_an_unfinished_stay_counts_as_long_as_it_is_known() -> None:
    """Discharged on day 10, still there on day 12: half by day 10; nobody's stay is unknown."""
    until = found(study(2, records=KNOWN), stays(10.0, None, so_far=12.0), "hospital_stay_until_discharge")
    assert until.value == 10
    assert "1 still there" in until.definition
    assert "not known of" not in until.definition


def test_stays_are_related_to_what_the_trial_names() -> None:
    """Longer stays with larger skin: Spearman's correlation of five patients is 1, that of their onset -1."""
    rows = stays(10.0, 12.0, 15.0, 20.0, 30.0)
    rows += [row(name, "max_open_bsa", 10.0 + i) for i, name in enumerate(NAMES[:5])]
    rows += [row(name, "onset_to_admission_days", 5.0 - i) for i, name in enumerate(NAMES[:5])]
    of = study(5, records=KNOWN)
    assert found(of, rows, "hospital_stay_with_max_open_bsa").value == 1
    assert found(of, rows, "hospital_stay_with_onset_to_admission_days").value == -1
    unknown = found(of, rows, "hospital_stay_with_scorten")
    assert unknown.value is None
    assert "0 of the 5 patients that are needed" in unknown.definition


def test_stays_against_a_historical_cohort() -> None:
    """Every stay is 4 days shorter than its like: difference -4; the dead of the file do not count."""
    days = [10.0, 14.0, 19.0, 25.0, 32.0]
    history = [HistoricalPatient(day + 4, died=False) for day in days] + [HistoricalPatient(1, died=True)]
    of, rows = study(5, records=KNOWN, historical=history), stays(*days)
    difference = found(of, rows, "hospital_stay_difference")
    assert difference.value == pytest.approx(np.median([a - b - 4 for a in days for b in days]))
    assert found(of, rows, "hospital_stay_days_historical").value == 23
    assert found(of, rows, "hospital_stay_days_historical_died").value == 1
    assert 0 < found(of, rows, "hospital_stay_difference_p").value <= 1
    ratio = found(of, rows, "hospital_stay_ratio")
    assert ratio.value is None
    assert "0 and 0 patients have all values" in ratio.definition


def test_without_a_historical_cohort_nothing_is_compared() -> None:
    """No historical.csv, no row of it."""
    names = {each.endpoint for each in cohort_rows(study(2, records=KNOWN), stays(10.0, 12.0))}
    assert not any("historical" in name or "difference" in name for name in names)


def test_mucous_membranes_count_involved_healed_and_when() -> None:
    """Mouth: 3 of 4 known were involved, 2 healed, by day 10 half; the fifth patient is not known."""
    records = {
        "P1": [observed("mucosa_mouth", 0, "involved"), observed("mucosa_mouth", 7, "healed")],
        "P2": [observed("mucosa_mouth", 7, "involved"), observed("mucosa_mouth", 10, "healed")],
        "P3": [observed("mucosa_mouth", 15, "involved")],
        "P4": [observed("mucosa_mouth", 0, "not_involved")],
    }
    name = "mucosa_mouth_healing_days"
    rows = [row("P1", name, 7.0, low=0.0), row("P2", name, 10.0, low=7.0), row("P3", name, None, low=15.0)]
    of = study(5, records=records)
    assert found(of, rows, "mucosa_mouth_involved").value == 75
    assert found(of, rows, "mucosa_mouth_healed").value == pytest.approx(200 / 3)
    median = found(of, rows, name)
    assert median.value == 10
    assert "not known of P5" in median.definition
    assert "half is passed after day 7 and not after day 10" in median.definition


def mouth(*states: tuple[int, str]) -> list[Any]:
    return [observed("mucosa_mouth", day, state) for day, state in states]


def test_a_death_long_after_the_last_look_at_a_membrane_does_not_compete() -> None:
    """Four healed on day 15, six last seen involved then; one died on day 200: 40 % by day 15, and no word beyond."""
    records = {name: mouth((0, "involved"), (15, "healed")) for name in NAMES[:4]}
    records |= {name: mouth((0, "involved"), (15, "involved")) for name in NAMES[4:10]}
    records["P10"].append(observed("death", 200))
    name = "mucosa_mouth_healing_days"
    rows = [row(each, name, 15.0, low=0.0) for each in NAMES[:4]]
    rows += [row(each, name, None, low=15.0) for each in NAMES[4:10]]
    definition = found(study(10, records=records), rows, name).definition
    assert "not reached: 40.0 % by day 15" in definition
    assert "day on which anybody's was looked at" in definition


@pytest.mark.parametrize(("death", "median"), [(9, None), (10, None), (11, 10)])
def test_a_death_competes_with_a_membrane_until_the_next_look_was_due(death: int, median: int | None) -> None:
    """Last looked at on day 7, two of three died; the third was looked at, and healed, on day 10."""
    records = {name: [*mouth((7, "involved")), observed("death", death)] for name in ("P1", "P2")}
    records["P3"] = mouth((7, "involved"), (10, "healed"))
    name = "mucosa_mouth_healing_days"
    rows = [row("P1", name, None, low=7.0), row("P2", name, None, low=7.0), row("P3", name, 10.0, low=7.0)]
    assert found(study(3, records=records), rows, name).value == median


def test_a_site_of_which_nothing_is_known_says_so() -> None:
    """Nobody wrote of the nose: no share, no time, and the reason."""
    of = study(2, records=KNOWN)
    for name in ("mucosa_nose_involved", "mucosa_nose_healed", "mucosa_nose_healing_days"):
        assert found(of, [], name).value is None
        assert "not computed" in found(of, [], name).definition


@pytest.mark.parametrize("endpoint", ["sepsis", "intensive_care", "sequelae", "adverse_event", "death"])
def test_events_are_shares_of_those_known(endpoint: str) -> None:
    """1 of 2 known, the third unknown and named: 50 %, exact interval 1.26 to 98.74 %."""
    rows = [row("P1", endpoint, "yes"), row("P2", endpoint, "no"), row("P3", endpoint, None)]
    share = found(study(3, records=KNOWN), rows, endpoint)
    assert (share.value, share.low, share.high) == pytest.approx((50, 1.257911709, 98.742088291), abs=1e-6)
    assert "known of 2 of the 3 infused patients; not known of P3" in share.definition
    least, most = (found(study(3, records=KNOWN), rows, f"{endpoint}_missing_{answer}") for answer in ("no", "yes"))
    assert (least.value, most.value) == pytest.approx((100 / 3, 200 / 3))
    assert "1 of 3 patients with everybody of whom it is not known taken as no" in least.definition


def test_adverse_events_are_added_up() -> None:
    """2 and 0 events of two patients, a third unknown: 2."""
    rows = [row("P1", "adverse_events", 2.0), row("P2", "adverse_events", 0.0), row("P3", "adverse_events", None)]
    assert found(study(3, records=KNOWN), rows, "adverse_events").value == 2


def test_a_sum_of_which_a_part_is_the_least_is_the_least() -> None:
    """Further events of P1 are not denied: the sum says so and names the patient."""
    rows = [row("P1", "adverse_events", 2.0, definition=AT_LEAST), row("P2", "adverse_events", 1.0)]
    told = found(study(2, records=KNOWN), rows, "adverse_events")
    assert (told.value, "at least, as further ones are not denied of P1" in told.definition) == (3, True)


LABORATORY_CASES: list[tuple[str, list[float | str], float | None]] = [
    ("an odd number has its middle", [1.0, 9.0, 4.0], 4.0),
    ("an even number has the mean of both in the middle", [1.0, 4.0, 6.0, 9.0], 5.0),
    ("below what can be measured stands below all", ["<2", 3.0, 8.0], 3.0),
    ("above what can be measured stands above all", [">90", 3.0, 8.0], 8.0),
    ("half below what can be measured has no median", ["<2", "<2", 8.0, 9.0], None),
]


@pytest.mark.parametrize(("rule", "values", "expected"), LABORATORY_CASES, ids=[case[0] for case in LABORATORY_CASES])
def test_laboratory_values_are_described(rule: str, values: list[float | str], expected: float | None) -> None:
    """Median and range by day, without an interval."""
    rows = [row(n, "laboratory_il_4", v, 10, unit="pg/mL") for n, v in zip(NAMES, values, strict=False)]
    described = found(study(len(values), records=KNOWN), rows, "laboratory_il_4", 10)
    assert (described.value, described.low, described.unit) == (expected, None, "pg/mL"), rule


def test_each_day_and_unit_is_described_apart() -> None:
    """Chimerism on day 28 and 30 are two rows; a value without a day is none."""
    rows = [row("P1", "chimerism_percent", 0.5, 28), row("P2", "chimerism_percent", 0.7, 30)]
    rows += [row("P3", "chimerism_percent", 9.0, None)]
    of = study(3, records=KNOWN)
    days = [each.day for each in cohort_rows(of, rows) if each.endpoint == "chimerism_percent"]
    assert days == [28, 30]


def test_rows_of_a_cohort_among_the_endpoints_are_passed_over() -> None:
    """The curves of a report come from a whole endpoints.csv, which holds the cohort's own rows too."""
    rows = [*responders("yes", "no"), *healing((5.0, 3.0), (None, 10.0))]
    once = cohort_rows(study(2), rows)
    assert cohort_rows(study(2), [*rows, *once]) == once
    assert cohort_curves(study(2), [*rows, *once]) == cohort_curves(study(2), rows)


def test_sources_of_the_patients_are_joined() -> None:
    """One read by the model, one by a reader: the cohort's row rests on both."""
    rows = [row("P1", "responder", "yes", 7), row("P2", "responder", "no", 7, source="reading")]
    assert set(found(study(2), rows, "responder_rate").source.split(" + ")) == {"proposal", "reading"}


PATIENT = st.fixed_dictionaries(
    {
        "rates": st.dictionaries(st.integers(-1, 16), st.floats(0, 100), max_size=4),
        "responder": st.sampled_from(["yes", "no", None]),
        "reached": st.none() | st.tuples(st.integers(0, 15), st.integers(1, 5)),
        "death": st.none() | st.integers(0, 40),
        "stay": st.none() | st.integers(0, 60),
        "score": st.none() | st.integers(0, 7),
    }
)


def rows_of(name: str, told: dict[str, Any]) -> list[EndpointRow]:
    rows = [*rates(name, told["rates"]), row(name, "responder", told["responder"], 7)]
    reached = told["reached"]
    value, low = (float(reached[0]), float(reached[0] - reached[1])) if reached else (None, 12.0)
    stay, score = told["stay"], told["score"]
    rows += [row(name, f"time_to_{percent}", value, low=low) for percent in (50, 90, 100)]
    rows += [row(name, "hospital_stay_days", None if stay is None else float(stay), unit="days")]
    rows += [row(name, "scorten", None if score is None else float(score))]
    rows += [row(name, "scorten_mortality", None if score is None else logistic_mortality(score).percent)]
    died = told["death"]
    return [*rows, row(name, "death", "yes" if died is not None and died <= 30 else "no", 30)]


@settings(max_examples=8, deadline=None)
@given(st.lists(PATIENT, min_size=2, max_size=7))
def test_rows_hold_for_whatever_patients_there_are(told: list[dict[str, Any]]) -> None:
    """Shares in 0 to 100, low <= value <= high, missing values say why, and the order of patients changes nothing."""
    records = {
        name: [observed("admission", -1), *([observed("death", each["death"])] if each["death"] is not None else [])]
        for name, each in zip(NAMES, told, strict=False)
    }
    names = NAMES[: len(told)]
    rows = [each for name, patient in zip(names, told, strict=True) for each in rows_of(name, patient)]
    cohort = cohort_rows(study(names, records=records), rows)
    turned = cohort_rows(study(names[::-1], records=records), rows)
    for one, other in zip(cohort, turned, strict=True):
        assert (one.endpoint, one.day, one.value is None) == (other.endpoint, other.day, other.value is None)
        for mine, theirs in ((one.value, other.value), (one.low, other.low), (one.high, other.high)):
            assert mine == (None if theirs is None else pytest.approx(theirs, abs=1e-6))
        ends = [end for end in (one.low, one.value, one.high) if end is not None]
        assert ends == pytest.approx(sorted(ends), abs=1e-9)
        assert one.unit != "%" or all(0 <= end <= 100 + 1e-9 for end in ends)
        assert one.value is not None or "not " in one.definition


def test_statistics_load_only_when_a_cohort_is_scored() -> None:
    """The pipeline imports the cohort with everything else; a photograph's measurement must not wait for statistics."""
    asked = "import sys, reepi.scoring.cohort; print({'scipy.stats', 'statsmodels', 'lifelines'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_regression_of_stays_leaves_out_who_is_not_complete() -> None:
    """Twelve of the trial and twenty of the file, half as long at equal severity; who has no score does not count."""
    rng = np.random.default_rng(1)
    severity = [(rng.uniform(10, 60), float(rng.integers(0, 9)), float(rng.integers(0, 6))) for _ in range(33)]
    days = [float(20 * np.exp(0.01 * bsa + 0.05 * score)) for bsa, _, score in severity]
    history = [
        HistoricalPatient(stay, False, bsa, onset, int(score))
        for stay, (bsa, onset, score) in zip(days[13:], severity[13:], strict=True)
    ]
    rows = stays(*[day / 2 for day in days[:13]])
    for name, (bsa, onset, score) in zip(NAMES, severity[:13], strict=False):
        rows += [row(name, "max_open_bsa", bsa), row(name, "onset_to_admission_days", onset)]
        rows += [row(name, "scorten", None if name == "P13" else score)]
    ratio = found(study(13, records=KNOWN, historical=history), rows, "hospital_stay_ratio")
    assert ratio.value == pytest.approx(0.5)
    assert "12 patients of the trial and 20 of historical.csv" in ratio.definition
