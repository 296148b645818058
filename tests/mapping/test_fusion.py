"""A visit's photographs together: skin seen twice counts once, whatever their order."""

import doll as doll_module
import numpy as np
import pytest
from doll import Shot, take
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate
from reepi.core.images import TissueMap
from reepi.core.surface import NO_FACE, Origin, SurfaceMap
from reepi.core.tissue import ASSESSED, Tissue
from reepi.mapping.fusion import averaged, fuse
from reepi.mapping.projection import project_onto_faces
from reepi.mapping.registration import registration_from_pose


def random_map(seed: int, faces: int = 30) -> SurfaceMap:
    rng = np.random.default_rng(seed)
    seen = np.where(rng.random(faces) < 0.6, rng.random(faces), 0).astype(np.float32)
    shown = seen > 0
    tissue = np.where(shown[:, None], rng.dirichlet(np.full(len(Tissue), 0.3), faces), 0).astype(np.float32)
    belief = np.where(shown[:, None], rng.dirichlet(np.full(len(Tissue), 0.3), faces), 0).astype(np.float32)
    residual = np.where(shown, rng.uniform(1, 40, faces), 0).astype(np.float32)
    variance = np.where(shown[:, None], rng.uniform(0, 0.1, (faces, len(ASSESSED) + 1)), 0).astype(np.float32)
    return SurfaceMap(tissue, seen, residual, belief, variance=variance)


def plain_map(tissue: Tissue, seen: float, residual_mm: float) -> SurfaceMap:
    """One face of one tissue."""
    shares = np.zeros((1, len(Tissue)), np.float32)
    shares[0, tissue] = seen > 0
    return SurfaceMap.of_shares(shares, np.array([seen], np.float32), np.array([residual_mm], np.float32))


def same(one: SurfaceMap, other: SurfaceMap) -> bool:
    names = ("tissue", "seen", "residual_mm", "belief", "variance")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


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


def read_map(tissue: Tissue, seen: float, residual_mm: float) -> SurfaceMap:
    """One face as a reader labelled it."""
    return plain_map(tissue, seen, residual_mm).said_by(Origin.READING)


def test_what_a_reader_tells_silences_every_proposal() -> None:
    """Also that of a much surer photograph, as long as the reader's is worth hearing."""
    fused = fuse([read_map(Tissue.INTACT, 1, 15), plain_map(Tissue.DETACHED, 1, 5)])
    assert fused.open == pytest.approx([0])
    assert fused.origin[0] == Origin.READING


@pytest.mark.parametrize("silent", [read_map(Tissue.BACKGROUND, 1, 5), read_map(Tissue.DETACHED, 0.2, 5)])
def test_where_a_reader_tells_nothing_of_the_skin_other_photographs_speak(silent: SurfaceMap) -> None:
    """Background in one photograph, or a sliver that was labelled, does not unmake what another shows."""
    fused = fuse([silent, plain_map(Tissue.INTACT, 1, 6)])
    assert fused.seen == pytest.approx([1])
    assert fused.tissue[0, Tissue.INTACT] > 0.7


def test_who_is_not_worth_hearing_did_not_decide() -> None:
    """A reading at the edge of a limb is no reading of what another photograph shows well; nor is its background."""
    proposal = plain_map(Tissue.INTACT, 1, 3)
    for read in (read_map(Tissue.DETACHED, 1, 30), read_map(Tissue.BACKGROUND, 1, 3)):
        assert fuse([read, proposal]).origin[0] == Origin.PROPOSAL
    assert fuse([read_map(Tissue.BACKGROUND, 1, 3)]).origin[0] == Origin.READING


def test_a_reader_who_labelled_nothing_of_a_face_does_not_halve_another() -> None:
    """Who labelled less says less; who says background of it differs."""
    whole, sliver = read_map(Tissue.DETACHED, 1, 5), read_map(Tissue.INTACT, 0.25, 5)
    alone = averaged([whole, SurfaceMap.unseen(1)])
    assert same(alone, whole)
    assert alone.origin[0] == Origin.READING
    assert averaged([whole, sliver]).open == pytest.approx([0.8])
    assert averaged([whole, read_map(Tissue.BACKGROUND, 1, 5)]).open == pytest.approx([0.5])


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


LESION = np.array([[-0.09, -0.2, 1.0], [0.09, -0.1, 1.35]])
"""Corners of a box that cuts the lesion out of the doll's chest [m]."""


def chest_camera(x: float) -> Camera:
    """From a metre and a half in front of the chest, upright; the picture is about 30 cm wide there."""
    return Camera.looking_at(np.array([x, 0, 1.2]), np.array([x, -1.5, 1.2]), 500.0, (240, 112))


def seen_by(template: BodyTemplate, camera: Camera, slip_m: float = 0.0, residual_mm: float = 5.0) -> SurfaceMap:
    """Photograph the lesion and lay it on the doll with the camera a little beside its place."""
    shot = take(template, camera, {})
    beside = Camera(camera.focal_px, camera.size, camera.rotation, camera.position + np.array([slip_m, 0, 0]))
    registration = registration_from_pose(beside, {}, template, residual_mm)
    return project_onto_faces(registration, lesion_mask(shot), template)


