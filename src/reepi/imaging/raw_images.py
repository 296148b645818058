"""Camera raw through LibRaw, developed always alike; runs in the process of `reepi.imaging.decoding_child`."""

import dataclasses
import io
from typing import Final

import numpy as np

from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph
from reepi.imaging.assembling import photograph_of
from reepi.imaging.damage import DECODING_ERRORS, damaged, no_extra
from reepi.imaging.exif import exif_of
from reepi.imaging.limits import check_size, needed_side
from reepi.imaging.tiff_tags import ends_early

_SRGB_CURVE: Final = (2.4, 12.92)
"""Power and slope at black of the sRGB transfer curve (IEC 61966-2-1), as LibRaw wants them."""

_ON_ITS_SIDE: Final = 4
"""Bit of LibRaw's flip that exchanges width and height."""


def decode_raw(content: bytes, working_side: int) -> Photograph:
    """Return the photograph of a camera raw file's bytes, with the camera's white balance and no automatic exposure.

    Automatic exposure would lift a picture by what else is in it, and so the same skin would look different in two
    photographs; the camera's exposure stays, and is standardised with the card's grey steps where there is one. For the
    same reason white is what the camera says it is, and not the brightest value of a picture that nearly reaches it.

    Raises
    ------
    PhotographRejected
        The extra ``raw`` is missing, the camera is not known to LibRaw, or the file is damaged, too large or too small.
    """
    try:
        import rawpy
    except ImportError:
        raise no_extra("a camera's raw data", "raw") from None
    if ends_early(content):
        # LibRaw would fill the rest with black.
        raise PhotographRejected("truncated", "The file ends too early. Copy it again from the camera.")
    try:
        with rawpy.RawPy() as raw:
            raw.open_buffer(io.BytesIO(content))
            sizes = raw.sizes
            check_size((max(sizes.raw_height, sizes.height), max(sizes.raw_width, sizes.width)))
            check_size((sizes.height, sizes.width))
            pixels = raw.postprocess(
                # Two by two sensor pixels make one of the picture: no interpolation, a quarter of the memory.
                half_size=max(sizes.height, sizes.width) >= 2 * needed_side(working_side),
                use_camera_wb=True,
                no_auto_bright=True,
                adjust_maximum_thr=0.0,
                gamma=_SRGB_CURVE,
                output_color=rawpy.ColorSpace.sRGB,
                output_bps=8,
            )
    except rawpy.LibRawFileUnsupportedError:
        raise PhotographRejected(
            "unreadable", "This camera's raw format is not known. Export the photograph as JPEG."
        ) from None
    except (*DECODING_ERRORS, rawpy.LibRawError) as error:
        raise damaged(error) from error
    upright = (sizes.width, sizes.height) if sizes.flip & _ON_ITS_SIDE else (sizes.height, sizes.width)
    # LibRaw has turned the picture, and shows a little more of the sensor than the camera writes down.
    exif = dataclasses.replace(exif_of(content), orientation=1, recorded_size=None)
    return photograph_of(np.asarray(pixels, np.uint8), upright, exif, working_side)
