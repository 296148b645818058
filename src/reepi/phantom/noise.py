"""Noise in space: one tileable volume, read in a frame of its own by every field that needs chance."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

Floats = npt.NDArray[np.float32]

VOLUME_SIDE = 96
"""Side of the noise volume [voxels]; the pattern repeats after this many."""

WAVELENGTH_VOXELS = 16.0
"""Dominant wavelength of the volume [voxels]; finer detail goes down to two voxels."""


@cache
def noise_volume(exponent: float = 1.6) -> Floats:
    """Return a tileable volume of fractal noise, zero mean and unit variance, (S, S, S).

    Notes
    -----
    White noise whose spectrum is shaped to fall with ``frequency ** -exponent`` above the dominant wavelength
    (spectral synthesis; Saupe in Peitgen & Saupe, The Science of Fractal Images, 1988, ch. 2).
    """
    white = np.random.default_rng(20_110).standard_normal((VOLUME_SIDE,) * 3)
    line = np.fft.fftfreq(VOLUME_SIDE)
    last = np.fft.rfftfreq(VOLUME_SIDE)
    frequency = np.sqrt(line[:, None, None] ** 2 + line[None, :, None] ** 2 + last[None, None, :] ** 2)
    dominant = 1 / WAVELENGTH_VOXELS
    gain = np.maximum(frequency, dominant) ** -(exponent + 1) * np.exp(-((dominant / np.maximum(frequency, 1e-6)) ** 2))
    volume = np.fft.irfftn(np.fft.rfftn(white) * gain, s=white.shape, axes=(0, 1, 2))
    volume -= volume.mean()
    return np.asarray(volume / volume.std(), np.float32)


@dataclass(frozen=True)
class NoiseField:
    """A fractal field of zero mean and unit variance in space.

    Parameters
    ----------
    wavelength_m : float
        Size of its largest features [m].
    rotation : (3, 3) float32
        Orientation of the volume; columns may be scaled to stretch the features.
    offset : (3,) float32
        Place of the origin in the volume [voxels].
    """

    wavelength_m: float
    rotation: Floats
    offset: Floats

    def at(self, points: Floats) -> Floats:
        """Return the field at points (N, 3) [m], (N,)."""
        place = points @ (self.rotation * np.float32(WAVELENGTH_VOXELS / self.wavelength_m)) + self.offset
        return _read(np.asarray(place, np.float32) % VOLUME_SIDE)


@cache
def _sheets() -> Floats:
    """Return the volume's slices below one another, each closed with its first row and column, (S + 1)² by (S + 1)."""
    closed = np.pad(noise_volume(), ((0, 1),) * 3, mode="wrap")
    return np.ascontiguousarray(closed.reshape(-1, VOLUME_SIDE + 1))


def _read(place: Floats) -> Floats:
    """Return the volume at places (N, 3) [voxels], trilinear: two bilinear looks into neighbouring slices."""
    columns = 256
    rows = -(-len(place) // columns)
    if not rows:
        return np.zeros(0, np.float32)
    padded = np.zeros((rows * columns, 3), np.float32)
    padded[: len(place)] = place
    grid = padded.reshape(rows, columns, 3)
    lower = np.floor(grid[..., 0])
    x, y = np.ascontiguousarray(grid[..., 2]), lower * (VOLUME_SIDE + 1) + grid[..., 1]
    near = cv2.remap(_sheets(), x, y, cv2.INTER_LINEAR)
    far = cv2.remap(_sheets(), x, y + np.float32(VOLUME_SIDE + 1), cv2.INTER_LINEAR)
    return np.asarray((near + (far - near) * (grid[..., 0] - lower)).ravel()[: len(place)], np.float32)


def draw_field(rng: np.random.Generator, wavelength_m: float, stretch: float = 1.0) -> NoiseField:
    """Return a field in a random frame.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    wavelength_m : float
        Size of its largest features [m].
    stretch : float
        How much longer than wide the features are, along a random direction.
    """
    rotation = Rotation.random(random_state=int(rng.integers(2**31))).as_matrix()
    rotation[:, 0] /= stretch
    offset = rng.uniform(0, VOLUME_SIDE, 3)
    return NoiseField(float(wavelength_m), rotation.astype(np.float32), offset.astype(np.float32))
