"""Figures of photographs of a few pixels, counted by hand."""

import numpy as np
import pytest
from evaluated import CLOTHES, photograph, records

from reepi.model.evaluation.evaluating import Figure
from reepi.model.evaluation.records import TissueRecords
from reepi.model.evaluation.tissue_figures import tissue_figures

DETACHED = 4


def found(measured: TissueRecords) -> dict[str, Figure]:
    return {figure.key: figure for figure in tissue_figures(measured)}


@pytest.fixture
def wounds() -> dict[str, Figure]:
    """Patient a: a wound of 1 pixel missed and one of 3 found; patient b: one of 2, half found; skin has 4 pixels."""
    return found(
        records(
            photograph([[0, 4, 1, 1, 1]], [[0, 1, 1, 1, 1]], "a"),
            photograph([[0, 4, 4, 4, 1]], [[0, 4, 4, 4, 1]], "a"),
            photograph([[0, 4, 4, 1, 1]], [[0, 4, 1, 1, 1]], "b"),
        )
    )


def test_three_ways_to_average_dice(wounds: dict[str, Figure]) -> None:
    """Pooled: 2 x 4 of 6 + 4; per photograph: 0, 1 and 2/3; per patient: a 2 x 3 of 4 + 3, b 2/3."""
    assert wounds["detached pooled Dice"].value == pytest.approx(8 / 10)
    assert wounds["detached pooled IoU"].value == pytest.approx(4 / 6)
    assert wounds["detached Dice per photograph"].value == pytest.approx((0 + 1 + 2 / 3) / 3)
    assert wounds["detached Dice per patient"].value == pytest.approx((6 / 7 + 2 / 3) / 2)


def test_intervals_are_drawn_over_patients(wounds: dict[str, Figure]) -> None:
    """Of two patients there is none. Of five, one of whom is missed, the extremes are the others, and few of them."""
    assert wounds["detached pooled Dice"].low is None
    seen = [photograph([[0, 4, 4, 1, 1]], [[0, 4, 4, 1, 1]], name) for name in "abcd"]
    pooled = found(records(*seen, photograph([[0, 4, 4, 1, 1]], [[0, 1, 1, 1, 1]], "e")))["detached pooled Dice"]
    assert pooled.value == pytest.approx(16 / 18)
    assert (pooled.low, pooled.high) == (pytest.approx(8 / 14), pytest.approx(1))


def test_area_is_in_percent_of_the_skin(wounds: dict[str, Figure]) -> None:
    """One, none and one of four pixels of skin are missed."""
    assert wounds["detached area error [% of skin]"].value == pytest.approx((25 + 0 + 25) / 3)
    assert wounds["detached area bias [% of skin]"].value == pytest.approx(-(25 + 0 + 25) / 3)


def test_photographs_without_skin_have_no_area_error() -> None:
    """The mean is that of the other one, of which half is missed."""
    measured = records(photograph([[0, 0]], [[0, 4]], "a"), photograph([[4, 1]], [[1, 1]], "b"))
    figure = found(measured)["detached area error [% of skin]"]
    assert (figure.value, figure.n) == (pytest.approx(50), 1)


def test_without_labels_of_skin_area_is_in_percent_of_the_photograph() -> None:
    """Wound or not wound: two pixels of ten are missed, and skin has no figures."""
    values = {"0": ["background", "intact"], "4": "detached"}
    figures = found(
        records(photograph([[4, 4] + [0] * 8], [[0] * 10], values=values), values=values),
    )
    assert figures["detached area error [% of photograph]"].value == pytest.approx(20)
    assert not any(key.startswith(("skin", "bare skin", "intact")) for key in figures)
    assert "detached false alarms [% of skin]" not in figures


def test_false_alarms_on_people_in_clothes() -> None:
    """One of four pixels of skin and one of their clothes are called detached."""
    mask, said = [[0, 9, 9, 1, 1, 1, 1]], [[0, 4, 0, 4, 1, 1, 1]]
    figures = found(records(photograph(mask, said, values=CLOTHES), values=CLOTHES))
    assert figures["detached false alarms [% of skin]"].value == pytest.approx(25)
    assert figures["detached false alarms anywhere [% of skin]"].value == pytest.approx(50)
    assert figures["skin pooled IoU"].value == pytest.approx(1)
    assert figures["bare skin pooled IoU"].value == pytest.approx(4 / 5)
    assert "detached pooled Dice" not in figures


def test_mean_of_the_lesions_needs_all_four() -> None:
    """Two tissues are right and two called intact; with one tissue less there is no such figure."""
    four = records(photograph([[1, 1, 2, 3, 4, 5]], [[1, 1, 2, 1, 4, 1]]))
    assert found(four)["lesions mean pooled Dice"].value == pytest.approx(0.5)
    three = records(photograph([[1, 1, 2, 3, 4, 4]], [[1, 1, 2, 3, 4, 4]]))
    assert "lesions mean pooled Dice" not in found(three)


def test_confusion_is_by_declared_label() -> None:
    """Half of the clothes are called background, half detached."""
    figures = found(records(photograph([[9, 9, 1]], [[0, 4, 1]], values=CLOTHES), values=CLOTHES))
    assert figures["background or covered predicted as detached [% of its pixels]"].value == pytest.approx(50)
    assert figures["intact predicted as intact [% of its pixels]"].value == pytest.approx(100)
    assert all(figure.detail for figure in figures.values() if "predicted as" in figure.measure)


def test_only_the_main_figures_are_for_the_card(wounds: dict[str, Figure]) -> None:
    """Skin is told by its IoU and tissues by their Dice; the bias only for open skin."""
    main = {figure.key for figure in wounds.values() if not figure.detail}
    assert main >= {"detached pooled Dice", "bare skin pooled IoU", "open area bias [% of skin]"}
    assert not main & {"detached pooled IoU", "bare skin pooled Dice", "detached area bias [% of skin]"}


def test_surface_dice_of_photographs_without_the_tissue_is_left_out() -> None:
    """A false alarm elsewhere does not make the border that is there worse."""
    true, empty = np.ones((20, 20), np.uint8), np.ones((20, 20), np.uint8)
    true[5:10, 5:10] = DETACHED
    alarm = empty.copy()
    alarm[2:4, 2:4] = DETACHED
    figure = found(records(photograph(true, true, "a"), photograph(empty, alarm, "b")))["detached surface Dice at 4 px"]
    assert (figure.value, figure.n) == (1, 1)
