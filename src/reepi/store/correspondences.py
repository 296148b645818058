"""Correspondences as ``.npz``: what a network says of a photograph, for a review that adds a reader's points to it."""

import io

import numpy as np

from reepi.core.arrays import opened_arrays
from reepi.core.correspondence import Correspondences
from reepi.store.packing import pack_arrays


def pack_correspondences(correspondences: Correspondences) -> bytes:
    """Return a network's correspondences as the bytes of a compressed ``.npz``, in single precision."""
    return pack_arrays(
        pixels=correspondences.pixels.astype(np.float32),
        faces=correspondences.faces.astype(np.int32),
        barycentric=correspondences.barycentric.astype(np.float32),
        sigma_m=correspondences.sigma_m.astype(np.float32),
        weights=correspondences.weights.astype(np.float32),
    )


def unpack_correspondences(content: bytes) -> Correspondences:
    """Return the correspondences of such bytes; see `reepi.store.results.DAMAGED` for what it raises."""
    with opened_arrays(io.BytesIO(content)) as arrays:
        parts = {name: arrays[name].astype(np.float64) for name in ("pixels", "barycentric", "sigma_m", "weights")}
        return Correspondences(faces=arrays["faces"].astype(np.int64), source="network", **parts)
