"""From light to file: exposure, colour error, optics, noise and JPEG of a camera in a hurry."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Pixels
from reepi.phantom.looks import encoded
from reepi.phantom.noise import Floats


@dataclass(frozen=True)
class Capture:
    """How a camera took a picture.

    Parameters
    ----------
    brightness : float
        What the subject's middle brightness becomes, linear light.
    balance : (3,) float32
        Error of the white balance, a gain per channel.
    contrast, saturation : float
        Of the tone curve; 1 is neutral.
    vignette : float
        Loss of light in the corners, 0 to 1.
    blur_px, motion_px, motion_rad : float
        Defocus, and length [px] and direction [rad] of shake.
    sharpen : float
        Strength of the camera's sharpening.
    noise : float
        Sensor noise at middle grey, in units of full scale.
    jpeg_quality : int
        Of the camera's file.
    """

    brightness: float
    balance: Floats
    contrast: float
    saturation: float
    vignette: float
    blur_px: float
    motion_px: float
    motion_rad: float
    sharpen: float
    noise: float
    jpeg_quality: int


def draw_capture(rng: np.random.Generator, scale: float = 1.0) -> Capture:
    """Return a random capture; ``scale`` is the picture's long side over 448 px, which widths in pixels follow."""
    return Capture(
        float(rng.uniform(0.16, 0.48)),
        rng.normal(1, 0.06, 3).astype(np.float32),
        float(rng.uniform(0.85, 1.3)),
        float(rng.uniform(0.75, 1.3)),
        float(rng.choice([0.0, rng.uniform(0, 0.4)])),
        float(rng.choice([rng.uniform(0.3, 0.8), rng.uniform(0.5, 1.8)], p=(0.75, 0.25))) * scale,
        float(rng.uniform(1, 5)) * scale if rng.random() < 0.12 else 0.0,
        float(rng.uniform(0, np.pi)),
        float(rng.choice([0.0, rng.uniform(0, 0.8)])),
        float(np.exp(rng.uniform(np.log(0.002), np.log(0.03)))),
        int(rng.integers(55, 96)),
    )


def draw_standard_capture(rng: np.random.Generator, scale: float = 1.0) -> Capture:
    """Return a random capture of a clinic that keeps to a standard: well exposed, sharp, colours nearly right."""
    return Capture(
        float(rng.uniform(0.22, 0.36)),
        rng.normal(1, 0.025, 3).astype(np.float32),
        float(rng.uniform(0.95, 1.15)),
        float(rng.uniform(0.9, 1.15)),
        float(rng.uniform(0, 0.15)),
        float(rng.uniform(0.3, 0.7)) * scale,
        0.0,
        0.0,
        float(rng.uniform(0, 0.4)),
        float(np.exp(rng.uniform(np.log(0.002), np.log(0.01)))),
        int(rng.integers(80, 96)),
    )


def exposed(light: Floats, subject: npt.NDArray[np.bool_], capture: Capture) -> Floats:
    """Return light (H, W, 3) scaled so that the subject has the wanted brightness, with optics applied."""
    middle = float(np.median(light[subject].mean(axis=-1))) if subject.any() else float(light.mean())
    image = light * np.float32(capture.brightness / max(middle, 1e-4))
    image = _vignetted(image * capture.balance, capture.vignette)
    image = np.minimum(image, 4.0)
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), capture.blur_px), np.float32)
    return _shaken(image, capture.motion_px, capture.motion_rad)


def developed(light: Floats, capture: Capture, rng: np.random.Generator) -> Pixels:
    """Return the sRGB picture (H, W, 3) of exposed light, with noise, tone curve and JPEG."""
    shot = np.sqrt(np.maximum(light, 0) / 0.18) * np.float32(capture.noise)
    grain = rng.standard_normal(light.shape, np.float32)
    value = _toned(encoded(light + shot * grain), capture)
    if capture.sharpen > 0:
        value = value + np.float32(capture.sharpen) * (value - cv2.GaussianBlur(value, (0, 0), 1.2))
    pixels = np.asarray(np.clip(value * 255 + 0.5, 0, 255), np.uint8)
    return jpeg(pixels, capture.jpeg_quality)


def jpeg(pixels: Pixels, quality: int) -> Pixels:
    """Return pixels (H, W, 3) as they come back from a JPEG file."""
    _, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)[..., ::-1].copy()


def _toned(value: Floats, capture: Capture) -> Floats:
    grey = value.mean(axis=-1, keepdims=True)
    value = grey + (value - grey) * np.float32(capture.saturation)
    return np.asarray(0.5 + (value - 0.5) * np.float32(capture.contrast), np.float32)


def _vignetted(image: Floats, strength: float) -> Floats:
    if strength == 0:
        return np.asarray(image, np.float32)
    height, width = image.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    return np.asarray(image * (1 - np.float32(strength) * (x**2 + y**2) / 2)[..., None], np.float32)


def _shaken(image: Floats, length_px: float, angle_rad: float) -> Floats:
    if length_px < 1:
        return np.asarray(image, np.float32)
    size = int(length_px) * 2 + 3
    kernel = np.zeros((size, size), np.float32)
    middle = size // 2
    reach = np.array([np.cos(angle_rad), np.sin(angle_rad)]) * length_px / 2
    start, end = (middle - reach).round().astype(int), (middle + reach).round().astype(int)
    cv2.line(kernel, tuple(map(int, start)), tuple(map(int, end)), 1.0)
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.float32)
