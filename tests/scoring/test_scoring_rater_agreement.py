"""Raters are compared on what both have, and every figure is told with what it rests on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import f1_score

from reepi.core.errors import InputError
from reepi.core.images import Mask
from reepi.core.regions import WHOLE_BODY
from reepi.core.results import COHORT, AreaRow, EndpointRow
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.report.agreement_content import counted
from reepi.scoring.rater_agreement import RaterAgreement, rater_agreement
from reepi.scoring.rater_figures import (
    ALL,
    BIAS,
    DICE,
    ICC,
    ICC_RESAMPLED,
    KAPPA,
    LOWER_LIMIT,
    MEAN_DICE,
    METHODS,
    POOLED_DICE,
    SAME_CLASS,
    WEIGHTED_KAPPA,
    AgreementFigure,
)
from reepi.scoring.rater_masks import SUBJECTS, Overlap, mean_dice, overlaps, patients_of, pooled_dice
from reepi.scoring.rater_values import (
    QUANTITIES,
    RESPONDER,
    SEVERITY,
    RaterResult,
    classes_side_by_side,
    side_by_side,
)

FIRST_DAY = date(2024, 3, 1)
OPEN = QUANTITIES[0]


def area(patient: str, visit: int, percent: float, tissue: str = "open", region: str = WHOLE_BODY) -> AreaRow:
    return AreaRow(patient, FIRST_DAY + timedelta(visit), visit, region, tissue, percent, percent, percent, percent)


def end(patient: str, endpoint: str, value: float | str | None, day: int | None = None) -> EndpointRow:
    return EndpointRow(patient, endpoint, day, value, None, None, "", "")


def rater(areas: Sequence[AreaRow] = (), endpoints: Sequence[EndpointRow] = (), **masks: Mask) -> RaterResult:
    calls: dict[str, Callable[[], Mask]] = {name: lambda mask=mask: mask for name, mask in masks.items()}
    return RaterResult(areas, endpoints, calls)


def visits_of(*percents: float) -> list[AreaRow]:
    """One visit of each of P0, P1, ... with that much open skin."""
    return [area(f"P{place}", 0, percent) for place, percent in enumerate(percents)]


def figure(found: RaterAgreement, subject: str, measure: str, photograph: str = "") -> AgreementFigure:
    """Return the one figure of that name of the first pair."""
    (only,) = [
        each
        for each in found.pairs[0].figures
        if (each.subject, each.measure, each.photograph) == (subject, measure, photograph)
    ]
    return only


def patch(rows: int, tissue: int = Tissue.DETACHED) -> Mask:
    """Return a mask (10, 10) of intact skin with its first rows of another tissue."""
    mask = np.full((10, 10), Tissue.INTACT, np.uint8)
    mask[:rows] = tissue
    return mask


def overlap(first: Mapping[str, Mask], second: Mapping[str, Mask]) -> Overlap:
    """Return the overlap of two raters' masks by photograph."""
    return overlaps({"a": rater(**first).masks, "b": rater(**second).masks})["a", "b"]


def test_only_visits_that_both_have_are_compared() -> None:
    """Ada's second visit and Ben's third are nobody's business."""
    ada = rater([area("P1", 0, 10), area("P1", 4, 20)])
    ben = rater([area("P1", 0, 12), area("P1", 8, 30)])
    found = side_by_side({"Ada": ada, "Ben": ben}, OPEN)
    assert (found.patients, found.visits) == (("P1",), ("2024-03-01",))
    assert found.values.tolist() == [[10, 12]]


def test_only_the_whole_body_is_compared() -> None:
    """Rows of regions and of other tissues do not mix in."""
    ada = rater([area("P1", 0, 10), area("P1", 0, 3, region="head_anterior"), area("P1", 0, 4, "detached")])
    assert side_by_side({"Ada": ada, "Ben": ada}, OPEN).values.tolist() == [[10, 10]]


def test_a_visit_at_which_nothing_was_seen_is_no_opinion() -> None:
    """No open skin on a body that nobody saw is not agreement with a rater who saw none."""
    blind = rater([area("P1", 0, 0), area("P1", 0, 100, "unassessed"), area("P2", 0, 5)])
    seeing = rater([area("P1", 0, 0), area("P1", 0, 40, "unassessed"), area("P2", 0, 6)])
    assert side_by_side({"a": blind, "b": seeing}, OPEN).patients == ("P2",)


