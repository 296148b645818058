"""How much of each region was assessed, in steps for the eye, and which views to take again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.results import PhotoRow
from reepi.core.views import closest_view
from reepi.report.deciders import why_words

STEPS: Final = (0.25, 0.5, 0.75, 0.9)
"""Assessed parts of a region at which its colour on the chart changes."""

STEP_COLOURS: Final = ((238, 229, 246), (203, 190, 224), (150, 143, 194), (98, 100, 163), (52, 62, 123))
"""Colours of the steps, from hardly assessed to nearly all: one hue, which no tissue has, and darker for more."""

SEEN_ENOUGH: Final = 0.75
"""A region of which this part was assessed needs no other photograph: a single view loses its steep sides."""

WORTH_A_PHOTOGRAPH: Final = 0.5
"""Unassessed skin [% BSA] from which a view is worth taking; half a palm with its fingers."""


@dataclass(frozen=True)
class Retake:
    """A view to take again.

    Parameters
    ----------
    view : str
        The view in words.
    missing : float or None
        Unassessed skin that it frames closest [% BSA]; None where no region waits for it.
    regions : tuple of (str, float)
        Regions that it frames and that were not seen enough, with the part of each that was assessed [%].
    why : str
        What became of it at the visit, as the end of a sentence.
    """

    view: str
    missing: float | None
    regions: tuple[tuple[str, float], ...]
    why: str


def step_names() -> tuple[str, ...]:
    """Return the steps in words, in the order of `STEP_COLOURS`."""
    ends = ["0", *(f"{100 * step:.0f}" for step in STEPS), "100"]
    return tuple(f"{low} to {high} %" for low, high in pairwise(ends))


def step_of(part: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return the step, 0 to 4, of an assessed part, 0 to 1; of any shape."""
    return np.searchsorted(STEPS, part, side="right")


def views_to_take(
    regions: Mapping[str, tuple[float, float]], photos: Sequence[tuple[str, PhotoRow]]
) -> tuple[Retake, ...]:
    """Return the views to take again, those that miss most first, then those that were rejected without need.

    A region that was not seen enough asks for the view that frames it closest, and for a view of the whole body if that
    was tried and failed: one photograph may do for many.

    Parameters
    ----------
    regions : mapping of str to (float, float)
        Of each region the unassessed skin [% BSA] and the assessed part, 0 to 1.
    photos : sequence of (str, PhotoRow)
        Declared view of each photograph of the visit, and how it ended.
    """
    scored = {view for view, row in photos if row.status == "scored"}
    unscored = [view for view in dict.fromkeys(view for view, _ in photos) if view not in scored]
    framed: dict[str, list[str]] = {}
    for region in (region for region, (_, part) in regions.items() if part < SEEN_ENOUGH):
        wide = [view for view in unscored if _is_wide(view, region)]
        for view in (closest_view(region).name, *wide):
            framed.setdefault(view, []).append(region)
    missing = {view: sum(regions[region][0] for region in names) for view, names in framed.items()}
    wanted = sorted((view for view in framed if missing[view] >= WORTH_A_PHOTOGRAPH), key=lambda view: -missing[view])
    unmet = [view for view in unscored if view not in wanted]
    waiting = [
        Retake(
            _words(view),
            missing[view],
            tuple((_words(region), 100 * regions[region][1]) for region in framed[view]),
            _why(view, photos),
        )
        for view in wanted
    ]
    return (*waiting, *(Retake(_words(view), None, (), _why(view, photos)) for view in unmet))


def _is_wide(view: str, region: str) -> bool:
    """Return whether a view of the whole body shows a region from the side that it is seen from."""
    part, _, aspect = view.partition("_")
    return part == "whole" and closest_view(region).aspect == aspect


def _why(view: str, photos: Sequence[tuple[str, PhotoRow]]) -> str:
    rows = [row for name, row in photos if name == view]
    if not rows:
        return "not photographed"
    if any(row.status == "scored" for row in rows):
        return "photographed, but part of it was hidden, outside the picture or seen too steeply; a side view may help"
    return "; ".join(dict.fromkeys(f"photograph {row.status}: {why_words(row)}" for row in rows))


def _words(name: str) -> str:
    return name.replace("_", " ")
