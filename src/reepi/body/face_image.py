"""Which face of a posed body every pixel of a camera shows, and how.

The faces are drawn into a depth buffer by OpenCV. One ray through the centre of each pixel gives the same picture and
takes several times as long.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from reepi.body.camera import Camera
from reepi.core.surface import NO_FACE

Floats = npt.NDArray[np.float64]

NEAREST_M = 0.02
"""Faces nearer to the camera's plane than this are left out [m]: they have no place in the picture."""

FARTHEST_M = 1e3
"""Nothing is farther from a camera than this [m]; the depth buffer wants a limit."""

ABOVE_AND_BEHIND = np.array([1, -1, -1], np.float32)
"""The rasteriser's axes: as a camera's, but y runs up and what is seen lies at negative z."""


@dataclass(frozen=True)
class FaceImage:
    """What a camera sees of a surface; all but the faces is worked out when it is asked for.

    Parameters
    ----------
    camera : Camera
        Where it is seen from.
    vertices : (V, 3) float64
        Those of the surface in camera axes [m].
    triangles : (F, 3) int32
        Its faces.
    faces : (H, W) int32
        Face that the centre of each pixel shows, or `NO_FACE`.
    """

    camera: Camera
    vertices: Floats
    triangles: npt.NDArray[np.int32]
    faces: npt.NDArray[np.int32]

    def part(self, chosen: npt.NDArray[np.bool_]) -> "FaceImage":
        """Return the image of which only some faces (F,) are left; those behind the others do not come forth."""
        return replace(self, faces=np.where(np.append(chosen, False)[self.faces], self.faces, np.int32(NO_FACE)))

    @cached_property
    def distance_m(self) -> npt.NDArray[np.float32]:
        """Distance from the camera along the line of sight [m], 0 where there is no face, (H, W)."""
        normals = self._unit_normals
        from_plane = np.einsum("fc,fc->f", normals, self.vertices[self.triangles[:, 0]])
        return self._scattered(from_plane[self._shown] / np.minimum(self._along, -1e-12))

    @cached_property
    def facing(self) -> npt.NDArray[np.float32]:
        """Cosine between the face's normal and the line of sight, 0 where there is no face, (H, W)."""
        return self._scattered(-self._along)

    @cached_property
    def barycentric(self) -> npt.NDArray[np.float32]:
        """Place within the face, as weights of its three corners, 0 where there is no face, (H, W, 3).

        Möller & Trumbore, J Graph Tools 1997;2:21-28.
        """
        corners, sight = self.vertices[self.triangles[self._shown]], self._sight.T
        edge1, edge2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        determinant = np.minimum(np.einsum("ij,ij->i", sight, np.cross(edge1, edge2)), -1e-18)
        moment = np.cross(-corners[:, 0], sight)
        u = -np.einsum("ij,ij->i", edge2, moment) / determinant
        v = np.einsum("ij,ij->i", edge1, moment) / determinant
        weights = np.clip(np.stack([1 - u - v, u, v], axis=-1), 0, 1)
        return self._scattered(weights / weights.sum(axis=1, keepdims=True))

    @cached_property
    def _pixels(self) -> npt.NDArray[np.intp]:
        """Those that show a face, (N,), as places in the flat picture."""
        return np.flatnonzero(self.faces != NO_FACE)

    @cached_property
    def _shown(self) -> npt.NDArray[np.int32]:
        """Face of each of those pixels, (N,)."""
        return self.faces.ravel()[self._pixels]

    @cached_property
    def _sight(self) -> Floats:
        """Unit direction of the line of sight of each of those pixels in camera axes, (3, N)."""
        rows, columns = np.divmod(self._pixels, self.camera.size[1])
        cx, cy = self.camera.centre
        x, y = (columns - cx) / self.camera.focal_px, (rows - cy) / self.camera.focal_px
        depth = 1 / np.sqrt(x**2 + y**2 + 1)
        return np.stack([x * depth, y * depth, depth])

    @cached_property
    def _along(self) -> Floats:
        """Cosine between line of sight and normal of each of those pixels, negative as they are opposed, (N,)."""
        x, y, z = self._sight
        across, down, ahead = self._unit_normals.T.copy()
        return np.asarray(across[self._shown] * x + down[self._shown] * y + ahead[self._shown] * z)

    @cached_property
    def _unit_normals(self) -> Floats:
        a, b, c = (self.vertices[corner] for corner in self.triangles.T)
        normals = np.cross(b - a, c - a)
        return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-18))

    def _scattered(self, values: Floats) -> npt.NDArray[np.float32]:
        flat = np.zeros((self.faces.size, *values.shape[1:]), np.float32)
        flat[self._pixels] = values
        return flat.reshape(*self.faces.shape, *values.shape[1:])


