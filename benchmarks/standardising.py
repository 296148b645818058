"""Measure the standardisation: how alike the same skin comes out under two lights, with a card and without.

Run with ``python benchmarks/standardising.py [--study DIR] [--pairs 60] [--seed 700]`` on rendered photographs with
their masks (the sample study by default). A card is laid into each, and the whole scene is then seen twice: under light
of any strength and colour a ward has, by a sensor whose channels see a little of each other, with a tone curve of its
own, noise and JPEG. Prints the mean colour difference (CIE delta E 2000) of the same skin between the two, before and
after; the picture alone is judged on the scene without the card.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from skimage.color import deltaE_ciede2000, rgb2lab

from reepi.core.images import Photograph, Pixels
from reepi.core.tissue import Tissue
from reepi.imaging.card_detection import find_card
from reepi.imaging.card_layout import LAYOUTS
from reepi.imaging.reading import read_photograph
from reepi.imaging.skin_light import linear
from reepi.imaging.standardising import standardised
from reepi.phantom.capture import jpeg
from reepi.phantom.card_scenes import Placement, lay_card

Floats = npt.NDArray[np.float64]

SIDE_PX = 1024
LIGHT_STOPS = (0.7, 0.3)
"""Standard deviation of a light's strength, and of the colour of each channel [stops]: daylight to warm ward lamps."""

CROSSTALK = 0.06
"""Largest part of another channel's light that a sensor's channel sees."""

TONE = 0.08
"""Standard deviation of the exponent of the camera's own tone curve."""

TARGET = "asked: halved or better, and below 4"


@dataclass(frozen=True)
class Sight:
    """One way in which a scene is seen."""

    light: Floats
    mixing: Floats
    gamma: float
    noise: float
    quality: int

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Sight":
        """Draw a light and a sensor."""
        strength, colour = rng.normal(-0.3, LIGHT_STOPS[0]), rng.normal(0, LIGHT_STOPS[1], 3)
        mixing = rng.uniform(-CROSSTALK, CROSSTALK, (3, 3))
        np.fill_diagonal(mixing, 1 - (mixing.sum(axis=1) - np.diag(mixing)))
        return cls(
            2 ** (np.clip(strength, -1.5, 0.2) + colour - colour.mean()),
            mixing,
            float(np.exp(rng.normal(0, TONE))),
            rng.uniform(0.5, 3),
            int(rng.integers(82, 96)),
        )

    def of(self, pixels: Pixels, rng: np.random.Generator) -> Pixels:
        """Return what a scene (H, W, 3), given in even daylight, looks like."""
        light = np.clip((linear(pixels / 255) * self.light) @ self.mixing.T, 0, 1) ** self.gamma
        value = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)
        seen = np.clip(255 * value + rng.normal(0, self.noise, value.shape), 0, 255)
        return jpeg(np.asarray(np.rint(seen), np.uint8), self.quality)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, default=Path(__file__).parents[1] / "sample_images")
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=700)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    files = sorted((options.study / "photos").glob("*.jpg"))
    rows, seconds = [], []
    for _ in range(options.pairs):
        file = files[int(rng.integers(len(files)))]
        scene, bare, skin = with_card(file, options.study, rng)
        sights = [Sight.drawn(rng) for _ in range(2)]
        pair = [sight.of(scene, rng) for sight in sights]
        cards = [find_card(pixels) for pixels in pair]
        photographs = [Photograph(pixels, (pixels.shape[0], pixels.shape[1])) for pixels in pair]
        start = time.perf_counter()
        by_card = [standardised(each, card, "card")[0] for each, card in zip(photographs, cards, strict=True)]
        seconds.append((time.perf_counter() - start) / 2)
        # Without the card in it, whose white would help.
        without = [sight.of(bare, rng) for sight in sights]
        by_scene = [standardised(Photograph(each, each.shape[:2]), None, "always")[0] for each in without]
        both = all(card is not None for card in cards)
        rows.append((both, *(difference(each, skin) for each in (photographs, by_card, by_scene))))
    tell(rows, options.seed, seconds)


def with_card(file: Path, study: Path, rng: np.random.Generator) -> tuple[Pixels, Pixels, npt.NDArray[np.bool_]]:
    """Return a photograph (H, W, 3) with a card at its border, the one without it, and where skin is in both."""
    pixels = read_photograph(file, SIDE_PX).pixels
    mask = cv2.imread(str(study / "truth" / "masks" / f"{file.stem}.png"), cv2.IMREAD_UNCHANGED)
    height, width = pixels.shape[:2]
    skin = cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST) > int(Tissue.BACKGROUND)
    layout = LAYOUTS["a6"]
    px_per_mm = 0.3 * min(height, width) / layout.size[0]
    left, top = 0.6 * layout.size[0] * px_per_mm, 0.6 * layout.size[1] * px_per_mm
    corners = [(x, y) for x in (left, width - left) for y in (top, height - top)]
    # Beside the skin, as far as there is room: in the corner where it covers least.
    middle = min(corners, key=lambda at: skin[int(at[1] - top / 2) : int(at[1] + top / 2), :][:, int(at[0])].sum())
    placement = Placement(
        middle, px_per_mm, rng.uniform(0, 25), rng.uniform(0, 360), rng.normal(0, 8), jpeg_quality=100
    )
    laid = lay_card(pixels, layout, placement, rng)
    return laid.pixels, pixels, skin & ~touched(laid.pixels, pixels)


def touched(now: Pixels, before: Pixels) -> npt.NDArray[np.bool_]:
    """Return where something was laid on a photograph, (H, W)."""
    changed = (np.abs(now.astype(int) - before).max(axis=-1) > 0).astype(np.uint8)
    return np.asarray(cv2.dilate(changed, np.ones((5, 5), np.uint8)) > 0)


def difference(pair: list[Photograph], skin: npt.NDArray[np.bool_]) -> float:
    """Return the mean delta E 2000 of the same skin in two photographs, without their noise and clipped pixels."""
    smooth = [cv2.GaussianBlur(each.pixels, (0, 0), 1.5) for each in pair]
    kept = skin & (np.maximum(*smooth).max(axis=-1) < 250)
    first, second = (rgb2lab(each[kept] / 255) for each in smooth)
    return float(np.mean(deltaE_ciede2000(first, second)))


def tell(rows: list[tuple[bool, float, float, float]], seed: int, seconds: list[float]) -> None:
    """Print the table."""
    found = np.array([row[0] for row in rows])
    raw, card, scene = (np.array([row[at] for row in rows]) for at in (1, 2, 3))
    print(f"{len(rows)} pairs, seed {seed}; the card was found in both of {found.sum()}; {TARGET}\n")
    print("| the same skin under two lights | mean delta E 2000 | 90 % of pairs below |")
    print("|---|---|---|")
    for name, values in (
        ("as photographed", raw),
        ("standardised by the card", card[found]),
        ("standardised by the picture alone", scene),
    ):
        print(f"| {name} | {values.mean():.2f} | {np.quantile(values, 0.9):.2f} |")
    print(f"\nStandardising by the card: {np.median(seconds):.3f} s a photograph of {SIDE_PX} px")


if __name__ == "__main__":
    main()
