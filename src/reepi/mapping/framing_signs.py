"""How a photograph is framed, judged by what the network sees, not by a camera.

A fit draws a body of which a part is missing into the picture, so its camera cannot tell that the part is missing; and
where no body could be laid, there is no camera to ask.
What the network says of each pixel still can: how much of the picture the declared part takes, whether its edge cuts
the part off, and how much of the declared surface is seen at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from reepi.body.framed import framed_vertices, target_faces
from reepi.body.template import BodyTemplate
from reepi.core.correspondence import DensePrediction
from reepi.core.images import TissueMap
from reepi.core.surface import Registration
from reepi.core.tissue import Tissue
from reepi.core.views import View
from reepi.mapping.framing import FACE_HIGH_M, FACE_LOW_M, NO_BARE_SKIN, framed

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

GOOD: Final = "good"
"""Name of what is framed as it should be, beside the codes of findings."""

CONSTANT: Final = "constant"

SEEN_WITHIN_M: Final = 0.05
"""A place of the declared surface counts as seen where a pixel lies so near on the reference body [m]."""

STEP_PX: Final = 4
"""Pixels of the network's grid over which the scale is measured."""

EDGE_PX: Final = 2
"""Width of the picture's edge on the network's grid [px]."""

BELIEF: Final = 0.5
"""Probability from which a pixel counts as skin."""

FEWEST_PIXELS: Final = 10
"""With fewer pixels of the declared part, nothing is measured on it."""

FEWEST_FACE_POINTS: Final = 4
"""With fewer pixels of the network's grid on a face, too little of it is seen; one is 18 px of a photograph wide."""

EXTENT_PERCENTILES: Final = (1.0, 99.0)
"""Percentiles between which the part's extent is measured, so that a stray pixel does not decide."""

NO_CAMERA: Final = 2.0
"""Extent over the picture's where the camera stands within the body."""


@dataclass(frozen=True)
class FramingSigns:
    """What tells how a photograph is framed.

    Parameters
    ----------
    part : str
        Part of the body that the declared view frames; each has odds of its own.
    skin : float
        Share of the picture that both networks hold for skin, 0 to 1; it is told, and not part of the judgement.
    bare_face : float or None
        Share of the patient's face, as the network sees it, that is bare skin, 0 to 1; None where hardly any is in the
        picture. It is told, and not part of the judgement.
    fill : float
        Logarithm of the part's extent over the picture's, by the fitted camera.
    fill_seen : float
        The same by the network's own scale: by how many metres on the body neighbouring pixels differ.
    extent : float
        Logarithm of the extent of the part's pixels over the picture's, the larger of width and height.
    area : float
        Logarithm of the share of the picture that the part takes.
    contact : float
        Length of the picture's edge that cuts the part, over the square root of the part's area.
    sided : float
        How much one edge cuts the part where the opposite one leaves room: the smaller of both, the largest of four.
    shifted : float
        How far the part stands from the middle: difference of the room on both sides, the larger of two directions.
    middle : float
        Distance of the part's median place from the middle of the picture, over the picture's, the larger of two
        directions.
    others : float
        Logarithm of the share of the body's pixels that show other parts.
    seen : float
        Share of the declared surface that some pixel shows, 0 to 1.
    doubted : float
        Logarithm of the probability that the network gives to other views than the declared one.
    error : float
        Logarithm of the predicted error of the fit [mm].
    """

    part: str
    skin: float
    bare_face: float | None
    fill: float
    fill_seen: float
    extent: float
    area: float
    contact: float
    sided: float
    shifted: float
    middle: float
    others: float
    seen: float
    doubted: float
    error: float


SIGNS: Final = tuple(field.name for field in fields(FramingSigns) if field.name not in ("part", "skin", "bare_face"))
"""Signs that are weighed."""

