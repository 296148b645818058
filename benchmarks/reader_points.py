"""Measure how well the stated error of a photograph placed by a reader's points tells the true one.

Run with ``python benchmarks/reader_points.py [--photographs N] [--seed S] [--folder DIR]``. Photographs as those of
``mapping.py`` are rendered, of the same seeds. A reader who errs like one places three, six or twelve points far from
each other on their skin: by some millimetres on the body chart and by two pixels on the photograph. They are placed
with what the shipped network says of the photograph, as `reepi score` does it, and six and twelve also without it.
Printed are, for each, the median over the photographs of the true error (itself the median over the skin) and of the
stated one, the median of their ratios, and on how many photographs the true one is no larger. Seed 0 is the one that
`reepi.mapping.reader.TRUE_OVER_TOLD` was chosen on, so that it prints a ratio of about 1; report figures of another.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from rich.progress import track
from scipy.spatial import cKDTree

from mapping import Shot, render, surface_errors
from reepi.body.template import BodyTemplate, build_template
from reepi.core.errors import PhotographRejected
from reepi.core.images import TissueMap
from reepi.core.reader_points import ReaderPoint
from reepi.core.surface import NO_FACE
from reepi.core.views import VIEWS
from reepi.imaging.reading import read_photograph
from reepi.mapping.reader import register_points
from reepi.mapping.registrar import NetworkRegistrar, load_registrar
from reepi.phantom.pictures import read_faces, read_mask
from reepi.store.shipped import shipped_model

Floats = npt.NDArray[np.float64]
Faces = npt.NDArray[np.int32]

NUMBERS: Final = (3, 6, 12)
"""How many points the reader places."""

ALONE: Final = (6, 12)
"""Those that are also placed without the network; fewer do not tell where the camera was."""

CHART_ERROR_M: Final = 0.006
PIXEL_ERROR: Final = 2.0
"""Standard deviations of each coordinate of a reader's clicks: on the body [m] and on the photograph [px]. Assumed."""

STREAM: Final = 79
"""First word of the seeds of the clicks."""


@dataclass(frozen=True)
class Placed:
    """A photograph that was placed: how many points, whether with the network, and its errors [mm]."""

    points: int
    network: bool
    true_mm: float
    told_mm: float


def clicks(faces: Faces, template: BodyTemplate, number: int, rng: np.random.Generator) -> list[ReaderPoint]:
    """Return so many points of a reader on the skin of a photograph, each as far from the others as can be."""
    rows, columns = np.nonzero(faces != NO_FACE)
    pixels = np.column_stack([columns, rows]).astype(np.float64)
    chosen, gap = [int(rng.integers(len(pixels)))], np.full(len(pixels), np.inf)
    while len(chosen) < number:
        gap = np.minimum(gap, np.linalg.norm(pixels - pixels[chosen[-1]], axis=1))
        chosen.append(int(gap.argmax()))
    centres = template.vertices[template.faces].mean(axis=1)
    skin = np.flatnonzero(template.skin)
    meant = centres[faces[rows[chosen], columns[chosen]]] + rng.normal(0, CHART_ERROR_M, (number, 3))
    clicked = skin[cKDTree(centres[skin]).query(meant)[1]]
    height, width = faces.shape
    at = np.clip(pixels[chosen] + rng.normal(0, PIXEL_ERROR, (number, 2)), 0, [width - 1, height - 1])
    return [
        ReaderPoint.at_pixel((float(x), float(y)), (height, width), int(face), (1 / 3, 1 / 3, 1 / 3))
        for (x, y), face in zip(at, clicked, strict=True)
    ]


def placed(shot: Shot, registrar: NetworkRegistrar) -> Iterator[Placed | None]:
    """Yield a photograph as placed by each number of points; None where they are refused."""
    photograph, faces = read_photograph(shot.path("image")), read_faces(shot.path("faces"))
    template, view = build_template(shot.patient), VIEWS[shot.view]
    tissues = TissueMap.from_mask(read_mask(shot.path("mask")))
    network = registrar.correspondences(photograph, tissues, view, template)
    for number in NUMBERS:
        points = clicks(faces, template, number, np.random.default_rng([STREAM, shot.seed, shot.number, number]))
        for beside in (network if len(network) else None, *([None] if number in ALONE else [])):
            try:
                laid = register_points(points, view, template, photograph.size, photograph.focal_px, beside)
            except PhotographRejected:
                yield None
                continue
            errors_cm, _ = surface_errors(laid, faces, template)
            yield Placed(number, beside is not None, 10 * float(np.median(errors_cm)), laid.residual_mm)


def print_table(found: Sequence[Placed]) -> None:
    """Print a line for each number of points, with and without the network, and one of all."""
    print("\n| points | placed | true, mm | stated, mm | true / stated | true at most as stated |")
    print("|---|---|---|---|---|---|")
    kinds = sorted({(each.points, each.network) for each in found})
    groups = {
        f"{number}{'' if network else ', no network'}": [
            each for each in found if (each.points, each.network) == (number, network)
        ]
        for number, network in kinds
    }
    for name, own in (groups | {"all": list(found)}).items():
        true, told = np.array([each.true_mm for each in own]), np.array([each.told_mm for each in own])
        print(
            f"| {name} | {len(own)} | {np.median(true):.1f} | {np.median(told):.1f} | {np.median(true / told):.2f} "
            f"| {np.mean(true <= told):.0%} |"
        )


def main() -> None:
    """Render, place and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=int, default=64)
    parser.add_argument("--seed", type=int, default=4242)
    parser.add_argument("--folder", type=Path, help="keep the photographs here; those already there are used")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        shots = [Shot(args.folder or Path(scratch), args.seed, number) for number in range(args.photographs)]
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            list(track(pool.map(render, shots), "Rendering", len(shots)))
        registrar = load_registrar(shipped_model("correspondence"), shipped_model("pose"))
        every = [each for shot in track(shots, "Placing") for each in placed(shot, registrar)]
    found = [each for each in every if each is not None]
    print(f"{len(shots)} photographs; {len(every) - len(found)} of {len(every)} placements were refused")
    print_table(found)


if __name__ == "__main__":
    main()
