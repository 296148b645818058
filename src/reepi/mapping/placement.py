"""Where a photograph lies on a body, as plain numbers: camera and pose, from which the pixels follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate
from reepi.core.surface import Registration
from reepi.mapping.registration import camera_and_pose_of, measures_of, registration_from_pose

MOST_CELLS: Final = 1_000_000
"""Cells of the largest grid that is read; those that are written are a hundred times smaller."""


@dataclass(frozen=True)
class Placement:
    """A registration without its pixels.

    Parameters
    ----------
    residual_mm, camera, framing_faults, bare_face, unsure
        See `Registration`.
    """

    residual_mm: float
    camera: Mapping[str, Any]
    framing_faults: tuple[str, ...] = ()
    bare_face: float | None = None
    unsure: npt.NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, registration: Registration) -> "Placement":
        """Return the placement of a registration."""
        return cls(
            registration.residual_mm,
            registration.camera,
            registration.framing_faults,
            registration.bare_face,
            registration.unsure,
        )

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Placement":
        """Return the placement of plain values.

        Raises
        ------
        ValueError
            They are none.
        """
        try:
            bare, camera = plain.get("bare_face"), plain["camera"]
            faults = tuple(str(code) for code in plain.get("framing_faults", ()))
            bare = None if bare is None else float(bare)
            unsure = None if plain.get("unsure") is None else _grid_of(**plain["unsure"])
            placement = cls(float(plain["residual_mm"]), camera, faults, bare, unsure)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"this is no registration ({error!r})") from error
        camera_and_pose_of(camera)
        measures_of(camera)
        return placement

    @property
    def plain(self) -> dict[str, object]:
        """As values for JSON, but for arrays among the camera's."""
        return {
            "residual_mm": self.residual_mm,
            "camera": self.camera,
            "framing_faults": list(self.framing_faults),
            "bare_face": self.bare_face,
            "unsure": None if self.unsure is None else _runs_of(self.unsure),
        }

    def on(self, template: BodyTemplate, size: tuple[int, int] | None = None) -> Registration:
        """Return the registration on the body that it was found on.

        Parameters
        ----------
        template : BodyTemplate
            That body.
        size : (int, int), optional
            Height and width at which the photograph is read now [px]; the camera's if not told.
        """
        camera, pose = camera_and_pose_of(self.camera)
        camera = camera if size in (None, camera.size) else camera.scaled(size)
        laid = registration_from_pose(camera, pose, template, self.residual_mm, self.camera, measures_of(self.camera))
        laid = replace(laid, framing_faults=self.framing_faults, bare_face=self.bare_face)
        return laid.without(self.unsure)


def _runs_of(grid: npt.NDArray[np.bool_]) -> dict[str, list[int]]:
    """Return a grid as its size and the lengths of its runs, row by row: no, yes, no and so on."""
    changes = np.flatnonzero(np.diff(grid.ravel(), prepend=False))
    ends = np.append(changes, grid.size)
    return {"size": list(grid.shape), "runs": np.diff(ends, prepend=0).tolist()}


def _grid_of(size: Sequence[int], runs: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Return the grid of a size and the lengths of its runs; others are no numbers that `_runs_of` wrote."""
    rows, columns = size
    if sum(runs) != rows * columns or rows * columns > MOST_CELLS:
        raise ValueError(f"this is no registration: runs of {sum(runs)} cells do not fill a grid of {rows} x {columns}")
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(size)