WEIGHTS: Final[Mapping[str, Mapping[str, float]]] = {
    GOOD: {
        "constant": 8.317,
        "arm": 0.289,
        "buttocks": -1.045,
        "foot": -0.590,
        "hand": -0.443,
        "head": 0.229,
        "leg": 0.221,
        "pelvis": -0.242,
        "trunk": 0.109,
        "whole": 1.510,
        "fill": -1.599,
        "fill_seen": -1.048,
        "extent": 4.026,
        "area": -0.818,
        "contact": -1.266,
        "sided": 1.749,
        "shifted": -5.403,
        "middle": 2.733,
        "others": 0.179,
        "seen": 0.823,
        "doubted": -0.448,
        "error": -2.294,
    },
    "too_far": {
        "constant": -9.558,
        "arm": -1.350,
        "buttocks": -0.050,
        "foot": -0.219,
        "hand": 0.720,
        "head": 2.459,
        "leg": -0.748,
        "pelvis": -0.034,
        "trunk": 0.497,
        "whole": -1.328,
        "fill": -0.784,
        "fill_seen": -3.425,
        "extent": -4.034,
        "area": -1.513,
        "contact": -1.841,
        "sided": -0.277,
        "shifted": -4.041,
        "middle": 1.038,
        "others": -0.054,
        "seen": 1.046,
        "doubted": -0.000,
        "error": 1.688,
    },
    "too_near": {
        "constant": 3.269,
        "arm": 1.471,
        "buttocks": 0.260,
        "foot": 1.170,
        "hand": -0.067,
        "head": -2.514,
        "leg": 0.628,
        "pelvis": -0.519,
        "trunk": -1.226,
        "whole": 0.672,
        "fill": 1.948,
        "fill_seen": 3.921,
        "extent": 3.449,
        "area": 0.796,
        "contact": 2.493,
        "sided": -2.623,
        "shifted": -0.932,
        "middle": 0.252,
        "others": -0.045,
        "seen": -1.349,
        "doubted": -0.014,
        "error": -0.610,
    },
    "view_incomplete": {
        "constant": -2.028,
        "arm": -0.410,
        "buttocks": 0.835,
        "foot": -0.362,
        "hand": -0.209,
        "head": -0.175,
        "leg": -0.100,
        "pelvis": 0.794,
        "trunk": 0.620,
        "whole": -0.855,
        "fill": 0.435,
        "fill_seen": 0.552,
        "extent": -3.440,
        "area": 1.536,
        "contact": 0.613,
        "sided": 1.152,
        "shifted": 10.376,
        "middle": -4.023,
        "others": -0.080,
        "seen": -0.521,
        "doubted": 0.462,
        "error": 1.215,
    },
}
"""Weights of `SIGNS` and of the part of the body in the logarithm of each framing's odds. Fitted to 206 rendered
photographs of all views, each also too far, too near and cut off, and to 72 of them with a cloth over the face
(``python benchmarks/framing.py --fit``); no other benchmark shares them."""

LEAST_GOOD: Final = 0.4
"""Probability of a good framing from which a photograph counts as well framed."""

LEAST_TOLD: Final = 0.15
"""Probability from which a fault of the framing is told: several may be, where each explains what is seen. Chosen on
the photographs that the weights were fitted to, each patient left out of the fit in turn: of those that are cut off,
93.7 % are told so, and 92.2 with 0.25."""


def likely_framing(signs: FramingSigns, weights: Mapping[str, Mapping[str, float]] = WEIGHTS) -> dict[str, float]:
    """Return the probability of a good framing and of each fault, by the codes of findings; they sum to 1.

    A multinomial logistic model: the logarithm of a framing's odds is a weighted sum of the signs.

    Parameters
    ----------
    signs : FramingSigns
        Of the photograph.
    weights : mapping
        For each framing, the weight of each sign and of each part of the body, and a constant.
    """
    odds = {
        name: weight[CONSTANT] + weight[signs.part] + sum(weight[sign] * getattr(signs, sign) for sign in SIGNS)
        for name, weight in weights.items()
    }
    highest = max(odds.values())
    parts = {name: float(np.exp(value - highest)) for name, value in odds.items()}
    return {name: part / sum(parts.values()) for name, part in parts.items()}


def framing_faults(signs: FramingSigns) -> tuple[str, ...]:
    """Return the codes of what is likely wrong with a framing, the likeliest first; nothing where it is likely good."""
    likely = likely_framing(signs)
    if likely[GOOD] >= LEAST_GOOD:
        return ()
    faults = sorted((name for name in likely if name != GOOD), key=lambda name: -likely[name])
    return tuple(name for name in faults if name == faults[0] or likely[name] >= LEAST_TOLD)


def framing_signs(
    prediction: DensePrediction,
    tissues: TissueMap,
    registration: Registration,
    rivalry: float,
    view: View,
    template: BodyTemplate,
) -> FramingSigns:
    """Return what tells how a photograph is framed.

    Parameters
    ----------
    prediction : DensePrediction
        Of the correspondence network.
    tissues : TissueMap
        Of the photograph.
    registration : Registration
        How a body was laid on it.
    rivalry : float
        Probability of other views that may be mistaken for the declared one, 0 to 1.
    view : View
        The declared view.
    template : BodyTemplate
        The patient's body.
    """
    shown = _shown(prediction, tissues)
    part = _part(shown, view, template)
    laid = framed(registration, view, template)
    return FramingSigns(
        part=view.part,
        skin=float((shown.body & shown.skin).mean()),
        bare_face=_bare_face(shown),
        fill=_log(NO_CAMERA if laid is None else laid.fill),
        fill_seen=_log(_fill_seen(shown, part, view, template)),
        **_placed(part),
        others=_log(float(1 - part[shown.body].mean()) if shown.body.any() else 0.0),
        seen=_seen(shown, view, template),
        doubted=_log(rivalry),
        error=_log(registration.residual_mm),
    )


