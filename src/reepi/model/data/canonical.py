"""The body that correspondences of training data point at."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from reepi.core.errors import Fault, InputError


@dataclass(frozen=True)
class Canonical:
    """The reference body that correspondences point at.

    Parameters
    ----------
    centroids : (F, 3) float32
        Middle of each face on the reference adult [m].
    mirror : (F,) int32
        The face on the other side of the body.
    """

    centroids: npt.NDArray[np.float32]
    mirror: npt.NDArray[np.int32]

    @classmethod
    def read(cls, folder: Path) -> "Canonical":
        """Read ``canonical.npz`` of a training data folder.

        Raises
        ------
        InputError
            The file is missing.
        """
        path = folder / "canonical.npz"
        if not path.is_file():
            raise InputError([Fault(str(path), "the file is missing", "Make the folder with reepi phantom.")])
        with np.load(path, allow_pickle=False) as arrays:
            return cls(arrays["centroids"].astype(np.float32), arrays["mirror"].astype(np.int32))

    def points(self, codes: npt.NDArray[np.integer], mirrored: bool = False) -> npt.NDArray[np.float32]:
        """Return canonical points [m] (H, W, 3) of face codes (face + 1, 0 for none, any point there)."""
        return self.centroids[self.faces(codes, mirrored)]

    def faces(self, codes: npt.NDArray[np.integer], mirrored: bool = False) -> npt.NDArray[np.int64]:
        """Return the faces (H, W) of face codes (face + 1, 0 for none, any face there), or their mirror images."""
        faces = np.maximum(codes.astype(np.int64) - 1, 0)
        return self.mirror[faces].astype(np.int64) if mirrored else faces
