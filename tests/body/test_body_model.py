"""The body model as arrays: what anny itself says of any body, kept and read again."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.body import body_model as module
from reepi.body.body_model import SCALES, Grid, body_model
from reepi.body.cache import cache_folder

SAME_M = 1e-9
"""Rounding of sums in another order [m]."""


@cache
def anny_itself() -> Any:
    anny = pytest.importorskip("anny")
    return anny.Anny(skinning_method="lbs", extrapolate_phenotypes=True)


@settings(max_examples=12)
@given(st.tuples(st.floats(0, 1), st.floats(-1 / 3, 1.1), st.floats(0, 1), st.floats(-0.3, 2.0), st.floats(-0.2, 1.2)))
def test_bodies_are_those_of_anny(phenotype: tuple[float, ...]) -> None:
    """Between the anchors and beyond them, to the last digits, as anny's own whole computation has it."""
    import torch

    told = dict(zip(SCALES, phenotype, strict=True))
    told["gender"] = 1 - told.pop("male")
    with torch.no_grad():
        built = anny_itself()(phenotype_kwargs=told)
    model = body_model()
    surface, joints = model.surface.at(*phenotype).points, model.joints.at(*phenotype).points
    np.testing.assert_allclose(surface, built["rest_vertices"][0].numpy(), rtol=0, atol=SAME_M)
    np.testing.assert_allclose(joints, built["rest_bone_heads"][0].numpy(), rtol=0, atol=SAME_M)


def test_scales_may_be_set_one_after_the_other() -> None:
    """The fit to a patient sets sex and age once, and sees the bodies that all scales at once give."""
    surface, phenotype = body_model().surface, (1.0, 0.41, 0.3, 1.7, 0.9)
    assert np.array_equal(surface.at(*phenotype[:2]).at(*phenotype[2:]).points, surface.at(*phenotype).points)


@given(st.lists(st.floats(-2, 2), min_size=2, max_size=2))
def test_what_is_linear_along_each_scale_is_met_everywhere(values: list[float]) -> None:
    """A product of two scales is linear along each of them, so a grid of few anchors holds all of it."""
    anchors = (np.array([-1.0, 0.0, 2.0]), np.array([0.0, 1.0]))
    products = anchors[0][:, None] * anchors[1][None]
    grid = Grid(anchors, np.repeat(products[..., None, None], 3, axis=-1))
    np.testing.assert_allclose(grid.at(*values).points, np.full((1, 3), values[0] * values[1]), atol=1e-12)


def test_a_body_on_an_anchor_is_the_anchor_s() -> None:
    surface = body_model().surface
    for place, value in enumerate(surface.anchors[1]):
        assert np.array_equal(surface.at(0.0, float(value), 1.0).points, surface.points[0, place, -1])


def test_it_is_kept_and_damage_is_survived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut anywhere, it is asked of anny again; where it cannot be kept, it is there all the same."""
    model, asked = body_model(), []
    monkeypatch.setenv("REEPI_CACHE", str(tmp_path))
    monkeypatch.setattr(module, "from_anny", lambda: asked.append(1) or model)
    fresh = body_model.__wrapped__
    assert fresh() is model
    (kept,) = (tmp_path / "bodies").iterdir()
    read = fresh()
    assert len(asked) == 1
    assert read.topology.joint_names == model.topology.joint_names
    for one, other in ((read.surface, model.surface), (read.joints, model.joints)):
        assert np.array_equal(one.points, other.points)
        assert all(map(np.array_equal, one.anchors, other.anchors))
    for length in (0, 1000, kept.stat().st_size - 1):
        kept.write_bytes(kept.read_bytes()[:length])
        fresh()
    assert len(asked) == 4
    shutil.rmtree(tmp_path / "bodies")
    (tmp_path / "bodies").touch()
    assert fresh() is model


NEW_BODY = """
import sys
from reepi.body.template import build_template
from reepi.core.study import Patient
build_template(Patient("new", "F", 33.3, 171.7, 66.6))
assert "torch" not in sys.modules, "torch was read"
"""


def test_a_new_patient_s_body_needs_no_torch(tmp_path: Path) -> None:
    """Once a machine has the body model, any further body takes a second and little memory."""
    body_model()
    shutil.copytree(cache_folder("bodies"), tmp_path / "bodies")
    told = os.environ | {"REEPI_CACHE": str(tmp_path)}
    subprocess.run([sys.executable, "-c", NEW_BODY], env=told, check=True, timeout=120)