def lesion_mask(shot: Shot) -> TissueMap:
    image, template = shot.image, shot.template
    corners = template.vertices[template.faces[image.faces]]
    points = np.einsum("hwc,hwcd->hwd", image.barycentric, corners)
    inside = ((points >= LESION[0]) & (points <= LESION[1])).all(axis=2)
    mask = np.where(inside, Tissue.DETACHED, Tissue.INTACT)
    return TissueMap.from_mask(np.where(image.faces == NO_FACE, Tissue.BACKGROUND, mask).astype(np.uint8))


def open_cm2(template: BodyTemplate, surface: SurfaceMap) -> float:
    return float(template.areas_cm2 @ surface.open)


@pytest.fixture(scope="module")
def fine() -> BodyTemplate:
    """A doll with faces of a square centimetre on its trunk, as the body template has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doll_module, "SIDES", 60)
        patch.setattr(doll_module, "RINGS", 45)
        return doll_module.build_doll()


@pytest.fixture(scope="module")
def lesion_cm2(fine: BodyTemplate) -> float:
    """Area of the lesion, at a hundred points on each face."""
    weights = np.random.default_rng(0).dirichlet([1.0, 1.0, 1.0], 100)
    points = np.einsum("sc,fcd->fsd", weights, fine.vertices[fine.faces])
    inside = ((points >= LESION[0]) & (points <= LESION[1])).all(axis=2)
    return float(fine.areas_cm2 @ inside.mean(axis=1))


@pytest.mark.parametrize("apart", [0.06, 0.1, 0.14])
def test_a_lesion_over_a_seam_is_measured_whole_wherever_the_seam_lies(
    fine: BodyTemplate, lesion_cm2: float, apart: float
) -> None:
    """Two photographs, each of which cuts the lesion off: within 3 % of its area, and what both show counts once."""
    maps = [seen_by(fine, chest_camera(x)) for x in (-apart, apart)]
    parts = [open_cm2(fine, each) for each in maps]
    assert max(parts) < 0.97 * lesion_cm2 or apart < 0.1
    assert open_cm2(fine, fuse(maps)) == pytest.approx(lesion_cm2, rel=0.03)
    assert open_cm2(fine, fuse(maps)) <= sum(parts) + 1e-6


@pytest.mark.parametrize("slip_m", [-0.01, 0.01])
def test_a_photograph_beside_its_place_changes_a_lesion_over_the_seam_by_its_slip_at_most(
    fine: BodyTemplate, lesion_cm2: float, slip_m: float
) -> None:
    """Only its one edge moves, by the slip over the cosine of the chest's slant there; the seam adds no second one."""
    maps = [seen_by(fine, chest_camera(-0.1)), seen_by(fine, chest_camera(0.1), slip_m)]
    true = fuse([seen_by(fine, chest_camera(x)) for x in (-0.1, 0.1)])
    edge_cm2 = 1e4 * abs(slip_m) * (LESION[1, 2] - LESION[0, 2]) / np.sqrt(1 - (LESION[1, 0] / 0.15) ** 2)
    assert abs(open_cm2(fine, fuse(maps)) - open_cm2(fine, true)) <= 1.1 * edge_cm2
    assert edge_cm2 < 0.1 * lesion_cm2


def test_the_same_lesion_in_two_whole_photographs_counts_once(fine: BodyTemplate) -> None:
    """Near and far, straight and aslant: the area stays between those of the two."""
    near = seen_by(fine, Camera.looking_at(np.array([0, 0, 1.2]), np.array([0, -1.5, 1.2]), 400.0, (240, 240)))
    aslant = seen_by(fine, Camera.looking_at(np.array([0, 0, 1.2]), np.array([1.2, -2.0, 1.3]), 400.0, (240, 240)))
    areas = sorted(open_cm2(fine, each) for each in (near, aslant))
    assert areas[0] * 0.98 <= open_cm2(fine, fuse([near, aslant])) <= areas[1] * 1.02


def test_weights_prefer_the_straight_the_near_and_the_sure(fine: BodyTemplate) -> None:
    """On a face of the chest the error grows with the angle, the distance and the residual, so the weight falls."""
    target = np.array([0, 0, 1.2])

    def error_of(position: tuple[float, float, float], residual_mm: float) -> float:
        camera = Camera.looking_at(target, np.array(position), 400.0, (240, 240))
        surface = seen_by(fine, camera, residual_mm=residual_mm)
        middle = fine.vertices[fine.faces].mean(axis=1)
        face = int(np.argmin(np.linalg.norm(middle - [0, -0.15, 1.2], axis=1)))
        return float(surface.residual_mm[face])

    straight = error_of((0, -1.5, 1.2), 5)
    assert straight < error_of((1.2, -0.9, 1.2), 5)
    assert straight < error_of((0, -4.0, 1.2), 5)
    assert error_of((0, -1.5, 1.2), 10) == pytest.approx(2 * straight, rel=0.2)
