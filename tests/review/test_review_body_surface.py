"""The body to turn around is the template's, upright, not mirrored, in the chart's colours."""

import numpy as np
import pytest

from reepi.body.template import reference_template
from reepi.core.regions import REGIONS
from reepi.core.surface import SurfaceMap
from reepi.core.tissue import COLOURS, UNLABELLED, Tissue
from reepi.review.body_surface import BodySurface, body_surface


@pytest.fixture(scope="module")
def drawn() -> BodySurface:
    return body_surface(reference_template(), chest(Tissue.DETACHED))


def chest(tissue: Tissue) -> SurfaceMap:
    """Return a body that is intact but for its chest and belly."""
    template = reference_template()
    shares = np.zeros((template.n_faces, len(Tissue)), np.float32)
    shares[:, Tissue.INTACT] = 1
    shares[template.regions == REGIONS.index("trunk_anterior")] = np.eye(len(Tissue), dtype=np.float32)[tissue]
    return SurfaceMap.of_shares(shares, np.ones(template.n_faces, np.float32), np.zeros(template.n_faces, np.float32))


def middle(drawn: BodySurface, region: str) -> np.ndarray:
    """Return depth, down and across of the middle of a region [cm]."""
    faces = reference_template().regions == REGIONS.index(region)
    return np.asarray(drawn.vertices[drawn.triangles[faces]].mean(axis=(0, 1)))


def test_triangles_are_the_templates_faces(drawn: BodySurface) -> None:
    """In their order, in centimetres."""
    template = reference_template()
    for vertices, faces, scale in ((template.vertices, template.faces, 100), (drawn.vertices, drawn.triangles, 1)):
        a, b, c = (scale * vertices[faces]).transpose(1, 0, 2)
        areas = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
        np.testing.assert_allclose(areas[template.skin], template.areas_cm2[template.skin], rtol=1e-2, atol=1e-3)


def test_the_body_stands_upright_and_faces_the_viewer(drawn: BodySurface) -> None:
    """Depth grows towards the viewer, down to the feet, across to the patient's left."""
    assert middle(drawn, "trunk_anterior")[0] > middle(drawn, "trunk_posterior")[0]
    assert middle(drawn, "head_anterior")[1] < middle(drawn, "foot_left_dorsal")[1]
    assert middle(drawn, "hand_left_dorsal")[2] > middle(drawn, "hand_right_dorsal")[2]
    assert drawn.vertices[:, 1].min() == 0


def test_the_outside_is_outside(drawn: BodySurface) -> None:
    """Wound as the template, the body encloses a man's volume of some 70 litres."""
    a, b, c = drawn.vertices[drawn.triangles].astype(float).transpose(1, 0, 2)
    litres = np.einsum("ij,ij->", a, np.cross(b, c)) / 6 / 1000
    assert 50 < litres < 90


def test_a_face_has_the_colour_of_the_chart(drawn: BodySurface) -> None:
    """All three corners of it."""
    colours = drawn.colours.reshape(-1, 3, 4)
    trunk = reference_template().regions == REGIONS.index("trunk_anterior")
    assert (colours[trunk] * 255).round().astype(int)[..., :3].reshape(-1, 3).tolist() == [
        list(COLOURS[Tissue.DETACHED])
    ] * (3 * int(trunk.sum()))
    assert (colours[..., 3] == 1).all()


def test_what_a_reader_painted_is_shown_over_the_result() -> None:
    """On skin; eyes stay eyes, and what was not painted is the result."""
    template = reference_template()
    painted = np.full(template.n_faces, UNLABELLED, np.uint8)
    painted[template.regions == REGIONS.index("hand_left_dorsal")] = Tissue.COVERED
    painted[~template.skin] = Tissue.COVERED
    plain = body_surface(template, chest(Tissue.DETACHED)).colours[::3]
    over = body_surface(template, chest(Tissue.DETACHED), painted).colours[::3]
    changed = (plain != over).any(axis=1)
    assert (changed == (template.regions == REGIONS.index("hand_left_dorsal"))).all()
