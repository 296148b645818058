"""The light is taken out of a photograph by a card, roughly by the picture; every step is kept."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.color import deltaE_ciede2000, rgb2lab

from reepi.core.capture_card import CardSighting
from reepi.core.images import Photograph, Pixels
from reepi.core.standardisation import NOTHING_DONE, ColourStep, Standardisation
from reepi.imaging.card_layout import GREYS, reference_colours
from reepi.imaging.skin_light import linear
from reepi.imaging.standardising import (
    card_standardisation,
    replayed,
    scene_standardisation,
    standardised,
)

CAST = np.array([0.9, 0.6, 0.35])
MIXING = np.array([[0.92, 0.06, 0.02], [0.05, 0.9, 0.05], [0.01, 0.07, 0.92]])


def encoded(light: np.ndarray) -> np.ndarray:
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def under(colours: np.ndarray, light: np.ndarray = CAST, mixing: np.ndarray = MIXING) -> np.ndarray:
    """Return colours, sRGB of 0 to 255, as a sensor sees them under a light."""
    return np.asarray(encoded((linear(colours / 255) * light) @ mixing.T))


def sighting(patches: np.ndarray) -> CardSighting:
    return CardSighting(
        "reepi-a6", np.eye(3), (100, 100), 1.0, 0.0, 0.1, patches, reference_colours(), np.zeros((4, 2))
    )


def delta_e(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.mean(deltaE_ciede2000(rgb2lab(first[None] / 255)[0], rgb2lab(second[None] / 255)[0])))


def photograph(colours: np.ndarray) -> Photograph:
    pixels: Pixels = np.rint(colours).astype(np.uint8)[None].repeat(70, 0)
    return Photograph(pixels, (70, len(colours)))


class TestByCard:
    def test_skin_that_the_card_does_not_hold_comes_out_as_it_is(self) -> None:
        """Colours between the patches follow them: lights of any colour, and channels that see each other's light."""
        rng = np.random.default_rng(2)
        skin = np.array([205, 160, 140]) + rng.normal(0, 20, (200, 3))
        seen = photograph(under(skin))
        corrected, told = standardised(seen, sighting(under(reference_colours())))
        assert told.source == "card"
        assert [step.name for step in told.steps] == ["white_balance", "colour"]
        assert delta_e(corrected.pixels[0].astype(float), skin) < 1.0
        assert delta_e(seen.pixels[0].astype(float), skin) > 10

    def test_every_step_brings_the_patches_nearer(self) -> None:
        told = card_standardisation(sighting(under(reference_colours())))
        residuals = [told.residual_before, *(step.residual for step in told.steps)]
        assert all(b is not None and a is not None and b < a for a, b in pairwise(residuals))

    def test_a_card_in_even_daylight_changes_nothing_to_speak_of(self) -> None:
        skin = np.array([[205.0, 160, 140], [90, 60, 50], [180, 50, 50]])
        corrected, _ = standardised(photograph(skin), sighting(reference_colours()))
        assert np.abs(corrected.pixels[0] - skin).max() <= 1

    def test_noise_is_not_learnt(self) -> None:
        """Where patches are noisy and the light is only strong, a correction that would fit the noise is left out."""
        rng = np.random.default_rng(4)
        patches = under(reference_colours(), np.full(3, 0.5), np.eye(3)) + rng.normal(0, 1.5, (24, 3))
        told = card_standardisation(sighting(patches))
        skin = np.array([[205.0, 160, 140], [120, 80, 65], [230, 190, 175]])
        seen = photograph(under(skin, np.full(3, 0.5), np.eye(3)))
        assert delta_e(replayed(seen.pixels, told.steps)[0].astype(float), skin) < 2.0

    @pytest.mark.parametrize(("kept", "names"), [(24, 2), (10, 2), (7, 1)])
    def test_few_patches_bend_no_colours(self, kept: int, names: int) -> None:
        """With fewer patches in sight the correction has fewer terms, down to white balance."""
        patches = under(reference_colours())
        patches[: 24 - kept] = np.nan
        told = card_standardisation(sighting(patches))
        assert len(told.steps) <= names
        if kept < 15 and len(told.steps) == 2:
            assert len(told.steps[1].parameters[0]) == 3

    @pytest.mark.parametrize("hidden", ["greys", "all"])
    def test_without_greys_nothing_is_done(self, hidden: str) -> None:
        patches = under(reference_colours())
        patches[GREYS if hidden == "greys" else slice(None)] = np.nan
        seen = photograph(np.array([[120.0, 80, 70]]))
        same, told = standardised(seen, sighting(patches))
        assert same is seen
        assert "are needed" in told.reason
        assert told.steps == ()

    def test_what_no_camera_does_is_not_undone(self) -> None:
        told = card_standardisation(sighting(under(reference_colours(), np.array([1.0, 0.06, 0.9]), np.eye(3))))
        assert told.steps == ()
        assert "range" in told.reason

    def test_a_card_that_was_misread_is_not_followed(self) -> None:
        """Patches that no light brings to what they should be, as half of a card in shadow, change no colours."""
        patches = under(reference_colours())
        patches[:18] = np.random.default_rng(7).permutation(patches[:18])
        told = card_standardisation(sighting(patches))
        assert told.steps == ()
        assert "still" in told.reason
        assert told.residual_before is not None


