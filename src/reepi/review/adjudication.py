"""Adjudication: photographs on which two readers differ, and the areas that are to be decided."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from reepi.core.images import Mask
from reepi.core.reading import Reading, agreement
from reepi.core.tissue import UNLABELLED
from reepi.review.differences import Choice, Difference, decided, differences, least_px_of
from reepi.review.lots import lot
from reepi.review.patches import Patch, difference
from reepi.review.worklist import Task


@dataclass(frozen=True)
class Dispute:
    """Two readings of a photograph that differ.

    Parameters
    ----------
    first, second : Reading
        The readings, in an order drawn by lot. The window calls them A and B: an adjudicator is not told whose they
        are, and finds no one reader always in the same place.
    differing : float
        Share of the skin on which they differ, 0 to 1; 1 where only one of them has a mask.
    """

    first: Reading
    second: Reading
    differing: float


def disputes(
    readings: Iterable[Reading],
    adjudications: Mapping[str, Reading],
    mask_of: Callable[[Reading], Mask],
    share: float,
    study: str = "",
) -> dict[str, Dispute]:
    """Return the photographs that need an adjudicator, by file: only those on which two readers differ.

    Of more than two readers, the two that differ on most skin are told.

    Parameters
    ----------
    readings : iterable of Reading
        The newest of each photograph and reader.
    adjudications : mapping of str to Reading
        The newest of each photograph; one that is newer than what it decided settles it.
    mask_of : callable
        Mask (H, W) of a reading.
    share : float
        Readers who differ on more of the skin need an adjudicator, 0 to 1.
    study : str, optional
        Name of the study, for the lot.
    """
    told: dict[str, list[Reading]] = {}
    for each in readings:
        if each.state != "proposed":
            told.setdefault(each.photograph, []).append(each)
    found = {}
    for file, both in told.items():
        settled = adjudications.get(file)
        if len(both) < 2 or (settled is not None and all(settled.number > each.number for each in both)):
            continue
        worst = _worst(sorted(both, key=lambda each: lot(study, each.photograph, each.reader)), mask_of)
        if worst is not None and worst.differing > share:
            found[file] = worst
    return found


def disputed_tasks(
    tasks: Sequence[Task], disputed: Mapping[str, Dispute], settled: Mapping[str, Reading]
) -> tuple[Task, ...]:
    """Return an adjudicator's worklist: what is disputed, and what the adjudicator settled before."""
    wanted = [task for task in tasks if task.entry.file in disputed or task.entry.file in settled]
    return tuple(
        task if task.entry.file in disputed else replace(task, state=settled[task.entry.file].state) for task in wanted
    )


@dataclass(frozen=True, eq=False)
class LaidOut:
    """What an adjudicator begins with.

    Parameters
    ----------
    case : Case or None
        What is to be decided area by area, where both readers have a mask of the photograph as it is.
    start : (H, W) uint8 or None
        What is painted at first; None where neither has.
    told : str
        What the readers say of the photograph as a whole, where that is what they differ on.
    """

    case: "Case | None"
    start: Mask | None
    told: str = ""


def laid_out(dispute: Dispute, first: Mask | None, second: Mask | None) -> LaidOut:
    """Return what is laid before an adjudicator.

    Parameters
    ----------
    dispute : Dispute
        Who differs.
    first, second : (H, W) uint8 or None
        Their masks; None of a reader who rejected the photograph or read another version of it.
    """
    if first is not None and second is not None:
        case = Case(first, second)
        return LaidOut(case, case.start)
    told = ", ".join(
        f"{name} {_said(reading, mask is not None)}"
        for name, reading, mask in (("A", dispute.first, first), ("B", dispute.second, second))
    )
    shown = "" if first is None and second is None else f" The mask shown is {'B' if first is None else 'A'}'s."
    return LaidOut(None, second if first is None else first, f"{told}.{shown}")


def _said(reading: Reading, is_shown: bool) -> str:
    if not reading.teaches:
        return f"rejected it ({reading.reason})"
    return "read it" if is_shown else "read another version of it"


class Case:
    """What is to be decided on one photograph.

    Parameters
    ----------
    first, second : (H, W) uint8
        Masks of the two readers.
    """

    def __init__(self, first: Mask, second: Mask) -> None:
        self.first, self.second = first, second
        self.areas: tuple[Difference, ...] = differences(first, second, least_px_of((first.shape[0], first.shape[1])))

    @property
    def start(self) -> Mask:
        """What both say, (H, W); unlabelled where they differ."""
        return decided(self.first, self.second, self.areas, {})

    def chosen(self, mask: Mask, number: int, choice: Choice) -> Patch | None:
        """Return the change that gives an area the tissues of one reader.

        Parameters
        ----------
        mask : (H, W) uint8
            As it is decided now.
        number : int
            Number of the area.
        choice : "first" or "second"
            Who is right.

        Raises
        ------
        IndexError
            There is no such area.
        """
        area = self._area(number)
        after = mask.copy()
        source = self.first if choice == "first" else self.second
        after[area.window][area.inside] = source[area.window][area.inside]
        return difference(mask, after)

    def is_decided(self, mask: Mask, number: int) -> bool:
        """Return whether every pixel of an area has a tissue in a mask."""
        area = self._area(number)
        return not bool((mask[area.window][area.inside] == UNLABELLED).any())

    def undecided(self, mask: Mask) -> tuple[int, ...]:
        """Return the numbers of the areas that are not decided yet."""
        return tuple(area.number for area in self.areas if not self.is_decided(mask, area.number))

    def _area(self, number: int) -> Difference:
        if not 0 <= number < len(self.areas):
            raise IndexError(f"there is no area {number}; there are {len(self.areas)}")
        return self.areas[number]


def _worst(readings: Sequence[Reading], mask_of: Callable[[Reading], Mask]) -> Dispute | None:
    masks = {each.reader: mask_of(each) for each in readings if each.teaches}
    found = [
        Dispute(one, two, _differing(masks.get(one.reader), masks.get(two.reader)))
        for one, two in combinations(readings, 2)
    ]
    return max(found, key=lambda dispute: dispute.differing, default=None)


def _differing(one: Mask | None, two: Mask | None) -> float:
    if one is None and two is None:
        return 0.0
    if one is None or two is None or one.shape != two.shape:
        return 1.0
    return agreement([one, two]).differing if not np.array_equal(one, two) else 0.0
