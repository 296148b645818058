"""Registrations and surface maps: photographs as measured on the body template's faces."""

from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from reepi.core.correspondence import Correspondences
from reepi.core.tissue import ASSESSED, OPEN, Tissue

Pixel = TypeVar("Pixel", bound=np.generic)

NO_FACE = -1
"""Face index of a pixel that shows no skin of the template."""

OPEN_COLUMNS: Final = [ASSESSED.index(tissue) for tissue in OPEN]
"""Columns of values per assessed tissue that are open skin."""


class Origin(IntEnum):
    """Who said what tissue a face has. A higher one outranks a lower one on the same skin."""

    UNSEEN = 0
    PROPOSAL = 1
    READING = 2
    ADJUDICATION = 3
    CHART = 4

    @property
    def label(self) -> str:
        """The word used in files, screens and reports, such as ``reading``; of a chart reading ``bedside chart``."""
        return "bedside chart" if self is Origin.CHART else self.name.lower()


BY_READERS = (Origin.READING, Origin.ADJUDICATION, Origin.CHART)
"""Origins that a person stands for."""


@dataclass(frozen=True)
class Registration:
    """For every pixel of a photograph, the template face it shows.

    Parameters
    ----------
    drawn : (h, w) int32
        Index of the template face, or `NO_FACE`, in a picture that is not larger than the photograph.
    size : (int, int)
        Height H and width W of the photograph at working size [px].
    residual_mm : float
        Estimated error of the mapping on the body surface [mm]; gates acceptance.
    camera : dict
        Camera and pose that produced it, as plain numbers, for ``registrations/<stem>.json``.
    framing_faults : tuple of str
        Codes of findings: what is likely wrong with the photograph's framing, by what was seen in it and not by the
        camera that was fitted.
    bare_face : float or None
        Share of the patient's face that is bare skin, also by what was seen; None where hardly any is in the picture.
    unsure : (g, k) bool, optional
        Cells of a grid over the whole photograph of which it is not sure what of the body they show; nothing is
        measured there. `without` sets it, and takes their faces away.
    correspondences : Correspondences, optional
        What a network says of the photograph, to which a reader may add points; not what follows from them.
    """

    drawn: npt.NDArray[np.int32]
    size: tuple[int, int]
    residual_mm: float
    camera: dict[str, object]
    framing_faults: tuple[str, ...] = ()
    bare_face: float | None = None
    unsure: npt.NDArray[np.bool_] | None = None
    correspondences: Correspondences | None = None

    def without(self, unsure: npt.NDArray[np.bool_] | None) -> "Registration":
        """Return the registration without the faces in the cells (g, k) of a grid over the whole photograph."""
        if unsure is None:
            return self
        rows, columns = (_nearest(here, there) for here, there in zip(unsure.shape, self.drawn.shape, strict=True))
        drawn = np.where(unsure[rows].take(columns, axis=1), np.int32(NO_FACE), self.drawn)
        return replace(self, drawn=drawn, unsure=unsure)

    @property
    def left_out(self) -> npt.NDArray[np.bool_] | None:
        """Pixels at working size (H, W) that are not measured, as their place is not sure; None without any."""
        if self.unsure is None or not self.unsure.any():
            return None
        rows, columns = (_nearest(here, there) for here, there in zip(self.unsure.shape, self.size, strict=True))
        return np.asarray(self.unsure[rows].take(columns, axis=1))

    @cached_property
    def faces(self) -> npt.NDArray[np.int32]:
        """The face that each pixel shows at working size, (H, W): that of the nearest pixel drawn."""
        rows, columns = (_nearest(here, there) for here, there in zip(self.drawn.shape, self.size, strict=True))
        return self.drawn[rows].take(columns, axis=1)

    def at_drawn(self, image: npt.NDArray[Pixel]) -> npt.NDArray[Pixel]:
        """Return an image (H, W) at working size as the pixels drawn see it, (h, w), each what lies at its middle."""
        rows, columns = (_nearest(there, here) for here, there in zip(self.drawn.shape, self.size, strict=True))
        return image[rows].take(columns, axis=1)


def _nearest(source: int, wanted: int) -> npt.NDArray[np.intp]:
    """Return which of some pixels in a row holds the middle of each of as many pixels as are wanted."""
    return (2 * np.arange(wanted) + 1) * source // (2 * wanted)


