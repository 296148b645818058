"""Surface maps as the bytes of an ``.npz``, with a text that goes with them.

A visit's map is written as it is, for other programs. One photograph shows a small part of the body, so what is kept of
it are the faces that it tells something of.
"""

import io
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from reepi.core.arrays import opened_arrays
from reepi.core.surface import SurfaceMap
from reepi.store.packing import pack_arrays

_NAMES: Final = ("tissue", "seen", "residual_mm", "belief", "origin", "variance")
_DOUBT: Final = ("belief", "variance")


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
    return {name: getattr(surface, name) for name in _NAMES}


def unpack_surface(content: bytes, *, doubt: bool = True) -> SurfaceMap:
    """Return the surface map of the bytes of an ``.npz``, whichever way packed; see `DAMAGED` for what it raises.

    Parameters
    ----------
    content : bytes
        The file.
    doubt : bool
        Whether belief and variance are read, which are more than half of it; else what was counted is believed.
    """
    names = [name for name in _NAMES if doubt or name not in _DOUBT]
    with opened_arrays(io.BytesIO(content)) as arrays:
        # Truth that was rendered by an earlier version has no variance, and needs none.
        told = {name: arrays[name] for name in names if name in arrays or name != "variance"}
        faces, n_faces = (arrays["faces"], int(arrays["n_faces"])) if "faces" in arrays else (None, 0)
    if faces is not None:
        told = {name: _whole(part, faces, n_faces) for name, part in told.items()}
    return SurfaceMap(**(told if doubt else {**told, "belief": told["tissue"]}))


def _whole(part: npt.NDArray[Any], faces: npt.NDArray[np.integer], n_faces: int) -> npt.NDArray[Any]:
    """Return an array of all faces (F, ...) from that of some (N, ...); of those that were left out, zeros."""
    whole = np.zeros((n_faces, *part.shape[1:]), part.dtype)
    try:
        whole[faces] = part
    except IndexError as error:
        raise ValueError(f"there are no {n_faces} faces that it tells of") from error
    return whole


def unpack_record(content: bytes) -> str:
    """Return the text that went with a surface map; see `DAMAGED` for what it raises."""
    with opened_arrays(io.BytesIO(content)) as arrays:
        return str(arrays["record"])
