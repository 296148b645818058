"""A perspective camera. Pixel (0, 0) is the centre of the top left pixel; x runs right, y down."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SENSOR_WIDTH_MM = 36.0
"""Long side of a full frame [mm]."""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera without distortion, its principal point at the picture's centre.

    Parameters
    ----------
    focal_px : float
        Focal length [px].
    size : (int, int)
        Height and width of the picture [px].
    rotation : (3, 3) float64
        World to camera axes: x right in the picture, y down, z forward.
    position : (3,) float64
        Camera centre in the world [m].

    Raises
    ------
    ValueError
        The focal length or a side of the picture is not positive.
    """

    focal_px: float
    size: tuple[int, int]
    rotation: Floats
    position: Floats

    def __post_init__(self) -> None:
        if not self.focal_px > 0 or min(self.size) <= 0:
            raise ValueError(f"focal_px {self.focal_px} and size {self.size} must be positive")

    @property
    def centre(self) -> tuple[float, float]:
        """Principal point, x and y [px]."""
        height, width = self.size
        return (width - 1) / 2, (height - 1) / 2

    def in_camera_axes(self, points: Floats) -> Floats:
        """Return world points (N, 3) [m] in camera axes, (N, 3) [m]; the last column is depth."""
        return (points - self.position) @ self.rotation.T

    def project(self, points: Floats) -> Floats:
        """Return the pixels (N, 2), x before y [px], of world points (N, 3) [m].

        Points behind the camera come out as NaN.
        """
        local = self.in_camera_axes(np.asarray(points, np.float64))
        depth = np.where(local[:, 2] > 0, local[:, 2], np.nan)
        return np.asarray(self.focal_px * local[:, :2] / depth[:, None] + np.array(self.centre))

    def rays(self) -> Floats:
        """Return the unit direction of every pixel's line of sight in the world, (H, W, 3)."""
        height, width = self.size
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        cx, cy = self.centre
        local = np.stack([(x - cx) / self.focal_px, (y - cy) / self.focal_px, np.ones(x.shape)], axis=-1)
        local /= np.linalg.norm(local, axis=-1, keepdims=True)
        return np.asarray(local @ self.rotation)

    def scaled(self, size: tuple[int, int]) -> "Camera":
        """Return the same camera for a picture of another size with the same aspect [px]."""
        return Camera(self.focal_px * size[1] / self.size[1], size, self.rotation, self.position)

    @classmethod
    def looking_at(
        cls, target: Floats, position: Floats, focal_px: float, size: tuple[int, int], roll_rad: float = 0.0
    ) -> "Camera":
        """Return the camera at ``position`` whose centre shows ``target``; the world's z axis points up.

        Parameters
        ----------
        target, position : (3,) float64
            World points [m].
        focal_px : float
            Focal length [px].
        size : (int, int)
            Height and width [px].
        roll_rad : float
            Rotation of the camera about its line of sight [rad].
        """
        forward = np.asarray(target, np.float64) - np.asarray(position, np.float64)
        forward /= np.linalg.norm(forward)
        up = np.array([0.0, 0.0, 1.0]) if abs(forward[2]) < 0.999 else np.array([0.0, 1.0, 0.0])
        right = np.cross(forward, up)
        right /= np.linalg.norm(right)
        down = np.cross(forward, right)
        cos, sin = np.cos(roll_rad), np.sin(roll_rad)
        rotation = np.stack([cos * right + sin * down, cos * down - sin * right, forward])
        return cls(float(focal_px), size, rotation, np.asarray(position, np.float64))


def focal_px_of_full_frame(focal_mm: float, size: tuple[int, int]) -> float:
    """Return the focal length [px] of a lens [mm] on a full frame whose long side the picture (H, W) [px] keeps.

    The 35 mm equivalent that cameras write down goes by the diagonal instead; `reepi.imaging.exif` reads that.
    """
    return focal_mm / SENSOR_WIDTH_MM * max(size)
