"""Where a photograph lies on the body: as it was scored, or as the points say that a reader placed on it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reepi.core.errors import PhotographRejected
from reepi.core.reader_points import ReaderPoint, points_hash
from reepi.core.surface import Registration
from reepi.mapping.projection import SkinSamples, skin_samples
from reepi.mapping.reader import register_points
from reepi.review.desk import OpenPhotograph


@dataclass(frozen=True, eq=False)
class Place:
    """Where a photograph lies on the body.

    Parameters
    ----------
    registration : Registration or None
        Photograph to body; None where that is not known.
    samples : SkinSamples or None
        What of the body it shows.
    trouble : str
        Why the reader's points could not be followed, or nothing.
    """

    registration: Registration | None = None
    samples: SkinSamples | None = None
    trouble: str = ""


def scored_place(opened: OpenPhotograph) -> Place:
    """Return where a photograph lies by the results."""
    return Place(opened.registration, opened.samples)


def place_by_points(opened: OpenPhotograph, points: Sequence[ReaderPoint], before: Place) -> Place:
    """Return where a photograph lies by a reader's points; where they cannot be followed, where it lay before and why.

    Without points, and where it was scored with these very points, it lies where scoring has it.
    """
    if not points or _was_scored_with(opened.registration, points):
        return scored_place(opened)
    size = opened.working_size
    focal = None if opened.focal_px is None else opened.focal_px * max(size) / max(opened.size)
    view = opened.task.entry.view
    network = opened.network
    # As scoring does it: what the network says fills the gaps, and where it was not asked, the earlier place does.
    earlier = opened.registration if network is None else None
    try:
        found = register_points(points, view, opened.template, size, focal, network, earlier)
    except PhotographRejected as rejection:
        return replace(before, trouble=rejection.explanation)
    return Place(found, skin_samples(found, opened.template))


def _was_scored_with(registration: Registration | None, points: Sequence[ReaderPoint]) -> bool:
    return registration is not None and registration.camera.get("points_sha256") == points_hash(points)
