"""Paints over blocks of a JPEG file without touching the others; a process of its own, for libjpeg may end it.

Run as ``python -m reepi.privacy.jpeg_child FOLDER``, where the folder holds ``in.jpg`` and ``hidden.npy``.
"""

import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

MAX_MEMORY_BYTES: Final = 6 * 1024**3
"""Address space of the process; the coefficients of 150 megapixels take under 1 GB."""

MAX_SECONDS: Final = 120
"""Processor time of the process [s]; 12 megapixels take half a second."""

FILL: Final = (88, 191, 94)
"""What is painted: luminance and both chrominances of 0 to 255; the blue of `reepi.privacy.hiding.FILL`."""

IN: Final = "in.jpg"
HIDDEN: Final = "hidden.npy"
OUT: Final = "out.jpg"

Bools = npt.NDArray[np.bool_]


def paint(folder: Path) -> None:
    """Write ``out.jpg``: the picture of ``in.jpg`` whose blocks are filled wherever ``hidden.npy``, (H, W), is true.

    The coefficients of all other blocks stay as they are.

    Raises
    ------
    ValueError
        The picture's colours are neither grey nor YCbCr.
    """
    import jpeglib

    jpeg = jpeglib.read_dct(str(folder / IN))
    planes = [plane for plane in (jpeg.Y, jpeg.Cb, jpeg.Cr, jpeg.K) if plane is not None]
    if jpeg.jpeg_color_space.name not in ("JCS_YCbCr", "JCS_GRAYSCALE") or len(planes) not in (1, 3):
        raise ValueError("its colours are neither grey nor YCbCr")
    factors = np.asarray(jpeg.samp_factor)
    units = hidden_units(np.load(folder / HIDDEN, allow_pickle=False), 8 * factors.max(axis=0))
    for plane, factor, table, value in zip(planes, factors, jpeg.quant_tbl_no, FILL, strict=False):
        _fill(plane, units, factor, float(jpeg.qt[table][0, 0]), value)
    jpeg.write_dct(str(folder / OUT))


def hidden_units(hidden: Bools, unit: npt.NDArray[Any]) -> Bools:
    """Return which units of (height, width) [px], counted from the top left, hold a hidden pixel."""
    height, width = int(unit[0]), int(unit[1])
    padded = np.pad(hidden, ((0, -hidden.shape[0] % height), (0, -hidden.shape[1] % width)))
    rows, columns = padded.shape[0] // height, padded.shape[1] // width
    return np.asarray(padded.reshape(rows, height, columns, width).any(axis=(1, 3)))


def _fill(plane: npt.NDArray[np.int16], units: Bools, factor: npt.NDArray[Any], step: float, value: int) -> None:
    """Fill the blocks of a plane (rows, columns, 8, 8) that lie in hidden units with one value."""
    blocks = units.repeat(int(factor[0]), axis=0).repeat(int(factor[1]), axis=1)
    blocks = blocks[: plane.shape[0], : plane.shape[1]]
    plane[blocks] = 0
    # The first coefficient is eight times the mean, counted from the middle grey (ITU-T T.81, A.3.3).
    plane[blocks, 0, 0] = round(8 * (value - 128) / step)


def _limit() -> None:
    """Take the limits that the system knows."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))


if __name__ == "__main__":
    _limit()
    paint(Path(sys.argv[1]))
