"""What a view frames: the faces of its part of the body, and those of the surface that it declares."""

from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate, kept_with_body
from reepi.core.regions import REGIONS, part_of
from reepi.core.views import View

Floats = npt.NDArray[np.float64]

_PARTS: Final = {
    "whole": tuple({part_of(region): None for region in REGIONS}),
    "head": ("head", "neck"),
    "trunk": ("trunk", "neck"),
    "pelvis": ("genitalia",),
    "buttocks": ("buttock",),
    "arm": ("upper_arm", "forearm", "hand"),
    "hand": ("hand",),
    "leg": ("thigh", "lower_leg", "foot"),
    "foot": ("foot",),
}

OUTWARD: Final = {
    "anterior": (0.0, -1.0, 0.0),
    "posterior": (0.0, 1.0, 0.0),
    "left": (1.0, 0.0, 0.0),
    "right": (-1.0, 0.0, 0.0),
}
"""Direction that each surface of the upright body is turned to, in the template's axes."""

PELVIS_REACH_M: Final = 0.12
"""How far below the genitals a view of the pelvis reaches [m], so that it does not frame the knees."""


def view_faces(template: BodyTemplate, view: View) -> npt.NDArray[np.bool_]:
    """Return the faces of the body part that a view frames, (F,)."""
    return _in_regions(template, [region for region in REGIONS if _of_part(region, view)])


@kept_with_body
def target_faces(template: BodyTemplate, view: View) -> npt.NDArray[np.bool_]:
    """Return the faces of the surface that a view declares, (F,), read-only: what must be turned to the camera."""
    part = view_faces(template, view)
    if view.aspect in ("left", "right", "medial", "lateral"):
        outward = np.array(OUTWARD[view.side or view.aspect]) * (-1.0 if view.aspect == "medial" else 1.0)
        found = np.asarray(part & (_unit_normals(template.vertices, template.faces) @ outward > 0.5))
    else:
        named = [region for region in REGIONS if _of_part(region, view) and _has_aspect(region, view)]
        found = _in_regions(template, named)
    found.flags.writeable = False
    return found


@kept_with_body
def framed_vertices(template: BodyTemplate, view: View) -> npt.NDArray[np.int32]:
    """Return the vertices that a view fits into the picture, (N,), read-only."""
    part = np.unique(template.faces[view_faces(template, view)])
    found = part[_near_crotch(template)[part]] if view.part == "pelvis" else part
    found.flags.writeable = False
    return found


def _near_crotch(template: BodyTemplate) -> npt.NDArray[np.bool_]:
    genitalia = template.faces[template.regions == REGIONS.index("genitalia")]
    low = template.vertices[np.unique(genitalia), 2].min()
    return np.asarray(template.vertices[:, 2] > low - PELVIS_REACH_M)


def _of_part(region: str, view: View) -> bool:
    if view.part == "pelvis":
        return region == "genitalia" or (region.startswith("thigh") and region.endswith("anterior"))
    return part_of(region) in _PARTS[view.part] and (view.side is None or f"_{view.side}" in region)


def _has_aspect(region: str, view: View) -> bool:
    hand_or_foot = {"anterior": "palmar", "posterior": "dorsal"} if view.part == "arm" else {}
    hand_or_foot = {"anterior": "dorsal"} if view.part == "leg" else hand_or_foot
    if view.part in ("pelvis", "buttocks"):
        return True
    return region.endswith((view.aspect, hand_or_foot.get(view.aspect, view.aspect)))


def _in_regions(template: BodyTemplate, names: list[str]) -> npt.NDArray[np.bool_]:
    return np.isin(template.regions, [REGIONS.index(name) for name in names])


def _unit_normals(vertices: Floats, faces: npt.NDArray[np.int32]) -> Floats:
    a, b, c = vertices[faces].transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    return np.asarray(normal / (np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12))
