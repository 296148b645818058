"""Which faces touch, and which face is which one's mirror image."""

from functools import cache

import numpy as np
import numpy.typing as npt
import trimesh
from scipy.spatial import cKDTree


def neighbours(faces: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return the faces across each face's edges, (F, 3), -1 where an edge has no other side."""
    pairs: npt.NDArray[np.int64] = trimesh.graph.face_adjacency(faces=faces)  # type: ignore[no-untyped-call]
    beside = np.full((len(faces), 3), -1, np.int32)
    filled = np.zeros(len(faces), np.int64)
    for one, other in np.concatenate([pairs, pairs[:, ::-1]]):
        if filled[one] < beside.shape[1]:
            beside[one, filled[one]] = other
            filled[one] += 1
    return beside


@cache
def face_mirror() -> npt.NDArray[np.int32]:
    """Return the index of the face at the mirrored place of each face, (F,); its own inverse."""
    from reepi.body.body_model import body_model
    from reepi.body.regions import reference_body

    centres = reference_body().vertices[body_model().topology.faces].mean(axis=1)
    _, index = cKDTree(centres).query(centres * [-1.0, 1.0, 1.0])
    return np.asarray(index, np.int32)
