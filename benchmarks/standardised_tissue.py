"""Measure what standardising does to the tissue model: photographs in their own light and in others, raw and corrected.

Run with ``python benchmarks/standardised_tissue.py --data DIR [--photographs 64] [--seed 710]``, where the folder is a
training data folder with true masks, such as rendered photographs; without one it does nothing. Photographs of its
validation split are shown to the shipped model in their own light, and in that of another lamp and camera (see
`standardising`), each as it is and standardised by the picture alone; the second also by the patches of a card, which
are given, not found. Prints the mean intersection over union of the tissues and the error of the open area.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from standardising import Sight

from reepi.core.capture_card import CardSighting
from reepi.core.images import Photograph
from reepi.core.tissue import Tissue
from reepi.imaging.card_layout import reference_colours
from reepi.imaging.standardising import standardised
from reepi.model.data.datasets import read_datasets
from reepi.model.evaluation.evaluating import as_photograph
from reepi.model.inference import load_segmenter

Counts = npt.NDArray[np.int64]

OPEN = (int(Tissue.DETACHABLE), int(Tissue.DETACHED))
N = len(Tissue)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--model", type=Path, default=Path(__file__).parents[1] / "models" / "tissue")
    parser.add_argument("--photographs", type=int, default=64)
    parser.add_argument("--seed", type=int, default=710)
    options = parser.parse_args()
    if options.data is None:
        print("Name a training data folder with --data.")
        return
    rng = np.random.default_rng(options.seed)
    segment = load_segmenter(options.model)
    (dataset,) = read_datasets([options.data])
    samples = dataset.of_split("validation")
    chosen = rng.permutation(len(samples))[: options.photographs]
    tables: dict[str, list[Counts]] = {}
    for at in chosen:
        truth = samples[at].read_mask()
        for name, photograph in shown(as_photograph(samples[at]), rng):
            tables.setdefault(name, []).append(table(truth, segment(photograph).mask))
    tell({name: np.stack(each) for name, each in tables.items()}, len(chosen), options.seed)


def shown(photograph: Photograph, rng: np.random.Generator) -> Iterator[tuple[str, Photograph]]:
    """Yield a photograph in every light and correction, with its name."""
    sight = Sight.drawn(rng)
    patches = np.rint(reference_colours()).astype(np.uint8)[None].repeat(32, 0).repeat(16, 1)
    seen = sight.of(patches, rng).reshape(32, -1, 16, 3)[8:24, :, 4:12].astype(np.float64)
    colours = np.median(seen, axis=(0, 2))
    colours[colours.max(axis=1) >= 250] = np.nan
    card = CardSighting(
        "reepi-a6", np.eye(3), photograph.size, 1.0, 0.0, 0.0, colours, reference_colours(), np.zeros((4, 2))
    )
    other = Photograph(sight.of(photograph.pixels, rng), photograph.original_size)
    yield "its own light, as it is", photograph
    yield "its own light, by the picture alone", standardised(photograph, None, "always")[0]
    yield "another light, as it is", other
    yield "another light, by the picture alone", standardised(other, None, "always")[0]
    yield "another light, by a card", standardised(other, card, "card")[0]


def table(truth: npt.NDArray[np.uint8], predicted: npt.NDArray[np.uint8]) -> Counts:
    """Return how often each tissue was taken for each, (7, 7): true before predicted."""
    known = truth < N
    return np.bincount(truth[known].astype(np.int64) * N + predicted[known], minlength=N * N).reshape(N, N)


def mean_iou(counts: Counts) -> float:
    """Return the mean intersection over union of the tissues of a table (7, 7)."""
    hit = np.diag(counts)
    return float(np.mean(hit / np.maximum(1, counts.sum(axis=0) + counts.sum(axis=1) - hit)))


def area_errors(tables: Counts) -> npt.NDArray[np.float64]:
    """Return predicted less true open area of each photograph (N, 7, 7) [% of its skin]; nan where there is none."""
    skin = tables[:, 1:].sum(axis=(1, 2))
    errors = tables[:, 1:, OPEN].sum(axis=(1, 2)) - tables[:, OPEN].sum(axis=(1, 2))
    return np.asarray(100.0 * np.where(skin > 0, errors, np.nan) / np.maximum(skin, 1))


def tell(tables: dict[str, Counts], n: int, seed: int) -> None:
    """Print the table."""
    print(f"{n} photographs, seed {seed}\n")
    print("| photographs | mean IoU | open area, mean error [% of skin] | mean absolute error [% of skin] |")
    print("|---|---|---|---|")
    for name, each in tables.items():
        errors = area_errors(each)
        print(
            f"| {name} | {mean_iou(each.sum(axis=0)):.3f} | {np.nanmean(errors):+.2f} "
            f"| {np.nanmean(np.abs(errors)):.2f} |"
        )


if __name__ == "__main__":
    main()
