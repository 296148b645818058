"""The registrar turns a network's prediction into a registration, or says why it cannot."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
from doll import Shot, take

from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate
from reepi.core.correspondence import DensePrediction
from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph, TissueMap
from reepi.core.surface import NO_FACE
from reepi.core.tissue import Tissue
from reepi.core.views import VIEWS, View
from reepi.mapping.dense import correspondences_from_dense
from reepi.mapping.fit import fit_body
from reepi.mapping.registrar import NetworkRegistrar, check_cover, check_fit, explained_share
from reepi.mapping.registration import registration_from_pose

VIEW = VIEWS["whole_anterior"]

Network = Callable[[Photograph, View], DensePrediction]


def prediction(shot: Shot, sigma_m: float = 0.02) -> DensePrediction:
    """What a perfect network says of a photograph, on a grid of a quarter of its size."""
    small = take(shot.template, shot.camera.scaled((36, 27)), shot.pose).image
    corners = shot.template.canonical[shot.template.faces[small.faces]]
    points = np.einsum("hwc,hwcd->hwd", small.barycentric, corners).astype(np.float32)
    body = (small.faces != NO_FACE).astype(np.float32)
    return DensePrediction(points, np.full(body.shape, sigma_m, np.float32), body, 0.25, (0.0, 0.0))


def photograph(shot: Shot) -> Photograph:
    return Photograph(np.zeros((*shot.camera.size, 3), np.uint8), shot.camera.size)


def tissues(shot: Shot) -> TissueMap:
    return TissueMap.from_mask(np.where(shot.image.faces == NO_FACE, Tissue.BACKGROUND, Tissue.INTACT).astype(np.uint8))


def saying(answer: DensePrediction) -> Network:
    return lambda photograph, view: answer


def test_a_right_prediction_registers_the_photograph(shot: Shot) -> None:
    """Nearly every pixel of skin shows a face within a hand's breadth on the body of its true one."""
    register = NetworkRegistrar(saying(prediction(shot)))
    found = register(photograph(shot), tissues(shot), VIEW, shot.template)
    both = (found.faces != NO_FACE) & (shot.image.faces != NO_FACE)
    assert both.sum() > 0.95 * (shot.image.faces != NO_FACE).sum()
    centres = shot.template.vertices[shot.template.faces].mean(axis=1)
    gaps = np.linalg.norm(centres[found.faces[both]] - centres[shot.image.faces[both]], axis=1)
    assert np.percentile(gaps, 90) < 0.06
    assert found.camera["source"] == "network"


def test_the_network_is_told_the_view(shot: Shot) -> None:
    """The declared view settles left and right, front and back."""
    heard = []

    def network(photograph: Photograph, view: View) -> DensePrediction:
        heard.append(view)
        return prediction(shot)

    NetworkRegistrar(network)(photograph(shot), tissues(shot), VIEW, shot.template)
    assert heard == [VIEW]


def test_only_skin_gives_correspondences(shot: Shot) -> None:
    """Where the tissue network sees no skin, or the other network no body, nothing is used; covered skin is."""
    answer, left = prediction(shot), np.arange(shot.camera.size[1]) < 54
    mask = np.where(left, Tissue.COVERED, Tissue.BACKGROUND).astype(np.uint8)
    given = correspondences_from_dense(
        answer, TissueMap.from_mask(np.tile(mask, (shot.camera.size[0], 1))), shot.template
    )
    assert len(given) > 20
    assert (given.pixels[:, 0] < 54).all()
    columns, rows = answer.network_pixels(given.pixels).round().astype(int).T
    assert (answer.body[rows, columns] == 1).all()


def test_a_photograph_without_skin_is_rejected(shot: Shot) -> None:
    """There is nothing to place."""
    bed = TissueMap.from_mask(np.zeros(shot.camera.size, np.uint8))
    with pytest.raises(PhotographRejected, match="not_registered: only 0 of its pixels"):
        NetworkRegistrar(saying(prediction(shot)))(photograph(shot), bed, VIEW, shot.template)


def test_a_network_that_guesses_is_rejected(shot: Shot) -> None:
    """Points scattered over the body agree with no camera."""
    answer = prediction(shot)
    guess = np.random.default_rng(0).permutation(answer.points.reshape(-1, 3)).reshape(answer.points.shape)
    wild = DensePrediction(guess, answer.sigma, answer.body, answer.scale, answer.offset)
    with pytest.raises(PhotographRejected, match="not_registered"):
        NetworkRegistrar(saying(wild))(photograph(shot), tissues(shot), VIEW, shot.template)


@pytest.mark.parametrize(("residual_mm", "extent_mm", "passes"), [(40, 900, True), (50, 900, False), (40, 180, False)])
def test_the_gate_is_narrower_for_small_parts(shot: Shot, residual_mm: float, extent_mm: float, passes: bool) -> None:
    """Four centimetres are borne on a trunk, not on a hand; five nowhere."""
    fit = fit_body(shot.correspondences.part(np.arange(0, 1000, 5)), VIEW, shot.template, shot.camera.size)
    uncertain = replace(fit, offset_mm=residual_mm, spread_mm=0.0, extent_mm=extent_mm)
    with nullcontext() if passes else pytest.raises(PhotographRejected, match="uncertain by"):
        check_fit(uncertain, VIEW)


def test_a_body_beside_the_skin_is_rejected(shot: Shot) -> None:
    """The registered body must cover three quarters of what is skin in the photograph."""
    registration = registration_from_pose(shot.camera, shot.pose, shot.template, 1.0)
    check_cover(registration, tissues(shot), VIEW)
    with pytest.raises(PhotographRejected, match="covers only"):
        check_cover(registration, TissueMap.from_mask(np.ones(shot.camera.size, np.uint8)), VIEW)


def test_explained_share_counts_skin_on_the_body(doll: BodyTemplate, front: Camera, shot: Shot) -> None:
    """All of the true skin lies on the true body; of a photograph that is all skin, only the body's part."""
    registration = registration_from_pose(shot.camera, shot.pose, doll, 1.0)
    everywhere = TissueMap.from_mask(np.ones(front.size, np.uint8))
    assert explained_share(registration, tissues(shot)) == 1
    assert explained_share(registration, everywhere) == pytest.approx((registration.faces != NO_FACE).mean())
    assert explained_share(registration, TissueMap.from_mask(np.zeros(front.size, np.uint8))) == 0
