"""Findings on quality: each tells the fault it is made for, and a good photograph has none."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from reepi.core.capture import CaptureProtocol
from reepi.core.findings import REMEDIES
from reepi.core.images import Mask, Photograph, Pixels
from reepi.core.tissue import Tissue
from reepi.imaging.quality import pixel_findings
from reepi.imaging.skin_light import cast_beyond_skin

SIZE = (400, 600)
CAPTURE = CaptureProtocol()


def skin_mask() -> Mask:
    """Skin is a disc in the middle; beside it is bedding."""
    mask = np.zeros(SIZE, np.uint8)
    cv2.circle(mask, (300, 200), 150, int(Tissue.INTACT), -1)
    return mask


def body(colour: tuple[int, int, int] = (200, 150, 120), bedding: int = 110) -> Pixels:
    """Smooth skin with a sharp outline on even bedding, with a lighter place."""
    picture = np.full((*SIZE, 3), bedding, np.uint8)
    cv2.circle(picture, (300, 200), 150, colour, -1)
    cv2.circle(picture, (300, 200), 40, tuple(min(value + 25, 250) for value in colour), -1)
    return picture


def codes(pixels: Pixels, original: tuple[int, int] = (2000, 3000), mask: Mask | None = None) -> list[str]:
    found = pixel_findings(Photograph(pixels, original), CAPTURE, skin_mask() if mask is None else mask)
    return [finding.code for finding in found]


def spotted() -> Pixels:
    """White spots on a twentieth of the skin."""
    picture = body()
    for x in (220, 300, 380):
        cv2.circle(picture, (x, 280), 20, (255, 255, 255), -1)
    return picture


def gained(red: float, green: float, blue: float) -> Pixels:
    return np.clip(body() * np.array([red, green, blue]), 0, 250).astype(np.uint8)


def test_good_photograph_has_no_finding() -> None:
    """Smooth skin within a sharp outline is not blurred, and light and size suffice."""
    assert codes(body()) == []


@pytest.mark.parametrize(
    ("pixels", "finding"),
    [
        (cv2.GaussianBlur(body(), (0, 0), 2.0), "blurred"),
        (cv2.filter2D(body(), -1, np.full((1, 9), 1 / 9)), "blurred"),
        (body() // 5, "dark"),
        (np.clip(body().astype(int) * 2, 0, 255).astype(np.uint8), "overexposed"),
        (spotted(), "glare"),
        (gained(1.1, 0.95, 0.4), "colour_cast"),
        (gained(0.6, 0.9, 1.6), "colour_cast"),
        (gained(0.75, 1.2, 0.75), "colour_cast"),
    ],
)
def test_each_fault_is_told_alone(pixels: Pixels, finding: str) -> None:
    """Focus, movement, light, glare and lamps of another colour are found, each by its own name."""
    assert codes(pixels) == [finding]


def test_low_resolution_is_judged_by_the_original() -> None:
    """The working size says nothing about what the camera gave."""
    assert codes(body(), (300, 400)) == ["low_resolution"]


def test_the_skin_is_judged_and_not_what_lies_beside_it() -> None:
    """White linen, a dark room and colourful drapes are no faults."""
    for bedding in (5, 255):
        assert codes(body(bedding=bedding)) == []
    drape = body()
    drape[skin_mask() == 0] = (30, 60, 200)
    assert codes(drape) == []


def test_dark_and_fair_skin_in_good_light_are_no_faults() -> None:
    """Skin of every type passes (colours of Fitzpatrick I to VI, in sRGB)."""
    for colour in ((244, 208, 177), (231, 180, 143), (210, 158, 124), (186, 119, 80), (142, 88, 62), (96, 49, 33)):
        assert codes(body(colour, bedding=170)) == [], colour


def test_white_dressings_are_no_glare() -> None:
    """A burnt-out dressing hides no skin that could be seen otherwise; the same white on bare skin does."""
    picture, mask = body(), skin_mask()
    picture[220:300, 250:350] = 255
    assert codes(picture, mask=mask) == ["glare"]
    mask[220:300, 250:350] = Tissue.COVERED
    assert codes(picture, mask=mask) == []


def test_reflexes_that_were_not_taken_for_skin_are_glare() -> None:
    """Small white gaps within skin are reflexes; white linen around it is none."""
    picture, mask = body(bedding=255), skin_mask()
    for x in range(210, 400, 30):
        cv2.circle(picture, (x, 200), 14, (255, 255, 255), -1)
        cv2.circle(mask, (x, 200), 14, 0, -1)
    assert codes(picture, mask=mask) == ["glare"]
    assert codes(body(bedding=255)) == []


def test_a_patient_before_a_window_is_dark() -> None:
    """What is bright beside the skin does not light it."""
    backlit = body() // 6
    backlit[skin_mask() == 0] = 235
    assert codes(backlit) == ["dark"]


def test_a_picture_without_skin_is_judged_whole() -> None:
    """Where no skin was found, darkness is still told, and no colour is."""
    assert codes(body() // 8, mask=np.zeros(SIZE, np.uint8)) == ["dark"]


def drawn(long_side: int, blur_px: float) -> Photograph:
    """A body at working size, blurred there, and then reduced."""
    whole = cv2.resize(body(), (1024, 683), interpolation=cv2.INTER_NEAREST)
    whole = whole if blur_px == 0 else cv2.GaussianBlur(whole, (0, 0), blur_px)
    size = (long_side, long_side * 683 // 1024)
    return Photograph(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), (2000, 3000))


@pytest.mark.parametrize("long_side", [1024, 720, 512])
def test_a_blurred_photograph_does_not_pass_by_being_reduced(long_side: int) -> None:
    """A blur of 3 px at working size is less in a smaller copy, and so is the limit; a sharp one passes at any size."""
    (found,) = pixel_findings(drawn(long_side, 3.0), CAPTURE)
    assert found.code == "blurred"
    assert found.limit is not None
    assert found.limit <= CAPTURE.blur_px
    for slight in (0, 1.0, 1.5):
        assert pixel_findings(drawn(long_side, slight), CAPTURE) == ()


def test_the_limit_at_working_size_is_the_studys() -> None:
    """It stands in the finding as it stands in the study."""
    (found,) = pixel_findings(drawn(1024, 3.0), CAPTURE)
    assert found.limit == CAPTURE.blur_px
    (strict,) = pixel_findings(drawn(720, 3.0), replace(CAPTURE, blur_px=0.5))
    assert strict.limit == 0.5


def test_limits_and_refusals_are_the_studys() -> None:
    """Another limit tells another thing; what a study does not refuse is told and kept."""
    photograph = Photograph(cv2.GaussianBlur(body(), (0, 0), 2.0), (2000, 3000))
    (found,) = pixel_findings(photograph, CAPTURE, skin_mask())
    assert found.refuses
    assert found.measured == pytest.approx(2.0, rel=0.15)
    assert found.remedy == REMEDIES["blurred"]
    (told,) = pixel_findings(photograph, replace(CAPTURE, refuse=("dark",)), skin_mask())
    assert not told.refuses
    assert pixel_findings(photograph, replace(CAPTURE, blur_px=4.0), skin_mask()) == ()


def test_wounds_do_not_tell_the_lamps_colour() -> None:
    """Where hardly any skin is intact, what is orange may be fibrin."""
    picture = body(colour=(213, 116, 68))
    assert "colour_cast" in codes(picture)
    assert codes(picture, mask=np.where(skin_mask() > 0, Tissue.DETACHED, Tissue.BACKGROUND).astype(np.uint8)) == []


def test_pink_and_amber_skin_is_told_from_a_lamp() -> None:
    """A blue lamp makes skin pinker and less amber at once; pink fair skin alone is no cast."""
    assert cast_beyond_skin(np.full((10, 3), (238, 200, 190), np.uint8)) == 0
    assert cast_beyond_skin(np.full((10, 3), (205, 172, 190), np.uint8)) > CAPTURE.cast_stops
    green = np.full((10, 3), (190, 190, 150), np.uint8)
    assert cast_beyond_skin(green) > CAPTURE.cast_stops


def test_skin_near_the_end_of_a_channels_range_is_no_lamp() -> None:
    """Red that can grow no further turns bright skin yellow; the darker skin beside it shows that no lamp does."""
    picture = body(colour=(252, 222, 150))
    assert "colour_cast" in codes(picture)
    cv2.circle(picture, (300, 200), 60, (217, 147, 114), -1)
    assert "colour_cast" not in codes(picture)
