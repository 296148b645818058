"""Arrays are packed so that NumPy reads them, and so that the same arrays are the same bytes."""

import io
import time

import numpy as np
import pytest

from reepi.store.packing import pack_arrays


def test_arrays_come_back_as_they_were() -> None:
    """Shape, type and values survive, those of texts too."""
    given = {"shares": np.arange(12, dtype=np.float32).reshape(3, 4), "origin": np.zeros(5, np.uint8), "record": "{}"}
    with np.load(io.BytesIO(pack_arrays(**{name: np.array(value) for name, value in given.items()}))) as arrays:
        assert list(arrays) == list(given)
        np.testing.assert_array_equal(arrays["shares"], given["shares"])
        assert arrays["shares"].dtype == np.float32
        assert arrays["origin"].shape == (5,)
        assert str(arrays["record"]) == "{}"


def test_the_hour_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of another day writes the same bytes."""
    first = pack_arrays(seen=np.ones(100))
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    monkeypatch.setattr(time, "localtime", lambda *told: time.gmtime(2_000_000_000.0))
    assert pack_arrays(seen=np.ones(100)) == first


def test_nothing_is_pickled() -> None:
    """What is no plain array is refused, since reading it back would run code."""
    with pytest.raises(ValueError, match="Object arrays"):
        pack_arrays(seen=np.array([{}]))