@dataclass(frozen=True)
class _Shown:
    """The network's grid, without what lies beside the photograph: points (H, W, 3), body, skin and bare (H, W)."""

    points: Floats
    body: Flags
    skin: Flags
    bare: Flags


def _shown(prediction: DensePrediction, tissues: TissueMap) -> _Shown:
    height, width = tissues.probabilities.shape[1:]
    inside = prediction.inside((height, width))
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    within = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    x, y = np.rint(prediction.photograph_pixels()[within]).astype(int).transpose(2, 0, 1)
    seen = tissues.mask[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]
    return _Shown(
        prediction.points[within].astype(np.float64),
        prediction.body[within] > BELIEF,
        seen != Tissue.BACKGROUND,
        ~np.isin(seen, NO_BARE_SKIN),
    )


def _part(shown: _Shown, view: View, template: BodyTemplate) -> Flags:
    """Return which pixels (H, W) show the part of the body that a view frames."""
    part = np.zeros_like(shown.body)
    if shown.body.any():
        of_part = np.zeros(len(template.canonical), bool)
        of_part[framed_vertices(template, view)] = True
        part[shown.body] = of_part[cKDTree(template.canonical).query(shown.points[shown.body])[1]]
    return part


def _placed(part: Flags) -> dict[str, float]:
    """Return what the place of the part's pixels (H, W) in the picture tells."""
    if part.sum() < FEWEST_PIXELS:
        nowhere = dict.fromkeys(("contact", "sided", "shifted", "middle"), 0.0)
        return {"extent": _log(0), "area": _log(part.mean()), **nowhere}
    size = np.array(part.shape)
    places = np.argwhere(part)
    low, high = np.percentile(places, EXTENT_PERCENTILES, axis=0)
    before, behind = low / size, (size - 1 - high) / size
    first = np.array([part[:EDGE_PX].mean(), part[:, :EDGE_PX].mean()])
    last = np.array([part[-EDGE_PX:].mean(), part[:, -EDGE_PX:].mean()])
    cut = (first + last) @ size[::-1]
    return {
        "extent": _log(float(((high - low + 1) / size).max())),
        "area": _log(float(part.mean())),
        "contact": float(cut / np.sqrt(part.sum())),
        "sided": float(np.maximum(np.minimum(first, behind), np.minimum(last, before)).max()),
        "shifted": float(np.abs(before - behind).max()),
        "middle": float(np.abs((np.median(places, axis=0) + 0.5) / size - 0.5).max()),
    }


def _bare_face(shown: _Shown) -> float | None:
    """Return the share of the face's pixels that are bare; None where there are hardly any."""
    face = shown.body & ((shown.points > FACE_LOW_M) & (shown.points < FACE_HIGH_M)).all(axis=-1)
    if face.sum() < FEWEST_FACE_POINTS:
        return None
    return float(shown.bare[face].mean())


def _fill_seen(shown: _Shown, part: Flags, view: View, template: BodyTemplate) -> float:
    """Return the part's extent over the picture's, by how far apart on the body neighbouring pixels lie."""
    steps = []
    for axis in (0, 1):
        points, within = np.moveaxis(shown.points, axis, 0), np.moveaxis(part, axis, 0)
        both = within[STEP_PX:] & within[:-STEP_PX]
        steps.append(np.linalg.norm(points[STEP_PX:] - points[:-STEP_PX], axis=-1)[both] / STEP_PX)
    apart = np.concatenate(steps)
    metres_a_pixel = float(np.median(apart)) if len(apart) else 0.0
    size = float(np.ptp(template.vertices[framed_vertices(template, view)], axis=0).max())
    return float(size / max(metres_a_pixel * max(part.shape), 1e-3))


def _seen(shown: _Shown, view: View, template: BodyTemplate) -> float:
    if not shown.body.any():
        return 0.0
    places = np.asarray(template.canonical, np.float64)[template.faces[target_faces(template, view)]].mean(axis=1)
    away, _ = cKDTree(shown.points[shown.body]).query(places)
    return float((away < SEEN_WITHIN_M).mean())


def _log(value: float) -> float:
    """Return the logarithm of a share, a ratio or a length, of at least a hundredth and at most a thousand."""
    return float(np.log(np.clip(value, 0.01, 1000.0)))
