"""Earlier photographs of the same view beside the current one, as tall as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reepi.core.study import PhotoEntry

MOST_EARLIER: Final = 3
"""Earlier photographs shown beside the current one: the trial's visits are two to five days apart."""

GAP_PART: Final = 0.02
"""Gap between photographs, as a part of their height."""


@dataclass(frozen=True)
class Frame:
    """Where a photograph lies beside the current one.

    Parameters
    ----------
    scale : float
        Pixels of the current photograph per pixel of this one; napari's ``scale`` of its layer.
    left : float
        First column, in pixels of the current photograph; negative, since earlier ones lie to its left.
    width : float
        Width, in pixels of the current photograph.
    """

    scale: float
    left: float
    width: float

    @property
    def translate(self) -> tuple[float, float]:
        """Row and column of the centre of its top left pixel; napari's ``translate`` of its layer."""
        # Edges, not centres, lie at the same height.
        return (self.scale - 1) / 2, self.left + (self.scale - 1) / 2


def earlier_photographs(
    photos: Sequence[PhotoEntry], current: PhotoEntry, most: int = MOST_EARLIER
) -> tuple[PhotoEntry, ...]:
    """Return the photographs of the same patient and view on earlier days, the most recent first.

    Of several on one day the last is returned.

    Parameters
    ----------
    photos : sequence of PhotoEntry
        Photographs of the study, in any order.
    current : PhotoEntry
        The one under review.
    most : int
        How many days at most.
    """
    day = current.taken_at.date()
    same = [
        photo
        for photo in photos
        if (photo.patient_id, photo.view_name) == (current.patient_id, current.view_name)
        and photo.taken_at.date() < day
    ]
    ordered = sorted(same, key=lambda photo: (photo.taken_at.replace(tzinfo=None), photo.file))
    last_of_day = {photo.taken_at.date(): photo for photo in ordered}
    return tuple(last_of_day[one] for one in sorted(last_of_day, reverse=True)[: max(0, most)])


def frames(current: tuple[int, int], earlier: Sequence[tuple[int, int]]) -> tuple[Frame, ...]:
    """Return where earlier photographs lie, the first of them next to the current one and the others further left.

    Parameters
    ----------
    current : (int, int)
        Height and width of the current photograph [px].
    earlier : sequence of (int, int)
        Height and width of each earlier one [px].

    Raises
    ------
    ValueError
        A photograph has no pixels.
    """
    if min((*current, *(side for size in earlier for side in size))) < 1:
        raise ValueError(f"photographs need a height and a width, not {current} and {list(earlier)}")
    placed: list[Frame] = []
    # Pixel (0, 0) is the centre of the top left pixel, so the current photograph begins half a pixel before it.
    right = -0.5
    for height, width in earlier:
        scale = current[0] / height
        right -= GAP_PART * current[0] + scale * width
        placed.append(Frame(scale, right + 0.5, scale * width))
    return tuple(placed)
