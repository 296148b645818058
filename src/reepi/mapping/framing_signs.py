"""How a photograph is framed, judged by what the network sees, not by a camera.

A fit draws a body of which a part is missing into the picture, so its camera cannot tell that the part is missing; and
where no body could be laid, there is no camera to ask.
What the network says of each pixel still can: how much of the picture the declared part takes, whether its edge cuts
the part off, and how much of the declared surface is seen at all.
"""

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
        The same by the network's own scale: by how many metres on the reference body neighbouring pixels differ.
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
        skin=_skin(shown),
        bare_face=_bare_face(shown),
        fill=_log(NO_CAMERA if laid is None else laid.fill),
        fill_seen=_log(_fill_seen(shown, part, view, template)),
        **_placed(part),
        others=_log(float(1 - part[shown.body].mean()) if shown.body.any() else 0.0),
        seen=_seen(shown, view, template),
        doubted=_log(rivalry),
        error=_log(registration.residual_mm),
    )


def skin_seen(prediction: DensePrediction, tissues: TissueMap) -> float:
    """Return the share of the picture that both networks hold for skin, 0 to 1; of a strip without a grid point, 0."""
    if not prediction.inside(tissues.mask.shape).any():
        return 0.0
    return _skin(_shown(prediction, tissues))


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


def _skin(shown: _Shown) -> float:
    return float((shown.body & shown.skin).mean())


def _part(shown: _Shown, view: View, template: BodyTemplate) -> Flags:
    """Return which pixels (H, W) show the part of the body that a view frames."""
    part = np.zeros_like(shown.body)
    if shown.body.any():
        of_part = np.zeros(len(template.canonical), bool)
        of_part[framed_vertices(template, view)] = True
        part[shown.body] = of_part[template.canonical_tree.query(shown.points[shown.body])[1]]
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
    """Return the part's extent over the picture's, by how far apart on the reference body neighbouring pixels lie."""
    steps = []
    for axis in (0, 1):
        points, within = np.moveaxis(shown.points, axis, 0), np.moveaxis(part, axis, 0)
        both = within[STEP_PX:] & within[:-STEP_PX]
        steps.append(np.linalg.norm(points[STEP_PX:] - points[:-STEP_PX], axis=-1)[both] / STEP_PX)
    apart = np.concatenate(steps)
    metres_a_pixel = float(np.median(apart)) if len(apart) else 0.0
    size = float(np.ptp(template.canonical[framed_vertices(template, view)], axis=0).max())
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
