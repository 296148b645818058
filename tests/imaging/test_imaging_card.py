"""The capture card is found where a camera sees it, with its millimetre and its colours, and nowhere else."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.core.images import Pixels, TissueMap
from reepi.core.tissue import Tissue
from reepi.imaging.card_detection import find_card
from reepi.imaging.card_drawing import card_pixels, marker_cells
from reepi.imaging.card_hiding import without_card
from reepi.imaging.card_layout import GREYS, LAYOUTS, PATCHES, CardLayout, reference_colours
from reepi.imaging.card_patches import is_card, patch_colours, seen_colours
from reepi.imaging.planes import jacobian, mapped, plane, scales
from reepi.phantom.card_scenes import Placement, lay_card

A6, A5 = LAYOUTS["a6"], LAYOUTS["a5"]
STRAIGHT = Placement((400.0, 300.0), 3.0, jpeg_quality=100)


def skin(size: tuple[int, int] = (600, 800)) -> Pixels:
    """Return a picture of uneven skin."""
    rng = np.random.default_rng(3)
    grain = cv2.resize(rng.normal(0, 12, (size[0] // 20, size[1] // 20, 1)), size[::-1])[..., None]
    return np.asarray(np.clip(np.array([205, 160, 140]) + grain, 0, 255), np.uint8)


def scene(placement: Placement, kind: str = "a6") -> Pixels:
    return lay_card(skin(), LAYOUTS[kind], placement, np.random.default_rng(5)).pixels


class TestLayout:
    @pytest.mark.parametrize("card", LAYOUTS.values(), ids=list(LAYOUTS))
    def test_nothing_overlaps_and_all_lies_on_the_card(self, card: CardLayout) -> None:
        """Markers keep a white border of a bit's width, which their detection needs."""
        covered = np.zeros((round(card.size[1] * 4), round(card.size[0] * 4)), int)
        bit = (card.markers[card.first_marker][1, 0] - card.markers[card.first_marker][0, 0]) / 6
        for corners in card.markers.values():
            (left, top), (right, bottom) = np.rint((corners[[0, 2]] + [[-bit, -bit], [bit, bit]]) * 4).astype(int)
            assert left >= 0
            assert top >= 0
            covered[top:bottom, left:right] += 1
        (left, top), (right, bottom) = np.rint(card.ground[[0, 2]] * 4).astype(int)
        covered[top:bottom, left:right] += 1
        (x, y), length = card.ruler
        covered[round((y - 4) * 4) : round(y * 4), round(x * 4) : round((x + length) * 4)] += 1
        assert covered.max() == 1
        assert length % 10 == 0

    def test_the_sizes_share_no_marker(self) -> None:
        """A millimetre of the one is not a millimetre of the other."""
        assert not set(A6.markers) & set(A5.markers)
        cells = [marker_cells(number) for layout in LAYOUTS.values() for number in layout.markers]
        turned = [[np.rot90(each, quarter) for quarter in range(4)] for each in cells]
        far = [
            min(int((first != other).sum()) for other in turned[b])
            for a, first in enumerate(cells)
            for b in range(len(cells))
            if a != b
        ]
        assert min(far) >= 3

    def test_greys_are_neutral_and_even(self) -> None:
        greys = reference_colours()[GREYS]
        assert (greys == greys[:, :1]).all()
        assert (np.diff(greys[:, 0]) < 0).all()
        assert len(PATCHES) == 24


class TestFinding:
    def test_straight_and_clean(self) -> None:
        """The millimetre, the place and the colours are those that were laid in."""
        laid = lay_card(skin(), A6, STRAIGHT, np.random.default_rng(5))
        found = find_card(laid.pixels)
        assert found is not None
        assert found.kind == "reepi-a6"
        assert found.mm_per_px == pytest.approx(1 / 3, rel=2e-3)
        assert found.tilt_degrees < 3
        assert np.abs(found.outline - mapped(laid.to_photograph, A6.outline)).max() < 1
        assert found.patches == pytest.approx(reference_colours(), abs=3)
        assert found.size == (600, 800)

    @pytest.mark.parametrize(
        "hindrance",
        [
            {"tilt_degrees": 50.0, "tilt_axis_degrees": 70.0},
            {"spin_degrees": 180.0},
            {"covered": 0.4},
            {"glare": 0.8},
            {"blur_px": 2.0},
            {"light": (0.5, 0.35, 0.2), "slope": 0.3},
            {"noise": 6.0, "jpeg_quality": 75},
            {"px_per_mm": 1.5},
        ],
        ids=lambda hindrance: "-".join(hindrance),
    )
    def test_hindered(self, hindrance: dict[str, float]) -> None:
        """Each hindrance alone leaves the millimetre within one in a hundred."""
        laid = lay_card(skin(), A6, replace(STRAIGHT, **hindrance), np.random.default_rng(5))
        found = find_card(laid.pixels)
        assert found is not None
        assert found.mm_per_px == pytest.approx(1 / scales(laid.to_photograph, A6.middle)[0], rel=0.01)

    def test_tilt_is_told(self) -> None:
        found = find_card(scene(replace(STRAIGHT, tilt_degrees=40.0)))
        assert found is not None
        assert found.tilt_degrees == pytest.approx(40, abs=3)

    def test_the_larger_card_is_no_nearer_one(self) -> None:
        found = find_card(scene(replace(STRAIGHT, px_per_mm=2.5), "a5"))
        assert found is not None
        assert (found.kind, found.mm_per_px) == ("reepi-a5", pytest.approx(0.4, rel=5e-3))

    def test_patches_under_something_have_no_colour(self) -> None:
        """What covers or outshines a patch is not taken for it; those in sight keep their colour."""
        covered = find_card(scene(replace(STRAIGHT, covered=0.4)))
        assert covered is not None
        seen = np.isfinite(covered.patches).all(axis=1).reshape(4, 6)
        assert not seen[:, 0].any()
        assert seen[:, 4:].mean() > 0.8
        assert covered.patches[seen.ravel()] == pytest.approx(reference_colours()[seen.ravel()], abs=6)

    def test_full_channels_tell_no_colour(self) -> None:
        bright = find_card(scene(replace(STRAIGHT, light=(1.6, 1.6, 1.6))))
        assert bright is not None
        assert np.isnan(bright.patches[GREYS][0]).all()

    def test_nothing_where_there_is_no_card(self) -> None:
        """Skin, noise, a mirrored card and the wrong card's markers are none."""
        assert find_card(skin()) is None
        assert find_card(np.random.default_rng(1).integers(0, 255, (400, 500, 3)).astype(np.uint8)) is None
        assert find_card(np.ascontiguousarray(scene(STRAIGHT)[:, ::-1])) is None

    def test_two_cards_are_none(self) -> None:
        """Nobody knows which of two copies lies beside the skin."""
        small = card_pixels(A6, 2)
        pixels = np.concatenate([skin((250, 400)), skin((250, 400))], axis=1)
        pixels[20 : 20 + small.shape[0], 20 : 20 + small.shape[1]] = small
        pixels[20 : 20 + small.shape[0], 420 : 420 + small.shape[1]] = small
        assert find_card(pixels) is None