@dataclass(frozen=True)
class SurfaceMap:
    """Per template face: the share of each tissue, how much of the face was seen, and how sure that is.

    Parameters
    ----------
    tissue : (F, 7) float32
        Share of each tissue among what was seen of the face, by the masks, in the order of `Tissue`; the ``background``
        column is skin of the template where the photograph showed none. Rows sum to 1 where `seen` > 0, else 0.
    seen : (F,) float32
        Share of the face that a photograph showed, 0 to 1.
    residual_mm : (F,) float32
        Estimated error of the mapping that placed it [mm], 0 where unseen.
    belief : (F, 7) float32
        Mean calibrated probability of each tissue among what was seen of the face. Areas come from `tissue`, which is
        what the masks show; their doubt comes from here. Rows sum to 1 where `seen` > 0, else 0.
    origin : (F,) uint8
        Who said so, as `Origin`; the model wherever the face was seen, unless told otherwise.
    variance : (F, 6) float32
        Variance of the belief over what was seen of the face, of each `ASSESSED` tissue and of open skin, among what
        is believed to be assessed. Where a border crosses a face, its mean belief is between 0 and 1 though every
        point of it may be sure: this much of belief x (1 - belief) is no doubt. 0 unless told otherwise.
    """

    tissue: npt.NDArray[np.float32]
    seen: npt.NDArray[np.float32]
    residual_mm: npt.NDArray[np.float32]
    belief: npt.NDArray[np.float32]
    origin: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    variance: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))

    def __post_init__(self) -> None:
        if not len(self.variance):
            object.__setattr__(self, "variance", np.zeros((len(self.seen), len(ASSESSED) + 1), np.float32))
        if not len(self.origin):
            by_model = np.where(self.seen > 0, Origin.PROPOSAL, Origin.UNSEEN)
            object.__setattr__(self, "origin", by_model.astype(np.uint8))
        arrays = (self.tissue, self.seen, self.residual_mm, self.belief, self.origin, self.variance)
        shapes, n = [array.shape for array in arrays], len(self.seen)
        if shapes != [(n, len(Tissue)), (n,), (n,), (n, len(Tissue)), (n,), (n, len(ASSESSED) + 1)]:
            names = "tissue, seen, residual_mm, belief, origin and variance"
            raise ValueError(f"{names} {shapes} do not describe the same faces")

    @classmethod
    def of_shares(
        cls,
        tissue: npt.NDArray[np.float32],
        seen: npt.NDArray[np.float32],
        residual_mm: npt.NDArray[np.float32],
    ) -> "SurfaceMap":
        """Return a map of which every point is surely what was counted there, such as a reader's."""
        mix = with_open(as_shares(tissue[:, list(ASSESSED)]))
        return cls(tissue, seen, residual_mm, tissue, variance=(mix * (1 - mix)).astype(np.float32))

    @property
    def open(self) -> npt.NDArray[np.float32]:
        """Share of each face that is seen and open, (F,)."""
        return np.asarray(self.seen * self.tissue[:, list(OPEN)].sum(axis=1))

    def of_faces(self, faces: npt.NDArray[np.integer]) -> "SurfaceMap":
        """Return what is told of some of the faces, (N,)."""
        arrays = (self.tissue, self.seen, self.residual_mm, self.belief, self.origin, self.variance)
        return SurfaceMap(*(array[faces] for array in arrays))

    def said_by(self, origin: Origin) -> "SurfaceMap":
        """Return the same map as said by somebody else."""
        return replace(self, origin=np.where(self.seen > 0, origin, Origin.UNSEEN).astype(np.uint8))

    @classmethod
    def unseen(cls, n_faces: int) -> "SurfaceMap":
        """Return the map of a body that no photograph showed."""
        zeros = np.zeros(n_faces, np.float32)
        return cls.of_shares(np.zeros((n_faces, len(Tissue)), np.float32), zeros, zeros.copy())


def open_share(mix: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the open part of values per assessed tissue (N, 5), (N,)."""
    return np.asarray(mix[:, OPEN_COLUMNS].sum(axis=1))


def with_open(parts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return values per assessed tissue (N, 5) with those of open skin as a sixth column, (N, 6)."""
    return np.column_stack([parts, open_share(parts)])


def as_shares(amounts: npt.NDArray[np.number]) -> npt.NDArray[np.float64]:
    """Return amounts of tissues (N, T), none negative, as shares that sum to 1, or to 0 where there are none."""
    exact = np.asarray(amounts, np.float64)
    total = exact.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(exact, total, out=np.zeros_like(exact), where=total > 0))
