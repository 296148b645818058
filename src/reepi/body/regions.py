"""The 33 regions, cut on the reference adult's neutral body by anatomical planes.

All bodies share one topology, so the cut is made once, on the reference adult, and holds for every patient. Coordinates
are those of the reference body [m]: x to the patient's left, y to the back, z up. The mesh is its own mirror image: the
left half is cut, the right half follows.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from reepi.body.anatomy import BodyShape, body_shape
from reepi.body.body_model import Topology, body_model
from reepi.body.mirror import neighbours
from reepi.core.regions import NO_REGION, REGIONS

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MID_LATERAL_Y: Final = -0.03
"""The mid-axillary line, which parts front from back of trunk and hips."""

EAR_LINE_Y: Final = -0.035
"""Frontal plane before the ears' back edge; front of it the head is anterior."""

NECK_BASE: Final = (1.522, 0.5, 0.42)
"""Neck above z = base + slope_y (y - MID_LATERAL_Y) + slope_x |x|: suprasternal notch to seventh cervical vertebra."""

JAW: Final = (1.627, 0.16)
"""Head above z = base + slope_y (y - EAR_LINE_Y): under the chin, below the ear lobe, base of the occiput."""

GROIN: Final = (0.855, 0.85, 0.985)
"""Front of the thigh ends below z = base + slope |x|, capped: the inguinal ligament, spine of the ilium to pubis."""

GLUTEAL_FOLD_Z: Final = 0.872
ILIAC_CREST_Z: Final = 1.062
"""Lower and upper border of the buttocks."""

PUBIS: Final = (0.062, 0.965)
"""Half width and upper border of the genital region in front."""

PERINEUM_HALF_WIDTH: Final = 0.034
PERINEUM_TOP_Z: Final = 0.905
"""The genital region between the thighs."""

MALLEOLI_Z: Final = 0.085
"""Ankle: the foot below."""

SOLE_Z: Final = 0.03
"""Skin of the foot that looks down below this height is plantar."""

SMOOTHING_ROUNDS: Final = 8
"""How often a face takes the region that most of its neighbours have; straightens borders by a face or two."""


@dataclass(frozen=True)
class _Half:
    """Face centres and normals with the right half mirrored onto the left, and the left side's joints."""

    centres: Floats
    normals: Floats
    joints: dict[str, Floats]
    limb: npt.NDArray[np.str_]


@cache
def reference_body() -> BodyShape:
    """Return the reference adult: between the sexes, 25 years, middle of every scale."""
    return body_shape(male=0.5, age=2 / 3, muscle=0.5, weight=0.5, height=0.5)


@cache
def face_regions() -> npt.NDArray[np.int8]:
    """Return the region of every face, (F,): an index in `REGIONS`, or `NO_REGION` where it is not skin."""
    shape, top = reference_body(), body_model().topology
    half = _left_half(shape, top)
    names = _left_names(half)
    right = shape.vertices[top.faces].mean(axis=1)[:, 0] < 0
    names[right] = np.char.replace(names[right], "_left", "_right")
    names = np.array([_sided(name, is_right) for name, is_right in zip(names, right, strict=True)])
    index = {name: i for i, name in enumerate(REGIONS)}
    regions = np.array([index[name] for name in names], np.int8)
    regions[~top.skin] = NO_REGION
    beside = neighbours(top.faces)
    return _without_islands(_straightened(regions, beside), beside)


def _sided(name: str, is_right: bool) -> str:
    return str(name.replace("_left", "_right") if is_right else name)


def _left_half(shape: BodyShape, top: Topology) -> _Half:
    corners = shape.vertices[top.faces]
    normals = _over_quads(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-18)
    centres = _over_quads(corners.mean(axis=1))
    flip = np.where(centres[:, :1] < 0, [[-1.0, 1.0, 1.0]], 1.0)
    joints = {n.removesuffix(".L"): p for n, p in zip(top.joint_names, shape.joint_heads, strict=True)}
    return _Half(centres * flip, normals * flip, joints, _dominant_bone(top))


def _over_quads(values: Floats) -> Floats:
    """Return each face's value as the mean with its twin: faces come in pairs, the halves of the base mesh's quads.

    Cutting between quads rather than between triangles keeps saw teeth out of the borders.
    """
    means = values.reshape(-1, 2, values.shape[-1]).mean(axis=1)
    return np.repeat(means, 2, axis=0)


