"""Surface maps as the bytes of an ``.npz``, with a text that goes with them."""

import io

import numpy as np

from reepi.core.arrays import opened_arrays
from reepi.core.surface import SurfaceMap
from reepi.store.packing import pack_arrays


def pack_surface(surface: SurfaceMap, record: str = "") -> bytes:
    """Return a surface map, and a text that goes with it, as the bytes of a compressed ``.npz``."""
    return pack_arrays(
        tissue=surface.tissue,
        seen=surface.seen,
        residual_mm=surface.residual_mm,
        belief=surface.belief,
        origin=surface.origin,
        variance=surface.variance,
        record=np.array(record),
    )


def unpack_surface(content: bytes) -> SurfaceMap:
    """Return the surface map of the bytes of an ``.npz``; see `DAMAGED` for what it raises."""
    with opened_arrays(io.BytesIO(content)) as arrays:
        return SurfaceMap(
            arrays["tissue"],
            arrays["seen"],
            arrays["residual_mm"],
            arrays["belief"],
            arrays["origin"],
            # Truth that was rendered by an earlier version has none, and needs none.
            arrays["variance"] if "variance" in arrays else np.zeros(0, np.float32),
        )


def unpack_record(content: bytes) -> str:
    """Return the text that went with a surface map; see `DAMAGED` for what it raises."""
    with opened_arrays(io.BytesIO(content)) as arrays:
        return str(arrays["record"])
