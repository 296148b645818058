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
        "constant": 10.869,
        "arm": 0.020,
        "buttocks": -0.799,
        "foot": -1.030,
        "hand": -0.367,
        "head": 0.999,
        "leg": -0.182,
        "pelvis": -0.511,
        "trunk": 0.280,
        "whole": 1.620,
        "fill": -1.571,
        "fill_seen": -0.006,
        "extent": 4.493,
        "area": -1.535,
        "contact": -1.288,
        "sided": 3.584,
        "shifted": -6.486,
        "middle": 1.691,
        "others": 0.443,
        "seen": -0.125,
        "doubted": -0.296,
        "error": -2.682,
    },
    "too_far": {
        "constant": -10.397,
        "arm": -1.108,
        "buttocks": -0.166,
        "foot": -0.097,
        "hand": 1.099,
        "head": 1.909,
        "leg": -0.468,
        "pelvis": -0.050,
        "trunk": -0.305,
        "whole": -0.915,
        "fill": -2.069,
        "fill_seen": -3.792,
        "extent": -3.330,
        "area": -1.224,
        "contact": -1.817,
        "sided": -1.011,
        "shifted": -3.442,
        "middle": -0.761,
        "others": 0.022,
        "seen": 1.629,
        "doubted": -0.002,
        "error": 1.916,
    },
    "too_near": {
        "constant": 4.310,
        "arm": 1.746,
        "buttocks": 0.428,
        "foot": 1.019,
        "hand": -0.311,
        "head": -2.424,
        "leg": 0.433,
        "pelvis": -0.560,
        "trunk": -0.546,
        "whole": 0.074,
        "fill": 2.483,
        "fill_seen": 4.280,
        "extent": 2.467,
        "area": 0.690,
        "contact": 2.658,
        "sided": -1.111,
        "shifted": -0.594,
        "middle": 0.957,
        "others": -0.290,
        "seen": -2.008,
        "doubted": -0.161,
        "error": -1.082,
    },
    "view_incomplete": {
        "constant": -4.781,
        "arm": -0.658,
        "buttocks": 0.537,
        "foot": 0.108,
        "hand": -0.421,
        "head": -0.484,
        "leg": 0.216,
        "pelvis": 1.122,
        "trunk": 0.572,
        "whole": -0.779,
        "fill": 1.156,
        "fill_seen": -0.481,
        "extent": -3.629,
        "area": 2.069,
        "contact": 0.446,
        "sided": -1.463,
        "shifted": 10.523,
        "middle": -1.888,
        "others": -0.175,
        "seen": 0.504,
        "doubted": 0.459,
        "error": 1.848,
    },
}
"""Weights of `SIGNS` and of the part of the body in the logarithm of each framing's odds. Fitted to 206 rendered
photographs of all views, each also too far, too near and cut off, and to 72 of them with a cloth over the face
(``python benchmarks/framing.py --fit``); no other benchmark shares them."""

LEAST_GOOD: Final = 0.4
"""Probability of a good framing from which a photograph counts as well framed."""

LEAST_TOLD: Final = 0.25
"""Probability from which a fault of the framing is told: two may be, where either explains what is seen."""


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
