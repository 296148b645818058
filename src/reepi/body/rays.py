"""Ray casting: which face of a posed body a ray meets first."""

from functools import cached_property

import numpy as np
import numpy.typing as npt
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene

from reepi.body.camera import Camera
from reepi.body.face_image import FaceImage, face_image
from reepi.core.surface import NO_FACE

Floats = npt.NDArray[np.float64]


class RayCaster:
    """Casts rays on one posed surface; several threads may do so at once.

    Parameters
    ----------
    vertices : (V, 3) float64
        Posed vertices [m].
    faces : (F, 3) int32
        Triangles, counter-clockwise from outside.
    """

    def __init__(self, vertices: Floats, faces: npt.NDArray[np.int32]) -> None:
        self._vertices, self._faces = np.asarray(vertices, np.float64), faces

    @cached_property
    def _middle(self) -> Floats:
        """What Embree counts from [m]: it has single precision."""
        return np.asarray((self._vertices.min(axis=0) + self._vertices.max(axis=0)) / 2)

    @cached_property
    def _scene(self) -> EmbreeScene:
        used = np.zeros(len(self._vertices), bool)
        used[self._faces] = True
        corners = np.cumsum(used, dtype=np.int32)[self._faces] - 1
        scene = EmbreeScene()
        vertices = (self._vertices[used] - self._middle).astype(np.float32)
        TriangleMesh(scene=scene, vertices=vertices, indices=np.asarray(corners, np.int32))
        # Embree builds its tree for the first ray; from then on, threads may cast at once.
        scene.run(np.zeros((1, 3), np.float32), np.ones((1, 3), np.float32), query="INTERSECT")
        return scene

    def first_faces(self, origins: Floats, directions: Floats) -> npt.NDArray[np.int32]:
        """Return the first face that each ray meets, (N,), or `NO_FACE`.

        Parameters
        ----------
        origins : (3,) or (N, 3) float64
            Where the rays start [m]; one place may be the start of all.
        directions : (N, 3) float64
            Where they go, of any length but zero.
        """
        if not len(self._faces):
            return np.full(len(directions), NO_FACE, np.int32)
        starts = np.empty(np.shape(directions), np.float32)
        starts[:] = origins - self._middle
        hits = self._scene.run(starts, np.asarray(directions, np.float32), query="INTERSECT")
        return np.asarray(hits, np.int32)

    def render(self, camera: Camera) -> FaceImage:
        """Return what a camera outside the body sees of the surface; see `face_image`."""
        return face_image(self._vertices, self._faces, camera)
