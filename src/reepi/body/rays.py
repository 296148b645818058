"""Ray casting: which face of a posed body every pixel of a camera shows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import trimesh
from trimesh.ray.ray_pyembree import RayMeshIntersector

from reepi.body.camera import Camera
from reepi.core.surface import NO_FACE


@dataclass(frozen=True)
class FaceImage:
    """What a camera sees of a body.

    Parameters
    ----------
    faces : (H, W) int32
        Face of each pixel, or `NO_FACE`.
    distance_m : (H, W) float32
        Distance from the camera along the line of sight [m], 0 where there is no face.
    facing : (H, W) float32
        Cosine between the face's normal and the line of sight, 0 where there is no face.
    barycentric : (H, W, 3) float32
        Place within the face, as weights of its three vertices.
    """

    faces: npt.NDArray[np.int32]
    distance_m: npt.NDArray[np.float32]
    facing: npt.NDArray[np.float32]
    barycentric: npt.NDArray[np.float32]


class RayCaster:
    """Casts rays on one posed surface.

    Parameters
    ----------
    vertices : (V, 3) float64
        Posed vertices [m].
    faces : (F, 3) int32
        Triangles, counter-clockwise from outside.
    """

    def __init__(self, vertices: npt.NDArray[np.float64], faces: npt.NDArray[np.int32]) -> None:
        self._vertices, self._faces = np.asarray(vertices, np.float64), faces
        self._corners = self._vertices[faces]
        self._edge1 = self._corners[:, 1] - self._corners[:, 0]
        self._edge2 = self._corners[:, 2] - self._corners[:, 0]
        self._normals = np.cross(self._edge1, self._edge2)

    @cached_property
    def _whole(self) -> RayMeshIntersector:
        return _intersector(self._vertices, self._faces)

    def first_faces(
        self, origins: npt.NDArray[np.float64], directions: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.int32]:
        """Return the first face that each ray (N, 3) meets, (N,), or `NO_FACE`."""
        hits = self._whole.intersects_first(origins, directions)
        return np.asarray(hits, np.int32)

    def render(self, camera: Camera) -> FaceImage:
        """Return the face image of a camera outside the body, one ray through the centre of each pixel.

        Only faces that look at the camera are there: a ray meets one of them before any that looks away.
        """
        directions = camera.rays().reshape(-1, 3)
        origins = np.broadcast_to(camera.position, directions.shape)
        looking = np.flatnonzero(np.einsum("ij,ij->i", self._normals, camera.position - self._corners[:, 0]) > 0)
        faces = np.full(len(directions), NO_FACE, np.int32)
        if len(looking):
            hits = _intersector(self._vertices, self._faces[looking]).intersects_first(origins, directions)
            faces = np.append(looking, NO_FACE)[hits].astype(np.int32)
        hit = np.flatnonzero(faces != NO_FACE)
        distance, facing, barycentric = self._where(camera.position, directions[hit], faces[hit])
        return FaceImage(
            faces.reshape(camera.size),
            _scatter(distance, hit, camera.size),
            _scatter(facing, hit, camera.size),
            _scatter(barycentric, hit, (*camera.size, 3)),
        )

    def _where(
        self, origin: npt.NDArray[np.float64], directions: npt.NDArray[np.float64], faces: npt.NDArray[np.int32]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return distance, facing and barycentric weights of rays on the faces they hit.

        Möller & Trumbore, J Graph Tools 1997;2:21-28.
        """
        edge1, edge2, normal = self._edge1[faces], self._edge2[faces], self._normals[faces]
        to_origin = origin - self._corners[faces, 0]
        along = np.einsum("ij,ij->i", directions, normal)
        along = np.where(np.abs(along) < 1e-18, -1e-18, along)
        distance = -np.einsum("ij,ij->i", to_origin, normal) / along
        moment = np.cross(to_origin, directions)
        u = np.einsum("ij,ij->i", edge2, moment) / -along
        v = -np.einsum("ij,ij->i", edge1, moment) / -along
        weights = np.clip(np.stack([1 - u - v, u, v], axis=-1), 0, 1)
        weights /= weights.sum(axis=1, keepdims=True)
        facing = -along / np.maximum(np.linalg.norm(normal, axis=1), 1e-18)
        return distance, facing, weights


def _intersector(vertices: npt.NDArray[np.float64], faces: npt.NDArray[np.int32]) -> RayMeshIntersector:
    return RayMeshIntersector(trimesh.Trimesh(vertices, faces, process=False, validate=False))


def _scatter(
    values: npt.NDArray[np.float64], where: npt.NDArray[np.intp], shape: tuple[int, ...]
) -> npt.NDArray[np.float32]:
    flat = np.zeros((shape[0] * shape[1], *values.shape[1:]), np.float32)
    flat[where] = values
    return flat.reshape(shape)
