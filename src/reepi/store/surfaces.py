"""Surface maps as the bytes of an ``.npz``, with a text that goes with them.

A visit's map is written as it is, for other programs. One photograph shows a small part of the body, so what is kept of
it are the faces that it tells something of.
"""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from reepi.core.arrays import opened_arrays
from reepi.core.surface import SurfaceMap
from reepi.store.packing import pack_arrays


def pack_surface(surface: SurfaceMap) -> bytes:
    """Return a surface map as the bytes of a compressed ``.npz``."""
    return pack_arrays(**_arrays(surface))


def pack_photograph(surface: SurfaceMap, record: str) -> bytes:
    """Return what a photograph tells of the body, and a text that goes with it, as the bytes of an ``.npz``."""
    arrays = _arrays(surface)
    told = np.logical_or.reduce([array.any(axis=tuple(range(1, array.ndim))) for array in arrays.values()])
    faces = np.flatnonzero(told).astype(np.int32)
    parts = {name: array[faces] for name, array in arrays.items()}
    return pack_arrays(**parts, faces=faces, n_faces=np.array(len(told)), record=np.array(record))


def _arrays(surface: SurfaceMap) -> dict[str, npt.NDArray[Any]]:
    return {
        "tissue": surface.tissue,
        "seen": surface.seen,
        "residual_mm": surface.residual_mm,
        "belief": surface.belief,
        "origin": surface.origin,
        "variance": surface.variance,
    }


def unpack_surface(content: bytes) -> SurfaceMap:
    """Return the surface map of the bytes of an ``.npz``, whichever way packed; see `DAMAGED` for what it raises."""
    with opened_arrays(io.BytesIO(content)) as arrays:
        return SurfaceMap(
            _whole(arrays, "tissue"),
            _whole(arrays, "seen"),
            _whole(arrays, "residual_mm"),
            _whole(arrays, "belief"),
            _whole(arrays, "origin"),
            # Truth that was rendered by an earlier version has none, and needs none.
            _whole(arrays, "variance") if "variance" in arrays else np.zeros(0, np.float32),
        )


def _whole(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> npt.NDArray[Any]:
    """Return an array of all faces (F, ...); of those that were left out, zeros."""
    part = arrays[name]
    if "faces" not in arrays:
        return part
    whole = np.zeros((int(arrays["n_faces"]), *part.shape[1:]), part.dtype)
    try:
        whole[arrays["faces"]] = part
    except IndexError as error:
        raise ValueError(f"{name} names faces that the body does not have") from error
    return whole


def unpack_record(content: bytes) -> str:
    """Return the text that went with a surface map; see `DAMAGED` for what it raises."""
    with opened_arrays(io.BytesIO(content)) as arrays:
        return str(arrays["record"])
