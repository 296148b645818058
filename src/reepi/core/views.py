"""The declared framings of a photograph. Left and right are the patient's."""

from dataclasses import dataclass
from typing import Final, Literal

from reepi.core.regions import part_of

Facing = Literal["anterior", "posterior", "left", "right"]


@dataclass(frozen=True)
class View:
    """A declared framing: which part of the body, seen from which side.

    Parameters
    ----------
    name : str
        Name in ``photos.csv``, such as ``arm_left_posterior``.
    part : str
        What is framed: ``whole``, ``head``, ``trunk``, ``pelvis``, ``buttocks``, ``arm``, ``hand``, ``leg``, ``foot``.
    side : "left", "right" or None
        The patient's side, for limbs.
    aspect : str
        The surface named by the view: ``anterior``, ``posterior``, ``left``, ``right``, ``medial``, ``lateral``,
        ``dorsal``, ``palmar`` or ``plantar``.
    """

    name: str
    part: str
    side: Literal["left", "right"] | None
    aspect: str


def _views() -> tuple[View, ...]:
    views = [View(f"whole_{a}", "whole", None, a) for a in ("anterior", "posterior")]
    for part in ("head", "trunk"):
        views += [View(f"{part}_{a}", part, None, a) for a in ("anterior", "posterior", "left", "right")]
    views += [
        View("pelvis_anterior", "pelvis", None, "anterior"),
        View("buttocks_posterior", "buttocks", None, "posterior"),
    ]
    limbs = {
        "arm": ("anterior", "posterior"),
        "hand": ("dorsal", "palmar"),
        "leg": ("anterior", "posterior", "medial", "lateral"),
        "foot": ("dorsal", "plantar"),
    }
    for part, aspects in limbs.items():
        views += [View(f"{part}_{s}_{a}", part, s, a) for s in ("left", "right") for a in aspects]
    return tuple(views)


VIEWS: Final[dict[str, View]] = {view.name: view for view in _views()}
"""Every view by name, in a fixed order (the order is the index given to the network)."""

VIEW_NAMES: Final[tuple[str, ...]] = tuple(VIEWS)


_FRAMED_ON: Final = {
    "head": "head",
    "neck": "head",
    "trunk": "trunk",
    "buttock": "buttocks_posterior",
    "genitalia": "pelvis_anterior",
    "upper_arm": "arm",
    "forearm": "arm",
    "hand": "hand",
    "thigh": "leg",
    "lower_leg": "leg",
    "foot": "foot",
}
"""What a part of the body is photographed with: a view, or the beginning of its name, which the surface completes."""


def closest_view(region: str) -> View:
    """Return the view that frames a region closest: the one to take where the region was not seen.

    Parameters
    ----------
    region : str
        One of `reepi.core.regions.REGIONS`.
    """
    part = part_of(region)
    framed = _FRAMED_ON[part]
    return VIEWS[framed if framed in VIEWS else framed + region.removeprefix(part)]


def mirrored_view(name: str) -> str:
    """Return the view that a mirrored photograph of ``name`` shows."""
    if "left" in name:
        return name.replace("left", "right")
    return name.replace("right", "left")


def confused_views(name: str) -> tuple[str, ...]:
    """Return the views of the same part that differ from ``name`` in side or surface: what it may be mistaken for."""
    part = _FRAMED_ALIKE.get(VIEWS[name].part, VIEWS[name].part)
    alike = (view for view in VIEWS.values() if _FRAMED_ALIKE.get(view.part, view.part) == part)
    return tuple(view.name for view in alike if view.name != name)


_FRAMED_ALIKE: Final = {"buttocks": "pelvis"}
"""Parts that show the front and the back of the same piece of the body."""
