"""Whether a colour profile is sRGB's, so that nothing has to be done: told by its numbers wherever it has any."""

import functools
import io

from PIL import ImageCms

from reepi.imaging.matrix_profile import read_matrix_profile


@functools.lru_cache(maxsize=16)
def is_srgb(profile: bytes) -> bool:
    """Return whether a colour profile is sRGB's, or one that is damaged and counts as such.

    Three primaries and three curves tell it by themselves, whatever the name: telephones write ``Display P3 Gamut with
    sRGB Transfer``. A profile of tables is sRGB's if its name begins so.
    """
    matrix = read_matrix_profile(profile)
    if matrix is not None:
        return matrix.is_srgb
    try:
        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile))).lower().startswith("srgb")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return True
