"""Anchors cover the skin evenly and know what lies next to them along it."""

import numpy as np

from reepi.body.mirror import face_mirror
from reepi.body.template import reference_template
from reepi.core.regions import REGIONS
from reepi.model.anchors import N_ANCHORS, N_NEAR, surface_anchors


def test_every_face_of_skin_is_near_an_anchor() -> None:
    """No skin is farther from its anchor than a hand is long, and every anchor stands for some."""
    anchors, template = surface_anchors(), reference_template()
    centres = template.canonical[template.faces].mean(axis=1)
    gap = np.linalg.norm(anchors.points[anchors.of_face] - centres, axis=1)[template.skin]
    assert gap.max() < 0.18
    assert (np.bincount(anchors.of_face[template.skin], minlength=N_ANCHORS) > 0).all()


def test_hands_have_finer_anchors_than_trunks() -> None:
    """Where a centimetre matters more, anchors lie closer."""
    anchors, template = surface_anchors(), reference_template()
    reach = {
        region: anchors.reach_m[np.unique(anchors.of_face[template.regions == REGIONS.index(region)])].mean()
        for region in ("hand_left_palmar", "trunk_anterior")
    }
    assert reach["hand_left_palmar"] < reach["trunk_anterior"] / 2


def test_a_neighbourhood_begins_with_its_anchor_and_stays_on_its_side() -> None:
    """Distances go along the skin: what lies next to the left foot is on the left leg."""
    anchors, template = surface_anchors(), reference_template()
    assert anchors.near.shape == (N_ANCHORS, N_NEAR)
    assert np.array_equal(anchors.near[:, 0], np.arange(N_ANCHORS))
    feet = np.unique(anchors.of_face[template.regions == REGIONS.index("foot_left_dorsal")])
    assert (anchors.points[anchors.near[feet], 0] > 0).all()


def test_mirrored_faces_have_mirrored_anchors_nearby() -> None:
    """The anchors are not symmetric, but the mirror image of a face's anchor is near its mirrored face's anchor."""
    anchors, template = surface_anchors(), reference_template()
    there = anchors.points[anchors.of_face[face_mirror()]]
    gap = np.linalg.norm(there - anchors.points[anchors.of_face] * [-1, 1, 1], axis=1)[template.skin]
    assert np.median(gap) < 0.12
