"""Pictures and truth of rendered photographs as the bytes of files, and back."""

import json
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from reepi.body.camera import Camera
from reepi.core.images import Mask
from reepi.mapping.registration import camera_and_pose_of
from reepi.phantom.poses import Pose
from reepi.phantom.rendering import RenderedPhotograph


def face_code(faces: npt.NDArray[np.int32]) -> npt.NDArray[np.uint16]:
    """Return a face map as stored: 0 for no face, else the face's index plus one, (H, W)."""
    return (faces + 1).astype(np.uint16)


def read_faces(path: Path) -> npt.NDArray[np.int32]:
    """Return a stored face map, (H, W), with `reepi.core.surface.NO_FACE` where there is none.

    Raises
    ------
    OSError
        The file is no 16-bit image.
    """
    return _read(path, np.dtype(np.uint16)).astype(np.int32) - 1


def read_mask(path: Path) -> Mask:
    """Return a stored tissue mask, (H, W).

    Raises
    ------
    OSError
        The file is no 8-bit image.
    """
    return np.asarray(_read(path, np.dtype(np.uint8)), np.uint8)


def _read(path: Path, kind: "np.dtype[np.generic]") -> npt.NDArray[np.generic]:
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != kind or pixels.ndim != 2:
        raise OSError(f"{path} is no single-channel {kind} image. Remove it and render again.")
    return np.asarray(pixels)


def png(pixels: npt.NDArray[np.generic]) -> bytes:
    """Return a single-channel image (H, W) as a PNG file."""
    return bytes(cv2.imencode(".png", np.ascontiguousarray(pixels), [cv2.IMWRITE_PNG_COMPRESSION, 4])[1])


def jpeg_file(pixels: npt.NDArray[np.uint8], quality: int) -> bytes:
    """Return an sRGB image (H, W, 3) as a JPEG file."""
    return bytes(cv2.imencode(".jpg", np.ascontiguousarray(pixels[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def camera_record(photograph: RenderedPhotograph) -> dict[str, object]:
    """Return camera and pose as plain numbers: lengths in metres, angles in radians."""
    camera = photograph.camera
    return {
        "focal_px": round(camera.focal_px, 6),
        "size": list(camera.size),
        "rotation": camera.rotation.round(9).tolist(),
        "position_m": camera.position.round(9).tolist(),
        "articulations_rad": {name: vector.round(9).tolist() for name, vector in photograph.pose.items()},
    }


def read_camera(path: Path) -> tuple[Camera, Pose]:
    """Return stored camera and pose; see `camera_record`."""
    record = json.loads(path.read_text(encoding="utf-8"))
    return camera_and_pose_of({**record, "pose": record["articulations_rad"]})
