"""What happened to each piece of a patient's skin: the state of every template face after every visit, and its days."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

States = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]
Days = npt.NDArray[np.float32]


class SkinState(IntEnum):
    """What is known of a face's history."""

    NEVER_ASSESSED = 0
    NEVER_OPEN = 1
    OPEN = 2
    HEALED = 3


class FaceChange(IntEnum):
    """What became of a face at a visit."""

    NONE = 0
    NEW_DETACHMENT = 1
    """Open now, never open before, and seen closed at an earlier visit."""
    FIRST_SEEN_OPEN = 2
    """Open now and never assessed before: it may have opened at any time."""
    HEALED = 3
    """Closed now, and open when it was last assessed."""
    RELAPSE = 4
    """Open now, and healed when it was last assessed."""


def face_changes(before: States, after: States, assessed: Flags) -> States:
    """Return what became of each face at a visit, as `FaceChange`, (F,).

    Parameters
    ----------
    before, after : (F,) int8
        `SkinState` before and after the visit.
    assessed : (F,) bool
        Faces that were assessed at it; nothing happens to the others.
    """
    changes = np.full(len(before), FaceChange.NONE, np.int8)
    is_open = assessed & (after == SkinState.OPEN)
    changes[is_open & (before == SkinState.NEVER_OPEN)] = FaceChange.NEW_DETACHMENT
    changes[is_open & (before == SkinState.NEVER_ASSESSED)] = FaceChange.FIRST_SEEN_OPEN
    changes[is_open & (before == SkinState.HEALED)] = FaceChange.RELAPSE
    changes[assessed & (after == SkinState.HEALED) & (before == SkinState.OPEN)] = FaceChange.HEALED
    return changes


@dataclass(frozen=True, eq=False)
class SkinHistory:
    """History of each face of a patient's body template, visit by visit (V visits, F faces).

    Days are floats, NaN where the thing never happened. They are days of visits: when a face truly opened or healed is
    known only to lie between two of them.

    Parameters
    ----------
    counted_from : datetime.date
        Day 0: the patient's day zero, or the first visit where that is not known.
    dates : tuple of datetime.date
        The visits, in order.
    states : (V, F) int8
        `SkinState` after each visit; unassessed skin keeps the state in which it was last assessed.
    assessed : (V, F) bool
        Whether enough of the face was assessed at the visit to follow it.
    at_edge : (V, F) bool
        The face changed, but so near to an edge of open skin that the mapping's error alone could have moved it
        (`reepi.scoring.exchange`). Areas are net of such changes as far as they balance; a map may leave them out.

    Raises
    ------
    ValueError
        The arrays are not of these visits, or not of the same faces.
    """

    counted_from: date
    dates: tuple[date, ...]
    states: States
    assessed: Flags
    at_edge: Flags

    def __post_init__(self) -> None:
        shapes = {self.states.shape, self.assessed.shape, self.at_edge.shape}
        if len(shapes) != 1 or self.states.ndim != 2 or len(self.states) != len(self.dates):
            raise ValueError(f"states, assessed and at_edge {sorted(shapes)} are not those of {len(self.dates)} visits")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SkinHistory):
            return NotImplemented
        mine, theirs = ((each.states, each.assessed, each.at_edge) for each in (self, other))
        same = all(np.array_equal(one, two) for one, two in zip(mine, theirs, strict=True))
        return same and (self.counted_from, self.dates) == (other.counted_from, other.dates)

    __hash__ = None  # type: ignore[assignment]  # Arrays have no hash.

    @property
    def days(self) -> tuple[int, ...]:
        """Day of each visit."""
        return tuple((day - self.counted_from).days for day in self.dates)

    def changes_at(self, visit: int) -> States:
        """Return what became of each face at a visit, by its place in `dates`, as `FaceChange`, (F,)."""
        before = self.states[visit - 1] if visit > 0 else np.zeros_like(self.states[0])
        return face_changes(before, self.states[visit], self.assessed[visit])

    @cached_property
    def first_open_day(self) -> Days:
        """First visit at which each face was seen open [day], (F,)."""
        return self._first_day(self._seen_open)

    @cached_property
    def healed_from_day(self) -> Days:
        """Last visit at which each face was seen open before it was first seen healed [day], (F,).

        It healed after this day and not after `healed_to_day`.
        """
        visit = np.arange(len(self.dates))[:, None]
        before = self._seen_open & (visit < self._first_visit(self._happened(FaceChange.HEALED)))
        last = len(self.dates) - 1 - self._first_visit(before[::-1])
        return np.where(np.isnan(self.healed_to_day), np.nan, self._day_of(last))

    @cached_property
    def healed_to_day(self) -> Days:
        """First visit at which each face was seen healed [day], (F,)."""
        return self._first_day(self._happened(FaceChange.HEALED))

    @cached_property
    def reopened_day(self) -> Days:
        """First visit at which each face was seen open again after it had healed [day], (F,)."""
        return self._first_day(self._happened(FaceChange.RELAPSE))

    @property
    def _seen_open(self) -> Flags:
        seen_open: Flags = (self.states == SkinState.OPEN) & self.assessed
        return seen_open

    def _happened(self, change: FaceChange) -> Flags:
        """Return at which visits a change happened to each face, (V, F)."""
        none = np.zeros_like(self.assessed)
        return np.stack([self.changes_at(visit) == change for visit in range(len(self.dates))]) if len(none) else none

    def _first_day(self, at: Flags) -> Days:
        return self._day_of(self._first_visit(at))

    @staticmethod
    def _first_visit(at: Flags) -> npt.NDArray[np.int64]:
        """Return the first visit that is marked for each face, or V where none is, (F,)."""
        marked = np.vstack([at, np.ones((1, at.shape[1]), bool)])
        first: npt.NDArray[np.int64] = marked.argmax(axis=0)
        return first

    def _day_of(self, visit: npt.NDArray[np.int64]) -> Days:
        """Return the day of a visit of each face, NaN where it is none of them, (F,)."""
        known = np.array([*self.days, np.nan], np.float32)
        day: Days = known[np.where((visit >= 0) & (visit < len(self.dates)), visit, len(self.dates))]
        return day
