"""Views of photographs whose names do not tell them, from what a network sees in the pictures of a whole visit."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from reepi.core.views import VIEW_NAMES
from reepi.store.adding.plan import Addition, Guess

AGAIN_COST: Final = 1.0
"""A view that a visit has already costs so much more, as a log probability, each time it is taken again. Visits mostly
have a view once; chosen on rendered patients, on whom 1 to 5 did alike."""

LEAST_PROBABILITY: Final = 1e-6
"""What a network holds for impossible is not quite."""

Views = Mapping[str, float]


def with_seen_views(additions: Sequence[Addition], seen: Mapping[Path, Views]) -> list[Addition]:
    """Return additions of which those whose picture was looked at have the view that is most probable within its visit.

    All photographs of a visit are judged together (assignment problem), so that of two that look like the same view one
    gets the next. A view that was only seen is never sure.

    Parameters
    ----------
    additions : sequence of Addition
        All of a plan.
    seen : mapping of Path to mapping
        Probability of each view, as the network sees it, by the file of each photograph that was looked at.
    """
    visits: defaultdict[tuple[str | None, date | None], list[Addition]] = defaultdict(list)
    for addition in additions:
        moment = addition.taken_at.value
        visits[addition.patient_id.value, None if moment is None else moment.date()].append(addition)
    found: dict[Path, Addition] = {}
    for visit in visits.values():
        found |= {each.file: each for each in _assigned(visit, seen)}
    return [found.get(addition.file, addition) for addition in additions]


def _assigned(visit: Sequence[Addition], seen: Mapping[Path, Views]) -> list[Addition]:
    unsure = [addition for addition in visit if addition.file in seen]
    taken = Counter(a.view.value for a in visit if a.file not in seen and (a.complete or a.present))
    costs = [[_cost(addition, seen[addition.file], name) for name in VIEW_NAMES] for addition in unsure]
    places = _cheapest(np.array(costs).reshape(-1, len(VIEW_NAMES)), np.array([taken[name] for name in VIEW_NAMES]))
    return [_with_view(each, seen[each.file], VIEW_NAMES[place]) for each, place in zip(unsure, places, strict=True)]


def _cost(addition: Addition, probabilities: Views, name: str) -> float:
    possible = name in addition.views
    return -float(np.log(max(probabilities[name], LEAST_PROBABILITY))) if possible else 1e6


def _cheapest(costs: npt.NDArray[np.float64], taken: npt.NDArray[np.int64]) -> list[int]:
    """Return the view of each of N photographs, as its column in costs (N, V), at the least cost of all together."""
    n, n_views = costs.shape
    slots = [costs + AGAIN_COST * (taken + time) for time in range(max(n, 1))]
    _, columns = linear_sum_assignment(np.hstack(slots))
    return [int(column) % n_views for column in columns]


def _with_view(addition: Addition, probabilities: Views, name: str) -> Addition:
    total = max(sum(probabilities[view] for view in addition.views), LEAST_PROBABILITY)
    likeliest = max(addition.views, key=lambda view: probabilities[view])
    by = "by the picture" if name == likeliest else f"by the picture beside others of {likeliest}"
    return replace(addition, view=Guess(name, False, f"{by}, {100 * probabilities[name] / total:.0f} %"))
