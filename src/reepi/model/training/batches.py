"""The endless row of batches: step n is the same for any number of workers, and after any interruption."""

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from reepi.model.training.sampling import Batch

Draw = Callable[[np.random.Generator], Batch]
"""Makes a batch from a generator of chance."""


class Batches(IterableDataset[Batch]):
    """Endless batches; the chance of a batch depends on the seed, its step and the process' rank alone.

    Of several workers each draws every so many steps, in the order in which a loader asks them, so the row of batches
    is the same without them.

    Parameters
    ----------
    draw : callable
        Makes a batch from a generator of chance.
    seed : int
        Seed of the run.
    first_step : int
        Step that the first batch belongs to.
    rank : int
        Number of the process among those that train together.
    """

    def __init__(self, draw: Draw, seed: int, first_step: int = 0, rank: int = 0) -> None:
        self._draw, self._seed, self._first_step, self._rank = draw, seed, first_step, rank

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches from the first step on, or this worker's share of them."""
        worker = get_worker_info()
        offset, stride = (0, 1) if worker is None else (worker.id, worker.num_workers)
        step = self._first_step + offset
        while True:
            yield self._draw(np.random.default_rng([self._seed, step, self._rank]))
            step += stride


def load_batches(batches: Batches, workers: int) -> DataLoader[Batch]:
    """Return a loader of batches that are drawn by so many processes, or between the steps if by none."""
    if not workers:
        return DataLoader(batches, batch_size=None)
    # Spawned and not forked: the threads of OpenCV and torch do not survive a fork.
    return DataLoader(
        batches,
        batch_size=None,
        num_workers=workers,
        multiprocessing_context="spawn",
        worker_init_fn=_one_thread,
        pin_memory=torch.cuda.is_available(),
    )


def _one_thread(_: int) -> None:
    cv2.setNumThreads(0)
    torch.set_num_threads(1)


def step_seed(seed: int, step: int, rank: int) -> int:
    """Return a seed for the chance inside the network (dropout) that depends on seed, step and rank alone."""
    return int(np.random.SeedSequence([seed, step, rank]).generate_state(1, np.uint64)[0] >> np.uint64(1))
