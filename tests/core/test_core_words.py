"""The vocabulary is closed, complete and consistent."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.errors import Fault, InputError
from reepi.core.images import TissueMap
from reepi.core.regions import REGIONS, lund_browder_shares, mirrored_region
from reepi.core.study import Patient
from reepi.core.surface import SurfaceMap, as_shares
from reepi.core.tissue import ASSESSED, CLOSED, COLOURS, OPEN, Tissue
from reepi.core.views import VIEWS, closest_view, mirrored_view


def test_mask_values_are_fixed() -> None:
    """Mask values are a contract with programs outside."""
    words = ["background", "intact", "erythema", "detachable", "detached", "reepithelialised", "covered"]
    assert [Tissue(value).label for value in range(7)] == words
    assert set(COLOURS) == set(Tissue)


def test_assessed_skin_is_open_or_closed() -> None:
    """Open and closed tissues part the assessed ones; erythema is not open."""
    assert set(OPEN) | set(CLOSED) == set(ASSESSED)
    assert not set(OPEN) & set(CLOSED)
    assert Tissue.ERYTHEMA not in OPEN


def test_an_unknown_word_lists_the_known_ones() -> None:
    """A misspelt tissue is answered with the words that exist."""
    with pytest.raises(ValueError, match="reepithelialised"):
        Tissue.from_label("healed")


@pytest.mark.parametrize("age", [0, 0.9, 1, 4.9, 5, 9.9, 10, 14.9, 15, 15.9, 16, 90])
def test_the_chart_adds_up_to_100(age: float) -> None:
    """Printed charts often add up to 101; this one does not, at any age."""
    assert sum(lund_browder_shares(age).values()) == pytest.approx(100)


def test_the_chart_has_printed_values() -> None:
    """Head of an infant 19 %, of an adult 7 %; adult thigh 9.5 % (Lund & Browder 1944)."""
    infant, adult = lund_browder_shares(0.5), lund_browder_shares(30)
    assert infant["head_anterior"] + infant["head_posterior"] == 19
    assert adult["head_anterior"] + adult["head_posterior"] == 7
    assert adult["thigh_left_anterior"] + adult["thigh_left_posterior"] == 9.5
    with pytest.raises(ValueError, match="age_years"):
        lund_browder_shares(float("nan"))


@pytest.mark.parametrize(
    ("region", "view"),
    [
        ("neck_posterior", "head_posterior"),
        ("trunk_anterior", "trunk_anterior"),
        ("buttock_left", "buttocks_posterior"),
        ("genitalia", "pelvis_anterior"),
        ("forearm_right_posterior", "arm_right_posterior"),
        ("lower_leg_left_anterior", "leg_left_anterior"),
        ("hand_left_palmar", "hand_left_palmar"),
    ],
)
def test_view_to_take_of_a_region(region: str, view: str) -> None:
    """The one that frames it closest."""
    assert closest_view(region).name == view


def test_every_region_has_a_view_and_its_mirror_the_mirrored_one() -> None:
    """No skin is out of reach of the list of views."""
    for region in REGIONS:
        assert mirrored_view(closest_view(region).name) == closest_view(mirrored_region(region)).name


def test_mirrors_are_their_own_inverse() -> None:
    """Mirroring twice gives the region or view back, and every mirror exists."""
    assert len(REGIONS) == 33
    assert len(VIEWS) == 32
    assert all(mirrored_region(mirrored_region(r)) == r and mirrored_region(r) in REGIONS for r in REGIONS)
    assert all(mirrored_view(mirrored_view(v)) == v and mirrored_view(v) in VIEWS for v in VIEWS)


def test_an_impossible_patient_cannot_exist() -> None:
    """Height in metres typed for centimetres is refused by name."""
    with pytest.raises(ValueError, match="height_cm"):
        Patient("p", "F", 40, 1.63, 62, date(2026, 1, 1))


def test_du_bois_has_the_textbook_value() -> None:
    """170 cm and 70 kg make 1.81 m² (Du Bois & Du Bois 1916)."""
    assert Patient("p", "M", 40, 170, 70).du_bois_area_m2 == pytest.approx(1.81, abs=0.01)


@given(st.lists(st.integers(0, 6), min_size=4, max_size=4))
def test_a_certain_map_gives_its_mask_back(values: list[int]) -> None:
    """Mask to probabilities to mask is the identity, and probabilities add up to one."""
    mask = np.array(values, np.uint8).reshape(2, 2)
    tissues = TissueMap.from_mask(mask)
    assert (tissues.mask == mask).all()
    assert tissues.probabilities.sum(axis=0) == pytest.approx(1)
    assert (tissues.open == np.isin(mask, OPEN)).all()


def test_an_unlabelled_mask_is_no_tissue_map() -> None:
    """255 is for training only."""
    with pytest.raises(ValueError, match="255"):
        TissueMap.from_mask(np.full((2, 2), 255, np.uint8))


def test_the_mask_is_the_most_probable_tissue() -> None:
    """On a draw the first tissue counts; the mask is made once, and nobody can change it."""
    shares = np.random.default_rng(1).integers(0, 4, (len(Tissue), 30, 40)).astype(np.float32)
    tissues = TissueMap(shares)
    np.testing.assert_array_equal(tissues.mask, shares.argmax(axis=0))
    assert tissues.mask is tissues.mask
    with pytest.raises(ValueError, match="read-only"):
        tissues.mask[0, 0] = 3


def test_a_surface_map_describes_the_same_faces() -> None:
    """Arrays of different length make no surface map."""
    with pytest.raises(ValueError, match="same faces"):
        SurfaceMap.of_shares(np.zeros((3, 7), np.float32), np.zeros(4, np.float32), np.zeros(4, np.float32))


def test_shares_add_up_to_one_where_there_is_anything() -> None:
    """Amounts keep their ratios; nothing stays nothing."""
    shares = as_shares(np.array([[3, 1], [0, 0], [0, 0.5]]))
    np.testing.assert_allclose(shares, [[0.75, 0.25], [0, 0], [0, 1]])


def test_all_faults_are_told_at_once() -> None:
    """An input error prints each fault with file, line and remedy."""
    error = InputError([Fault("photos.csv", "no such view", "Use one of the views.", 3), Fault("a", "b", "c")])
    assert "photos.csv, line 3: no such view. Use one of the views." in str(error)
    assert len(error.faults) == 2
