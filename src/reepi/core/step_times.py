"""How long each step of a photograph takes."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from statistics import fmean


class StepTimes(dict[str, float]):
    """Time that each step of a photograph took [s]."""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Take the time of a step, also of one that ends in an error."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self[name] = round(time.perf_counter() - start, 4)

    @property
    def total(self) -> float:
        """Time of all steps [s]."""
        return round(sum(self.values()), 3)


def mean_steps(times: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean time of each step over the photographs that took it [s]."""
    taken: dict[str, list[float]] = {}
    for steps in times:
        for name, seconds in steps.items():
            taken.setdefault(name, []).append(seconds)
    return {name: fmean(seconds) for name, seconds in taken.items()}
