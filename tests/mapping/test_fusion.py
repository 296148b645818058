"""A visit's photographs together: skin seen twice counts once, whatever their order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.core.surface import SurfaceMap
from reepi.core.tissue import Tissue
from reepi.mapping.fusion import fuse


def random_map(seed: int, faces: int = 30) -> SurfaceMap:
    rng = np.random.default_rng(seed)
    seen = np.where(rng.random(faces) < 0.6, rng.random(faces), 0).astype(np.float32)
    shown = seen > 0
    tissue = np.where(shown[:, None], rng.dirichlet(np.full(len(Tissue), 0.3), faces), 0).astype(np.float32)
    belief = np.where(shown[:, None], rng.dirichlet(np.full(len(Tissue), 0.3), faces), 0).astype(np.float32)
    return SurfaceMap(tissue, seen, np.where(shown, rng.uniform(1, 40, faces), 0).astype(np.float32), belief)


def plain_map(tissue: Tissue, seen: float, residual_mm: float) -> SurfaceMap:
    """One face of one tissue."""
    shares = np.zeros((1, len(Tissue)), np.float32)
    shares[0, tissue] = seen > 0
    return SurfaceMap.of_shares(shares, np.array([seen], np.float32), np.array([residual_mm], np.float32))


def same(one: SurfaceMap, other: SurfaceMap) -> bool:
    return all(np.array_equal(getattr(one, n), getattr(other, n)) for n in ("tissue", "seen", "residual_mm", "belief"))


seeds = st.lists(st.integers(0, 50), min_size=1, max_size=5, unique=True)


@settings(max_examples=30)
@given(seeds, st.randoms())
def test_order_and_repetition_change_nothing(numbers: list[int], chance: np.random.Generator) -> None:
    """To the last bit: a photograph given twice, and any order, give the same visit."""
    once = [random_map(n) for n in numbers]
    often = [random_map(n) for n in numbers + numbers[:2]]
    chance.shuffle(often)
    assert same(fuse(once), fuse(often))


@settings(max_examples=30)
@given(seeds)
def test_a_visit_is_a_surface_map(numbers: list[int]) -> None:
    """Shares of seen faces add up to one, seen shares stay between those of the best and all photographs."""
    maps = [random_map(n) for n in numbers]
    fused = fuse(maps)
    np.testing.assert_allclose(fused.tissue.sum(axis=1), fused.seen > 0, atol=1e-5)
    np.testing.assert_allclose(fused.belief.sum(axis=1), fused.seen > 0, atol=1e-5)
    assert (fused.seen <= np.max([m.seen for m in maps], axis=0) + 1e-6).all()
    np.testing.assert_array_equal(fused.seen > 0, np.max([m.seen for m in maps], axis=0) > 0)


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_one_photograph_is_its_own_visit(seed: int) -> None:
    """There is nothing to fuse it with."""
    single = random_map(seed)
    fused = fuse([single])
    np.testing.assert_allclose(fused.tissue, single.tissue, atol=1e-6)
    np.testing.assert_allclose(fused.seen, single.seen, atol=1e-6)
    np.testing.assert_allclose(fused.residual_mm, single.residual_mm, rtol=1e-6)


def test_skin_that_one_photograph_missed_is_taken_from_the_other() -> None:
    """Unseen is not background."""
    fused = fuse([SurfaceMap.unseen(1), plain_map(Tissue.DETACHED, 1, 5)])
    assert fused.open == pytest.approx([1])
    assert fused.seen == pytest.approx([1])


def test_skin_seen_twice_counts_once() -> None:
    """Two photographs of open skin do not make twice as much of it."""
    fused = fuse([plain_map(Tissue.DETACHED, 1, 5), plain_map(Tissue.DETACHED, 1, 6)])
    assert fused.open == pytest.approx([1])


def test_the_surer_photograph_decides() -> None:
    """Weights are inverse squares of the errors: 5 mm against 20 mm is sixteen to one."""
    fused = fuse([plain_map(Tissue.DETACHED, 1, 5), plain_map(Tissue.INTACT, 1, 20)])
    assert fused.tissue[0, Tissue.DETACHED] == pytest.approx(16 / 17)


def test_a_dressing_in_one_photograph_does_not_hide_what_another_shows() -> None:
    """Glare or a sheet in the better photograph leaves the skin to the other, if that is worth hearing."""
    fused = fuse([plain_map(Tissue.COVERED, 1, 5), plain_map(Tissue.DETACHED, 1, 10)])
    assert fused.open == pytest.approx([1])


def test_a_grazing_look_past_the_edge_does_not_undo_a_dressing() -> None:
    """A photograph ten times less sure has no say on what can be assessed."""
    fused = fuse([plain_map(Tissue.COVERED, 1, 3), plain_map(Tissue.DETACHED, 1, 30)])
    assert fused.open == pytest.approx([0])
    assert fused.tissue[0, Tissue.COVERED] == pytest.approx(1)


@pytest.mark.parametrize("maps", [[], [SurfaceMap.unseen(2), SurfaceMap.unseen(3)]])
def test_maps_must_be_of_one_body(maps: list[SurfaceMap]) -> None:
    """Nothing, or maps of different bodies, cannot be fused."""
    with pytest.raises(ValueError, match="one or more surface maps of one template"):
        fuse(maps)


def test_inputs_are_left_alone() -> None:
    """Fusing returns a new map."""
    one, other = random_map(1), random_map(2)
    before = [one.tissue.copy(), other.seen.copy()]
    fuse([one, other])
    np.testing.assert_array_equal(before[0], one.tissue)
    np.testing.assert_array_equal(before[1], other.seen)
