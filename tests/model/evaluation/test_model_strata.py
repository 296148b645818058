"""Groups of photographs whose skin tone, contrast, view and look are put in by hand; and the worst of them."""

from dataclasses import replace

import numpy as np
import pytest
from evaluated import CLOTHES, photograph, records

from reepi.model.evaluation.records import TissueRecords
from reepi.model.evaluation.strata import (
    CONTRAST_THIRD,
    LOOK,
    PART,
    PATIENT_TONE_THIRD,
    TONE_DIFFERENCE,
    TONE_GROUP,
    TONE_THIRD,
    VIEW,
    strata_figures,
    strata_of,
)
from reepi.model.evaluation.worst_cases import photograph_dice, worst_cases

RIGHT, WRONG = [[0, 1, 1, 1, 4]], [[0, 1, 1, 1, 1]]


def toned(*angles: float, patients: str = "", wrong: tuple[int, ...] = ()) -> TissueRecords:
    """Photographs of given typology angles; those named wrong miss their wound."""
    names = patients or "abcdefghijkl"[: len(angles)]
    made = [photograph(RIGHT, WRONG if place in wrong else RIGHT, name) for place, name in enumerate(names)]
    return records(*(replace(each, angle=angle) for each, angle in zip(made, angles, strict=True)))


def groups(measured: TissueRecords, kind: str) -> dict[str, list[int]]:
    return {s.group: np.flatnonzero(s.members).tolist() for s in strata_of(measured) if s.kind == kind}


def test_thirds_are_cut_by_rank_from_light_to_dark() -> None:
    """Whatever the values; a photograph whose tone is not known is in none."""
    measured = toned(60, -40, 20, np.nan, 50, 10, -80)
    assert groups(measured, TONE_THIRD) == {"lightest": [0, 4], "middle": [2, 5], "darkest": [1, 6]}


def test_patients_stay_whole_in_thirds_of_patients() -> None:
    """The median of each patient's photographs decides: a is light, b between, c dark."""
    measured = toned(60, 10, 30, 31, 45, -60, patients="aabbcc")
    assert groups(measured, PATIENT_TONE_THIRD) == {"lightest": [0, 1], "middle": [2, 3], "darkest": [4, 5]}


def test_groups_of_tone_have_fixed_borders() -> None:
    """Empty ones are not told."""
    assert groups(toned(60, 58, -40), TONE_GROUP) == {"very light": [0, 1], "dark": [2]}


def test_two_photographs_have_no_thirds() -> None:
    """There is nothing to cut."""
    assert groups(toned(60, -40), TONE_THIRD) == {}


def test_contrast_view_and_look() -> None:
    """Views are grouped by part of the body as well."""
    made = [
        replace(photograph(RIGHT, RIGHT, name, view=view, look=look), contrast=contrast)
        for name, view, look, contrast in (
            ("a", "trunk_anterior", "raw", 30.0),
            ("b", "trunk_posterior", "pale", 20.0),
            ("c", "hand_left_palmar", None, 10.0),
        )
    ]
    measured = records(*made)
    assert groups(measured, CONTRAST_THIRD) == {"highest": [0], "middle": [1], "lowest": [2]}
    assert groups(measured, LOOK) == {"raw": [0], "pale": [1]}
    assert groups(measured, PART) == {"trunk": [0, 1], "hand": [2]}
    assert len(groups(measured, VIEW)) == 3


def test_difference_between_light_and_dark() -> None:
    """All wounds on light skin are found, one of two on dark skin: 1 less 2 / 3."""
    measured = toned(60, 55, 20, 15, -40, -50, wrong=(5,))
    figures = strata_figures(measured, strata_of(measured))
    difference = next(figure for figure in figures if figure.measure == TONE_DIFFERENCE)
    assert difference.value == pytest.approx(1 / 3)
    assert difference.n == 4
    assert not difference.detail


def test_a_tissue_that_one_third_alone_shows_is_no_difference() -> None:
    """Detached skin is found alike; healed skin, which light patients alone have, is missed."""
    measured = toned(60, 55, 20, 15, -40, -50)
    healed = replace(photograph([[0, 1, 5, 5, 4]], [[0, 1, 1, 1, 4]], "a"), angle=60.0)
    measured = replace(measured, photographs=(healed, *measured.photographs[1:]))
    figures = strata_figures(measured, strata_of(measured))
    difference = next(figure for figure in figures if figure.measure == TONE_DIFFERENCE)
    assert difference.value == pytest.approx(0)


def test_figures_of_a_group_are_those_of_its_photographs_alone() -> None:
    """And a group of few patients has no interval."""
    measured = toned(60, 55, 20, 15, -40, -50, wrong=(5,))
    found = {(f.stratum, f.subject, f.measure): f for f in strata_figures(measured, strata_of(measured)) if f.stratum}
    dark = found[f"{TONE_THIRD}: darkest", "detached", "pooled Dice"]
    assert (dark.value, dark.n, dark.low) == (pytest.approx(2 / 3), 2, None)
    assert found[f"{TONE_THIRD}: darkest", "open", "area error [% of skin]"].value == pytest.approx(12.5)
    assert all(figure.detail for figure in found.values())


def test_enough_patients_have_an_interval() -> None:
    """Five of one tone."""
    measured = toned(60, 60, 60, 60, 60, wrong=(0,))
    dice = [f for f in strata_figures(measured, strata_of(measured)) if f.measure == "pooled Dice"]
    assert dice
    assert all(f.low is not None and f.high is not None and f.low < f.value < f.high for f in dice)


def test_worst_cases_are_the_largest_error_then_the_lowest_dice() -> None:
    """A sheet missed by half ranks first; a small wound missed whole has the lowest Dice."""
    sheet = photograph([[1] * 50 + [4] * 50], [[1] * 75 + [4] * 25], "a", stem="sheet")
    small = photograph([[1] * 99 + [4]], [[1] * 100], "b", stem="small")
    perfect = photograph([[1] * 50 + [4] * 50], [[1] * 50 + [4] * 50], "c", stem="perfect")
    measured = records(perfect, small, sheet)
    cases = worst_cases(measured, 2)
    assert [measured.photographs[case.place].sample.stem for case in cases] == ["sheet", "small"]
    assert [case.reason for case in cases] == ["largest area error", "lowest Dice"]


def test_specks_do_not_rank_a_photograph() -> None:
    """One pixel in a thousand."""
    speck = photograph([[1] * 999 + [4]], [[1] * 1000], "a")
    assert np.isnan(photograph_dice(records(speck, photograph(RIGHT, RIGHT, "b")))[0])


def test_people_are_ranked_by_false_alarms_and_bare_skin() -> None:
    """Where labels know no lesions; a photograph without false alarms is not among the first."""
    good = photograph([[0, 0, 1, 1]], [[0, 0, 1, 1]], "a", values=CLOTHES)
    blind = photograph([[0, 0, 1, 1]], [[0, 0, 0, 1]], "b", values=CLOTHES)
    alarm = photograph([[0, 0, 1, 1]], [[0, 0, 1, 4]], "c", values=CLOTHES)
    cases = worst_cases(records(good, blind, alarm, values=CLOTHES), 4)
    assert [(case.place, case.reason) for case in cases[:2]] == [
        (2, "most skin falsely called open"),
        (1, "lowest Dice"),
    ]
