"""What a reader paints on the body chart of a visit: detachable skin, which is a bedside sign, and dressings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.counting import listed
from reepi.core.reading import Role, checked_reader, checked_role
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.core.trail import Visit

FaceTissues = npt.NDArray[np.uint8]

PAINTABLE: Final = (Tissue.DETACHABLE, Tissue.COVERED)
"""What can be painted on the chart; all other faces are unlabelled, about which a chart reading says nothing."""

MOST_FACES: Final = 10_000_000
"""No body template has more faces; a stored number above it is damage."""


@dataclass(frozen=True, eq=False)
class NewChartReading:
    """What a reader is about to save of a visit's body chart.

    Parameters
    ----------
    patient_id : str
        Whose body.
    date : date
        Day of the visit.
    reader : str
        Who painted.
    tissue : (F,) uint8
        Of each template face: detachable, covered or unlabelled. Kept as a copy that cannot be written to. All
        unlabelled takes back what the reader painted before.
    reason : str
        Why; a change after signing needs one.
    role : "reader" or "adjudicator"
        As whom.
    event_id : str
        Identifier of this saving, so that it can be sent twice; empty makes a new one.

    Raises
    ------
    ValueError
        The reader has no proper name, the role is none, or a face carries something that is not painted on charts.
    """

    patient_id: str
    date: date
    reader: str
    tissue: FaceTissues
    reason: str = ""
    role: Role = "reader"
    event_id: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reader", checked_reader(self.reader))
        checked_role(self.role)
        object.__setattr__(self, "tissue", checked_faces(self.tissue))


@dataclass(frozen=True)
class ChartReading:
    """A body chart as a reader saved it. It is never changed: who thinks again saves another.

    Parameters
    ----------
    number : int
        Place in the trail.
    patient_id : str
        Whose body.
    date : date
        Day of the visit.
    reader : str
        Who painted.
    role : "reader" or "adjudicator"
        As whom.
    tissue : (F,) uint8
        Of each template face: detachable, covered or unlabelled; cannot be written to.
    reason : str
        Why, or nothing.
    saved_at : datetime
        When, UTC.
    sha256 : str
        Hash of its event, which covers all of the above.
    """

    number: int
    patient_id: str
    date: date
    reader: str
    role: Role
    # The event's hash stands for it when two are compared.
    tissue: FaceTissues = field(compare=False, repr=False)
    reason: str
    saved_at: datetime
    sha256: str

    @property
    def visit(self) -> Visit:
        """Patient and day."""
        return self.patient_id, self.date

    @property
    def says_something(self) -> bool:
        """Whether any face is painted."""
        return bool((self.tissue != UNLABELLED).any())


@dataclass(frozen=True, eq=False)
class CountingChart:
    """What counts of a visit's body chart, where several people may have painted it.

    Parameters
    ----------
    charts : tuple of ChartReading
        Those that count, all of one body, the newest last: of each face the newest that says something of it does.
    """

    charts: tuple[ChartReading, ...]

    @cached_property
    def tissue(self) -> FaceTissues:
        """Tissue of each face, (F,): detachable, covered or unlabelled."""
        tissue = self.charts[0].tissue
        for newer in self.charts[1:]:
            tissue = np.where(newer.tissue == UNLABELLED, tissue, newer.tissue)
        return tissue

    @property
    def says_something(self) -> bool:
        """Whether any face is painted."""
        return any(chart.says_something for chart in self.charts)

    @property
    def readers(self) -> str:
        """Who painted, in a row."""
        return listed(sorted(chart.reader for chart in self.charts))

    @property
    def differing(self) -> int:
        """Number of faces on which two people painted different tissues."""
        is_painted = [[(chart.tissue == tissue) for chart in self.charts] for tissue in PAINTABLE]
        return int(np.all([np.any(of_tissue, axis=0) for of_tissue in is_painted], axis=0).sum())


def checked_faces(tissue: FaceTissues) -> FaceTissues:
    """Return a copy (F,) uint8 that cannot be written to (`ValueError` if it holds what is not painted on charts)."""
    if tissue.ndim != 1 or tissue.dtype != np.uint8 or not 0 < len(tissue) <= MOST_FACES:
        raise ValueError(f"a chart reading is one uint8 for each face, not {tissue.dtype} of shape {tissue.shape}")
    unknown = sorted(set(np.unique(tissue).tolist()) - {*map(int, PAINTABLE), UNLABELLED})
    if unknown:
        allowed = ", ".join(each.label for each in PAINTABLE)
        raise ValueError(f"the chart holds {', '.join(map(str, unknown))}; only {allowed} are painted on it")
    kept = tissue.copy()
    kept.setflags(write=False)
    return kept


def faces_to_runs(tissue: FaceTissues) -> list[list[int]]:
    """Return the painted faces of (F,) as runs [first face, number of faces, tissue], in order."""
    starts = np.flatnonzero(np.diff(tissue, prepend=tissue[:1] ^ 1)) if len(tissue) else np.zeros(0, int)
    lengths = np.diff(starts, append=len(tissue))
    runs = zip(starts.tolist(), lengths.tolist(), tissue[starts].tolist(), strict=True)
    return [list(run) for run in runs if run[2] != UNLABELLED]


def runs_to_faces(runs: Iterable[Sequence[int]], n_faces: int) -> FaceTissues:
    """Return the tissue of each face (F,) of `faces_to_runs` (`ValueError` if the runs leave the template)."""
    if not 0 < n_faces <= MOST_FACES:
        raise ValueError(f"{n_faces} is no number of faces")
    tissue, end = np.full(n_faces, UNLABELLED, np.uint8), 0
    for start, length, value in runs:
        if start < end or length < 1 or start + length > n_faces or value not in PAINTABLE:
            raise ValueError(f"[{start}, {length}, {value}] is no run of painted faces")
        end = start + length
        tissue[start:end] = value
    return checked_faces(tissue)
