"""Statistics of agreement equal published worked examples and other libraries, or say why there is no number."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pingouin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from scipy.stats import chi2, f_oneway
from sklearn.metrics import cohen_kappa_score
from statsmodels.regression.mixed_linear_model import MixedLM

from reepi.scoring.rater_limits import limits_of_agreement
from reepi.scoring.rater_statistics import intraclass_correlation, kappa, resampled_correlation, same_class
from reepi.scoring.statistic import LEAST_PATIENTS, Statistic

SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
"""Six targets by four judges: Table 2 of Shrout & Fleiss, Psychol Bull 1979;86:420-428."""

DERMATOLOGISTS = np.array([[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]])
"""Skin condition of 88 patients by two dermatologists: SAS/STAT User's Guide, PROC FREQ, example on kappa."""

PEAK_FLOW = np.array(
    [
        [494, 512], [395, 430], [516, 520], [434, 428], [476, 500], [557, 600], [413, 364], [442, 380], [650, 658],
        [433, 445], [417, 432], [656, 626], [267, 260], [478, 477], [178, 259], [423, 350], [427, 451],
    ],
    float,
)  # fmt: skip
"""Peak expiratory flow of 17 people by two meters: Table 1 of Bland & Altman, Lancet 1986;327:307-310 [l/min]."""

CARDIAC = {
    "1": [(7.83, 6.57), (7.42, 5.62), (7.89, 6.90), (7.12, 6.57), (7.88, 6.35)],
    "2": [(6.16, 4.06), (7.26, 4.29), (6.71, 4.26), (6.54, 4.09)],
    "3": [(4.75, 4.71), (5.24, 5.50), (4.86, 5.08), (4.78, 5.02), (6.05, 6.01), (5.42, 5.67)],
    "4": [(4.21, 4.14), (3.61, 4.20), (3.72, 4.61), (3.87, 4.68), (3.92, 5.04)],
}
"""Cardiac output of four of the people of Bland & Altman, J Biopharm Stat 2007;17:571-582: example of Zou (2013)."""

PEOPLE = [name for name, pairs in CARDIAC.items() for _ in pairs]
CARDIAC_DIFFERENCES = np.array([first - second for pairs in CARDIAC.values() for first, second in pairs])


def ends(found: Statistic) -> tuple[float, float]:
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


def one_visit_each(number: int) -> list[str]:
    return [f"P{place}" for place in range(number)]


def two_way(values: np.ndarray) -> tuple[float, float, float]:
    """Return the mean squares of targets, judges and error; those of the former two by one-way tests of scipy."""
    n, k = values.shape
    total = values.size * values.var()
    between = k * n * values.mean(axis=1).var()
    raters = n * k * values.mean(axis=0).var()
    within = (total - between) / (n * (k - 1))
    assert f_oneway(*values).statistic == pytest.approx(between / (n - 1) / within)
    return between / (n - 1), raters / (k - 1), (total - between - raters) / ((n - 1) * (k - 1))


def test_icc_of_shrout_and_fleiss() -> None:
    """Their Table 4 gives 0.29 for ICC(2,1); from the mean squares of their Table 3 it follows to the last digit."""
    between, raters, error = two_way(SHROUT_FLEISS)
    assert (between, raters, error) == pytest.approx((11.24, 32.49, 1.02), abs=0.006)
    exact = (between - error) / (between + 3 * error + 4 * (raters - error) / 6)
    found = intraclass_correlation(SHROUT_FLEISS)
    assert found.value == pytest.approx(exact, abs=1e-9)
    assert found.value == pytest.approx(0.29, abs=0.005)


