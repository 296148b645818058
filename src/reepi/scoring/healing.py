"""Following the same skin from visit to visit: what was ever open, what has healed, what opened anew or again.

Every face is followed as a whole: it counts as assessed if enough of it was, and as open if most of what was assessed
is, so that the edge of a lesion, which a registration error moves, opens no new skin. The history of a face is one of
four states; unassessed skin keeps the state in which it was last assessed, and never becomes healed by not being seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from reepi.core.history import FaceChange, SkinState, face_changes
from reepi.core.surface import SurfaceMap, as_shares, open_share
from reepi.scoring.assessed import assessed_fraction, assessed_parts
from reepi.scoring.exchange import Faces, exchanged, moved_edges
from reepi.scoring.skin import Floats, Skin
from reepi.scoring.visits import Visit

MIN_ASSESSED = 0.25
"""A face counts as assessed from this part on; below, a sliver at the edge of a photograph would speak for it."""

OPEN_FROM = 0.5
"""A face counts as open if this part of what was assessed of it is."""


@dataclass(frozen=True)
class Flows:
    """Skin of each region that changed between two visits, net of exchanged skin [% BSA], (33,) each.

    Parameters
    ----------
    new : (33,) float64
        Open now, never open before, and seen closed at an earlier visit.
    first_seen : (33,) float64
        Open now and never assessed before.
    relapse : (33,) float64
        Open now and healed before.
    closing : (33,) float64
        Closed now and open before.
    exchanged : (33,) float64
        Balanced opening and closing at edges, taken as movement of the mapping (`reepi.scoring.exchange`).
    """

    new: Floats
    first_seen: Floats
    relapse: Floats
    closing: Floats
    exchanged: Floats


@dataclass(frozen=True)
class Healing:
    """What following the skin says at one visit. All areas in % BSA.

    Parameters
    ----------
    states : (F,) int8
        `SkinState` of each face after the visit.
    assessed : (F,) bool
        Faces that the visit says something of.
    at_edge : (F,) bool
        Faces that changed, but so near to an edge of open skin that it may only have moved.
    flows : Flows
        What changed in each region.
    open_known : float
        Open now, or open when last assessed and unassessed now.
    open_carried : float
        The unassessed part of ``open_known``.
    healed : float
        Open at an earlier visit and seen closed now.
    healed_unassessed : float
        Seen healed at an earlier visit and unassessed now; not part of ``healed``.
    ever_open : float
        Open at this or an earlier visit (union).
    new_detachment : float
        Open now, never open before, and seen closed at an earlier visit.
    first_seen_open : float
        Open now and never assessed before: it may have opened at any time.
    relapse : float
        Open now and healed before.
    exchanged : float
        Balanced opening and closing at edges, taken as movement of the mapping (`reepi.scoring.exchange`).
    """

    states: npt.NDArray[np.int8]
    assessed: Faces
    at_edge: Faces
    flows: Flows
    open_known: float
    open_carried: float
    healed: float
    healed_unassessed: float
    ever_open: float
    new_detachment: float
    first_seen_open: float
    relapse: float
    exchanged: float


@dataclass(frozen=True)
class _Record:
    """State of the following between two visits: per face, and per region net of exchanged skin."""

    states: npt.NDArray[np.int8]
    residual_mm: Floats
    healed: Floats
    ever: Floats

    @classmethod
    def empty(cls, skin: Skin) -> "_Record":
        regional = np.zeros_like(skin.region_shares)
        return cls(np.zeros(skin.n_faces, np.int8), np.zeros(skin.n_faces), regional, regional)


def healing_course(visits: Sequence[Visit], skin: Skin) -> tuple[Healing, ...]:
    """Return what following the skin says at each visit.

    With, per face, the state before the visit and the reading at the visit::

        new      = open now, NEVER_OPEN before        closing = closed now, OPEN before
        relapse  = open now, HEALED before            first   = open now, NEVER_ASSESSED before
        healed(t) = healed(t - 1) + closing - relapse
        ever(t)   = ever(t - 1) + new + first

    summed per region, each net of exchanged skin. ``healed`` reports the part of healed(t) on faces seen at the visit.

    Parameters
    ----------
    visits : sequence of Visit
        Of one patient, by date (`reepi.scoring.visits.in_order`).
    skin : Skin
        Of the same faces.
    """
    record, course = _Record.empty(skin), []
    for visit in visits:
        record, healing = _follow(record, visit.surface, skin)
        course.append(healing)
    return tuple(course)


def face_reading(surface: SurfaceMap) -> tuple[Faces, Faces]:
    """Return which faces were assessed, and which of them are open, (F,) each."""
    parts = assessed_parts(surface)
    assessed = assessed_fraction(parts) >= MIN_ASSESSED
    return assessed, assessed & (open_share(as_shares(parts)) >= OPEN_FROM)


def _follow(record: _Record, surface: SurfaceMap, skin: Skin) -> tuple[_Record, Healing]:
    """Return the record after a visit, and what it says."""
    assessed, is_open = face_reading(surface)
    assessed, is_open = assessed & skin.is_skin, is_open & skin.is_skin
    residual = np.where(assessed, np.asarray(surface.residual_mm, np.float64), record.residual_mm)
    states = _next_states(record.states, assessed, is_open)
    was_open, known = record.states == SkinState.OPEN, record.states != SkinState.NEVER_ASSESSED
    moved = moved_edges(skin, was_open, is_open, assessed & known, np.hypot(residual, record.residual_mm))
    flows = _flows(record, face_changes(record.states, states, assessed), exchanged(skin, *moved, skin.shares), skin)
    after = replace(
        record,
        states=states,
        residual_mm=residual,
        healed=np.clip(record.healed + flows.closing - flows.relapse, 0, None),
        ever=record.ever + flows.new + flows.first_seen,
    )
    return after, _summary(after, flows, assessed, moved[0] | moved[1], skin)


def _next_states(before: npt.NDArray[np.int8], assessed: Faces, is_open: Faces) -> npt.NDArray[np.int8]:
    """Return the state of each face after a reading; unassessed faces keep theirs."""
    was_open = (before == SkinState.OPEN) | (before == SkinState.HEALED)
    closed = np.where(was_open, SkinState.HEALED, SkinState.NEVER_OPEN)
    return np.where(assessed, np.where(is_open, SkinState.OPEN, closed), before).astype(np.int8)


def _flows(record: _Record, changes: npt.NDArray[np.int8], swapped: Floats, skin: Skin) -> Flows:
    """Return what changed in each region, net of exchanged skin."""
    new, first_seen, closed, again = (
        skin.by_region(skin.shares * (changes == change)) for change in FaceChange if change is not FaceChange.NONE
    )
    opened = new + again
    kept = 1 - np.divide(swapped, opened, out=np.zeros_like(opened), where=opened > 0)
    return Flows(
        new=new * kept,
        first_seen=first_seen,
        relapse=np.minimum(again * kept, record.healed),
        closing=closed - swapped,
        exchanged=swapped,
    )


def _summary(record: _Record, flows: Flows, assessed: Faces, at_edge: Faces, skin: Skin) -> Healing:
    """Return the areas of the whole body after a visit."""
    is_open, is_healed = record.states == SkinState.OPEN, record.states == SkinState.HEALED
    healed_faces = skin.by_region(skin.shares * is_healed)
    seen_faces = skin.by_region(skin.shares * (is_healed & assessed))
    seen_part = np.divide(seen_faces, healed_faces, out=np.zeros_like(seen_faces), where=healed_faces > 0)
    healed = float((record.healed * seen_part).sum())
    return Healing(
        states=record.states,
        assessed=assessed,
        at_edge=at_edge,
        flows=flows,
        open_known=float(skin.shares[is_open].sum()),
        open_carried=float(skin.shares[is_open & ~assessed].sum()),
        healed=healed,
        healed_unassessed=float(record.healed.sum()) - healed,
        ever_open=float(record.ever.sum()),
        new_detachment=float(flows.new.sum()),
        first_seen_open=float(flows.first_seen.sum()),
        relapse=float(flows.relapse.sum()),
        exchanged=float(flows.exchanged.sum()),
    )
