"""Noise is what its description promises: centred, of unit variance, continuous and repeating."""

import numpy as np
import pytest

from reepi.phantom.noise import VOLUME_SIDE, WAVELENGTH_VOXELS, NoiseField, draw_field, noise_volume


def test_volume_has_zero_mean_and_unit_variance() -> None:
    """Thresholds on fields are meant in standard deviations."""
    assert noise_volume().mean() == pytest.approx(0, abs=1e-4)
    assert noise_volume().std() == pytest.approx(1, abs=1e-4)


def test_field_at_a_voxel_is_the_voxel() -> None:
    """Without rotation, whole voxels are read as they stand, also across the border where the volume repeats."""
    field = NoiseField(WAVELENGTH_VOXELS, np.eye(3, dtype=np.float32), np.zeros(3, np.float32))
    place = np.array([[3, 5, 7], [95, 95, 95], [0, 0, 0], [96 + 4, -1, 50]], np.float32)
    expected = [noise_volume()[tuple(int(v) % VOLUME_SIDE for v in row)] for row in place]
    np.testing.assert_allclose(field.at(place), expected, atol=2e-3)


def test_field_between_voxels_is_their_mean() -> None:
    """Reading is linear: halfway between two voxels lies their mean."""
    field = NoiseField(WAVELENGTH_VOXELS, np.eye(3, dtype=np.float32), np.zeros(3, np.float32))
    volume = noise_volume()
    middle = field.at(np.array([[10.5, 20, 30]], np.float32))
    assert middle[0] == pytest.approx((volume[10, 20, 30] + volume[11, 20, 30]) / 2, abs=2e-3)


def test_features_have_the_asked_size() -> None:
    """A tenth of the wavelength apart values go together, a wavelength apart they do not."""
    field = draw_field(np.random.default_rng(0), wavelength_m=0.05)
    points = np.random.default_rng(1).uniform(-1, 1, (4000, 3)).astype(np.float32)
    near = field.at(points + np.float32([0.005, 0, 0]))
    far = field.at(points + np.float32([0.05, 0, 0]))
    assert np.corrcoef(field.at(points), near)[0, 1] > 0.6
    assert abs(np.corrcoef(field.at(points), far)[0, 1]) < 0.4


def test_no_points_give_no_values() -> None:
    """An empty picture is no special case."""
    assert draw_field(np.random.default_rng(0), 0.1).at(np.zeros((0, 3), np.float32)).shape == (0,)
