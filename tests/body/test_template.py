"""The body template has the patient's size, one region a face, and moves like a body."""

import dataclasses
import gc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.body.articulation import ARTICULATIONS, limit_rad, mirrored, rotations
from reepi.body.mirror import face_mirror
from reepi.body.template import BodyTemplate, build_template, kept_with_body, reference_template
from reepi.core.regions import NO_REGION, REGIONS, lund_browder_shares, mirrored_region
from reepi.core.study import Patient
from reepi.core.surface import NO_FACE

N_SKIN_LIKE = 24_000
"""The template has about 27,400 faces, of which about nine in ten are skin."""


@pytest.fixture(scope="module")
def template() -> BodyTemplate:
    return reference_template()


def height_and_weight(template: BodyTemplate) -> tuple[float, float]:
    """Stature [cm] and weight [kg] by the divergence theorem at 0.985 kg/l, written apart from the package."""
    a, b, c = (template.vertices[template.faces[:, i]] for i in range(3))
    litres = abs(np.linalg.det(np.stack([a, b, c], axis=1)).sum()) / 6 * 1000
    return float(np.ptp(template.vertices[:, 2]) * 100), float(litres * 0.985)


@pytest.mark.parametrize(
    ("sex", "age", "height_cm", "bmi"),
    [("M", 45, 176, 16), ("F", 30, 163, 16), ("F", 50, 163, 27), ("M", 60, 176, 38), ("F", 45, 160, 38)],
)
def test_adults_have_their_height_and_weight(sex: str, age: float, height_cm: float, bmi: float) -> None:
    """Height is met within 1 cm and weight within 1 kg from BMI 16 to 38."""
    weight_kg = bmi * (height_cm / 100) ** 2
    built = build_template(Patient("p", sex, age, height_cm, weight_kg))  # type: ignore[arg-type]
    height, weight = height_and_weight(built)
    assert height == pytest.approx(height_cm, abs=1)
    assert weight == pytest.approx(weight_kg, abs=1)


TEN_BODIES = [
    ("F", 8, 128, 26),
    ("M", 4, 103, 17),
    ("M", 15, 168, 56),
    ("F", 20, 170, 80),
    ("M", 30, 180, 52),
    ("F", 35, 165, 43.6),
    ("M", 40, 176, 76),
    ("F", 45, 165, 103.5),
    ("M", 70, 172, 58),
    ("F", 80, 158, 45),
]


@pytest.mark.parametrize(("sex", "age", "height_cm", "weight_kg"), TEN_BODIES)
def test_area_agrees_with_du_bois(sex: str, age: float, height_cm: float, weight_kg: float) -> None:
    """Ten bodies, child to elder and thin to obese, have the body surface of Du Bois & Du Bois within 4 %."""
    built = build_template(Patient("p", sex, age, height_cm, weight_kg))  # type: ignore[arg-type]
    assert built.area_m2 == pytest.approx(0.007184 * weight_kg**0.425 * height_cm**0.725, rel=0.04)


def test_a_body_that_cannot_be_is_refused() -> None:
    """An adult of 200 cm and 30 kg has no template, and the error says what to check."""
    with pytest.raises(ValueError, match="height_cm and weight_kg"):
        build_template(Patient("p", "M", 40, 200, 30))


def test_every_skin_face_has_one_region(template: BodyTemplate) -> None:
    """All 33 regions exist; only eyes and mouth have none; what is not skin has no area."""
    assert set(np.unique(template.regions)) == {NO_REGION, *range(len(REGIONS))}
    assert template.skin.sum() > N_SKIN_LIKE
    assert (template.areas_cm2[~template.skin] == 0).all()
    assert (template.areas_cm2[template.skin] > 0).all()


def test_regions_of_pixels_follow_their_faces(template: BodyTemplate) -> None:
    """No face and faces that are no skin have no region."""
    skin, eye = np.flatnonzero(template.skin)[0], np.flatnonzero(~template.skin)[0]
    found = template.regions_at(np.array([[skin, NO_FACE], [eye, template.n_faces - 1]], np.int32))
    assert found.tolist() == [[template.regions[skin], NO_REGION], [NO_REGION, template.regions[-1]]]


def test_regions_are_mirror_images(template: BodyTemplate) -> None:
    """The mirror image of a left face lies in the right region, and mirroring twice changes nothing."""
    mirror = face_mirror()
    assert (mirror[mirror] == np.arange(template.n_faces)).all()
    names = np.array([*REGIONS, "none"])
    other = np.array([*(mirrored_region(name) for name in REGIONS), "none"])
    assert (names[template.regions[mirror]] == other[template.regions]).all()


