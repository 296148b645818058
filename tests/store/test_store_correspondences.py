"""What a network says of a photograph's place is kept for the review, and read again as scoring uses it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reepi.core.correspondence import Correspondences
from reepi.core.measured import MeasuredPhotograph
from reepi.core.results import PhotoRow
from reepi.store.correspondences import pack_correspondences, unpack_correspondences
from reepi.store.results import ResultsFolder

FILE = "photos/a.png"


@pytest.fixture
def said() -> Correspondences:
    rng = np.random.default_rng(3)
    barycentric = rng.dirichlet(np.ones(3), 20)
    return Correspondences(
        rng.uniform(0, 900, (20, 2)),
        rng.integers(0, 27_000, 20),
        barycentric,
        rng.uniform(0.01, 0.2, 20),
        rng.uniform(0, 1, 20),
        "network",
    )


def assert_same(one: Correspondences, other: Correspondences) -> None:
    for name in ("pixels", "faces", "barycentric", "sigma_m", "weights"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.source == other.source


def test_what_is_read_is_what_scoring_adds_points_to(said: Correspondences) -> None:
    """To the last digit, or the two would place a photograph differently."""
    again = unpack_correspondences(pack_correspondences(said))
    assert_same(again, said.kept)
    assert_same(again.kept, again)
    np.testing.assert_allclose(again.pixels, said.pixels, atol=1e-3)


def test_they_lie_in_the_results_as_long_as_the_photograph_has_them(said: Correspondences, tmp_path: Path) -> None:
    """Of a rejected photograph too, which is where points are needed; nothing, or damage, is no word."""
    results = ResultsFolder(tmp_path / "results")
    row = PhotoRow(FILE, "rejected", "not_registered: it is not.", None, 1.0)
    rejected = MeasuredPhotograph(row, correspondences=said)
    results.write_pictures(rejected, ())
    found = results.read_correspondences(FILE)
    assert found is not None
    assert_same(found, said.kept)
    results.write_pictures(replace(rejected, correspondences=said.part(np.arange(0))), ())
    assert results.read_correspondences(FILE) is None
    results.correspondences(FILE).write_bytes(b"damaged")
    assert results.read_correspondences(FILE) is None
    results.write_pictures(replace(rejected, correspondences=None), ())
    assert not results.correspondences(FILE).exists()
