"""Measure the review: what an edit costs at 12 megapixels, and how far the assist brings a border to the true one.

Run with ``python benchmarks/review.py [--data DIR]``, where the folder is a training data folder with true masks, such
as rendered photographs. Prints a Markdown table of times, each the middle one of several, beside what it may cost, and
with ``--data`` a second one of the mean distance between a border and the true one before and after one step.
"""

import argparse
import csv
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from reepi.core.images import Mask, Pixels
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.imaging.reading import read_photograph
from reepi.review.assist import grown, shrunk
from reepi.review.drafts import Drafts
from reepi.review.edits import polygon, retissued, stroke
from reepi.review.history import History
from reepi.review.patches import Patch, relabelled
from reepi.review.superpixels import superpixel

SIZE = (3000, 4000)
"""Height and width of the photograph that is edited [px]."""

AREAS = 60
"""How many areas the assist is tried on."""

LEAST_AREA_PX = 400
"""Smallest area that it is tried on [px]."""


@dataclass(frozen=True)
class Cost:
    """What was timed, and what it may cost [ms]."""

    what: str
    run: Callable[[], object]
    limit_ms: float


def median_ms(run: Callable[[], object], times: int = 7) -> float:
    """Return the middle time of several runs [ms]."""
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begin)
    return float(np.median(seconds)) * 1000