def test_regions_are_whole(template: BodyTemplate) -> None:
    """At least 99.9 % of a region's skin hangs together: no region is scattered."""
    import scipy.sparse as sparse
    import trimesh

    pairs = trimesh.graph.face_adjacency(faces=template.faces)
    same = template.regions[pairs[:, 0]] == template.regions[pairs[:, 1]]
    a, b = pairs[same].T
    graph = sparse.coo_matrix((np.ones(len(a)), (a, b)), shape=(template.n_faces,) * 2)
    _, piece = sparse.csgraph.connected_components(graph, directed=False)
    for i, name in enumerate(REGIONS):
        inside = template.regions == i
        areas = np.bincount(piece[inside], template.areas_cm2[inside])
        assert areas.max() / areas.sum() > 0.999, name


@pytest.mark.parametrize("table", ["patient", "lund-browder"])
@pytest.mark.parametrize("age", [0.5, 7, 40])
def test_shares_add_up_to_the_whole_body(template: BodyTemplate, table: str, age: float) -> None:
    """Shares of all faces add up to 100 % BSA."""
    assert template.shares(table, age).sum() == pytest.approx(100, abs=1e-9)  # type: ignore[arg-type]


def test_lund_browder_shares_are_the_charts(template: BodyTemplate) -> None:
    """With the chart's table, each region has the share that the chart prints."""
    shares = template.shares("lund-browder", 40)
    for i, name in enumerate(REGIONS):
        assert shares[template.regions == i].sum() == pytest.approx(lund_browder_shares(40)[name], abs=1e-9)


def test_adult_regions_resemble_the_chart(template: BodyTemplate) -> None:
    """Every part of the average adult, front and back together, is within 2.5 % BSA of Lund and Browder's."""
    shares = template.shares("patient", 25)
    own = {name: shares[template.regions == i].sum() for i, name in enumerate(REGIONS)}
    chart = lund_browder_shares(25)
    for part in ("head", "neck", "trunk", "upper_arm_left", "forearm_left", "hand_left", "thigh_left", "foot_left"):
        names = [name for name in REGIONS if name.startswith(part)]
        assert sum(own[n] for n in names) == pytest.approx(sum(chart[n] for n in names), abs=2.5), part


def test_no_rotation_no_movement(template: BodyTemplate) -> None:
    """The neutral pose is the neutral body."""
    still = template.posed(np.zeros((len(template.joint_names), 3)))
    assert np.abs(still - template.vertices).max() < 1e-12


def test_turning_the_root_turns_the_whole_body(template: BodyTemplate) -> None:
    """A quarter turn about z at the root turns every point about the root's axis and keeps all areas."""
    turn = np.zeros((len(template.joint_names), 3))
    turn[0, 2] = np.pi / 2
    from_root = template.vertices - template.joint_heads[0]
    expected = np.stack([-from_root[:, 1], from_root[:, 0], from_root[:, 2]], axis=1) + template.joint_heads[0]
    assert np.abs(template.posed(turn) - expected).max() < 1e-9


@settings(max_examples=10)
@given(
    name=st.sampled_from([n for n in ARTICULATIONS if n.endswith("_left")]),
    angle=st.tuples(*[st.floats(-0.5, 0.5)] * 3),
)
def test_mirrored_pose_is_the_mirror_image(name: str, angle: tuple[float, float, float]) -> None:
    """Posing the mirrored angles gives the mirror image of the posed body."""
    template = reference_template()
    posed = template.posed(rotations(template, {name: angle}))
    other = template.posed(rotations(template, mirrored({name: angle})))
    centres = posed[template.faces].mean(axis=1)
    across = other[template.faces].mean(axis=1)[face_mirror()] * [-1, 1, 1]
    assert np.abs(centres - across).max() < 1e-3


def test_limits_exist_for_every_articulation() -> None:
    """Every articulation has a range of motion."""
    assert all(0 < limit_rad(name) < np.pi for name in ARTICULATIONS)


def test_a_spoilt_cache_is_built_anew(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cached template cut short by a killed process is replaced, not trusted."""
    from reepi.body import template as module

    monkeypatch.setenv("REEPI_CACHE", str(tmp_path))
    module._read_or_built.cache_clear()
    patient = Patient("p", "M", 25, 176, 72)
    first = build_template(patient)
    (file,) = module.cache_folder("templates").glob("*.npz")
    file.write_bytes(file.read_bytes()[:1000])
    module._read_or_built.cache_clear()
    assert (build_template(patient).vertices == first.vertices).all()
    module._read_or_built.cache_clear()


def test_what_is_kept_with_a_body_goes_with_it(template: BodyTemplate) -> None:
    """It is worked out once for each body and question, and holds no body in memory."""
    asked: list[float] = []

    @kept_with_body
    def larger(body: BodyTemplate, factor: float = 1.0) -> np.ndarray:
        """Return the vertices, enlarged."""
        asked.append(factor)
        return body.vertices * factor

    body = dataclasses.replace(template)
    assert larger(body, 2.0) is larger(body, 2.0)
    assert larger(body, factor=3.0)[0, 0] == pytest.approx(3 * body.vertices[0, 0])
    assert larger(template, 2.0) is not larger(body, 2.0)
    assert asked == [2.0, 3.0, 2.0]
    gone = weakref.ref(body)
    del body
    gc.collect()
    assert gone() is None