def face_image(vertices: Floats, faces: npt.NDArray[np.int32], camera: Camera) -> FaceImage:
    """Return what a camera outside the body sees of it.

    Only faces that look at the camera are drawn: none that looks away is in front of all of those.

    Parameters
    ----------
    vertices : (V, 3) float64
        Posed vertices [m].
    faces : (F, 3) int32
        Triangles, counter-clockwise from outside.
    camera : Camera
        Where it is seen from.
    """
    local = camera.in_camera_axes(np.asarray(vertices, np.float64))
    drawn = faces_towards(local, faces, camera)
    numbers = _drawn(local[faces[drawn]], camera)
    return FaceImage(camera, local, faces, np.append(drawn, NO_FACE).astype(np.int32)[numbers])


def faces_towards(local: Floats, faces: npt.NDArray[np.int32], camera: Camera) -> npt.NDArray[np.intp]:
    """Return the faces that look at a camera and may be in its picture, (N,).

    Parameters
    ----------
    local : (V, 3) float64
        Vertices in camera axes [m].
    faces : (F, 3) int32
        Triangles, counter-clockwise from outside.
    camera : Camera
        Where they are seen from.
    """
    pixels = camera.focal_px * local[:, :2] / np.maximum(local[:, 2:], NEAREST_M) + np.array(camera.centre)
    height, width = camera.size
    x, y = pixels.T
    # One bit for each way of lying outside: a face whose corners share one is outside.
    beside = (x < -1) * 1 + (x > width) * 2 + (y < -1) * 4 + (y > height) * 8
    behind = np.where(local[:, 2] < NEAREST_M, 16, 0)
    a, b, c = faces.T
    maybe = np.flatnonzero(((beside[a] & beside[b] & beside[c]) | ((behind[a] | behind[b]) | behind[c])) == 0)
    a, b, c = a[maybe], b[maybe], c[maybe]
    looking = (x[b] - x[a]) * (y[c] - y[a]) < (x[c] - x[a]) * (y[b] - y[a])
    return np.asarray(maybe[looking])


def _drawn(corners: Floats, camera: Camera) -> npt.NDArray[np.int32]:
    """Return which of some triangles (N, 3, 3), in camera axes [m], every pixel shows, (H, W); -1 where none."""
    height, width = camera.size
    if not len(corners):
        return np.full(camera.size, -1, np.int32)
    points = corners.reshape(-1, 3).astype(np.float32) * ABOVE_AND_BEHIND
    # Single precision holds whole numbers to 2**24; the first corner of a flat triangle colours all of it.
    number = np.repeat(np.arange(1, len(corners) + 1, dtype=np.float32), 3)
    picture, depth = np.zeros((height, width, 3), np.float32), np.full((height, width), FARTHEST_M, np.float32)
    field_of_view = 2 * float(np.arctan(height / 2 / camera.focal_px))
    settings = cv2.TriangleRasterizeSettings()
    settings.setCullingMode(cv2.RASTERIZE_CULLING_NONE)
    settings.setShadingType(cv2.RASTERIZE_SHADING_FLAT)
    cv2.triangleRasterize(
        points,
        np.arange(len(points), dtype=np.int32).reshape(-1, 3),
        np.repeat(number[:, None], 3, axis=1),
        picture,
        depth,
        np.eye(4),
        field_of_view,
        NEAREST_M,
        FARTHEST_M,
        settings,
    )
    return np.asarray(picture[..., 0], np.int32) - 1
