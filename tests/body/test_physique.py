"""Bodies of one height and weight that differ: what anny itself says of them, kept and read again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from reepi.body import physique as module
from reepi.body.anatomy import height_m, shape_of, shifts_of_measures, weight_kg
from reepi.body.physique import SHAPES, SPREADS, Differences, Physique, differences
from reepi.body.regions import face_regions
from reepi.body.template import build_template
from reepi.core.regions import REGIONS
from reepi.core.study import Patient
from reepi.phantom.patients import draw_physique

PERSON = Patient("P", "F", 40, 163, 62)


def with_measure(name: str, value: float) -> Physique:
    return Physique(tuple(value if other == name else 0.0 for other in SHAPES))


def test_a_physique_is_that_of_anny() -> None:
    """Several measures at once, larger and smaller ones, as anny's own whole computation has them."""
    anny = pytest.importorskip("anny")
    import torch

    told = {"waist": 0.6, "thigh_length": -0.3, "hands": -0.5}
    measures = Physique(tuple(told.get(name, 0.0) for name in SHAPES))
    changes = {label: value for name, value in told.items() for label in SHAPES[name]}
    model = anny.Anny(skinning_method="lbs", extrapolate_phenotypes=True, local_changes=list(changes))
    with torch.no_grad():
        changed, ordinary = (model(local_changes_kwargs=each) for each in (changes, {}))
    for key, found in zip(("rest_vertices", "rest_bone_heads"), differences().of(measures), strict=True):
        np.testing.assert_allclose(found, (changed[key] - ordinary[key])[0].numpy(), rtol=0, atol=1e-6)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_height_and_weight_stay_the_patient_s(seed: int) -> None:
    """Whatever else differs; both sides stay alike, and the body is not the ordinary one."""
    physique = draw_physique(np.random.default_rng(seed))
    shape = shape_of(PERSON, physique)
    assert height_m(shape.vertices) == pytest.approx(1.63, abs=0.005)
    assert weight_kg(shape.vertices) == pytest.approx(62, abs=0.5)
    beside = np.linalg.norm(shape.vertices - shape_of(PERSON).vertices, axis=1)
    assert 0.001 < beside.mean() < 0.02
    away, _ = cKDTree(shape.vertices).query(shape.vertices * [-1, 1, 1])
    assert np.quantile(away, 0.99) < 0.002


@pytest.mark.parametrize("person", [PERSON, Patient("Q", "M", 64, 181, 104)])
def test_shifts_of_measures_lead_to_the_body_of_a_physique(person: Patient) -> None:
    """Together they give a body with all measures to a few millimetres, height and weight kept, without a new fit."""
    physique = draw_physique(np.random.default_rng(5))
    ordinary, other, shifts = shape_of(person), shape_of(person, physique), shifts_of_measures(person)
    spreads = np.array(physique.measures) / [SPREADS[name] for name in SHAPES]
    for part, most in (("vertices", 0.004), ("joint_heads", 0.004)):
        led = getattr(ordinary, part) + np.tensordot(spreads, getattr(shifts, part), 1)
        left, before = (getattr(other, part) - each for each in (led, getattr(ordinary, part)))
        rms, rms_before = (np.sqrt(((each - each.mean(axis=0)) ** 2).sum(axis=1).mean()) for each in (left, before))
        assert rms < min(most, 0.4 * rms_before)
    one = ordinary.vertices + shifts.vertices[list(SHAPES).index("waist")]
    assert height_m(one) == pytest.approx(person.height_cm / 100, abs=0.001)
    assert weight_kg(one) == pytest.approx(person.weight_kg, abs=0.3)


def test_a_body_whose_physique_is_told_leaves_nothing_open() -> None:
    """The patient's template may differ in all measures, that of a rendered patient in none."""
    template, rendered = build_template(PERSON), build_template(PERSON, with_measure("waist", 0.5))
    assert template.measure_names == tuple(SHAPES)
    assert template.vertex_shifts.shape == (len(SHAPES), *template.vertices.shape)
    assert template.head_shifts.shape == (len(SHAPES), *template.joint_heads.shape)
    assert rendered.measure_names == ()
    still = np.zeros((len(template.joint_names), 3))
    waist = template.posed(still, {"waist": 1.0})
    moved = template.vertices + template.vertex_shifts[template.measure_names.index("waist")]
    np.testing.assert_allclose(waist, moved, atol=1e-6)
    with pytest.raises(ValueError, match="waist"):
        rendered.posed(still, {"waist": 1.0})


def test_a_measure_moves_its_own_part() -> None:
    """A thicker calf is one of the lower leg, and the joints stay where they are."""
    surface, joints = differences().of(with_measure("calf", 1.0))
    faces = build_template(PERSON).faces
    moved = np.linalg.norm(surface, axis=1)[faces].max(axis=1) > 0.004
    assert {REGIONS[r].rsplit("_", 2)[0] for r in face_regions()[moved]} == {"lower_leg"}
    assert np.abs(joints).max() < 0.002
    assert np.abs(differences().of(with_measure("thigh_length", 1.0))[1]).max() > 0.05


def test_an_ordinary_physique_is_the_patient_s_template() -> None:
    """Nothing that differs is the template that everybody is given, from the cache."""
    ordinary, own = build_template(PERSON, Physique()), build_template(PERSON, with_measure("waist", 0.5))
    assert ordinary is build_template(PERSON)
    assert own.fingerprint != ordinary.fingerprint
    assert np.array_equal(own.canonical, ordinary.canonical)
    assert np.array_equal(own.regions, ordinary.regions)


def test_measures_that_are_not_all_are_an_error() -> None:
    """Neither too few nor such that are no number."""
    for wrong in ((0.1,), (float("nan"),) * len(SHAPES)):
        with pytest.raises(ValueError, match="measures"):
            replace(Physique(), measures=wrong)


def test_drawn_physiques_have_the_spreads_told() -> None:
    """Each measure has one, is none on average, and the same chance draws the same."""
    assert set(SPREADS) == set(SHAPES)
    drawn = np.array([draw_physique(np.random.default_rng(seed)).measures for seed in range(400)])
    spread = drawn.std(axis=0) / [SPREADS[name] for name in SHAPES]
    assert np.abs(spread - 0.88).max() < 0.15
    assert np.abs(drawn.mean(axis=0)).max() < 0.08
    assert draw_physique(np.random.default_rng(7)) == draw_physique(np.random.default_rng(7))


def test_they_are_kept_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anny is asked once."""
    known, asked = differences(), []
    monkeypatch.setenv("REEPI_CACHE", str(tmp_path))
    monkeypatch.setattr(module, "from_anny", lambda: asked.append(1) or known)
    fresh = differences.__wrapped__
    assert fresh() is known
    read: Differences = fresh()
    assert len(asked) == 1
    assert np.array_equal(read.surface, known.surface)
    assert np.array_equal(read.joints, known.joints)
