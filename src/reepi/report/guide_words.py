"""What the ward guide says, and in which order the views are taken at the bedside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from reepi.core.capture import CaptureProtocol
from reepi.core.views import VIEWS, View

Posture = Literal["back", "side"]

POSTURES: Final[dict[Posture, str]] = {"back": "Patient on the back", "side": "Patient turned on the side"}
"""The two positions of the patient, in the order of the work: one turn is enough."""

STANDARD_VIEWS: Final = (
    *("head_anterior", "head_right", "head_left", "trunk_anterior", "pelvis_anterior"),
    *(
        f"{part}_{side}_{aspect}"
        for side in ("right", "left")
        for part, aspect in (("arm", "anterior"), ("hand", "palmar"), ("arm", "posterior"), ("hand", "dorsal"))
    ),
    *(
        f"{part}_{side}_{aspect}"
        for side in ("right", "left")
        for part, aspect in (("leg", "anterior"), ("foot", "dorsal"), ("foot", "plantar"))
    ),
    *("head_posterior", "trunk_posterior", "buttocks_posterior", "leg_right_posterior", "leg_left_posterior"),
)
"""Views that show the whole skin once, for a study that names none."""

_SAME_LIMB: Final = {"hand": "arm", "foot": "leg"}
_PARTS: Final = ("whole", "head", "trunk", "pelvis", "buttocks", "arm", "leg")
_SIDES: Final = (None, "right", "left")
_ASPECTS: Final = ("anterior", "palmar", "right", "left", "lateral", "medial", "dorsal", "posterior", "plantar")

_SURFACES: Final = {
    "anterior": "front",
    "posterior": "back",
    "left": "from the left",
    "right": "from the right",
    "dorsal": "back",
    "palmar": "palm",
    "plantar": "sole",
    "medial": "inner side",
    "lateral": "outer side",
}

_HINTS: Final = {
    ("head", "anterior"): "Hair back, neck visible",
    ("head", "left"): "Ear free, hair back",
    ("head", "right"): "Ear free, hair back",
    ("head", "posterior"): "Part the hair, neck free",
    ("trunk", "anterior"): "Arms away from the trunk",
    ("trunk", "posterior"): "Upper arm forward",
    ("trunk", "left"): "Arm lifted, armpit open",
    ("trunk", "right"): "Arm lifted, armpit open",
    ("pelvis", "anterior"): "Legs apart, folds open",
    ("buttocks", "posterior"): "Cleft open if possible",
    ("arm", "anterior"): "Palm up, elbow straight",
    ("arm", "posterior"): "Palm down or arm lifted",
    ("hand", "palmar"): "Fingers spread",
    ("hand", "dorsal"): "Fingers spread",
    ("leg", "anterior"): "Whole leg, groin to ankle",
    ("leg", "posterior"): "Whole leg, ankle held",
    ("leg", "medial"): "Knee bent outward",
    ("leg", "lateral"): "From the bed's side",
    ("foot", "dorsal"): "Toes spread",
    ("foot", "plantar"): "From the foot end",
    ("whole", "anterior"): "From a step, head to toe",
    ("whole", "posterior"): "Only if it can be held",
}


@dataclass(frozen=True)
class Step:
    """One photograph of the round.

    Parameters
    ----------
    number : int
        Place in the order, from 1.
    view : View
        What is framed.
    title : str
        Its name in words, such as ``Right arm, front``.
    hint : str
        How to place the part.
    posture : "back" or "side"
        How the patient lies.
    """

    number: int
    view: View
    title: str
    hint: str
    posture: Posture


def round_of(views: Sequence[str]) -> tuple[Step, ...]:
    """Return the photographs of a round in the order at the bedside: limb by limb, and the patient turned once.

    Parameters
    ----------
    views : sequence of str
        Names of views, in any order.
    """
    ordered = sorted({VIEWS[name] for name in views}, key=_place)
    return tuple(Step(i, view, _title(view), _hint(view), posture_of(view)) for i, view in enumerate(ordered, 1))


def posture_of(view: View) -> Posture:
    """Return how the patient lies for a view; lifted arms and soles seen from the foot end need no turn."""
    return "side" if view.aspect == "posterior" and view.part != "arm" else "back"


def _place(view: View) -> tuple[int, int, int, int]:
    limb = _SAME_LIMB.get(view.part, view.part)
    # A hand follows the surface of its arm: palm up for both, then both turned.
    surface = _ASPECTS.index({"dorsal": "posterior"}.get(view.aspect, view.aspect) if limb == "arm" else view.aspect)
    inside = 2 * surface + (view.part in _SAME_LIMB) if limb == "arm" else surface + 10 * (view.part in _SAME_LIMB)
    turned = list(POSTURES).index(posture_of(view))
    return turned, _PARTS.index(limb), _SIDES.index(view.side), inside


def _title(view: View) -> str:
    name = (
        f"{view.side} {view.part}".capitalize() if view.side else view.part.replace("whole", "whole body").capitalize()
    )
    if view.part == "buttocks":
        return name
    return f"{name}, {'top' if (view.part, view.aspect) == ('foot', 'dorsal') else _SURFACES[view.aspect]}"


def _hint(view: View) -> str:
    return _HINTS[view.part, view.aspect]


def rules(capture: CaptureProtocol) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the rules of the first page: a heading and sentences each."""
    return (
        ("Before the round", _BEFORE),
        ("Light", _LIGHT),
        ("Distance and framing", _FRAMING),
        *((("The capture card", _CARD + _CARD_SENT_BACK[capture.card]),) if capture.card != "none" else ()),
        ("What to uncover", _UNCOVER),
        ("Privacy", _PRIVACY + _FACE[capture.face]),
    )


_BEFORE: Final = (
    "Take the round at the dressing change, at the same time of day. Pain relief first, room warm.",
    "Clean the lens. Use the main camera at 2x, no filter, no portrait mode, no flash.",
    "Follow the numbers: everything on the back first, then one turn.",
)
_LIGHT: Final = (
    "Even and white: ceiling lights on, curtains against direct sun. The same lamps every day.",
    "Your shadow falls beside the skin. If wet skin glares, step a hand's breadth to the side.",
)
_FRAMING: Final = (
    "Fill the frame as drawn: the part just inside, a finger's breadth around it.",
    "Hold the camera square to the skin and as far off as the guide says; do not zoom in further.",
    "Hold still, tap to focus on the skin. Look at the picture before you go on.",
)
_CARD: Final = (
    "Lay it beside the skin, never on open skin: same height, flat, facing the camera, as drawn.",
    "Nothing may cover its corners. Wipe it between patients, or use a new print.",
)
_CARD_SENT_BACK: Final = {"required": ("A photograph without the card is sent back.",), "optional": (), "none": ()}
_UNCOVER: Final = (
    "Take off what may come off: dressings, gown, electrodes that are not needed, jewellery.",
    "A dressing that stays is photographed as it is. What no photograph shows is never counted as healed.",
)
_PRIVACY: Final = (
    "No name, sticker, wristband or screen in the picture. No other person.",
    "Only the study's camera; the photographs go to the study's folder and leave the camera.",
)
_FACE: Final = {
    "covered": ("Cover the face with a cloth; in the views of the head, cover the eyes.",),
    "allowed": (),
}
