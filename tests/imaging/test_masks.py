"""Masks at another size keep to what most of a pixel was."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reepi.imaging.masks import shrunk_mask


def test_each_pixel_is_what_most_of_it_was() -> None:
    """Three of four win; on a draw the lower value."""
    mask = np.array([[4, 4, 1, 1], [4, 255, 5, 5]], np.uint8)
    np.testing.assert_array_equal(shrunk_mask(mask, (1, 2)), [[4, 1]])


@given(arrays(np.uint8, (12, 16), elements=st.sampled_from([0, 1, 4, 255])), st.integers(1, 12), st.integers(1, 16))
def test_no_value_is_invented(mask: np.ndarray, rows: int, columns: int) -> None:
    """Whatever the size, values are those of the mask; at its own size it stays as it is."""
    small = shrunk_mask(mask, (rows, columns))
    assert small.shape == (rows, columns)
    assert set(np.unique(small)) <= set(np.unique(mask))
    np.testing.assert_array_equal(shrunk_mask(mask, mask.shape), mask)
