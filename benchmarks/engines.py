"""Show that the engines agree on real photographs, and which input size of the tissue network pays.

Run with ``python benchmarks/engines.py [DATA...] [--split validation] [--most N]``. The first table is the share of
mask pixels on which OpenVINO and torch agree, on the sample photographs and on those of the data folders. The second,
for data folders with masks, is the time and the accuracy of each long side of the input, with each engine, and with the
mean of the photograph and its mirror image (flips): seconds a photograph, the ratio to the shipped size, pooled Dice
and area error of the tissues that the masks are sure of.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from reepi.core.images import Photograph, TissueMap
from reepi.core.tissue import Tissue
from reepi.imaging.reading import read_photograph
from reepi.model.architecture import FINE_GRID, STRIDE
from reepi.model.data.datasets import DataSet, Sample, read_datasets, spread
from reepi.model.engines import Floats, Forward, forward_of
from reepi.model.evaluation.evaluating import area_errors, as_photograph, evaluate_tissue
from reepi.model.evaluation.metrics import mean_dice
from reepi.model.folder import read_model
from reepi.model.letterbox import Letterbox, canvas_for
from reepi.model.prediction import network_input, predict_tissue, softmax
from reepi.store.shipped import sample_study, shipped_model

ENGINES: Final = ("openvino", "torch")
SIDES: Final = (384, 512, 640, 768, 1024)
SHIPPED: Final = 0
"""Stands for the size that the shipped network is used at, which follows the photograph."""

NEEDED: Final = 0.995
"""Share of mask pixels on which the engines must agree."""


def mask_at(forward: Forward, photograph: Photograph, side: int, flips: bool, long_side: int) -> TissueMap:
    """Return the tissues that a network tells at a long side of its input [px]; `SHIPPED` leaves it to reepi."""
    if side == SHIPPED and not flips:
        return predict_tissue(forward, photograph, long_side)
    pixels, (height, width) = photograph.pixels, photograph.size
    chosen = side or min(long_side, max(height, width, SIDES[1]))
    box = Letterbox((height, width), canvas_for((height, width), chosen, STRIDE), FINE_GRID)

    def probabilities(seen: np.ndarray) -> Floats:
        return softmax(box.cut(forward(network_input(box.apply(seen)), 0)[0][0]))

    found = probabilities(pixels)
    if flips:
        found = (found + probabilities(np.ascontiguousarray(pixels[:, ::-1]))[..., ::-1]) / 2
    planes = [cv2.resize(np.ascontiguousarray(plane), (width, height)) for plane in found]
    return TissueMap(np.stack(planes))


def agreement(forwards: Sequence[Forward], photographs: Sequence[Photograph], long_side: int) -> tuple[float, float]:
    """Return the share of mask pixels on which two engines agree: over all photographs, and of the worst one."""
    same, pixels = [], []
    for photograph in photographs:
        one, other = (predict_tissue(forward, photograph, long_side).mask for forward in forwards)
        same.append(int((one == other).sum()))
        pixels.append(one.size)
    shares = np.array(same) / np.array(pixels)
    return float(np.sum(same) / np.sum(pixels)), float(shares.min())


def measured(
    segment: Callable[[Photograph], TissueMap], dataset: DataSet, samples: Sequence[Sample]
) -> tuple[float, float, float]:
    """Return the median time of a photograph [s], mean Dice of the tissues, and their mean area error [%]."""
    seconds: list[float] = []

    def timed(photograph: Photograph) -> TissueMap:
        start = time.perf_counter()
        found = segment(photograph)
        seconds.append(time.perf_counter() - start)
        return found

    timed(as_photograph(samples[0]))
    seconds.clear()
    evaluation = evaluate_tissue(timed, dataset, samples)
    errors = area_errors(evaluation)[:, [Tissue(tissue) for tissue in evaluation.tissues]]
    return float(np.median(seconds)), mean_dice(evaluation.counts.sum(axis=0)), float(errors.mean())


def agreement_table(forwards: Sequence[Forward], sets: dict[str, list[Photograph]], long_side: int) -> Table:
    """Return how far the engines agree, a line per set of photographs."""
    table = Table("photographs", "number", "same mask pixels", "worst photograph", title="OpenVINO against torch")
    for name, photographs in sets.items():
        whole, worst = agreement(forwards, photographs, long_side)
        fails = "" if whole >= NEEDED else f", below {NEEDED:.1%}"
        table.add_row(name, str(len(photographs)), f"{whole:.3%}{fails}", f"{worst:.3%}")
    return table


def size_table(
    forwards: dict[str, Forward], dataset: DataSet, samples: Sequence[Sample], long_side: int, flips_with: str
) -> Table:
    """Return time and accuracy, a line per input size and engine, the best accuracy per second marked."""
    title = f"{dataset.name}: {len(samples)} photographs"
    headings = ("long side [px]", "engine", "flips", "s a photograph", "ratio", "Dice", "area error [%]", "")
    table, rows = Table(*headings, title=title), []
    ways = [(side, engine, False) for engine in forwards for side in (SHIPPED, *SIDES)]
    ways += [(side, flips_with, True) for side in (SHIPPED, *SIDES)]
    for side, engine, flips in track(ways, dataset.name):
        run = forwards[engine]
        values = measured(lambda p, r=run, s=side, f=flips: mask_at(r, p, s, f, long_side), dataset, samples)
        rows.append(((side, engine, flips), values))
    base = dict(rows)[SHIPPED, flips_with, False]
    dice_best = max(rows, key=lambda row: row[1][1])[0]
    # Within a hundredth of the best Dice no size is told from another on so few photographs: the fastest of them pays.
    pays = min((row for row in rows if row[1][1] > max(r[1][1] for r in rows) - 0.01), key=lambda row: row[1][0])[0]
    for key, (seconds, dice, error) in rows:
        side, engine, flips = key
        said = ", ".join(word for word, at in (("best Dice", dice_best), ("pays", pays)) if at == key)
        numbers = (f"{seconds:.3f}", f"{seconds / base[0]:.2f}", f"{dice:.3f}", f"{error:.3f}")
        table.add_row("as shipped" if side == SHIPPED else str(side), engine, "yes" if flips else "no", *numbers, said)
    return table


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="*", help="data folders with masks")
    parser.add_argument("--split", choices=("train", "validation", "test"), default="validation")
    parser.add_argument("--most", type=int, default=24, help="photographs of each data folder at most")
    parser.add_argument("--model", type=Path, help="tissue model; the shipped one unless named")
    args = parser.parse_args()
    network, card = read_model(args.model or shipped_model("tissue"))
    forwards = {engine: forward_of(network, engine) for engine in ENGINES}
    parts = [(d, spread(d.of_split(args.split), args.most)) for d in read_datasets(args.data)]
    sets = {"sample study": [read_photograph(path) for path in sorted((sample_study() / "photos").glob("*.jpg"))]}
    sets |= {f"{d.name}, {args.split}": [as_photograph(sample) for sample in samples] for d, samples in parts}
    console = Console(width=110)
    console.print(agreement_table(list(forwards.values()), sets, card.long_side))
    for dataset, samples in parts:
        console.print(size_table(forwards, dataset, samples, card.long_side, ENGINES[0]))


if __name__ == "__main__":
    main()
