"""Surface maps come back as they were, whichever way they are packed."""

import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.surface import SurfaceMap
from reepi.store.packing import pack_arrays
from reepi.store.surfaces import pack_photograph, pack_surface, unpack_record, unpack_surface

ARRAYS = ("tissue", "seen", "residual_mm", "belief", "origin", "variance")


def drawn_map(n_faces: int, seed: int) -> SurfaceMap:
    """Return a map of which about half of the faces are seen, and some unseen ones hold something all the same."""
    rng = np.random.default_rng(seed)
    seen = np.where(rng.random(n_faces) < 0.5, rng.random(n_faces), 0).astype(np.float32)
    tissue, belief = (rng.dirichlet(np.ones(7), n_faces).astype(np.float32) * (seen[:, None] > 0) for _ in "tb")
    variance = np.where(rng.random((n_faces, 6)) < 0.2, rng.random((n_faces, 6)), 0).astype(np.float32)
    return SurfaceMap(tissue, seen, 10 * seen, belief, variance=variance)


@given(st.integers(0, 40), st.integers(0, 99))
def test_both_ways_lose_nothing(n_faces: int, seed: int) -> None:
    surface = drawn_map(n_faces, seed)
    for content in (pack_surface(surface), pack_photograph(surface, "")):
        back = unpack_surface(content)
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(back, name), getattr(surface, name))
            assert getattr(back, name).dtype == getattr(surface, name).dtype


@given(st.integers(0, 40), st.integers(0, 99))
def test_without_its_doubt_a_map_tells_what_was_counted(n_faces: int, seed: int) -> None:
    surface = drawn_map(n_faces, seed)
    for content in (pack_surface(surface), pack_photograph(surface, "")):
        back = unpack_surface(content, doubt=False)
        for name in ("tissue", "seen", "residual_mm", "origin"):
            np.testing.assert_array_equal(getattr(back, name), getattr(surface, name))
        np.testing.assert_array_equal(back.belief, surface.tissue)
        assert not back.variance.any()


def test_a_visit_holds_every_face_for_other_programs() -> None:
    """Other programs read `surface/*.npz` with NumPy alone."""
    surface = drawn_map(30, 1)
    with np.load(io.BytesIO(pack_surface(surface))) as arrays:
        assert sorted(arrays) == sorted(ARRAYS)
        np.testing.assert_array_equal(arrays["tissue"], surface.tissue)


def test_a_photograph_holds_what_it_tells() -> None:
    """Of a body of which little is seen, little is written."""
    surface = drawn_map(20_000, 2)
    few = SurfaceMap(*(np.where(np.arange(20_000) < 200, getattr(surface, name).T, 0).T for name in ARRAYS))
    assert len(pack_photograph(few, "")) < 0.1 * len(pack_photograph(surface, ""))


def test_the_text_comes_back() -> None:
    record = {"key": "k", "row": {"file": "photos/größe.jpg"}}
    assert json.loads(unpack_record(pack_photograph(drawn_map(5, 3), json.dumps(record)))) == record


def test_faces_that_a_body_does_not_have() -> None:
    """A file that somebody changed is damaged, and does not end a run."""
    whole = drawn_map(5, 4)
    parts = {name: getattr(whole, name)[:1] for name in ARRAYS}
    content = pack_arrays(**parts, faces=np.array([9]), n_faces=np.array(5))
    with pytest.raises(ValueError, match="no 5 faces"):
        unpack_surface(content)
