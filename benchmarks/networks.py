"""Seconds a photograph costs each network on each engine, how far the engines agree, and seconds of a training step.

Steps are taken on noise, in the three number formats that there are: single precision, bfloat16 throughout, and as
`reepi train` does it where a processor multiplies in bfloat16, with depthwise convolutions in single precision.
"""

import argparse
import time
from collections.abc import Callable
from typing import Final

import numpy as np
import torch

from reepi.core.images import Photograph
from reepi.core.views import VIEW_NAMES, VIEWS
from reepi.imaging.reading import read_photograph
from reepi.model.anchors import surface_anchors
from reepi.model.architecture import FINE_GRID, GRID, N_ANCHORS, Task
from reepi.model.canvas import CORRESPONDENCE_CANVAS
from reepi.model.folder import EXAMPLE_INPUT
from reepi.model.inference import load_correspondence_predictor, load_segmenter
from reepi.model.network import CorrespondenceNetwork, build_network
from reepi.model.publishing import EXAMPLE_VIEW
from reepi.model.training.learner import Learner, batch_loss
from reepi.model.training.pace import Pace
from reepi.model.training.plan import TrainingPlan
from reepi.model.training.sampling import TISSUE_CROP, Batch
from reepi.store.shipped import shipped_model

ENGINES = ("openvino", "torch")
TASKS: Final[tuple[Task, ...]] = ("tissue", "correspondence")
FORMATS: Final = {
    "single precision": (False, False),
    "bfloat16": (True, False),
    "bfloat16, depthwise in single": (True, True),
}
"""Whether sums are taken in bfloat16, and whether depthwise convolutions are left out of that."""


def seconds(call: Callable[[], object], repeats: int) -> float:
    """Return the median time of a call [s], after one that warms up."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def noise(task: Task, n: int) -> Batch:
    """Return a batch of as many photographs as a step takes, of noise."""
    rng = np.random.default_rng(0)
    height, width = (TISSUE_CROP, TISSUE_CROP) if task == "tissue" else CORRESPONDENCE_CANVAS
    pixels = torch.rand(n, 3, height, width).to(memory_format=torch.channels_last)
    if task == "tissue":
        labels = 1 << rng.integers(0, 7, (n, height // FINE_GRID, width // FINE_GRID))
        return {"pixels": pixels, "labels": torch.from_numpy(labels.astype(np.uint8))}
    grid = (n, height // GRID, width // GRID)
    return {
        "pixels": pixels,
        "view": torch.from_numpy(rng.integers(0, len(VIEW_NAMES), n)),
        "points": torch.rand(n, 3, *grid[1:]),
        "anchor": torch.from_numpy(rng.integers(0, N_ANCHORS, grid)),
        "body": torch.from_numpy(rng.integers(0, 2, grid).astype(np.float32)),
    }


def training_step(task: Task, *, short: bool, single_depthwise: bool) -> Callable[[], None]:
    """Return a function that takes one step."""
    network, batch = build_network(task), noise(task, TrainingPlan().batch_size)
    if isinstance(network, CorrespondenceNetwork):
        network.place_anchors(surface_anchors())
    learner = Learner(network, Pace(60), lambda *_: iter(()), short_floats=single_depthwise)
    optimizer = learner.configure_optimizers()

    def step() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=short):
            loss = batch_loss(learner.network, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


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
    for task in TASKS:
        for name, (short, single_depthwise) in FORMATS.items():
            spent = seconds(training_step(task, short=short, single_depthwise=single_depthwise), repeats)
            print(f"{task:14}  step of {TrainingPlan().batch_size} in {name:30s} {spent * 1000:6.0f} ms")


if __name__ == "__main__":
    main()