def test_endpoints_are_matched_by_day_but_a_maximum_by_patient() -> None:
    """Raters may see the largest area on different days; a rate belongs to its day; no value is no opinion."""
    ada = rater(
        endpoints=[
            end("P1", "max_open_bsa", 30.0, 0),
            end("P1", "reepithelialisation_rate", 40.0, 5),
            end("P1", "reepithelialisation_rate", 70.0, 7),
            end("P1", "reepithelialisation_rate", None, 9),
            end(COHORT, "max_open_bsa", 99.0),
        ]
    )
    ben = rater(endpoints=[end("P1", "max_open_bsa", 28.0, 3), end("P1", "reepithelialisation_rate", 60.0, 7)])
    by_name = {quantity.name: side_by_side({"a": ada, "b": ben}, quantity) for quantity in QUANTITIES}
    assert by_name["max_open_bsa"].values.tolist() == [[30, 28]]
    assert by_name["reepithelialisation_rate"].values.tolist() == [[70, 60]]
    assert by_name["reepithelialisation_rate"].visits == ("day 7",)


def test_rows_of_the_cohort_and_of_the_ward_are_no_opinion() -> None:
    """Neither the cohort's figures nor clinical endpoints, which no photograph decides, change what is compared."""
    mine = [end("P1", "responder", "yes", 7), end("P1", "max_open_bsa", 30.0), end("P2", "responder", None, 7)]
    others = [
        end(COHORT, "responder_rate", 100.0, 7),
        end(COHORT, "responder", "of no grade", 7),
        end(COHORT, "reepithelialisation_rate", 50.0, 7),
        end(COHORT, "scorten", 2.0),
        end("P1", "sepsis", "yes"),
        end("P1", "scorten", 3.0),
        end("P1", "reepithelialisation_rate_as_known", 40.0, 7),
    ]
    plain, full = rater(endpoints=mine), rater(endpoints=[*others, *mine])
    assert classes_side_by_side({"a": plain, "b": full}, RESPONDER) == {"P1": ("yes", "yes")}
    for quantity in QUANTITIES:
        one, two = (side_by_side({"a": each, "b": each}, quantity) for each in (plain, full))
        assert one.values.tolist() == two.values.tolist()


def test_an_unknown_class_is_refused() -> None:
    """A class that is no grade would be counted nowhere."""
    odd = rater(endpoints=[end("P1", "severity_class", "mild")])
    with pytest.raises(ValueError, match="severity_class of P1 is 'mild'"):
        classes_side_by_side({"a": odd, "b": odd}, SEVERITY)


def test_bias_is_first_less_second() -> None:
    """Ben sees 2 % BSA more than Ada, on average, so Ada less Ben is -2."""
    found = rater_agreement({"Ada": rater(visits_of(1, 10, 20, 40)), "Ben": rater(visits_of(3, 11, 23, 42))})
    bias = figure(found, "open", BIAS)
    assert bias.value == pytest.approx(-2)
    assert (bias.unit, bias.n, bias.n_patients, bias.first, bias.second) == ("% BSA", 4, 4, "Ada", "Ben")


def test_resampled_icc_is_there_where_patients_have_several_visits() -> None:
    """With one visit a patient visits are independent, and one interval is enough."""
    once = rater(visits_of(1, 10, 20, 40))
    twice = replace(once, areas=[*once.areas, *(area(f"P{place}", 4, 2.0 * place) for place in range(4))])
    measures = {each.measure for each in rater_agreement({"a": once, "b": once}).figures}
    assert ICC_RESAMPLED not in measures
    figures = rater_agreement({"a": twice, "b": twice}).figures
    assert {each.subject for each in figures if each.measure == ICC_RESAMPLED} == {"open"}


