"""Unsaved work taken up again: what a reader did and did not save, done once more on what is saved now."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.core.chart_reading import FaceTissues
from reepi.core.errors import Fault, InputError
from reepi.core.images import Mask
from reepi.core.reader_points import ReaderPoint, points_to_text, text_to_points
from reepi.review.chart_steps import painted_bytes, painted_faces
from reepi.review.drafts import Step
from reepi.review.history import MASK
from reepi.review.patches import Patch, difference
from reepi.review.worklist import Task


@dataclass(frozen=True, eq=False)
class Work:
    """What a reader says of a photograph and its visit.

    Parameters
    ----------
    mask : (H, W) uint8
        Tissue of each pixel.
    points : tuple of ReaderPoint
        Points that lay the photograph on the body.
    chart : (F,) uint8
        What is painted on the body chart.
    """

    mask: Mask
    points: tuple[ReaderPoint, ...]
    chart: FaceTissues


@dataclass(frozen=True, eq=False)
class TakenUp:
    """Work after its unsaved steps were done again.

    Parameters
    ----------
    work : Work
        With the steps.
    steps : tuple of Step
        The steps as they are undone from there; what changes nothing any more is left out.
    chart_stands : bool
        Whether a newer chart of the visit was saved in between, which stands where the steps painted otherwise.
    """

    work: Work
    steps: tuple[Step, ...]
    chart_stands: bool = False


def draft_name(task: Task, ground: str) -> str:
    """Return the name of the unsaved work on a task, as the photograph and what is judged of it are.

    Work on another photograph under the same file name has another name, so it is never laid on this one.

    Parameters
    ----------
    task : Task
        What is read.
    ground : str
        Hash of what the work lies on; see `reepi.review.desk.Desk.ground`.
    """
    return f"{names_begin(task)}{ground}"


def names_begin(task: Task) -> str:
    """Return how the names of all unsaved work on a task begin, whatever it lies on."""
    return f"{task.name}@"


def taken_up(steps: Sequence[Step], saved: Work) -> TakenUp:
    """Return unsaved steps done again on what is saved now, which is left untouched.

    Each step on the mask covers the rectangle that it changed. A face of the chart keeps what was saved where that is
    not what the steps began with: somebody painted it beside another photograph of the visit since.

    Raises
    ------
    InputError
        A step is damaged or does not fit the photograph.
    """
    mask, points, chart = saved.mask.copy(), saved.points, saved.chart.copy()
    newer = np.zeros(len(chart), np.bool_)
    wanted = saved.chart.copy()
    kept: list[Step] = []
    for step in steps:
        with _trouble_told():
            if step.kind == MASK:
                kept += _painted(step, mask)
            elif step.kind == "points":
                kept.append(Step(step.kind, points_to_text(points).encode(), step.redo))
                points = text_to_points(step.redo.decode())
            else:
                kept += _charted(step, chart, newer, wanted)
    return TakenUp(Work(mask, points, chart), tuple(kept), not np.array_equal(wanted, chart))


def leads_to(steps: Sequence[Step], saved: Work) -> bool:
    """Return whether unsaved steps end at what is saved: the window was killed just after saving them."""
    mask, points, chart = saved.mask.copy(), points_to_text(saved.points).encode(), saved.chart.copy()
    for step in steps:
        with _trouble_told():
            if step.kind == MASK:
                patch = _fitting(Patch.unpacked(step.redo), mask)
                mask[patch.window] = patch.after
            elif step.kind == "points":
                points = step.redo
            else:
                faces, tissues = painted_faces(step.redo)
                chart[faces] = tissues
    same_points = points == points_to_text(saved.points).encode()
    return same_points and np.array_equal(mask, saved.mask) and np.array_equal(chart, saved.chart)


@contextmanager
def _trouble_told() -> Iterator[None]:
    try:
        yield
    except (ValueError, IndexError) as error:
        problem = f"a step is damaged or does not fit the photograph ({error})"
        raise InputError(
            [Fault("unsaved work", problem, "Move the drafts of this reader away, and open it again.")]
        ) from error


def _painted(step: Step, mask: Mask) -> list[Step]:
    """Do a step on the mask (H, W), in place; return it as it is undone from there."""
    patch = _fitting(Patch.unpacked(step.redo), mask)
    before = mask[patch.window]
    if not np.array_equal(before, patch.before):
        again = difference(before, patch.after, patch.top, patch.left)
        step = step if again is None else Step(MASK, b"", again.packed())
        if again is None:
            return []
    mask[patch.window] = patch.after
    return [step]


def _fitting(patch: Patch, mask: Mask) -> Patch:
    if mask[patch.window].shape != patch.after.shape:
        raise ValueError(f"it reaches beyond {mask.shape[1]} x {mask.shape[0]} pixels")
    return patch


def _charted(step: Step, chart: FaceTissues, newer: npt.NDArray[np.bool_], wanted: FaceTissues) -> list[Step]:
    """Do a step on the chart (F,), in place, but for the faces that were painted newer, which are marked as such."""
    faces, tissues = painted_faces(step.redo)
    _, before = painted_faces(step.undo)
    wanted[faces] = tissues
    newer[faces] |= chart[faces] != before
    if not newer[faces].any():
        chart[faces] = tissues
        return [step]
    left = faces[~newer[faces]]
    undo = painted_bytes(left, chart)
    chart[left] = wanted[left]
    return [Step(step.kind, undo, painted_bytes(left, chart))] if len(left) else []
