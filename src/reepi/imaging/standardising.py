"""The light of a photograph taken out of it: by the patches of a card, or roughly by what in the picture is white."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.capture_card import CardSighting
from reepi.core.images import Photograph, Pixels
from reepi.core.standardisation import NOTHING_DONE, ColourStep, Standardisation
from reepi.imaging.skin_light import linear

Floats = npt.NDArray[np.float64]
Light = npt.NDArray[np.float32]
Wanted = Literal["never", "card", "always"]

LEAST_NEUTRAL: Final = 2
"""Patches without colour that are needed to tell the light's colour and strength."""

NEUTRAL: Final = 6.0
"""Reference colours whose channels differ by no more (of 255) are greys."""

LEAST_LIGHT: Final = 0.02
"""Linear light below which noise decides a patch's colour."""

PATCHES_FOR: Final = {3: 9, 6: 15}
"""Patches needed for a correction of so many terms: some are left to show that it fits no more than it was told."""

GAIN_RANGE: Final = (0.2, 6.0)
"""Gains that a camera's exposure and white balance can be off by; others come from something that is no card."""

LARGEST_RESIDUAL: Final = 10.0
"""Patches that are still further from what they should be, on average [CIE delta E 2000], were misread: in shadow in
part, wet, or of a card that has faded. Cards that were read well come to 1 to 4."""

SCENE_STOPS: Final = 0.5
"""Largest correction of a channel by the picture alone [stops]: what is white in it may be yellow linen."""

BRIGHT_PERCENTILES: Final = (80, 99)
"""Percentiles of lightness between which white things are sought: what is brighter may be burnt out."""

PALE: Final = 0.25
"""Part of the bright pixels, the palest, that are taken for white."""


def standardised(
    photograph: Photograph, sighting: CardSighting | None, wanted: Wanted = "card"
) -> tuple[Photograph, Standardisation]:
    """Return a photograph as if taken in even daylight, with what was done to it.

    Parameters
    ----------
    photograph : Photograph
        As it was read.
    sighting : CardSighting, optional
        The card in it.
    wanted : "never", "card" or "always"
        Whether to do nothing, to follow a card, or to go by the picture where there is none.
    """
    if wanted == "never":
        return photograph, NOTHING_DONE
    told = card_standardisation(sighting) if sighting is not None else NOTHING_DONE
    if not told.steps and wanted == "always":
        told = replace(scene_standardisation(photograph.pixels), reason=told.reason)
    return (
        (replace(photograph, pixels=replayed(photograph.pixels, told.steps)), told)
        if told.steps
        else (
            photograph,
            told,
        )
    )


def replayed(pixels: Pixels, steps: Sequence[ColourStep]) -> Pixels:
    """Return pixels (H, W, 3) sRGB after some steps of a standardisation; fewer steps undo the later ones."""
    if not steps:
        return pixels
    light: Light = np.asarray(cv2.LUT(pixels, _LINEAR), np.float32)
    for step in steps:
        light = _stepped(light, step)
    light *= len(_ENCODED) - 1
    light += 0.5
    np.clip(light, 0, len(_ENCODED) - 1, out=light)
    return np.take(_ENCODED, light.astype(np.uint16))


def card_standardisation(sighting: CardSighting) -> Standardisation:
    """Return what the patches of a card tell to do.

    White balance and exposure come from the grey patches. Of no further step, a linear correction and a root-polynomial
    one of degree 2, that is taken which predicts the patches best that it was not told of (leave one out), so that a
    few patches never bend the colours of the skin.

    Notes
    -----
    Root-polynomial correction keeps its hue when the light grows stronger: Finlayson, Mackiewicz & Hurlbert, IEEE Trans
    Image Process 2015;24:1460-1470, doi:10.1109/TIP.2015.2405336.
    """
    seen = np.isfinite(sighting.patches).all(axis=1)
    patches, references = linear(sighting.patches[seen] / 255), linear(sighting.references[seen] / 255)
    spread = np.ptp(sighting.references[seen], axis=1) if seen.any() else np.zeros(0)
    greys = (spread <= NEUTRAL) & (patches.min(axis=1, initial=1.0) > LEAST_LIGHT)
    if greys.sum() < LEAST_NEUTRAL:
        return replace(NOTHING_DONE, reason=f"{int(greys.sum())} grey patches are in sight; {LEAST_NEUTRAL} are needed")
    gains = np.median(references[greys] / patches[greys], axis=0)
    if not (GAIN_RANGE[0] <= gains.min() and gains.max() <= GAIN_RANGE[1]):
        return replace(NOTHING_DONE, reason="the light that the patches tell of is out of any camera's range")
    before = _difference(patches, references)
    balanced = patches * gains
    steps = [ColourStep("white_balance", (_plain(gains),), _difference(balanced, references))]
    best = _best_correction(balanced, references)
    if best is not None:
        corrected = np.clip(_terms(balanced, best.shape[1]) @ best.T, 0, None)
        steps.append(ColourStep("colour", tuple(_plain(row) for row in best), _difference(corrected, references)))
    left = steps[-1].residual
    if left is not None and left > LARGEST_RESIDUAL:
        told = f"corrected, its patches would still be {left:.1f} delta E off; {LARGEST_RESIDUAL:g} are allowed"
        return Standardisation("none", (), before, told)
    return Standardisation("card", tuple(steps), before)


