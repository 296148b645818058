"""Fills a model folder for other people: example with its expected output, and the card as a page to read."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Photograph
from reepi.core.tissue import COLOURS, Tissue
from reepi.core.views import VIEWS
from reepi.model.card import CARD, Card, card_text
from reepi.model.engines import Forward
from reepi.model.folder import README, write_whole
from reepi.model.prediction import predict_correspondence, predict_tissue

EXAMPLE_VIEW = "whole_anterior"
"""Declared view of the example of a correspondence model."""

POINT_OFFSET_MM = 1000
"""Added to canonical coordinates in the expected output, so that they are positive whole millimetres."""

_PURPOSE = {
    "tissue": "It tells the tissue of every pixel of a photograph of skin: "
    + ", ".join(tissue.label for tissue in Tissue)
    + ".",
    "correspondence": "It tells, for every part of a photograph with a declared view, which point of a reference body "
    "it shows, how far off that may be, and whether it is skin of the body at all.",
}

_LIMITS = {
    "tissue": "The shipped weights have seen rendered patients, rendered lesions on photographed skin, chronic foot "
    "wounds and people in the street, and no photograph of SJS/TEN: no public ones with masks exist. What they make of "
    "real patients is not known; figures on rendered ones say how well the tool could do, not how well it does. "
    "Detachable skin is a bedside sign that a photograph can only suggest. Pale wound beds that shine little may pass "
    "for healed skin, over whole sheets. Erythema on dark skin, thin rims of it, and "
    "healed skin that has almost the colour of the skin around it are overlooked most.",
    "correspondence": "It has seen rendered bodies only. Clothes, other people in the picture, cropped framings and "
    "wrongly declared views lead it astray; the registration that follows checks it and rejects what does not fit.",
}


def expected_output(forward: Forward, card: Card, photograph: Photograph) -> npt.NDArray[np.uint8 | np.uint16]:
    """Return what a model says of its example, as an image that PNG can hold.

    Returns
    -------
    (H, W) uint8 or (H', W', 3) uint16
        Tissue mask; or canonical x, y, z [mm] + 1000 on the network's grid, 0 where there is no body.
    """
    if card.task == "tissue":
        return predict_tissue(forward, photograph, card.long_side, card.calibration.temperatures).mask
    predicted = predict_correspondence(forward, photograph, VIEWS[EXAMPLE_VIEW], card.calibration.temperature)
    coded = np.rint(predicted.points * 1000 + POINT_OFFSET_MM).clip(0, 65535) * (predicted.body > 0.5)[..., None]
    return coded.astype(np.uint16)


def png_bytes(image: npt.NDArray[np.uint8 | np.uint16]) -> bytes:
    """Return an image as PNG; three channels are stored as red, green, blue."""
    done, content = cv2.imencode(".png", image if image.ndim == 2 else image[..., ::-1])
    if not done:
        raise ValueError(f"an image of {image.shape} {image.dtype} cannot be written as PNG")
    return content.tobytes()


def png_image(content: bytes) -> npt.NDArray[np.uint8 | np.uint16]:
    """Return the image of `png_bytes`."""
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise ValueError("this is no PNG")
    return np.ascontiguousarray(image if image.ndim == 2 else image[..., ::-1])


def readme_text(card: Card) -> str:
    """Return the model card as a page for people; every figure comes from the card."""
    parts = [
        f"# {card.name}",
        _PURPOSE[card.task],
        "Research software, not a medical device.",
        *(["**Not for commercial use**: a data set it was trained on forbids it."] if card.non_commercial else []),
        "## What it is",
        f"Feature pyramid network on `{card.architecture.encoder}` (ImageNet start, Apache-2.0)"
        f"{', with a layer that draws borders twice as fine' if card.architecture.border_channels else ''}, trained "
        f"with reepi {card.reepi_version}:\n\n```\n{card.command}\n```",
        *([f"Training went on from the weights with sha256 `{card.started_from}`."] if card.started_from else []),
        f"Weights: `weights.safetensors`, sha256 `{card.sha256}`.",
        "## How sure it is",
        _calibration(card),
        "## What it was trained on",
        _table(
            ("data set", "photographs", "licence", "source"),
            [(s.name, str(s.photographs), s.licence, s.source) for s in card.sources],
        ),
        f"Kept apart: {card.split_rule}.",
        "## What was measured",
        *(_measured(name, figures) for name, figures in card.measured.items()),
        "## What it cannot do",
        _LIMITS[card.task],
    ]
    if card.task == "tissue":
        colours = [(t.label, str(t.value), "#{:02x}{:02x}{:02x}".format(*COLOURS[t])) for t in Tissue]
        parts += ["## Mask values", _table(("tissue", "value", "colour in overlays"), colours)]
    return "\n\n".join(parts) + "\n"


def write_card(folder: Path, card: Card) -> None:
    """Write the card of a model folder, for programs and as a page for people."""
    write_whole(folder / CARD, card_text(card).encode())
    write_whole(folder / README, readme_text(card).encode())


def _calibration(card: Card) -> str:
    calibration = card.calibration
    if card.task == "correspondence":
        return f"Expected distances are multiplied by {calibration.temperature:.3f}."
    parts = [
        f"Logits are divided by the temperature of the most probable tissue, or by {calibration.temperature:.3f} where "
        "the table has none. Masks stay as they are.",
        _factors(("tissue", "temperature"), calibration.by_tissue),
        "The 90 % interval of a tissue's area in a photograph reaches down by the factor times the area that is "
        "doubted, and up by the factor times the area that may be missed.",
        _factors(("area of", "factor"), calibration.area),
    ]
    return "\n\n".join(parts)


def _factors(headings: tuple[str, str], values: Mapping[str, float]) -> str:
    return _table(headings, [(name, f"{value:.3f}") for name, value in values.items()])


def _measured(name: str, figures: "dict[str, float | str] | object") -> str:
    rows = figures.items() if isinstance(figures, dict) else ()
    texts = [(key, f"{value:.4g}" if isinstance(value, int | float) else str(value)) for key, value in rows]
    return f"### {name}\n\n" + _table(("figure", "value"), texts)


def _table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
