"""Which of a reader's points does not fit the others, and by how much."""

import numpy as np

from reepi.mapping.reader_problem import cost
from reepi.mapping.solver import Problem, Solution, descended, solution_at

STEPS_WITHOUT = 12
"""Solver steps after a point was left out."""

POINTS_WITHOUT = 60
"""Points of the others that are kept for it."""

FEWEST_LEFT = 2
"""Of fewer points than this none can be said to contradict the others."""


def misfits(problem: Problem, solution: Solution, limit_mm: float) -> dict[int, float]:
    """Return the points of a reader that have to go so that the others fit, and how far off they then are [mm].

    The point goes without which all others fit best, then the next, until the rest lies within the limit.

    Parameters
    ----------
    problem : Problem
        With the reader's points first.
    solution : Solution
        Of all points; no point need be wrong where its offset is large, since it may be drawn away by another.
    limit_mm : float
        How far a point may be off [mm].
    """
    rest = problem.thinned(POINTS_WITHOUT)
    places = list(range(int(np.count_nonzero(problem.firm))))
    gone: dict[int, float] = {}
    current = solution
    while len(places) >= FEWEST_LEFT and 1000 * current.offsets_m[: len(places)].max() > limit_mm:
        tried = [_without(rest, current, index) for index in range(len(places))]
        index = min(range(len(places)), key=lambda i: cost(*tried[i][:2]))
        rest, current, off_mm = tried[index]
        gone[places.pop(index)] = off_mm
    return gone


def _without(problem: Problem, solution: Solution, index: int) -> tuple[Problem, Solution, float]:
    """Return a problem without one point, its solution, and how far the point then is off [mm]."""
    keep = np.arange(len(problem.pixels)) != index
    rest = problem.part(keep)
    found = solution_at(rest, descended(rest, solution.state, STEPS_WITHOUT))
    off_m = solution_at(problem, found.state).offsets_m[index]
    return rest, found, 1000 * float(off_m)