def test_icc_interval_of_mcgraw_and_wong() -> None:
    """The R package psych gives 0.019 to 0.761 for the same table; more digits by their formula, written out."""
    between, raters, error = two_way(SHROUT_FLEISS)
    n, k = SHROUT_FLEISS.shape
    icc = intraclass_correlation(SHROUT_FLEISS).value
    assert icc is not None
    a, b = k * icc / (n * (1 - icc)), 1 + k * icc * (n - 1) / (n * (1 - icc))
    freedom = (a * raters + b * error) ** 2 / ((a * raters) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1)))
    upper, lower = upper_f(n - 1, freedom), upper_f(freedom, n - 1)
    rest = k * raters + (k * n - k - n) * error
    expected = (
        n * (between - upper * error) / (upper * rest + n * between),
        n * (lower * between - error) / (rest + n * lower * between),
    )
    assert ends(intraclass_correlation(SHROUT_FLEISS)) == pytest.approx(expected, abs=1e-6)
    assert expected == pytest.approx((0.019, 0.761), abs=0.0005)


def upper_f(above: float, below: float) -> float:
    """Return the 97.5 % point of the F distribution by way of the beta distribution."""
    from scipy.special import betaincinv

    share = float(betaincinv(above / 2, below / 2, 0.975))
    return share * below / (above * (1 - share))


def test_pingouin_is_left_as_it_was() -> None:
    """Its rounding, which would cut intervals to two decimals, is put back for whoever else uses it."""
    before = dict(pingouin.options)
    low, _ = ends(intraclass_correlation(SHROUT_FLEISS))
    assert low != round(low, 2)
    assert dict(pingouin.options) == before


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 20), st.floats(-50, 50))
def test_icc_knows_no_unit(seed: int, scale: float, shift: float) -> None:
    """Other units and another zero leave agreement as it is."""
    values = np.random.default_rng(seed).normal(size=(6, 2)) + np.arange(6)[:, None]
    first, second = intraclass_correlation(values), intraclass_correlation(scale * values + shift)
    assert second.value == pytest.approx(first.value, abs=1e-6)
    assert ends(second) == pytest.approx(ends(first), abs=1e-6)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (np.zeros((0, 2)), "no visits"),
        (np.array([[1.0, 2.0]]), "1 visit "),
        (np.array([[1.0, 2.0], [3.0, 4.0]]), "2 visits"),
        (np.full((5, 2), 7.0), "no variance"),
    ],
)
def test_icc_that_cannot_be_computed_says_why(values: np.ndarray, why: str) -> None:
    """A number is never made up."""
    for found in (intraclass_correlation(values), resampled_correlation(values, one_visit_each(len(values)))):
        assert found.value is None
        assert why in found.remark


def test_raters_who_agree_exactly_have_icc_one_without_interval() -> None:
    """Nothing tells how far chance could move it."""
    values = np.array([[1.0, 1.0], [5.0, 5.0], [20.0, 20.0], [4.0, 4.0]])
    found = intraclass_correlation(values)
    assert found.value == pytest.approx(1)
    assert (found.low, found.high) == (None, None)
    assert "same amount" in found.remark


def test_resampled_icc_is_the_same_value() -> None:
    """Both ways of computing it agree to 1e-9, whatever patient a visit belongs to."""
    found = resampled_correlation(SHROUT_FLEISS, list("aabbcc"))
    assert found.value == pytest.approx(intraclass_correlation(SHROUT_FLEISS).value, abs=1e-9)
    assert "3 patients" in found.remark


def test_resampled_icc_interval_is_that_of_pingouin_on_drawn_patients() -> None:
    """Drawing whole patients and asking pingouin each time gives the same percentiles, as far as 200 samples tell."""
    rng = np.random.default_rng(5)
    patients = np.repeat(one_visit_each(8), 3)
    true = np.repeat(rng.uniform(0, 60, 8), 3) + rng.normal(0, 8, 24)
    values = np.stack([true, true], axis=1) + rng.normal(0, 6, (24, 2))
    drawn = [pingouin_of_sample(values, patients, rng) for _ in range(200)]
    low, high = ends(resampled_correlation(values, patients.tolist()))
    assert (low, high) == pytest.approx(tuple(np.percentile(drawn, [2.5, 97.5])), abs=0.06)
    assert low < high < 1