def scene() -> tuple[Mask, Pixels]:
    """Return a mask of one large ragged wound and many small ones at 12 megapixels, and a photograph of it."""
    generator = np.random.default_rng(0)
    height, width = SIZE
    rough = cv2.resize(
        generator.normal(size=(60, 80)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    rows, cols = np.ogrid[:height, :width]
    rough += 2 * np.exp(-(((rows - height / 2) / 700) ** 2) - ((cols - width / 2) / 900) ** 2)
    wound = rough > 1
    pixels = np.where(cv2.blur(rough, (31, 31))[..., None] > 1, (170, 60, 60), (220, 180, 150)).astype(np.float32)
    pixels += generator.normal(0, 8, (height, width, 1)).astype(np.float32)
    mask = np.where(wound, Tissue.DETACHED, Tissue.INTACT).astype(np.uint8)
    return mask, np.clip(pixels, 0, 255).astype(np.uint8)


def edits(mask: Mask, pixels: Pixels) -> Iterator[Cost]:
    """Yield every edit of a mask, with what a reader can wait for."""
    middle = (mask.shape[0] / 2, mask.shape[1] / 2)
    path = np.stack([np.linspace(1400, 1600, 60), 2000 + 150 * np.sin(np.linspace(0, 6, 60))], axis=1)
    turn = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    corners = np.stack([1500 + 900 * np.sin(turn), 2000 + 1200 * np.cos(turn)], axis=1)
    whole = np.full(mask.shape, Tissue.INTACT, np.uint8)
    yield Cost("brush stroke, radius 30 px", partial(stroke, mask, path, 30, Tissue.INTACT), 10)
    yield Cost("another tissue, largest area", partial(retissued, mask, middle, Tissue.ERYTHEMA), 150)
    yield Cost("another tissue, whole photograph", partial(retissued, whole, middle, Tissue.ERYTHEMA), 150)
    yield Cost("polygon, 200 corners, 3.4 megapixels", partial(polygon, mask, corners, Tissue.COVERED), 60)
    yield Cost("superpixel of 60 px", partial(_click, mask, pixels, middle, 60), 150)
    yield Cost("superpixel of 200 px", partial(_click, mask, pixels, middle, 200), 150)
    yield Cost("grow, largest area", partial(grown, mask, pixels, middle), 400)
    yield Cost("shrink, largest area", partial(shrunk, mask, pixels, middle), 400)
    largest = retissued(mask, middle, Tissue.ERYTHEMA)
    assert largest is not None
    yield Cost("undo, largest area", partial(_there_and_back, mask.copy(), largest), 50)


def _click(mask: Mask, pixels: Pixels, at: tuple[float, float], size_px: float) -> Patch | None:
    area = superpixel(pixels, at, size_px)
    return area and relabelled(mask, area, Tissue.ERYTHEMA)


def _there_and_back(mask: Mask, patch: Patch) -> None:
    patch.apply(mask)
    patch.inverse.apply(mask)


def keeping(mask: Mask, folder: Path) -> Iterator[Cost]:
    """Yield what it costs to keep a step of unsaved work."""
    history = History(Drafts(folder / "drafts.sqlite").draft("photograph"))
    small = stroke(mask, [(1500, 1800), (1500, 2200)], 30, Tissue.COVERED)
    large = retissued(mask, (mask.shape[0] / 2, mask.shape[1] / 2), Tissue.ERYTHEMA)
    yield Cost("keep a stroke", partial(history.push_patch, small), 5)
    yield Cost("keep another tissue of the largest area", partial(history.push_patch, large), 150)


def print_costs(costs: Iterator[Cost]) -> None:
    """Print one row for each cost."""
    for cost in costs:
        print(f"| {cost.what} | {median_ms(cost.run):.1f} | {cost.limit_ms:.0f} |", flush=True)


def assisting(folder: Path) -> None:
    """Print how far one step of the assist brings a displaced border, and how far it drives a true one away."""
    areas = list(_areas(folder))
    print(f"\n{len(areas)} areas of the training photographs\n")
    print("| border | step [px] | before [px] | after [px] | nearer | median time [ms] |\n|---|---|---|---|---|---|")
    for move, off, step in (
        (grown, 4, 8),
        (grown, 8, 12),
        (grown, 0, 8),
        (shrunk, 4, 8),
        (shrunk, 8, 12),
        (shrunk, 0, 8),
    ):
        tried = [_tried(*area, move, off, step) for area in areas]
        found = np.array([each for each in tried if each is not None])
        before, after = found[:, 0].mean(), found[:, 1].mean()
        nearer = (found[:, 1] < found[:, 0]).mean()
        where = f"{off} px too {'small' if move is grown else 'large'}" if off else "true"
        spent = np.median(found[:, 2]) * 1000
        print(
            f"| {where}, {move.__name__} | {step} | {before:.2f} | {after:.2f} | {nearer:.0%} | {spent:.0f} |",
            flush=True,
        )


def _areas(folder: Path) -> Iterator[tuple[Pixels, Mask, np.ndarray]]:
    """Yield photograph, true mask and one connected area in it, a few of each photograph, in the order of a draw."""
    generator = np.random.default_rng(0)
    with (folder / "samples.csv").open(newline="") as file:
        stems = [row["stem"] for row in csv.DictReader(file) if row["split"] == "train"]
    given = 0
    for stem in generator.permutation(stems):
        mask = np.asarray(cv2.imread(str(folder / "masks" / f"{stem}.png"), cv2.IMREAD_UNCHANGED), np.uint8)
        pixels = read_photograph(next((folder / "images").glob(f"{stem}.*"))).pixels
        tissue = generator.choice([Tissue.ERYTHEMA, Tissue.DETACHED, Tissue.REEPITHELIALISED, Tissue.COVERED])
        _, labels, figures, _ = cv2.connectedComponentsWithStats((mask == tissue).astype(np.uint8), connectivity=4)
        sizes = np.flatnonzero((figures[:, cv2.CC_STAT_AREA] >= LEAST_AREA_PX) & (np.arange(len(figures)) > 0))
        for label in sizes[:2]:
            yield pixels, mask, labels == label
            given += 1
        if given >= AREAS:
            return


def _tried(
    pixels: Pixels, mask: Mask, truth: np.ndarray, move: Callable[..., Patch | None], off: int, step: int
) -> tuple[float, float, float] | None:
    """Return the mean distance to the true border before and after a step [px], and its time [s]."""
    tissue = mask[truth][0]
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * off + 1, 2 * off + 1))
    shape = truth.astype(np.uint8)
    drawn = cv2.erode(shape, disk) if move is grown else cv2.dilate(shape, disk) & (mask != Tissue.BACKGROUND)
    if drawn.sum() < LEAST_AREA_PX / 4:
        return None
    # Elsewhere the same tissue is hidden: what is asked is this area's border.
    start = np.where(mask == tissue, UNLABELLED, mask)
    start[truth] = Tissue.INTACT
    start[drawn > 0] = tissue
    places = np.argwhere(drawn)
    begin = time.perf_counter()
    patch = move(start, pixels, tuple(places[len(places) // 2]), step)
    spent = time.perf_counter() - begin
    end = start.copy()
    if patch is not None:
        patch.apply(end)
    border = max(1, int((shape - cv2.erode(shape, np.ones((3, 3), np.uint8))).sum()))
    before, after = (float(((state == tissue) != truth).sum() / border) for state in (start, end))
    return before, after, spent


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="training data folder whose masks are the truth")
    chosen = parser.parse_args()
    mask, pixels = scene()
    print("| at 12 megapixels | measured [ms] | limit [ms] |\n|---|---|---|")
    print_costs(edits(mask, pixels))
    with tempfile.TemporaryDirectory() as folder:
        print_costs(keeping(mask, Path(folder)))
    if chosen.data is not None:
        assisting(chosen.data)


if __name__ == "__main__":
    main()