def _dominant_bone(top: Topology) -> npt.NDArray[np.str_]:
    """Return the bone that moves each face most, without its side."""
    weights = np.zeros((len(top.skin_weights), len(top.joint_names)))
    np.put_along_axis(weights, top.skin_joints.astype(np.intp), top.skin_weights, axis=1)
    strongest = _over_quads(weights[top.faces].sum(axis=1)).argmax(axis=1)
    plain = np.array([name.removesuffix(".L").removesuffix(".R") for name in top.joint_names])
    return np.asarray(plain[strongest])


def _left_names(half: _Half) -> npt.NDArray[np.str_]:
    names = _trunk_names(half)
    for mask, found in (_head_and_neck(half), _leg(half), _genitalia(half), _arm(half)):
        names[mask] = found[mask]
    return names


def _aspect(part: str, front: Bools) -> npt.NDArray[np.str_]:
    return np.where(front, f"{part}_anterior", f"{part}_posterior").astype("<U32")


def _trunk_names(half: _Half) -> npt.NDArray[np.str_]:
    _, y, z = half.centres.T
    front = y < MID_LATERAL_Y
    names = _aspect("trunk", front)
    names[~front & (z < ILIAC_CREST_Z)] = "buttock_left"
    return names


def _head_and_neck(half: _Half) -> tuple[Bools, npt.NDArray[np.str_]]:
    x, y, z = half.centres.T
    neck = z > NECK_BASE[0] + NECK_BASE[1] * (y - MID_LATERAL_Y) + NECK_BASE[2] * x
    head = z > JAW[0] + JAW[1] * (y - EAR_LINE_Y)
    names = _aspect("neck", y < MID_LATERAL_Y)
    names[head] = _aspect("head", y < EAR_LINE_Y)[head]
    return (neck & (x < 0.11)) | head, names


def _leg(half: _Half) -> tuple[Bools, npt.NDArray[np.str_]]:
    x, y, z = half.centres.T
    hip, knee, ankle = (half.joints[n] for n in ("upperleg01", "lowerleg01", "foot"))
    middle = np.interp(z, [ankle[2], knee[2], hip[2]], [ankle[1], knee[1], MID_LATERAL_Y])
    front = y < middle
    groin = np.minimum(GROIN[0] + GROIN[1] * x, GROIN[2])
    leg = np.where(y < MID_LATERAL_Y, z < groin, z < GLUTEAL_FOLD_Z) & (half.limb != "finger")
    names = _aspect("thigh_left", front)
    names[z < knee[2]] = _aspect("lower_leg_left", front)[z < knee[2]]
    foot = z < MALLEOLI_Z
    plantar = foot & (z < SOLE_Z) & (half.normals[:, 2] < 0)
    names[foot] = np.where(plantar, "foot_left_plantar", "foot_left_dorsal")[foot]
    return leg, names


def _genitalia(half: _Half) -> tuple[Bools, npt.NDArray[np.str_]]:
    x, y, z = half.centres.T
    low = GROIN[0] - 0.01
    pubis = (x < PUBIS[0] * np.clip((z - low) / (PUBIS[1] - low), 0, 1)) & (z < PUBIS[1]) & (z > low)
    pubis &= y < MID_LATERAL_Y
    between = (x < PERINEUM_HALF_WIDTH) & (z < PERINEUM_TOP_Z) & (z > low) & (y < 0.05)
    return pubis | between, np.full(len(x), "genitalia", "<U32")


def _arm(half: _Half) -> tuple[Bools, npt.NDArray[np.str_]]:
    centres, joints = half.centres, half.joints
    shoulder, elbow, wrist = (joints[n] for n in ("upperarm01", "lowerarm01", "wrist"))
    arm = (centres[:, 0] > shoulder[0]) & (centres[:, 2] > shoulder[2] - 0.5) & ~_below_hip(half)
    palm = _palm_normal(joints)
    past_elbow = _beyond(centres, elbow, _unit(_unit(elbow - shoulder) + _unit(wrist - elbow)))
    past_wrist = _beyond(centres, wrist, _unit(wrist - elbow))
    names = _aspect("upper_arm_left", _before_axis(centres, shoulder, elbow, np.array([0.0, -1.0, 0.0])))
    names[past_elbow] = _aspect("forearm_left", _volar_of_forearm(centres, elbow, wrist, palm))[past_elbow]
    names[past_wrist] = np.where(_palmar(half, palm), "hand_left_palmar", "hand_left_dorsal")[past_wrist]
    return arm, names


