"""Print how the colours of rendered skin spread, beside those of intact skin in photographs.

Run with ``python benchmarks/skin_colours.py [DATA ...]``, DATA being folders with ``images/``: of each, 150 photographs
are looked at, and the median colour of what the tissue network holds for intact is taken where that is a hundredth of
the picture. Rendered skin is that of 3,000 patients, without lamp and camera. Percentiles of the two numbers by which
`reepi.imaging.skin_light` judges the light [stops].
"""

import argparse
import random
from pathlib import Path

import numpy as np

from reepi.cli.models import Models
from reepi.core.tissue import Tissue
from reepi.imaging.reading import read_photograph
from reepi.imaging.skin_light import CLIPPED, linear, pink_and_amber
from reepi.phantom.families import draw_skin

PHOTOGRAPHS = 150
PATIENTS = 3000
LEAST_SKIN = 0.01
PERCENTILES = (1, 3, 10, 50, 90, 97, 99)


def show(name: str, colours: list[tuple[float, float]]) -> None:
    """Print a line for each of the two numbers."""
    for number, values in zip(("pink", "amber"), np.array(colours).T, strict=True):
        shares = "".join(f"{value:8.2f}" for value in np.percentile(values, PERCENTILES))
        print(f"{name:12s}{len(colours):6d}  {number:6s}{shares}", flush=True)


def photographed(folder: Path) -> list[tuple[float, float]]:
    """Return the colours of intact skin in photographs of a folder."""
    segment, found = Models.chosen().instruments().segment, []
    files = sorted(path for path in (folder / "images").iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    random.Random(3).shuffle(files)
    for file in files[:PHOTOGRAPHS]:
        photograph = read_photograph(file)
        whole = (segment(photograph).mask == Tissue.INTACT) & (photograph.pixels.max(axis=-1) < CLIPPED)
        if whole.mean() >= LEAST_SKIN:
            found.append(pink_and_amber(linear(np.median(photograph.pixels[whole], axis=0) / 255)))
    return found


def main() -> None:
    """Draw, look and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("data", type=Path, nargs="*")
    print(f"{'skin of':12s}{'n':>6s}  {'':6s}" + "".join(f"{share:7d}%" for share in PERCENTILES))
    show("rendered", [pink_and_amber(draw_skin(np.random.default_rng(k)).base) for k in range(PATIENTS)])
    for folder in parser.parse_args().data:
        show(folder.name, photographed(folder))


if __name__ == "__main__":
    main()
