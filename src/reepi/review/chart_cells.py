"""Which pixels of the sheet speak for which face, so that paint on the chart becomes tissue of faces."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from reepi.body.template import BodyTemplate
from reepi.core.surface import NO_FACE
from reepi.core.tissue import UNLABELLED, Tissue

NOTHING: Final = 0
"""Label of a pixel where nothing was painted: what an eraser leaves."""

PAINTED: Final = (NOTHING, int(Tissue.DETACHABLE), int(Tissue.COVERED))
"""What a pixel of the sheet can be labelled as: nothing, a bedside sign, or a dressing."""

FOLLOWING_M: Final = 0.015
"""Skin that no drawing shows follows the nearest shown skin within this way over the surface [m]: about a finger. Of an
adult nothing is left then, of an infant 0.2 % BSA of folds."""

Tissues = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ChartCells:
    """A cell is one face on one drawing; a face seen on two drawings has two.

    Parameters
    ----------
    pixels, cells : (P,) int64
        Places in the flattened sheet, and the cell that each speaks for. A pixel speaks for several cells where faces
        are smaller than a pixel.
    whole : (C,) bool
        Whether a cell has pixels of its own, and not only the one nearest to it.
    cell_faces, cell_drawings : (C,) int64
        Face of each cell, and the drawing it is on by its place in the sheet.
    followers, followed : (N,) int64
        Faces that no drawing shows, and the shown face that each follows.
    """

    pixels: Indices
    cells: Indices
    whole: npt.NDArray[np.bool_]
    cell_faces: Indices
    cell_drawings: Indices
    followers: Indices
    followed: Indices

    def painted(self, before: Tissues, shown: Tissues, labels: Tissues) -> Tissues:
        """Return the tissue of faces (F,) after the sheet was painted.

        Parameters
        ----------
        before : (F,) uint8
            Tissue of each face, or `UNLABELLED`.
        shown, labels : (N,) uint8
            The flattened sheet as `before` looks, and as it looks now.
        """
        changed = shown[self.pixels] != labels[self.pixels]
        touched = np.zeros(len(self.cell_faces), bool)
        touched[self.cells[changed]] = True
        cells = np.flatnonzero(touched)
        if not len(cells):
            return before.copy()
        faces, was = self.cell_faces[cells], level_of(before)[self.cell_faces[cells]]
        winner, votes = _majority(self._counts(touched, cells, labels), was)
        after = before.copy()
        new = winner != was
        if not (new & self.whole[cells]).any():
            most, level = self._most_painted(changed, cells, labels)
            winner[most], new[most] = level, level != was[most]
        # The drawing on which more of the face was newly painted is written last, and so wins.
        order = np.argsort((votes * self.whole[cells])[new], kind="stable")
        after[faces[new][order]] = _TISSUE_OF_LEVEL[winner[new][order]]
        return self._followed(before, after)

    def _most_painted(self, changed: npt.NDArray[np.bool_], cells: Indices, labels: Tissues) -> tuple[int, int]:
        """Return the place in `cells` of the one that most of the changed pixels are on, and what most of them are."""
        counts = np.bincount(self.cells[changed], minlength=len(self.cell_faces))
        most = int((counts * self.whole)[cells].argmax())
        mine = changed & (self.cells == cells[most])
        return most, int(np.bincount(level_of(labels[self.pixels[mine]])).argmax())

    def drawing_of(self, face: int) -> int | None:
        """Return the drawing that shows most of a face, by its place in the sheet, or None where none shows it."""
        own = np.flatnonzero(self.cell_faces == face)
        if not len(own):
            return None
        return int(self.cell_drawings[own[self._sizes[own].argmax()]])

    @cached_property
    def _sizes(self) -> Indices:
        return np.bincount(self.cells, minlength=len(self.cell_faces))

    def _counts(self, touched: npt.NDArray[np.bool_], cells: Indices, labels: Tissues) -> Indices:
        """Return how many pixels of each touched cell have each label, (N, 3)."""
        mine = touched[self.cells]
        place = np.zeros(len(touched), np.int64)
        place[cells] = np.arange(len(cells))
        level = _LEVEL_OF_TISSUE[labels[self.pixels[mine]]]
        code = place[self.cells[mine]] * len(PAINTED) + level
        return np.bincount(code, minlength=len(cells) * len(PAINTED)).reshape(-1, len(PAINTED))

    def _followed(self, before: Tissues, after: Tissues) -> Tissues:
        moved = before[self.followed] != after[self.followed]
        after[self.followers[moved]] = after[self.followed[moved]]
        return after


_TISSUE_OF_LEVEL: Final = np.array([UNLABELLED, *PAINTED[1:]], np.uint8)

_LEVEL_OF_TISSUE: Final = np.zeros(256, np.int64)
_LEVEL_OF_TISSUE[list(PAINTED)] = np.arange(len(PAINTED))


def level_of(tissue: Tissues) -> Indices:
    """Return the place of tissues in `PAINTED`; unlabelled is nothing."""
    return np.asarray(_LEVEL_OF_TISSUE[tissue])


def _majority(counts: Indices, was: Indices) -> tuple[Indices, Indices]:
    """Return the label that most pixels of each cell have, and how many; in a tie the cell stays what it was."""
    score = 2 * counts
    rows = np.arange(len(was))
    score[rows, was] += 1
    winner = score.argmax(axis=1)
    return winner, counts[rows, winner]


@dataclass(frozen=True)
class Spoken:
    """What one drawing of the sheet shows.

    Parameters
    ----------
    pixels, faces : (N,) int64
        Places in the flattened sheet that show skin, and the face that each speaks for.
    small_pixels, small_faces : (M,) int64
        The same of faces in view that are smaller than a pixel.
    """

    pixels: Indices
    faces: Indices
    small_pixels: Indices
    small_faces: Indices


def chart_cells(drawings: Sequence[Spoken], template: BodyTemplate) -> ChartCells:
    """Return the cells of a sheet from what each of its drawings shows."""
    own = np.concatenate([number * template.n_faces + drawn.faces for number, drawn in enumerate(drawings)])
    small = np.concatenate([number * template.n_faces + drawn.small_faces for number, drawn in enumerate(drawings)])
    kept, cells = np.unique(np.concatenate([own, small]), return_inverse=True)
    whole = np.zeros(len(kept), bool)
    whole[cells[: len(own)]] = True
    cell_drawings, cell_faces = np.divmod(kept, template.n_faces)
    pixels = [drawn.pixels for drawn in drawings] + [drawn.small_pixels for drawn in drawings]
    following = _following(np.unique(cell_faces), template)
    return ChartCells(np.concatenate(pixels), cells.astype(np.int64), whole, cell_faces, cell_drawings, *following)


def _following(shown: Indices, template: BodyTemplate) -> tuple[Indices, Indices]:
    """Return the faces of skin that are not shown (N,), and the shown face within reach that is nearest to each."""
    distance, _, source = dijkstra(
        _ways(template), indices=shown, min_only=True, limit=FOLLOWING_M, return_predecessors=True
    )
    hidden = template.skin & np.isfinite(distance)
    hidden[shown] = False
    followers = np.flatnonzero(hidden)
    return followers, source[followers].astype(np.int64)


def _ways(template: BodyTemplate) -> csr_array:
    """Return the ways from each face's centre to those of its neighbours [m], (F, F)."""
    centres = template.vertices[template.faces].mean(axis=1)
    start = np.repeat(np.arange(template.n_faces), 3)
    end = template.neighbours.ravel()
    start, end = start[end != NO_FACE], end[end != NO_FACE]
    length = np.maximum(np.linalg.norm(centres[start] - centres[end], axis=1), 1e-9)
    return csr_array((length, (start, end)), shape=(template.n_faces, template.n_faces))