def pingouin_of_sample(values: np.ndarray, patients: np.ndarray, rng: np.random.Generator) -> float:
    names = rng.choice(np.unique(patients), 8)
    sample = np.concatenate([values[patients == name] for name in names])
    visits, raters = np.indices(sample.shape)
    table = pd.DataFrame({"visit": visits.ravel(), "rater": raters.ravel(), "value": sample.ravel()})
    found = pingouin.intraclass_corr(table, targets="visit", raters="rater", ratings="value").set_index("Type")
    return float(found.at["ICC(A,1)", "ICC"])


def test_samples_in_which_nobody_has_the_tissue_give_no_perfect_agreement() -> None:
    """One of six patients has it: a sample without that one has no variance, and is no sample of an ICC of 1."""
    values, patients = np.zeros((18, 2)), [f"P{n // 3}" for n in range(18)]
    values[:3] = [[20.3, 18.1], [14.7, 13.2], [9.1, 11.6]]
    found = resampled_correlation(values, patients)
    assert found.value is not None
    assert found.high is not None
    assert found.value <= found.high < 0.999


def test_limits_of_bland_and_altman() -> None:
    """Their Table 1: bias -2.1, limits -79.7 to 75.5 l/min (with 2 in place of 1.96), bias -22.0 to 17.8."""
    found = limits_of_agreement(PEAK_FLOW[:, 0] - PEAK_FLOW[:, 1], one_visit_each(17))
    assert found.bias.value == pytest.approx(-2.1, abs=0.05)
    assert ends(found.bias) == pytest.approx((-22.0, 17.8), abs=0.15)
    assert found.upper.value is not None
    assert found.lower.value is not None
    assert (found.upper.value - found.lower.value) / 1.959964 * 2 == pytest.approx(75.5 + 79.7, abs=0.3)


def test_limits_equal_those_that_pingouin_draws() -> None:
    """With one visit a patient bias, its interval and the limits are those of pingouin's plot, to 1e-6."""
    with mpl.rc_context():
        axes = Figure().subplots()
        pingouin.plot_blandaltman(PEAK_FLOW[:, 0], PEAK_FLOW[:, 1], agreement=1.959963984540054, ax=axes)
    levels = sorted(float(line.get_ydata()[0]) for line in axes.lines)
    bands = [(patch.get_y(), patch.get_y() + patch.get_height()) for patch in axes.patches]
    found = limits_of_agreement(PEAK_FLOW[:, 0] - PEAK_FLOW[:, 1], one_visit_each(17))
    lower, bias, upper = found.lower.value, found.bias.value, found.upper.value
    assert levels == pytest.approx(sorted([0.0, lower, bias, upper]), abs=1e-6)
    assert any(band == pytest.approx(ends(found.bias), abs=1e-6) for band in bands)


def test_limits_of_zou_with_several_visits() -> None:
    """Zou (2013) gives a bias of 0.7255 and the limits -2.14 (-9.83 to -0.33) and 3.59 (1.77 to 11.27)."""
    found = limits_of_agreement(CARDIAC_DIFFERENCES, PEOPLE)
    assert found.bias.value == pytest.approx(0.7255, abs=0.0001)
    assert (found.lower.value, found.upper.value) == pytest.approx((-2.14, 3.59), abs=0.005)
    assert ends(found.lower) == pytest.approx((-9.83, -0.33), abs=0.011)
    assert ends(found.upper) == pytest.approx((1.77, 11.27), abs=0.011)