class TestByPicture:
    def test_linen_becomes_neutral_and_skin_stays_red(self) -> None:
        """What is bright and pale tells the light; skin, which fills the picture, keeps its colour beside it."""
        rng = np.random.default_rng(5)
        true = np.concatenate([np.full((60, 3), 225.0), np.full((140, 3), (200.0, 140.0, 120.0))])
        true += rng.normal(0, 2, true.shape)
        seen = photograph(under(true, np.array([1.0, 0.85, 0.7]), np.eye(3)))
        corrected, told = standardised(seen, None, "always")
        assert told.source == "scene"
        linen, skin = corrected.pixels[:, :60].mean(axis=(0, 1)), corrected.pixels[:, 60:].mean(axis=(0, 1))
        assert np.ptp(linen) < 4
        assert skin[0] - skin[2] == pytest.approx(np.ptp([200, 120]), abs=15)

    def test_it_moves_no_channel_far(self) -> None:
        """A picture of skin alone is not turned grey."""
        skin = photograph(np.array([200.0, 120, 90]) + np.random.default_rng(6).normal(0, 15, (200, 3)))
        (step,) = scene_standardisation(skin.pixels).steps
        assert np.abs(np.log2(step.parameters[0])).max() <= 0.5 + 1e-6

    def test_a_picture_without_light_tells_nothing(self) -> None:
        told = scene_standardisation(np.full((80, 80, 3), 255, np.uint8))
        assert told.steps == ()
        assert told.reason


class TestWanted:
    def test_never_and_no_card(self) -> None:
        seen = photograph(np.array([[120.0, 80, 70]]))
        assert standardised(seen, sighting(under(reference_colours())), "never") == (seen, NOTHING_DONE)
        assert standardised(seen, None, "card") == (seen, NOTHING_DONE)

    def test_a_useless_card_leaves_it_to_the_picture(self) -> None:
        seen = photograph(np.full((100, 3), 200.0) + np.random.default_rng(1).normal(0, 5, (100, 3)))
        _, told = standardised(seen, sighting(np.full((24, 3), np.nan)), "always")
        assert told.source == "scene"
        assert "needed" in told.reason


class TestRecord:
    @given(st.lists(st.floats(0.3, 3), min_size=3, max_size=3), st.booleans())
    def test_it_is_replayed_from_its_record(self, gains: list[float], second: bool) -> None:
        steps = [ColourStep("white_balance", (tuple(gains),), 1.5)]
        steps += [ColourStep("colour", ((1.1, 0, 0, 0, 0.1, 0), (0, 0.9, 0, 0, 0, 0), (0, 0, 1, 0, 0, 0)))] * second
        told = Standardisation("card", tuple(steps), 3.0)
        back = Standardisation.from_record(told.record)
        assert back == told
        pixels = np.random.default_rng(1).integers(0, 256, (8, 9, 3)).astype(np.uint8)
        assert (replayed(pixels, back.steps) == replayed(pixels, told.steps)).all()
        assert (replayed(pixels, back.steps[:0]) == pixels).all()

    def test_gains_of_one_change_no_pixel(self) -> None:
        every = np.arange(256, dtype=np.uint8)[:, None, None].repeat(3, axis=2)
        assert (replayed(every, [ColourStep("white_balance", ((1.0, 1.0, 1.0),))]) == every).all()

    def test_a_damaged_record_is_told(self) -> None:
        with pytest.raises(ValueError, match="no standardisation"):
            Standardisation.from_record({**NOTHING_DONE.record, "steps": [{}]})

    def test_a_sighting_without_colours_is_plain_too(self) -> None:
        record = replace(sighting(np.full((24, 3), np.nan)), kind="reepi-a5").record
        assert record["kind"] == "reepi-a5"
        assert record["patches"] == [None] * 24
