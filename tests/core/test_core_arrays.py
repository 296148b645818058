"""Arrays are read by several threads at once."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from reepi.core.arrays import opened_arrays


def content() -> bytes:
    file = io.BytesIO()
    np.savez(file, **{f"a{n}": np.arange(n + 1) for n in range(4)})
    return file.getvalue()


def test_threads_read_the_same_arrays() -> None:
    """All get what was written, and one may read while it reads."""
    written = content()

    def total(_: int) -> int:
        with opened_arrays(io.BytesIO(written)) as outer, opened_arrays(io.BytesIO(written)) as inner:
            return sum(int(outer[name].sum() + inner[name].sum()) for name in outer.files)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(total, range(200))) == {2 * (0 + 1 + 3 + 6)}


def test_objects_are_not_unpickled(tmp_path: Path) -> None:
    """A file that holds code is refused."""
    path = tmp_path / "code.npz"
    np.savez(path, bad=np.array([{}], dtype=object))
    with opened_arrays(path) as arrays, pytest.raises(ValueError, match="allow_pickle"):
        arrays["bad"]
