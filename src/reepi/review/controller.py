"""The review without its window: what a reader can do, one action a method, and what has changed then.

Everything that is done to a photograph goes through here: it is written down at once, can be undone in the order in
which it was done, and ends as a reading in the study's trail. Programs can review through this class just as the window
does.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Final, Literal

import numpy as np

from reepi.core.chart_reading import FaceTissues
from reepi.core.errors import Fault, InputError, PhotographRejected, VisitUnfinished
from reepi.core.images import Mask
from reepi.core.reader_points import ReaderPoint, points_to_text, text_to_points
from reepi.core.reading import Reading, ReadingState
from reepi.core.registration_decision import NewDecision, Verdict
from reepi.core.signature import Signature
from reepi.core.surface import Registration
from reepi.core.tissue import UNLABELLED
from reepi.mapping.projection import SkinSamples
from reepi.review.blind import visit_untold
from reepi.review.chart_steps import painted_bytes, with_painted
from reepi.review.desk import Desk, OpenPhotograph
from reepi.review.differences import Choice
from reepi.review.drafts import Drafts
from reepi.review.history import Change as Done
from reepi.review.history import History
from reepi.review.live import Numbers
from reepi.review.patches import Patch, difference
from reepi.review.placing import Place, place_by_points, scored_place
from reepi.review.saving import is_corrected, save_work, saved_work
from reepi.review.unsaved import Work, draft_name, leads_to, names_begin, taken_up
from reepi.review.worklist import UNOPENED, UNREAD, Task, grown, next_unread
from reepi.store.provenance import bytes_hash

Change = Literal["photograph", "mask", "points", "registration", "chart", "tasks"]
"""What an action changed, for whoever draws it."""

REJECTIONS: Final = (
    "blurred",
    "too dark or too bright",
    "skin covered or hidden",
    "wrong view or wrong patient",
    "not a photograph of the skin",
    "other",
)
"""Reasons for rejecting a photograph; a remark may follow."""

OTHER_GROUND: Final = (
    "You left unsaved work on another version of this photograph; it is kept, and is there again with that version."
)

OTHER_READINGS: Final = (
    "A reader read it again, or the photograph is another, since you began; what you had decided is not taken over."
)

LAID_OVER: Final = "The proposal is another one than when you began; what you did was laid over the new one."

NEWER_CHART: Final = (
    "The body chart was painted and saved beside another photograph of the visit since; where you painted it before, "
    "what was saved stands."
)

NOTHING_OPEN: Final = Fault("review", "no photograph is open", "Choose one in the list first.")
"""Why nothing can be done where no photograph could be opened yet."""


class Review:
    """A reader at work on a study.

    Parameters
    ----------
    desk : Desk
        The study as the reader sees it.
    drafts : Drafts
        Where unsaved work is written down.
    changed : callable, optional
        Told what each action changed.
    """

    def __init__(self, desk: Desk, drafts: Drafts, changed: Callable[[Change], None] = lambda change: None) -> None:
        self.desk = desk
        self.changed = changed
        self._drafts = drafts
        self.tasks: tuple[Task, ...] = desk.tasks()
        self.at = -1
        self.passed: tuple[Fault, ...] = ()
        """Photographs that `resume`, `next` or `open_first` passed last because they cannot be opened, and why."""
        self._unopened: set[str] = set()
        self._opened: OpenPhotograph | None = None
        self._history = History(drafts.draft(""))
        self.mask: Mask = np.zeros((0, 0), np.uint8)
        self.points: tuple[ReaderPoint, ...] = ()
        self.chart: FaceTissues = np.zeros(0, np.uint8)
        self._place = Place()
        self._warnings: tuple[str, ...] = ()
        self._is_refused = False

    # What is on the desk

    @property
    def photograph(self) -> OpenPhotograph:
        """The photograph on the desk.

        Raises
        ------
        InputError
            None was opened yet.
        """
        if self._opened is None:
            raise InputError([NOTHING_OPEN])
        return self._opened

    @property
    def task(self) -> Task:
        """What is being read (`InputError` if nothing was opened yet)."""
        if self._opened is None:
            raise InputError([NOTHING_OPEN])
        return self.tasks[self.at]

    @property
    def is_corrected(self) -> bool:
        """Whether the mask differs from the proposal, or there is none."""
        return is_corrected(self.photograph, self._work)

    @property
    def _work(self) -> Work:
        return Work(self.mask, self.points, self.chart)

    @property
    def is_saved(self) -> bool:
        """Whether everything done to the photograph is in the trail."""
        return not self._history.unsaved

    @property
    def registration(self) -> Registration | None:
        """Where the photograph lies on the body, None where that is not known."""
        return self._place.registration

    @property
    def samples(self) -> SkinSamples | None:
        """What of the body the photograph shows where it lies."""
        return self._place.samples

    @property
    def trouble(self) -> str:
        """What the reader has to know of the photograph on the desk, and why its points could not be followed."""
        return " ".join(told for told in (*self._warnings, self._place.trouble) if told)

    def numbers(self) -> Numbers:
        """Return the areas of the visit as it is painted now; a photograph whose place was refused shows nothing."""
        is_refused = self._is_refused and self.registration is self.photograph.registration
        return self.photograph.live.numbers(None if is_refused else self.samples, self.mask, self.chart)

    @property
    def unlabelled(self) -> float:
        """Share of the skin that the photograph shows which nobody labelled, 0 to 1."""
        if self.samples is None or not len(self.samples.owner):
            return 0.0
        rows, columns = self.samples.places_at((self.mask.shape[0], self.mask.shape[1]))
        return float((self.mask[rows, columns] == UNLABELLED).mean())

    # From photograph to photograph

    def resume(self) -> bool:
        """Open the photograph that the reader stopped at; return whether there is one that can be opened."""
        self.passed = ()
        begun = [at for at, task in enumerate(self.tasks) if self._has_unsaved(task)]
        if any(self._opens(at) for at in begun) or self._opens_unread(-1):
            return True
        return any(self._opens(at) for at, task in enumerate(self.tasks) if task.is_read)

    def open(self, at: int, ready: OpenPhotograph | None = None) -> None:
        """Open a photograph of the worklist, with the unsaved work on it.

        Parameters
        ----------
        at : int
            Its place in `tasks`.
        ready : OpenPhotograph, optional
            The same photograph, if it was opened ahead.

        Raises
        ------
        PhotographRejected
            It cannot be opened, and waits no more until it can; what was on the desk stays there.
        InputError
            What was saved or done of it cannot be read; what was on the desk stays there.
        """
        task = self.tasks[at]
        try:
            with visit_untold(task.title, self.desk.hides_visits):
                opened = self._brought(task, ready)
        except PhotographRejected:
            self._set_aside(task)
            raise
        self._take_back(task)
        if opened.is_outdated and task.is_read:
            self._refresh_tasks(task, UNREAD)
        on_desk = (self._opened, self.at, self.mask, self.points, self.chart, self._history)
        told = (self._place, self._warnings, self._is_refused)
        try:
            self._lay_out(opened, at)
        except BaseException:
            self._opened, self.at, self.mask, self.points, self.chart, self._history = on_desk
            self._place, self._warnings, self._is_refused = told
            raise
        self.changed("photograph")

    def _lay_out(self, opened: OpenPhotograph, at: int) -> None:
        """Put a photograph on the desk, with what was saved of it and done since."""
        self._opened, self.at = opened, at
        self._warnings = opened.warnings
        self._is_refused = not opened.is_repeat and opened.task.entry.file in self.desk.refused()
        self._begin_history(opened.start)
        work = self._taken_up(saved_work(self.desk, opened))
        self.mask, self.points, self.chart = work.mask, work.points, work.chart
        self._place = place_by_points(opened, self.points, scored_place(opened))

    def next(self, ready: OpenPhotograph | None = None) -> bool:
        """Open the next photograph that is not read; return whether there is one that can be opened."""
        self.passed = ()
        return self._opens_unread(self.at, ready)

    def open_first(self, places: Iterable[int], ready: OpenPhotograph | None = None) -> bool:
        """Open the first photograph of some that can be opened; return whether there is one. See `open`."""
        self.passed = ()
        return any(self._opens(at, ready) for at in places)

    def _opens_unread(self, after: int, ready: OpenPhotograph | None = None) -> bool:
        at = next_unread(self.tasks, after)
        while at is not None and not self._opens(at, ready):
            at = next_unread(self.tasks, at)
        return at is not None

    def _opens(self, at: int, ready: OpenPhotograph | None = None) -> bool:
        """Open a photograph; return False where it cannot be, and add the reason to `passed`."""
        title = self.tasks[at].title
        try:
            self.open(at, ready)
        except PhotographRejected as rejection:
            self.passed += (Fault(title, f"it {UNOPENED}", rejection.explanation),)
            return False
        return True

    def _set_aside(self, task: Task) -> None:
        """Let a photograph that cannot be opened wait no more, so that the rest can be finished without it."""
        self._unopened.add(task.entry.file)
        self._refresh_tasks(task, UNOPENED if task.waits else task.state)

    def _take_back(self, task: Task) -> None:
        """Let a photograph that could not be opened wait again."""
        self._unopened.discard(task.entry.file)
        if task.state == UNOPENED:
            self._refresh_tasks(task, UNREAD)

    def _brought(self, task: Task, ready: OpenPhotograph | None) -> OpenPhotograph:
        """Return a photograph: the one opened ahead with what was saved of its visit since, or opened now."""
        if ready is None or ready.task.key != task.key or ready.judged != self.desk.judged(task.entry.file):
            return self.desk.open(task)
        return replace(ready, live=self.desk.live(ready.task.entry, ready.template))

    # Correcting the mask

    def take(self, mask: Mask) -> bool:
        """Take over a mask (H, W) that was painted elsewhere, as one step; return whether anything changed."""
        patch = difference(self.mask, mask)
        return self.edit(patch)

    def edit(self, patch: Patch | None) -> bool:
        """Change the mask; return whether anything changed."""
        if patch is None:
            return False
        # Written down first: a step that cannot be kept must not be shown as done.
        self._history.push_patch(patch)
        self._show(Done("mask", patch=patch))
        return True

    def undo(self) -> bool:
        """Undo the last step, whatever it was; return whether there was one."""
        return self._show(self._history.undo())

    def redo(self) -> bool:
        """Do again what was undone last; return whether there was anything."""
        return self._show(self._history.redo())

    # Adjudication

    def decide(self, number: int, choice: Choice) -> bool:
        """Decide for one of two readers in an area of the photograph's `case`; return whether anything changed.

        Raises
        ------
        ValueError
            There is nothing to decide on this photograph.
        """
        case = self.photograph.case
        if case is None:
            raise ValueError("readers do not differ on this photograph; there is nothing to decide")
        return self.edit(case.chosen(self.mask, number, choice))

    @property
    def undecided(self) -> tuple[int, ...]:
        """Areas that still have to be decided."""
        case = self.photograph.case
        return () if case is None else case.undecided(self.mask)

    # The body chart

    def paint_chart(self, tissue: FaceTissues) -> bool:
        """Paint the body chart of the visit, (F,): detachable, covered or 255; return whether anything changed.

        Raises
        ------
        InputError
            The protocol hides which visit it is, or the step could not be written down.
        """
        if self.desk.hides_visits:
            problem = "the protocol hides the day or the patient, so a visit's chart cannot be painted"
            raise InputError([Fault(self.task.title, problem, "Paint it in a study that is not read blind.")])
        if np.array_equal(tissue, self.chart):
            return False
        faces = np.flatnonzero(tissue != self.chart)
        after = painted_bytes(faces, tissue)
        self._history.push("chart", painted_bytes(faces, self.chart), after)
        return self._show(Done("chart", after))

    # Where the photograph lies on the body

    def place_points(self, points: Sequence[ReaderPoint]) -> bool:
        """Set the reader's points; the registration follows. Return whether they could be followed.

        Where they cannot, as when they contradict each other, `trouble` says why and the registration stays.
        """
        before, after = points_to_text(self.points).encode(), points_to_text(points).encode()
        self._history.push("points", before, after)
        self._show(Done("points", after))
        return not self._place.trouble

    def judge_registration(self, verdict: Verdict, reason: str = "") -> None:
        """Accept the photograph's place on the body, or refuse it with a reason; saved at once.

        Raises
        ------
        InputError
            The photograph has no registration yet, or is laid by points that were not scored yet; or saving failed.
        ValueError
            A refusal has no reason.
        """
        opened = self.photograph
        if self.registration is not opened.registration:
            problem = "its place on the body is that of your points, which was not scored yet"
            raise InputError([Fault(opened.task.title, problem, "Save it and score the study, then judge its place.")])
        if not opened.registration_sha256 or opened.registration is None:
            problem = "it has no place on the body to judge"
            raise InputError([Fault(opened.task.title, problem, "Score the study, or place points and save first.")])
        new = NewDecision(
            opened.task.entry.file,
            self.desk.reader,
            verdict,
            opened.registration_sha256,
            opened.registration.residual_mm,
            reason,
            opened.sha256,
        )
        if not opened.is_repeat:
            with self._visit_untold():
                self.desk.decisions.save(new)
        self._is_refused = verdict == "refused"
        self.changed("registration")

    # Ending a photograph and a visit

    def accept(self, reason: str = "") -> Reading:
        """Save the mask as it is: accepted where it is the proposal, corrected where it is not.

        Points and chart are saved with it, if they were changed; points also if the photograph was.

        Raises
        ------
        InputError
            Saving failed, areas are not decided yet, a reader read again what an adjudicator judges, or the visit is
            signed and there is no reason. Nothing is lost; try again.
        """
        if self.undecided:
            problem = f"{len(self.undecided)} areas are not decided yet"
            raise InputError([Fault(self.task.title, problem, "Decide for A or B in each, or paint them.")])
        with self._visit_untold():
            return self._save("corrected" if self.is_corrected else "accepted", reason)

    def reject(self, reason: str) -> Reading:
        """Reject the photograph, with the reason; see `accept`. What was painted on it is kept, and counts for nothing.

        Raises
        ------
        ValueError
            There is no reason.
        """
        with self._visit_untold():
            return self._save("rejected", reason)

    def sign(self) -> Signature:
        """Sign the visit of the photograph on the desk, without what cannot be opened of it.

        Raises
        ------
        VisitUnfinished
            Photographs of the visit are not finished, or hold work that is not saved; names them, unless the protocol
            hides which belong together.
        InputError
            Saving failed.
        """
        patient_id, day = self.photograph.visit
        with self._visit_untold():
            tasks = self._visit_tasks()
            unsaved = [task.entry.file for task in tasks if self._has_unsaved(task)]
            if unsaved:
                remedy = "Save it, or undo what you did, before signing the visit."
                raise VisitUnfinished([Fault(file, "it holds work that is not saved", remedy) for file in unsaved])
            files = [task.entry.file for task in tasks if task.state != UNOPENED]
            return self.desk.signatures.sign(patient_id, day, self.desk.reader, files)

    @property
    def visit_files(self) -> tuple[str, ...]:
        """Photographs of the visit that are the reader's to read: an adjudicator's are those in the list."""
        return tuple(task.entry.file for task in self._visit_tasks())

    def _visit_tasks(self) -> tuple[Task, ...]:
        """Return the tasks of the visit of the photograph on the desk, without hidden repeats."""
        files = self.desk.visit_files(self.photograph.visit)
        return tuple(task for task in self.tasks if task.entry.file in files and task.occasion == 1)

    def _visit_untold(self) -> AbstractContextManager[None]:
        return visit_untold(self.task.title, self.desk.hides_visits)

    def _save(self, state: ReadingState, reason: str) -> Reading:
        opened = self.photograph
        reading = save_work(self.desk, opened, self._work, state, reason)
        self._history.clear()
        self._begin_history(self.mask)
        # They were to be known before reading.
        self._warnings = ()
        self._refresh_tasks(opened.task, state)
        return reading

    def _refresh_tasks(self, task: Task, state: str) -> None:
        self.tasks = tuple(replace(each, state=state) if each.key == task.key else each for each in self.tasks)
        if not any(each.waits for each in self.tasks):
            self.tasks = grown(self.tasks, self.desk.tasks(self._unopened))
        self.changed("tasks")

    # Steps

    def _show(self, done: Done | None) -> bool:
        """Do what was written down, and tell what it changed; return whether there was anything."""
        if done is None:
            return False
        self._apply(done)
        if done.kind == "points":
            self._place = place_by_points(self.photograph, self.points, self._place)
            self.changed("registration")
        self.changed(_CHANGES[done.kind])
        return True

    def _apply(self, done: Done) -> None:
        if done.patch is not None:
            self.mask[done.patch.window] = done.patch.after
        elif done.kind == "points":
            self.points = text_to_points(done.content.decode())
        else:
            self.chart = with_painted(self.chart, done.content)

    def _taken_up(self, saved: Work) -> Work:
        """Return what is saved of the photograph with what was done and not saved when it was left."""
        here = draft_name(self.task, self.photograph.ground)
        if any(name != here for name in self._drafts_of(self.task)):
            self._warnings += (OTHER_GROUND if self.desk.role == "reader" else OTHER_READINGS,)
        steps = self._history.steps()
        if not steps or (self.task.is_read and leads_to(steps, saved)):
            # What was undone is of the mask that the work began with.
            if steps or not self._history.fits:
                self._history.clear()
            return saved
        again, fits = taken_up(steps, saved), self._history.fits
        if again.steps != steps or not fits:
            self._history.replace(again.steps)
        self._warnings += tuple(
            told for told, holds in ((LAID_OVER, not fits), (NEWER_CHART, again.chart_stands)) if holds
        )
        return again.work

    def _begin_history(self, mask: Mask) -> None:
        """Keep steps on the photograph from here on, with a mask (H, W) to begin with."""
        name = draft_name(self.task, self.photograph.ground)
        self._history = History(self._drafts.draft(name), bytes_hash(mask.tobytes()))

    def _drafts_of(self, task: Task) -> tuple[str, ...]:
        """Return the names of all unsaved work on a task, whatever it lies on."""
        return tuple(name for name in self._drafts.items() if name.startswith(names_begin(task)))

    def _has_unsaved(self, task: Task) -> bool:
        """Return whether there is unsaved work on a task as its photograph is now."""
        names = self._drafts_of(task)
        return bool(names) and draft_name(task, self.desk.ground(task.entry.file)) in names

    def close(self) -> None:
        """Let go of the drafts; everything that was done is written down."""
        self._drafts.close()


_CHANGES: Final[dict[str, Change]] = {"mask": "mask", "points": "points", "chart": "chart"}
