"""A picture as camera raw is read back by LibRaw as it was."""

import io

import numpy as np
import pytest

from reepi.phantom.raw_files import WHITE_LEVEL, dng_file, mosaic


def test_each_pixel_of_the_sensor_sees_one_colour() -> None:
    """Red, green over green, blue; white light is the white level."""
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[..., 1] = 255
    sensor = mosaic(pixels)
    assert (sensor[::2, ::2] == 0).all()
    assert (sensor[1::2, 1::2] == 0).all()
    assert (sensor[::2, 1::2] == WHITE_LEVEL).all()


def test_libraw_reads_the_sensor_as_it_was_written() -> None:
    """An independent reader finds every value of the sensor."""
    rawpy = pytest.importorskip("rawpy")
    pixels = np.random.default_rng(0).integers(0, 256, (64, 96, 3)).astype(np.uint8)
    with rawpy.imread(io.BytesIO(dng_file(pixels))) as raw:
        np.testing.assert_array_equal(raw.raw_image, mosaic(pixels))
        assert raw.white_level == WHITE_LEVEL
        assert raw.raw_pattern.tolist() == [[0, 1], [3, 2]]
