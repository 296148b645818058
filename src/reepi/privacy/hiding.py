"""Hides part of a photograph: a JPEG's blocks are painted over and all others stay bit for bit."""

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.images import Pixels
from reepi.imaging.exif import Exif
from reepi.imaging.writing import resized_mask
from reepi.privacy.jpeg_child import HIDDEN, IN, MAX_SECONDS, OUT

Bools = npt.NDArray[np.bool_]

FILL: Final = (40, 90, 200)
"""Colour of what is hidden, sRGB: the blue of surgical drapes. Of black, grey, white, blue and the patient's own skin,
it moves the place that heads are found at the least, by 6 mm in the middle; and it is never taken for skin, while the
patient's own colour would be counted as intact."""

_TURNED_BACK: Final = {6: 8, 8: 6}
"""Orientations that undo each other; the others undo themselves."""

_PACKAGES: Final = Path(__file__).parents[2]


def hidden_in_jpeg(content: bytes, hidden: Bools, orientation: int, work: Path) -> bytes | None:
    """Return a JPEG file whose blocks are painted over where they hold a hidden pixel, or None if that cannot be done.

    Parameters
    ----------
    content : bytes
        The file.
    hidden : (H, W) bool
        Pixels of the upright picture, at its own size.
    orientation : int
        EXIF orientation of the file.
    work : Path
        Folder for temporary files; they lie nowhere else, for they show what is to be hidden.
    """
    if find_spec("jpeglib") is None:
        return None
    with tempfile.TemporaryDirectory(dir=work) as name:
        folder = Path(name)
        (folder / IN).write_bytes(content)
        np.save(folder / HIDDEN, as_stored(hidden, orientation))
        search = os.pathsep.join([str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])])
        surroundings = os.environ | {"TMPDIR": name, "PYTHONPATH": search, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-P", "-m", "reepi.privacy.jpeg_child", name]
        try:
            subprocess.run(  # noqa: S603 the interpreter that runs this very code
                command, env=surroundings, check=True, capture_output=True, timeout=2 * MAX_SECONDS
            )
            return (folder / OUT).read_bytes()
        except (subprocess.SubprocessError, OSError):
            return None


def as_stored(hidden: Bools, orientation: int) -> Bools:
    """Return a mask of the upright picture (H, W) as the picture lies in the file."""
    back = Exif(orientation=_TURNED_BACK.get(orientation, orientation))
    pixels = np.repeat(hidden[:, :, None], 3, axis=2).astype(np.uint8)
    return np.asarray(back.upright(pixels)[:, :, 0], bool)


def at_size(hidden: Bools, size: tuple[int, int]) -> Bools:
    """Return a mask at another size (H, W) [px]."""
    return np.asarray(resized_mask(hidden.astype(np.uint8), size), bool)


def painted_over(pixels: Pixels, hidden: Bools) -> Pixels:
    """Return pixels (H, W, 3) painted over where they are hidden."""
    painted = pixels.copy()
    painted[hidden] = FILL
    return painted