def test_limits_of_zou_step_by_step() -> None:
    """The steps of his paper, written out with plain loops, give the same ends to 1e-6."""
    by_person = [[first - second for first, second in pairs] for pairs in CARDIAC.values()]
    n, total = len(by_person), sum(map(len, by_person))
    means = [sum(each) / len(each) for each in by_person]
    between = sum((mean - sum(means) / n) ** 2 for mean in means) / (n - 1)
    squares = [sum((d - mean) ** 2 for d in each) for each, mean in zip(by_person, means, strict=True)]
    within = sum(squares) / (total - n)
    share = 1 - sum(1 / len(each) for each in by_person) / n
    s2, z = between + share * within, 1.959963984540054
    low2 = s2 - np.hypot(
        between * (1 - (n - 1) / chi2.ppf(0.975, n - 1)),
        share * within * (1 - (total - n) / chi2.ppf(0.975, total - n)),
    )
    high2 = s2 + np.hypot(
        between * ((n - 1) / chi2.ppf(0.025, n - 1) - 1),
        share * within * ((total - n) / chi2.ppf(0.025, total - n) - 1),
    )
    out = z * np.sqrt(between / n + (np.sqrt(high2) - np.sqrt(s2)) ** 2)
    inward = z * np.sqrt(between / n + (np.sqrt(s2) - np.sqrt(max(low2, 0))) ** 2)
    found, bias = limits_of_agreement(CARDIAC_DIFFERENCES, PEOPLE), sum(means) / n
    lower, upper = bias - z * np.sqrt(s2), bias + z * np.sqrt(s2)
    assert ends(found.lower) == pytest.approx((lower - out, lower + inward), abs=1e-6)
    assert ends(found.upper) == pytest.approx((upper - inward, upper + out), abs=1e-6)


def test_variance_with_equal_visits_is_that_of_a_mixed_model() -> None:
    """Between and within patients, statsmodels' REML finds the same variance of a difference where visits are equal."""
    rng = np.random.default_rng(2)
    patients = np.repeat(np.arange(12), 4)
    differences = 2 + rng.normal(0, 3, 12)[patients] + rng.normal(0, 1.5, 48)
    model = MixedLM(differences, np.ones((48, 1)), patients).fit(reml=True)
    spread = float(np.sqrt(model.cov_re[0, 0] + model.scale))
    found = limits_of_agreement(differences, [f"P{each}" for each in patients])
    assert found.bias.value == pytest.approx(float(model.fe_params[0]), abs=1e-6)
    assert found.upper.value == pytest.approx(float(model.fe_params[0]) + 1.959963984540054 * spread, abs=1e-4)


def test_intervals_of_limits_hold_the_true_limits() -> None:
    """Of 400 made-up studies of 15 patients with four visits about 95 % hold each true limit."""
    rng = np.random.default_rng(0)
    patients = np.repeat(one_visit_each(15), 4)
    truth = 1 - 1.959964 * np.hypot(2, 1.5)
    held = 0
    for _ in range(400):
        differences = 1 + np.repeat(rng.normal(0, 2, 15), 4) + rng.normal(0, 1.5, 60)
        low, high = ends(limits_of_agreement(differences, patients.tolist()).lower)
        held += low <= truth <= high
    assert 0.92 <= held / 400 <= 0.98


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcde"), st.floats(-30, 30)), min_size=2, max_size=20))
def test_swapped_raters_mirror_the_limits(pairs: list[tuple[str, float]]) -> None:
    """First less second is the negative of second less first, in value and interval."""
    patients, differences = [name for name, _ in pairs], np.array([value for _, value in pairs])
    one, other = limits_of_agreement(differences, patients), limits_of_agreement(-differences, patients)
    for here, there in ((one.bias, other.bias), (one.lower, other.upper), (one.upper, other.lower)):
        if here.value is None or there.value is None:
            assert here.value is there.value
        else:
            assert there.value == pytest.approx(-here.value, abs=1e-9)
        if here.low is not None and here.high is not None:
            assert ends(there) == pytest.approx((-here.high, -here.low), abs=1e-9)


