"""What is saved of a photograph and its visit, and how a reader's work on them becomes part of the study's trail."""

import numpy as np

from reepi.core.chart_reading import NewChartReading
from reepi.core.errors import Fault, InputError
from reepi.core.reader_points import NewPoints
from reepi.core.reading import NewReading, Reading, ReadingState
from reepi.core.tissue import UNLABELLED
from reepi.review.desk import Desk, OpenPhotograph
from reepi.review.unsaved import Work


def saved_work(desk: Desk, opened: OpenPhotograph) -> Work:
    """Return what a reader begins with on a photograph: what was saved of it, and of its visit's chart.

    A hidden repeat begins as the first time, without points and chart.
    """
    points = None if opened.is_repeat else desk.own_points(opened.task.entry.file)
    chart = None if opened.is_repeat or desk.hides_visits else desk.begun_chart(opened.visit)
    return Work(
        opened.start.copy(),
        () if points is None else points.points,
        np.full(opened.template.n_faces, UNLABELLED, np.uint8) if chart is None else chart.tissue,
    )


def is_corrected(opened: OpenPhotograph, work: Work) -> bool:
    """Return whether the mask differs from the proposal, or there is none."""
    return opened.proposal is None or not np.array_equal(work.mask, opened.proposal)


def save_work(desk: Desk, opened: OpenPhotograph, work: Work, state: ReadingState, reason: str) -> Reading:
    """Save how a reader ended a photograph; points and chart with it where they were changed.

    Raises
    ------
    InputError
        A reader read again what is judged, the visit is signed and there is no reason, or saving failed.
    ValueError
        A rejection has no reason.
    """
    if opened.judged != desk.judged(opened.task.entry.file):
        problem = "a reader read it again since you opened it"
        raise InputError([Fault(opened.task.title, problem, "Open it anew, and decide on what is said now.")])
    if not opened.is_repeat:
        _save_points(desk, opened, work, reason)
        _save_chart(desk, opened, work, reason)
    new = NewReading(
        opened.task.entry.file,
        desk.reader,
        state,
        reason,
        opened.model.name if opened.proposal is not None else "",
        opened.model.sha256 if opened.proposal is not None else "",
        opened.sha256,
        desk.role,
        opened.task.occasion,
    )
    # A rejection may have been a mistake: what was painted before it is there again when the photograph is opened.
    is_kept = state != "rejected" or (is_corrected(opened, work) and bool((work.mask != UNLABELLED).any()))
    return desk.readings.save(new, work.mask if is_kept else None)


def _save_points(desk: Desk, opened: OpenPhotograph, work: Work, reason: str) -> None:
    file = opened.task.entry.file
    saved = desk.own_points(file)
    # Points on a photograph that was changed since count no more, until somebody says that they hold for it.
    are_of_now = saved is not None and saved.photograph_sha256 == opened.sha256
    before = () if saved is None else saved.points
    if work.points != before or (work.points and not are_of_now):
        desk.points.save(NewPoints(file, desk.reader, work.points, opened.sha256, reason))


def _save_chart(desk: Desk, opened: OpenPhotograph, work: Work, reason: str) -> None:
    if not np.array_equal(work.chart, saved_work(desk, opened).chart):
        patient_id, day = opened.visit
        desk.charts.save(NewChartReading(patient_id, day, desk.reader, work.chart, reason, desk.role))
