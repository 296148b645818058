"""Healing curves of the cohort: four patients, of whom two heal, one dies and one is lost."""

import xml.etree.ElementTree as ElementTree

import pytest
from matplotlib.figure import Figure

from reepi.report.course import Plan
from reepi.report.healing_curves import _draw, healing_drawing, healing_text
from reepi.scoring.cohort_curves import CohortCurves, HealingCurves
from reepi.scoring.follow_up import Looks
from reepi.scoring.time_to_event import Followed, cumulative_incidence, kaplan_meier
from reepi.scoring.turnbull import interval_censored

PLAN = Plan((0, 7, 14), 1)

TIMES = (Followed("reached", 7, 3), Followed("died", 5), Followed("reached", 10, 7), Followed("unknown", 14))


def curves(*times: Followed) -> CohortCurves:
    """Return the curves of these patients, the same for every rate."""
    each = [
        HealingCurves(
            percent,
            tuple("ABCD"[: len(times)]),
            (),
            times,
            cumulative_incidence(times, "reached"),
            cumulative_incidence(times, "died"),
            kaplan_meier(times),
            interval_censored(times),
        )
        for percent in (50, 90, 100)
    ]
    return CohortCurves(tuple(each), Looks(PLAN.days, 1, "planned day"))


def words(drawing: bytes) -> list[str]:
    """Return the words of an SVG, in order."""
    texts = ElementTree.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314 - drawn here
    return ["".join(text.itertext()) for text in texts]


@pytest.fixture(scope="module")
def drawing() -> bytes:
    found = healing_drawing(curves(*TIMES), "day after infusion", PLAN)
    assert found is not None
    return found


def test_every_rate_has_its_panel_and_every_curve_its_name(drawing: bytes) -> None:
    """The curve for comparison is named as such."""
    told = words(drawing)
    for title in ("Time to 50 % re-epithelialisation", "Time to complete re-epithelialisation", "died without"):
        assert title in told
    assert "by Kaplan-Meier, for comparison" in told


def test_patients_at_risk_stand_below_each_panel(drawing: bytes) -> None:
    """Four on day 0, three on day 7 after one death, and on day 14 the one who is still followed."""
    told = words(drawing)
    after = told[told.index("at risk") - 60 :]
    assert [after.count(number) >= 3 for number in ("4", "3", "1")] == [True] * 3


def test_the_drawing_is_told_in_words() -> None:
    """Two of four have healed in the end; from which rate on that is complete, the protocol says."""
    told = healing_text(curves(*TIMES))
    assert "90 % of the largest area: 50 % of 4 patients in the end" in told
    assert "completely: 50 % of 4 patients in the end" in told
    assert "100 %" not in told


def test_the_band_ends_where_nobody_was_followed_any_more() -> None:
    """As the line does, on day 14 of 30; where everybody's outcome is known, both go on."""
    for times, end in ((TIMES, 14.0), (TIMES[:3], 30.0)):
        healing = curves(*times).healing[0]
        axes = Figure().subplots()
        _draw(axes, healing, 30.0, PLAN)
        assert axes.collections[0].get_paths()[0].vertices[:, 0].max() == end
        assert axes.lines[len(PLAN.days)].get_xdata()[-1] == end


def test_without_a_time_there_is_no_drawing() -> None:
    """Nor an error."""
    assert healing_drawing(curves(), "day", PLAN) is None


def test_the_same_curves_give_the_same_bytes(drawing: bytes) -> None:
    """Byte for byte."""
    assert healing_drawing(curves(*TIMES), "day after infusion", PLAN) == drawing
