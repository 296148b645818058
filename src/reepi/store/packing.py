"""Arrays as the bytes of a compressed ``.npz`` file."""

import io
import zipfile
from typing import Any, Final

import numpy as np
import numpy.typing as npt

LEVEL: Final = 1
"""Level of compression: NumPy's own, 6, takes three times as long for a tenth fewer bytes."""


def pack_arrays(**arrays: npt.NDArray[Any]) -> bytes:
    """Return arrays by name as `numpy.load` reads them; the same arrays give the same bytes, whatever the time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as file:
                np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)
    return content.getvalue()