def test_limits_that_cannot_be_computed_say_why() -> None:
    """No visit, one patient, and raters who always differ by the same amount."""
    nothing = limits_of_agreement(np.array([]), [])
    assert nothing.bias.value is None
    assert "no visit" in nothing.bias.remark
    alone = limits_of_agreement(np.array([1.0, 3.0]), ["a", "a"])
    assert alone.bias.value == 2
    assert alone.lower.value is None
    assert "one patient" in alone.lower.remark
    same = limits_of_agreement(np.array([2.0, 2.0]), ["a", "b"])
    assert (same.lower.value, same.upper.value, same.upper.low) == (2, 2, None)
    assert "same" in same.upper.remark


def test_kappa_of_two_dermatologists() -> None:
    """SAS prints 0.3449 (0.2030 to 0.4868), and with linear weights 0.5082 (0.3798 to 0.6366)."""
    simple, weighted = kappa(DERMATOLOGISTS, weighted=False), kappa(DERMATOLOGISTS, weighted=True)
    assert (simple.value, *ends(simple)) == pytest.approx((0.3449, 0.2030, 0.4868), abs=5e-5)
    assert (weighted.value, *ends(weighted)) == pytest.approx((0.5082, 0.3798, 0.6366), abs=5e-5)


@pytest.mark.parametrize("weighted", [False, True])
def test_kappa_equals_scikit_learn_and_the_delta_method(weighted: bool) -> None:
    """Value by another library; interval by differentiating that library's kappa over the table's shares, to 1e-6."""
    table = np.array([[7, 2, 1], [1, 9, 3], [0, 2, 5]])
    found = kappa(table, weighted=weighted)
    weights = "linear" if weighted else None
    rows, columns = np.indices(table.shape).reshape(2, -1)

    def of(shares: np.ndarray) -> float:
        return float(cohen_kappa_score(rows, columns, weights=weights, sample_weight=shares))

    shares, step = table.ravel() / table.sum(), 1e-5
    slope = np.array([(of(shares + step * each) - of(shares - step * each)) / (2 * step) for each in np.eye(9)])
    variance = ((slope**2) @ shares - (slope @ shares) ** 2) / table.sum()
    assert found.value == pytest.approx(of(shares), abs=1e-9)
    half = 1.959963984540054 * np.sqrt(variance)
    assert ends(found) == pytest.approx((of(shares) - half, of(shares) + half), abs=1e-6)


@pytest.mark.parametrize(
    ("table", "value", "why"),
    [
        ([[0, 0], [0, 0]], None, "no patient"),
        ([[4, 0], [0, 0]], None, "same class"),
        ([[3, 0], [0, 2]], 1.0, "agree on every patient"),
        ([[3, 2], [0, 0]], 0.0, "one rater"),
        ([[0, 0], [5, 0]], 0.0, "one rater"),
    ],
)
def test_kappa_without_interval_says_why(table: list[list[int]], value: float | None, why: str) -> None:
    """A width of zero would claim certainty that so few patients do not give."""
    found = kappa(np.array(table), weighted=False)
    assert found.value == (None if value is None else pytest.approx(value))
    assert (found.low, found.high) == (None, None)
    assert why in found.remark


def test_part_in_the_same_class() -> None:
    """8 of 10: 44.4 to 97.5 %, the exact interval that R's binom.test prints; none of none is told."""
    found = same_class(np.array([[5, 1], [1, 3]]))
    assert (found.value, *ends(found)) == pytest.approx((80, 44.39045, 97.47893), abs=1e-4)
    assert same_class(np.zeros((2, 2), int)).value is None


def test_a_statistic_without_number_must_say_why() -> None:
    """An empty cell that nobody explains cannot exist."""
    with pytest.raises(ValueError, match="why"):
        Statistic(None)
    with pytest.raises(ValueError, match="why"):
        Statistic(1.0)
    assert LEAST_PATIENTS > 1
