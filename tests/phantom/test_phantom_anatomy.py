"""Bones, furrows, navel, nipples and hair tell the front of a body from its back."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from reepi.core.regions import REGIONS
from reepi.core.study import Patient
from reepi.core.surface import NO_FACE
from reepi.core.tissue import Tissue
from reepi.phantom.anatomy import PATELLA, SACRAL_DIMPLE, draw_anatomy
from reepi.phantom.body_hair import ARMPIT_M, HIDING, draw_body_hair
from reepi.phantom.face_cloth import with_face_cloth
from reepi.phantom.features import NAVEL_M, NIPPLE_M, draw_features
from reepi.phantom.framing import Framing
from reepi.phantom.noise import Floats
from reepi.phantom.patients import PhantomPatient, on_day
from reepi.phantom.rendering import render_photograph
from reepi.phantom.scene import draw_scene

MAN, WOMAN = Patient("M", "M", 30, 180, 70), Patient("W", "F", 30, 165, 60)


def _at(places: list[tuple[float, float, float]], region: str) -> tuple[Floats, npt.NDArray[np.int8]]:
    return np.array(places, np.float32), np.full(len(places), REGIONS.index(region), np.int8)


def test_spine_is_a_furrow_of_the_back_alone() -> None:
    """Between the shoulder blades the back sinks in at the midline, between its vertebrae."""
    anatomy = replace(draw_anatomy(np.random.default_rng(0), 22), vertebra_m=0.0, rib_m=0.0)
    back = anatomy.height_m(*_at([(0.0, 0.06, 1.35), (0.05, 0.06, 1.35)], "trunk_posterior"))
    assert back[0] == pytest.approx(-anatomy.spine_m, abs=1e-4)
    assert back[1] == pytest.approx(0, abs=1e-4)
    front = anatomy.height_m(*_at([(0.0, -0.15, 1.35)], "trunk_anterior"))
    assert front[0] == pytest.approx(-anatomy.linea_m, abs=1e-4)


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_kneecap_is_in_front_and_the_fold_behind(side: float) -> None:
    """The patella stands out in front of either knee; behind it lies a fold."""
    anatomy = draw_anatomy(np.random.default_rng(1), 22)
    region = "thigh_left_anterior" if side > 0 else "thigh_right_anterior"
    front = anatomy.height_m(*_at([(side * PATELLA[0], -0.09, PATELLA[1])], region))
    behind = anatomy.height_m(*_at([(side * 0.15, 0.03, 0.526)], region.replace("anterior", "posterior")))
    assert front[0] > 0.5 * anatomy.patella_m
    assert behind[0] < -0.5 * anatomy.fold_m


def test_dimples_lie_over_the_sacrum() -> None:
    """They are seen whether the skin there counts as back or as buttock."""
    anatomy = replace(draw_anatomy(np.random.default_rng(2), 22), dimple_m=0.003)
    for region in ("trunk_posterior", "buttock_left"):
        depth = anatomy.height_m(*_at([(SACRAL_DIMPLE[0], 0.07, SACRAL_DIMPLE[1])], region))
        assert depth[0] < -0.0015


def test_bones_show_more_in_the_lean() -> None:
    """On average over patients, at a body mass index of 19 against 36 kg/m²."""

    def mean(bmi: float) -> float:
        return float(np.mean([draw_anatomy(np.random.default_rng(seed), bmi).clavicle_m for seed in range(40)]))

    assert mean(19) > 3 * mean(36)


def test_navel_sinks_in_and_nipples_stand_out() -> None:
    """Both are darker than the skin around them."""
    features = draw_features(np.random.default_rng(3), WOMAN)
    points, regions = _at([NAVEL_M, NIPPLE_M, (0.05, -0.14, 1.2)], "trunk_anterior")
    detail = features.at(points, regions, 2.0)
    assert detail.height_m[0] < -0.002
    assert detail.height_m[1] > 0.0008
    assert detail.melanin[0] > detail.melanin[2] < detail.melanin[1]


def test_hair_grows_where_it_grows() -> None:
    """Pubes and armpits of whoever has hair there, the chest of men, and never the palms."""
    hair = replace(
        draw_body_hair(np.random.default_rng(4), MAN), pubis=1.0, armpits=1.0, chest=0.5, back=0.0, forearms=0.3
    )
    grown = hair.thickness(
        *_at([(0.0, -0.12, 0.95), ARMPIT_M, (0.03, -0.14, 1.35), (0.0, 0.05, 1.2)], "trunk_anterior")
    )
    assert (grown[:3] > 0.02).all()
    assert grown[3] == 0
    assert hair.thickness(*_at([(0.45, -0.2, 1.15)], "hand_left_palmar"))[0] == 0


def test_women_have_no_hair_on_the_chest() -> None:
    """Nor on the back."""
    for seed in range(20):
        hair = draw_body_hair(np.random.default_rng(seed), WOMAN)
        assert hair.chest == hair.back == 0


def test_thick_hair_covers_skin(phantom: PhantomPatient, framing: Framing) -> None:
    """Skin under pubic hair counts as covered and keeps its face."""
    rng = np.random.default_rng(6)
    subject = on_day(phantom, -2, rng, 0, clothed=False)
    scene = draw_scene(rng, phantom.template, "pelvis_anterior", framing, tidy=True)
    shares = []
    for pubis in (0.0, 1.2):
        body = replace(subject.hair.body, pubis=pubis)
        bearer = replace(subject, hair=replace(subject.hair, body=body))
        taken = render_photograph(bearer, scene, np.random.default_rng(0))
        covered = taken.mask == Tissue.COVERED
        assert (taken.faces[covered] != NO_FACE).all()
        shares.append(covered.mean())
    assert shares[1] > shares[0] + 0.005
    assert 0 < HIDING < 1


def test_cloth_hides_the_face_and_nothing_where_there_is_none(phantom: PhantomPatient, framing: Framing) -> None:
    """Who looks at the back of a leg sees no cloth."""
    rng = np.random.default_rng(7)
    subject = on_day(phantom, 0, rng, 0, clothed=False)
    scene = draw_scene(rng, phantom.template, "head_anterior", framing, tidy=True)
    bare = render_photograph(subject, scene, np.random.default_rng(0))
    cloth = with_face_cloth(np.random.default_rng(1), scene, phantom.template)
    hidden = render_photograph(subject, cloth, np.random.default_rng(0))
    head = np.append(phantom.template.regions == REGIONS.index("head_anterior"), False)
    assert head[hidden.faces].sum() < 0.6 * head[bare.faces].sum()
    leg = draw_scene(rng, phantom.template, "leg_left_posterior", framing, tidy=True)
    assert with_face_cloth(np.random.default_rng(1), leg, phantom.template) is leg
