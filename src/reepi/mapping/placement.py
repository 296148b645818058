"""Where a photograph lies on a body, as plain numbers: camera and pose, from which the pixels follow."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from reepi.body.template import BodyTemplate
from reepi.core.surface import Registration
from reepi.mapping.registration import camera_and_pose_of, registration_from_pose


@dataclass(frozen=True)
class Placement:
    """A registration without its pixels.

    Parameters
    ----------
    residual_mm, camera, framing_faults, bare_face
        See `Registration`.
    """

    residual_mm: float
    camera: Mapping[str, Any]
    framing_faults: tuple[str, ...] = ()
    bare_face: float | None = None

    @classmethod
    def of(cls, registration: Registration) -> "Placement":
        """Return the placement of a registration."""
        return cls(registration.residual_mm, registration.camera, registration.framing_faults, registration.bare_face)

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
            placement = cls(float(plain["residual_mm"]), camera, faults, None if bare is None else float(bare))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"this is no registration ({error!r})") from error
        camera_and_pose_of(camera)
        return placement

    @property
    def plain(self) -> dict[str, object]:
        """As values for JSON, but for arrays among the camera's."""
        return {
            "residual_mm": self.residual_mm,
            "camera": self.camera,
            "framing_faults": list(self.framing_faults),
            "bare_face": self.bare_face,
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
        laid = registration_from_pose(camera, pose, template, self.residual_mm, self.camera)
        return replace(laid, framing_faults=self.framing_faults, bare_face=self.bare_face)
