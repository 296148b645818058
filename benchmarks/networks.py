"""Seconds a photograph costs each network on each engine, and how far the engines agree."""

import argparse
import time
from collections.abc import Callable

import numpy as np

from reepi.core.images import Photograph
from reepi.core.views import VIEWS
from reepi.imaging.reading import read_photograph
from reepi.model.folder import EXAMPLE_INPUT
from reepi.model.inference import load_correspondence_predictor, load_segmenter
from reepi.model.publishing import EXAMPLE_VIEW
from reepi.store.shipped import shipped_model

ENGINES = ("openvino", "torch")


def seconds(call: Callable[[], object], repeats: int) -> float:
    """Return the median time of a call [s], after one that warms up."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def main() -> None:
    """Print a line per network and engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=10)
    repeats = parser.parse_args().repeats
    tissue, body = shipped_model("tissue"), shipped_model("correspondence")
    photograph: Photograph = read_photograph(tissue / EXAMPLE_INPUT)
    masks = []
    for engine in ENGINES:
        segment = load_segmenter(tissue, engine)
        masks.append(segment(photograph).mask)
        print(f"tissue          {engine:9s} {seconds(lambda run=segment: run(photograph), repeats) * 1000:6.0f} ms")
    print(f"tissue          engines agree on {100 * (masks[0] == masks[1]).mean():.2f} % of the mask's pixels")
    view = VIEWS[EXAMPLE_VIEW]
    for engine in ENGINES:
        predict = load_correspondence_predictor(body, engine)
        spent = seconds(lambda run=predict: run(photograph, view), repeats)
        print(f"correspondence  {engine:9s} {spent * 1000:6.0f} ms")


if __name__ == "__main__":
    main()
