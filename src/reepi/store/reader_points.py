"""Points that readers placed on photographs: sets that are only added, kept in the study's trail."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from reepi.core.errors import PhotographRejected
from reepi.core.reader_points import (
    NewPoints,
    ReaderPoint,
    SavedPoints,
    plain_to_points,
    points_hash,
    points_to_plain,
)
from reepi.core.trail import Event
from reepi.store.provenance import bytes_hash, photograph_hash
from reepi.store.reading_database import photograph_as_read
from reepi.store.signing import demand_reason
from reepi.store.trail_store import TrailStore


class PointStore(TrailStore[SavedPoints]):
    """The points of one study folder, kept with its readings. See `TrailStore`."""

    kind = "points"

    def save(self, new: NewPoints) -> SavedPoints:
        """Add all points of a photograph by one reader; they take the place of that reader's earlier ones.

        Raises
        ------
        InputError
            The photograph is missing or changed while it was read, the reader signed it and gives no reason, or saving
            failed.
        """
        content = photograph_as_read(self._study, new.photograph, new.photograph_sha256)
        demand_reason(self.trail, new.reader, new.photograph, new.reason, new.event_id)
        said = {
            "photograph_sha256": bytes_hash(content),
            "reason": new.reason,
            "points": points_to_plain(new.points),
        }
        return event_to_points(self.trail.append("points", new.photograph, new.reader, said, new.event_id))

    def _told(self, event: Event) -> SavedPoints:
        return event_to_points(event)

    def newest(self) -> tuple[SavedPoints, ...]:
        """Return the newest of each photograph and reader, in the order of saving."""
        last = {(saved.photograph, saved.reader): saved for saved in self.history()}
        return tuple(sorted(last.values(), key=lambda saved: saved.number))

    def counting(self) -> dict[str, SavedPoints]:
        """Return what a photograph is registered by, by file: the newest points of each of its readers, together."""
        return counting_points(self.history())


def counting_points(history: Iterable[SavedPoints]) -> dict[str, SavedPoints]:
    """Return what photographs are registered by, by file, from what was saved in order; see `PointStore.counting`.

    Points that were placed on another version of a photograph than the newest ones no longer count.
    """
    last = {(saved.photograph, saved.reader): saved for saved in history}
    by_file: dict[str, list[SavedPoints]] = {}
    for saved in sorted(last.values(), key=lambda saved: saved.number):
        if saved.points:
            by_file.setdefault(saved.photograph, []).append(saved)
    return {file: _together(sets) for file, sets in by_file.items()}


def _together(sets: Sequence[SavedPoints]) -> SavedPoints:
    """Return the points of several readers as one set, under the number of the newest."""
    newest = sets[-1]
    heard = [saved for saved in sets if saved.photograph_sha256 == newest.photograph_sha256]
    if len(heard) == 1:
        return newest
    points = tuple(point for saved in heard for point in saved.points)
    readers = " and ".join(saved.reader for saved in heard)
    return replace(newest, reader=readers, points=points, points_sha256=points_hash(points))


def unchanged_points(study: Path, counting: Mapping[str, SavedPoints], file: str) -> tuple[ReaderPoint, ...]:
    """Return the points that a photograph is registered by, none where no reader placed any.

    Parameters
    ----------
    study : Path
        The study folder.
    counting : mapping of str to SavedPoints
        See `PointStore.counting`.
    file : str
        File as in ``photos.csv``.

    Raises
    ------
    PhotographRejected
        The photograph was changed since; its points may lie elsewhere now.
    """
    saved = counting.get(file)
    if saved is None:
        return ()
    if photograph_hash(study / file) != saved.photograph_sha256:
        raise PhotographRejected(
            "points_outdated",
            f"the photograph was changed since {saved.reader} placed points on it. Restore it, or place them again.",
        )
    return saved.points


def points_hashes(counting: Mapping[str, SavedPoints]) -> dict[str, str]:
    """Return what `unchanged_points` follows from, by file: the points, and the photograph that they were placed on."""
    return {file: saved.photograph_sha256 + saved.points_sha256 for file, saved in counting.items()}


def event_to_points(event: Event) -> SavedPoints:
    """Return the points of an event (`ValueError` if its content is none)."""
    said = event.content
    try:
        points = plain_to_points(said["points"])
        new = NewPoints(event.subject, event.reader, points, said["photograph_sha256"], said["reason"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"these are no points ({error!r})") from error
    return SavedPoints(
        number=event.number,
        photograph=new.photograph,
        photograph_sha256=new.photograph_sha256,
        reader=new.reader,
        points=points,
        points_sha256=points_hash(points),
        saved_at=event.saved_at,
        reason=new.reason,
        sha256=event.sha256,
    )