def _below_hip(half: _Half) -> Bools:
    """Faces of hip and leg, which reach as far out as the shoulder but hang on other bones."""
    return np.char.startswith(half.limb, ("upperleg",)) | np.char.startswith(half.limb, ("pelvis",))


def _volar_of_forearm(centres: Floats, elbow: Floats, wrist: Floats, palm: Floats) -> Bools:
    """Front of the forearm: it turns from the front of the elbow to the palm at the wrist."""
    axis = wrist - elbow
    along = np.clip((centres - elbow) @ axis / (axis @ axis), 0, 1)[:, None]
    volar = (1 - along) * np.array([0.0, -1.0, 0.0]) + along * palm
    return np.asarray(((centres - elbow - along * axis) * _across(volar, axis)).sum(axis=1) > 0)


def _palmar(half: _Half, palm: Floats) -> Bools:
    """Skin of the hand on the palm's side of the bone that it hangs on."""
    result = half.normals @ palm > 0
    for bone in {str(b) for b in half.limb if str(b).startswith("finger") and not str(b).startswith("finger1")}:
        digit, segment = bone.split("-")
        start = half.joints[bone]
        root = half.joints[f"{digit}-1"] if segment != "1" else half.joints["wrist"]
        volar = _across(palm[None], start - root)[0]
        on_bone = half.limb == bone
        result[on_bone] = half.normals[on_bone] @ volar > 0
    return np.asarray(result)


def _palm_normal(joints: dict[str, Floats]) -> Floats:
    """Return the direction that the palm looks to, towards the thigh in the neutral pose."""
    wrist = joints["wrist"]
    normal = _unit(np.cross(joints["finger2-1"] - wrist, joints["finger5-1"] - wrist))
    return normal if normal[0] < 0 else -normal


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.linalg.norm(vector))


def _across(directions: Floats, axis: Floats) -> Floats:
    """Return the part of directions (N, 3) at right angles to an axis (3,)."""
    axis = _unit(axis)
    return np.asarray(directions - (directions @ axis)[:, None] * axis)


def _beyond(points: Floats, at: Floats, normal: Floats) -> Bools:
    return np.asarray((points - at) @ normal > 0)


def _before_axis(points: Floats, start: Floats, end: Floats, direction: Floats) -> Bools:
    """Points on the side of a bone's axis that a direction names."""
    return np.asarray((points - start) @ _across(direction[None], end - start)[0] > 0)


def _straightened(regions: npt.NDArray[np.int8], beside: npt.NDArray[np.int32]) -> npt.NDArray[np.int8]:
    """Return regions in which every face agrees with at least two of its three neighbours, where it can."""
    regions = regions.copy()
    for _ in range(SMOOTHING_ROUNDS):
        around = np.where(beside >= 0, regions[beside], regions[:, None])
        a, b, c = around.T
        most = np.where((a == b) | (a == c), a, np.where(b == c, b, regions))
        changed = (most != regions) & (most != NO_REGION) & (regions != NO_REGION)
        if not changed.any():
            break
        regions[changed] = most[changed]
    return regions


def _without_islands(regions: npt.NDArray[np.int8], beside: npt.NDArray[np.int32]) -> npt.NDArray[np.int8]:
    """Return regions of one piece each: a smaller piece takes the region that surrounds it."""
    face, edge = np.nonzero((beside >= 0) & (regions[beside] == regions[:, None]))
    same = coo_matrix((np.ones(len(face)), (face, beside[face, edge])), shape=(len(regions),) * 2)
    _, piece = connected_components(same, directed=False)
    size = np.bincount(piece)
    largest = np.array([size[piece[regions == region]].max() for region in range(len(REGIONS))])
    result = regions.copy()
    for island in np.unique(piece[(regions != NO_REGION) & (size[piece] < largest[regions])]):
        inside = piece == island
        around = regions[beside[inside]][~inside[beside[inside]]]
        around = around[around != NO_REGION]
        if len(around):
            result[inside] = np.bincount(around).argmax()
    return result