def scene_standardisation(pixels: Pixels) -> Standardisation:
    """Return what a picture (H, W, 3) itself tells of the light's colour, which is little.

    The palest of the bright pixels, which beside a bed are linen, paper and walls, are taken to be white: white
    patch and grey world in one, kept to things without much colour, so that skin, which fills these pictures, is never
    balanced away.
    Exposure stays as it is, and no channel moves by more than `SCENE_STOPS`.

    Notes
    -----
    Buchsbaum, J Franklin Inst 1980;310:1-26, doi:10.1016/0016-0032(80)90058-7; Land, Sci Am 1977;237(6):108-128.
    """
    step = max(1, max(pixels.shape) // 400)
    flat = pixels[::step, ::step].reshape(-1, 3)
    light = np.maximum(linear(flat / 255), 1e-4)
    strength = light.mean(axis=1)
    low, high = np.percentile(strength, BRIGHT_PERCENTILES)
    bright = light[(strength >= low) & (strength <= high) & (flat.max(axis=1) < 250)]
    if len(bright) < 20:
        return Standardisation("scene", reason="nothing in the picture is bright without being burnt out")
    colour = np.log2(bright)
    paleness = np.ptp(colour, axis=1)
    white = np.median(colour[paleness <= np.quantile(paleness, PALE)], axis=0)
    gains = 2 ** np.clip(white.mean() - white, -SCENE_STOPS, SCENE_STOPS)
    return Standardisation("scene", (ColourStep("white_balance", (_plain(gains),)),))


def _best_correction(patches: Floats, references: Floats) -> Floats | None:
    """Return the matrix (3, N) that predicts left-out patches better than doing nothing, or None."""
    least, best = _difference(patches, references), None
    for n_terms, needed in PATCHES_FOR.items():
        if len(patches) >= needed:
            left_out = _difference(_predicted(patches, references, n_terms), references)
            if left_out < least:
                least, best = left_out, _fitted(patches, references, n_terms)
    return best


def _predicted(patches: Floats, references: Floats, n_terms: int) -> Floats:
    """Return each patch as the correction fitted to the others makes it, (N, 3)."""
    others = ~np.eye(len(patches), dtype=bool)
    fitted = [_fitted(patches[kept], references[kept], n_terms) for kept in others]
    return np.stack(
        [
            np.clip(_terms(patch[None], n_terms) @ matrix.T, 0, None)[0]
            for patch, matrix in zip(patches, fitted, strict=True)
        ]
    )


def _fitted(patches: Floats, references: Floats, n_terms: int) -> Floats:
    from colour.characterisation import matrix_colour_correction_Finlayson2015

    degree = 2 if n_terms == 6 else 1
    return np.asarray(matrix_colour_correction_Finlayson2015(patches, references, degree), np.float64)


def _terms(light: Floats, n_terms: int) -> Floats:
    """Return the terms of a root polynomial, (..., N): the channels, and the roots of their products.

    The order is that of colour-science, which fits them: R, G, B, sqrt(RG), sqrt(GB), sqrt(RB).
    """
    if n_terms == 3:
        return light
    red, green, blue = np.moveaxis(light, -1, 0)
    return np.concatenate([light, np.sqrt(np.stack([red * green, green * blue, red * blue], axis=-1))], axis=-1)


def _stepped(light: Light, step: ColourStep) -> Light:
    parameters = np.array(step.parameters, np.float32)
    if step.name == "white_balance":
        return np.asarray(cv2.transform(light, np.diag(parameters[0])), np.float32)
    terms = light if parameters.shape[1] == 3 else _with_roots(light)
    return np.maximum(np.asarray(cv2.transform(terms, parameters), np.float32), 0)


def _with_roots(light: Light) -> Light:
    red, green, blue = cv2.split(light)
    products = (red * green, green * blue, red * blue)
    return np.asarray(cv2.merge([red, green, blue, *(cv2.sqrt(product) for product in products)]), np.float32)


def _difference(light: Floats, references: Floats) -> float:
    """Return the mean CIE delta E 2000 of colours in linear light (N, 3)."""
    from skimage.color import deltaE_ciede2000, rgb2lab

    found, wanted = (rgb2lab(_encoded(np.clip(each, 0, 1))[None])[0] for each in (light, references))
    return round(float(np.mean(deltaE_ciede2000(found, wanted))), 3)  # type: ignore[no-untyped-call]


def _encoded(light: Floats) -> Floats:
    """Return linear light of 0 to 1 as sRGB values of 0 to 1 (IEC 61966-2-1)."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def _plain(values: Floats) -> tuple[float, ...]:
    return tuple(round(float(value), 8) for value in values)


_LINEAR: Final = linear(np.arange(256) / 255).astype(np.float32)
_ENCODED: Final = (255 * _encoded(np.linspace(0, 1, 1 << 14)) + 0.5).astype(np.uint8)
"""Tables: sRGB to linear light, and linear light in steps fine enough that no dark value is lost back to sRGB."""