def test_more_than_two_raters_are_compared_in_pairs_and_together() -> None:
    """Three raters: three pairs, and one ICC of all three on the visits that all have."""
    raters = {
        "a": rater(visits_of(1, 10, 20, 40)),
        "b": rater(visits_of(2, 12, 19, 44)),
        "c": rater(visits_of(3, 9, 25)),
    }
    found = rater_agreement(raters)
    assert [(pair.first, pair.second) for pair in found.pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    together = {(each.subject, each.measure): each for each in found.together}
    assert (together["open", ICC].first, together["open", ICC].n) == (ALL, 3)


def test_classes_are_counted_rows_first_and_weighted_only_where_ordered() -> None:
    """Three grades of severity weigh linearly; yes and no cannot."""
    severity = {"P1": ("SJS", "overlap"), "P2": ("TEN", "TEN"), "P3": ("overlap", "overlap"), "P4": ("SJS", "SJS")}
    ada, ben = (
        rater(endpoints=[end(patient, "severity_class", pair[who]) for patient, pair in severity.items()])
        for who in (0, 1)
    )
    found = rater_agreement({"Ada": ada, "Ben": ben})
    assert found.pairs[0].tables[0].counts.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert figure(found, "severity_class", WEIGHTED_KAPPA).n == 4
    assert figure(found, "severity_class", SAME_CLASS).value == pytest.approx(75)
    responder = figure(found, "responder", KAPPA)
    assert (responder.value, responder.n) == (None, 0)
    assert "no patient" in responder.remark


def test_every_figure_is_told_with_its_method_and_empty_ones_with_a_reason() -> None:
    """Nothing is empty without a word, whatever raters lack."""
    masks = {f"p{place}": patch(place) for place in range(3)}
    for result in (rater(), rater(visits_of(4.0)), rater(visits_of(1, 2, 3, 4), **masks)):
        for each in rater_agreement({"a": result, "b": result}).figures:
            assert each.method == METHODS[each.measure]
            assert each.remark or None not in (each.value, each.low, each.high)


def test_one_rater_cannot_agree() -> None:
    """The call is wrong, not the figure empty."""
    with pytest.raises(ValueError, match="two raters"):
        rater_agreement({"a": rater()})


def test_dice_of_two_strips() -> None:
    """4 and 6 rows of 10 detached, 4 shared: 2 x 4 / (4 + 6); detachable counts as open but not as detached."""
    found = rater_agreement({"a": rater(p=patch(4)), "b": rater(p=patch(6))})
    assert figure(found, "mask: detached", DICE, "p").value == pytest.approx(0.8)
    assert figure(found, "mask: intact", POOLED_DICE).value == pytest.approx(0.8)
    assert figure(found, "mask: skin", POOLED_DICE).value == 1
    loose = rater_agreement({"a": rater(p=patch(4)), "b": rater(p=patch(6, Tissue.DETACHABLE))})
    assert figure(loose, "mask: open", POOLED_DICE).value == pytest.approx(0.8)
    assert figure(loose, "mask: detached", POOLED_DICE).value == 0


def test_unlabelled_pixels_are_no_opinion() -> None:
    """Where either left a pixel open it counts for neither."""
    half = patch(6)
    half[4:6] = UNLABELLED
    found = rater_agreement({"a": rater(p=patch(4)), "b": rater(p=half)})
    assert figure(found, "mask: detached", POOLED_DICE).value == 1


def test_pooled_dice_weighs_pixels_and_mean_dice_photographs() -> None:
    """A large wound on which both agree hides a small one in the pool, not in the mean."""
    a, b = rater(large=patch(9), small=patch(1)), rater(large=patch(9), small=patch(2))
    found = rater_agreement({"a": a, "b": b})
    assert figure(found, "mask: detached", POOLED_DICE).value == pytest.approx(2 * 10 / (10 + 11))
    assert figure(found, "mask: detached", MEAN_DICE).value == pytest.approx((1 + 2 / 3) / 2)


def test_photographs_without_the_tissue_do_not_count() -> None:
    """Agreeing that nothing is there is no overlap: one photograph has a Dice, two are there."""
    found = rater_agreement({"a": rater(p=patch(4), q=patch(0)), "b": rater(p=patch(4), q=patch(0))})
    assert figure(found, "mask: detached", MEAN_DICE).n == 1
    covered = figure(found, "mask: covered", MEAN_DICE)
    assert (covered.value, covered.n) == (None, 0)
    assert covered.remark == "no photograph on which either names it"


def test_masks_of_different_size_are_named() -> None:
    """All such photographs are named at once."""
    small = np.zeros((5, 5), np.uint8)
    with pytest.raises(InputError) as raised:
        rater_agreement({"a": rater(p=patch(1), q=patch(1)), "b": rater(p=small, q=small)})
    assert [fault.where for fault in raised.value.faults] == ["p", "q"]
    assert "5 x 5 and 10 x 10" in str(raised.value)


def test_each_mask_is_opened_once_and_progress_is_told() -> None:
    """However many raters there are; a photograph that one alone has is not opened at all."""
    opened: list[str] = []

    def calls(name: str, *files: str) -> dict[str, Callable[[], Mask]]:
        def opening(file: str) -> Mask:
            opened.append(f"{name}{file}")
            return patch(2)

        return {file: partial(opening, file) for file in files}

    raters = {name: RaterResult((), (), calls(name, "p", "q", name)) for name in "abc"}
    finished: list[int] = []
    found = rater_agreement(raters, told=finished.append)
    assert sorted(opened) == ["ap", "aq", "bp", "bq", "cp", "cq"]
    assert finished == [1, 2]
    assert {pair.masks.files for pair in found.pairs} == {("p", "q")}


@settings(max_examples=30, deadline=None)
@given(
    arrays(np.uint8, (6, 7), elements=st.sampled_from([*range(7), UNLABELLED])),
    arrays(np.uint8, (6, 7), elements=st.sampled_from([*range(7), UNLABELLED])),
)
def test_dice_is_the_f1_of_scikit_learn(first: Mask, second: Mask) -> None:
    """Over the pixels that both labelled, tissue by tissue, to 1e-9; and neither rater comes first."""
    labelled = (first < 7) & (second < 7)
    one = overlap({"p": first}, {"p": second})
    other = overlap({"p": second}, {"p": first})
    for subject, tissues in SUBJECTS.items():
        a, b = (np.isin(mask[labelled], list(map(int, tissues))) for mask in (first, second))
        (dice,) = one.dice(subject)
        if a.any() or b.any():
            assert dice == pytest.approx(f1_score(a, b), abs=1e-9)
        else:
            assert np.isnan(dice)
        np.testing.assert_equal(other.dice(subject), one.dice(subject))


def test_dice_interval_draws_patients_not_photographs() -> None:
    """Photographs of one patient are drawn together, so few patients give no interval however many photographs."""
    rng = np.random.default_rng(1)
    files = [f"p{place:02d}" for place in range(12)]
    pairs = {file: (patch(3 + rng.integers(4)), patch(3 + rng.integers(4))) for file in files}
    found = overlap(*({file: pair[who] for file, pair in pairs.items()} for who in (0, 1)))
    few = patients_of(found.files, {file: "ab"[place % 2] for place, file in enumerate(files)})
    for measure in (pooled_dice, mean_dice):
        alone = measure(found, "detached", patients_of(found.files, {}))
        assert alone.low is not None
        assert alone.high is not None
        assert alone.value is not None
        assert alone.low < alone.value < alone.high
        grouped = measure(found, "detached", few)
        assert (grouped.value, grouped.low) == (alone.value, None)
        assert "patients" in grouped.remark


def test_dice_interval_is_that_of_drawn_patients() -> None:
    """Percentiles over patients drawn one by one, with photographs counted again each time, are the same."""
    rng = np.random.default_rng(4)
    rows = rng.integers(1, 9, (10, 2))
    masks = [{f"p{n}": patch(row[who]) for n, row in enumerate(rows)} for who in (0, 1)]
    found = overlap(*masks)
    drawn = []
    for _ in range(4000):
        chosen = rows[rng.integers(10, size=10)]
        drawn.append(2 * chosen.min(axis=1).sum() / chosen.sum())
    result = pooled_dice(found, "detached", [f"P{n}" for n in range(10)])
    assert result.value == pytest.approx(2 * rows.min(axis=1).sum() / rows.sum())
    assert (result.low, result.high) == pytest.approx(tuple(np.percentile(drawn, [2.5, 97.5])), abs=0.015)


def test_patients_of_photographs_that_nobody_knows_are_not_counted() -> None:
    """Twelve photographs of who knows whom are not twelve patients."""
    raters = [rater(**{f"p{n}": patch(n % 5 + who + 1) for n in range(12)}) for who in (0, 1)]
    found = figure(rater_agreement(dict(zip("ab", raters, strict=True))), "mask: detached", POOLED_DICE)
    assert (found.n, found.n_patients) == (12, None)
    assert counted(found) == "12 photographs of unknown patients"


def test_limits_use_the_patients_of_the_visits() -> None:
    """Two patients with three visits each rest on two patients, and the figure says so."""
    ada = rater([area(patient, visit, 10 * visit) for patient in ("P1", "P2") for visit in range(3)])
    ben = rater([area(p, v, 10 * v + (1 if p == "P1" else -2) + 0.1 * v) for p in ("P1", "P2") for v in range(3)])
    limit = figure(rater_agreement({"Ada": ada, "Ben": ben}), "open", LOWER_LIMIT)
    assert (limit.n, limit.counted, limit.n_patients) == (6, "visits", 2)