class TestPatches:
    def test_a_stranger_among_patches_is_left_out(self) -> None:
        """One patch of another colour is what lies on it, however evenly it does."""
        drawn = card_pixels(A6, 4)
        (left, top), (right, bottom) = np.rint(A6.patches[9][[0, 2]] * 4).astype(int)
        drawn[top:bottom, left:right] = (240, 240, 60)
        to_photograph = np.array([[4.0, 0, -0.5], [0, 4.0, -0.5], [0, 0, 1]])
        colours = patch_colours(drawn, A6, to_photograph)
        assert np.flatnonzero(np.isnan(colours).any(axis=1)).tolist() == [9]

    def test_what_makes_a_card(self) -> None:
        """Three markers do; fewer need the colours of a card beside them."""
        references = reference_colours()
        other = references[::-1].copy()
        assert is_card(other, 3)
        assert is_card(references, 2)
        assert is_card(references, 1)
        assert not is_card(other, 2)
        few = np.full((24, 3), np.nan)
        few[:10] = references[:10]
        assert is_card(few, 2)
        assert not is_card(few, 1)

    def test_colours_of_no_card_are_not_told(self) -> None:
        """Markers alone may hold a millimetre; patches that are no card's correct no colour."""
        pixels = np.full((420, 592, 3), 120, np.uint8)
        to_photograph = np.array([[4.0, 0, -0.5], [0, 4.0, -0.5], [0, 0, 1]])
        assert np.isnan(seen_colours(pixels, A6, to_photograph)).all()


class TestPlanes:
    @settings(max_examples=25)
    @given(st.floats(0, 60), st.floats(0, 360), st.floats(1, 8))
    def test_the_derivative_is_the_difference(self, tilt: float, axis: float, px_per_mm: float) -> None:
        placement = Placement((700.0, 500.0), px_per_mm, tilt, axis, 30.0)
        homography = lay_homography(placement)
        step = 1e-4
        ends = mapped(homography, A6.middle + step * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]))
        difference = np.stack([ends[0] - ends[1], ends[2] - ends[3]], 1) / (2 * step)
        assert jacobian(homography, A6.middle) == pytest.approx(difference, rel=1e-4, abs=1e-5)

    def test_plane_gives_back_its_homography(self) -> None:
        homography = lay_homography(Placement((300.0, 200.0), 2.0, 30.0, 10.0))
        marks = np.concatenate([*A6.markers.values()])
        found = plane(marks, mapped(homography, marks))
        assert found is not None
        assert mapped(found, A6.outline) == pytest.approx(mapped(homography, A6.outline), abs=1e-4)
        assert plane(np.zeros((4, 2)), np.zeros((4, 2))) is None


def lay_homography(placement: Placement) -> np.ndarray:
    from reepi.phantom.card_scenes import homography

    return homography(A6, placement, (800, 1200))


def test_a_card_is_no_skin() -> None:
    """Whatever a network makes of its patches; the rest of the picture stays, also at another size."""
    found = find_card(scene(STRAIGHT))
    assert found is not None
    tissues = TissueMap.from_mask(np.full((300, 400), Tissue.DETACHED, np.uint8))
    mask = without_card(tissues, found).mask
    inside = mask == Tissue.BACKGROUND
    assert inside.sum() == pytest.approx(148 * 105 * 1.5**2, rel=0.02)
    assert inside[150, 200]
    assert not inside[[0, -1]].any()
    assert without_card(tissues, None) is tissues
