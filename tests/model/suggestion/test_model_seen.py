"""What a model saw, and how far from it other photographs are."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from reepi.core.errors import InputError
from reepi.model.architecture import ARCHITECTURES
from reepi.model.card import Card, read_card
from reepi.model.data.datasets import read_datasets
from reepi.model.folder import SEEN, read_model, write_model
from reepi.model.network import build_network
from reepi.model.suggestion.features import describer
from reepi.model.suggestion.seen import fit_seen, read_seen, write_seen


def untrained(folder: Path) -> Path:
    torch.manual_seed(0)
    write_model(folder, build_network("tissue"), Card("untrained", "tissue", ARCHITECTURES["tissue"], 64))
    return folder


def test_distance_counts_standard_deviations() -> None:
    """Two axes of spread 1 and 10: the same step is ten times as far along the narrow one."""
    rng = np.random.default_rng(0)
    features = rng.normal(0, [1, 10], (4000, 2))
    seen = fit_seen([features], np.zeros((0, 2)))
    assert seen.distance(features.mean(axis=0)) == pytest.approx(0, abs=1e-6)
    narrow, wide = (seen.distance(features.mean(axis=0) + step) for step in ([20, 0], [0, 20]))
    assert narrow / wide == pytest.approx(10, rel=0.05)
    assert wide == pytest.approx(2 / np.sqrt(2), rel=0.05)


def test_the_nearest_data_set_counts() -> None:
    """Between two data sets that lie far apart is far from both, at either is near."""
    rng = np.random.default_rng(1)
    parts = [rng.normal(middle, 1, (300, 5)) for middle in (-50, 50)]
    seen = fit_seen(parts, np.zeros((0, 5)))
    assert seen.distance(np.full(5, 50.0)) < 0.5
    assert seen.distance(np.zeros(5)) > 20


def test_directions_that_never_varied_tell_the_odd_one() -> None:
    """More directions than photographs: a step where no training photograph went is far."""
    rng = np.random.default_rng(2)
    features = np.zeros((20, 100))
    features[:, :5] = rng.normal(0, 1, (20, 5))
    features += rng.normal(0, 0.01, features.shape)
    seen = fit_seen([features], features)
    inside, outside = np.zeros(100), np.zeros(100)
    inside[0], outside[99] = 1.0, 1.0
    assert seen.distance(outside) > 5 * seen.distance(inside)
    assert seen.share_nearer(seen.distance(outside)) == pytest.approx(20 / 21)
    assert seen.share_nearer(0.0) == 0


def test_alike_photographs_do_not_divide_by_zero() -> None:
    """Twice the same photograph has no spread; it is near, anything else is far, and both are finite."""
    seen = fit_seen([np.ones((2, 4))], np.zeros((0, 4)))
    assert seen.distance(np.ones(4)) == 0
    assert np.isfinite(seen.distance(np.zeros(4)))
    assert seen.distance(np.zeros(4)) > 1


def test_usual_distances_are_those_of_photographs_that_were_not_fitted() -> None:
    """Few photographs in many directions: new ones of their kind are further than the fitted ones, and still usual."""
    rng = np.random.default_rng(3)
    features, new = rng.normal(0, 1, (60, 40)), rng.normal(0, 1, (200, 40))
    seen = fit_seen([features], np.zeros((0, 40)))
    shares = [seen.share_nearer(seen.distance(feature)) for feature in new]
    assert np.mean(np.array(shares) > 0.95) < 0.1


def test_what_was_seen_travels_with_the_model(squares: Path, tmp_path: Path) -> None:
    """Written into the folder and read back; noise is further than every square; a folder without it says nothing."""
    folder = untrained(tmp_path / "model")
    assert read_seen(folder) is None
    written = write_seen(folder, read_datasets([squares]))
    seen = read_seen(folder)
    assert seen is not None
    describe = describer(read_model(folder)[0])
    (dataset,) = read_datasets([squares])
    noise = np.random.default_rng(0).integers(0, 255, (96, 72, 3)).astype(np.uint8)
    far = seen.distance(describe(noise))
    assert all(seen.distance(describe(sample.read_image())) < far for sample in dataset.samples)
    # Two that trained and one kept apart are too few to call another unusual.
    assert seen.share_nearer(far) == pytest.approx(3 / 4)
    assert far == pytest.approx(written.distance(describe(noise)), rel=1e-3)
    assert (folder / SEEN).stat().st_size < 100_000


def test_what_other_weights_saw_is_refused(squares: Path, tmp_path: Path) -> None:
    """After training anew the old summary is of other features; a damaged file is named as well."""
    folder = untrained(tmp_path / "model")
    write_seen(folder, read_datasets([squares]))
    card = read_card(folder)
    write_model(folder, build_network("tissue"), card)
    with pytest.raises(InputError, match="other weights"):
        read_seen(folder)
    (folder / SEEN).write_bytes(b"PK")
    with pytest.raises(InputError, match="cannot be read"):
        read_seen(folder)


def test_one_photograph_is_too_few(make_squares: Callable[..., Path], tmp_path: Path) -> None:
    """A single training photograph has no spread."""
    with pytest.raises(InputError, match="fewer than two"):
        write_seen(untrained(tmp_path / "model"), read_datasets([make_squares(tmp_path / "one", 1)]))
