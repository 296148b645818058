"""The review's window: napari with the photograph, a panel for the worklist and the numbers, and the body chart."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import napari
import numpy as np
import numpy.typing as npt
from qtpy.QtCore import Qt, QTimer

from reepi.core.errors import Fault, InputError, ReasonNeeded, ReepiError
from reepi.core.reader_points import ReaderPoint, moved_points
from reepi.core.tissue import Tissue
from reepi.review import assist, edits
from reepi.review.ahead import OpeningAhead, Ready
from reepi.review.body_dock import MOVE, BodyDock
from reepi.review.controller import REJECTIONS, Change, Review
from reepi.review.desk import OpenPhotograph
from reepi.review.dialogs import Dialogs
from reepi.review.differences import Choice
from reepi.review.garbage import WindowGarbage
from reepi.review.keys import bind
from reepi.review.layers import FAINTEST, OUTLINE_PX, PhotographLayers, shown_sizes
from reepi.review.live import Numbers
from reepi.review.panel import Panel
from reepi.review.patches import Patch, Place, relabelled
from reepi.review.superpixels import superpixel
from reepi.review.words import (
    ACTIONS,
    FIRST_CLICK,
    LEGEND,
    SECOND_CLICK,
    area_told,
    day_told,
    end_told,
    foreign_told,
    numbers_told,
    passed_told,
    signed_told,
    task_told,
    tissue_key,
)
from reepi.review.worklist import next_unread
from reepi.scoring.visits import visit_date

NUMBERS_AFTER_MS = 60
"""So long after the last stroke the numbers are counted anew [ms]: strokes in a row are counted once."""

CHART_HEIGHT_PX = 300
"""Height of the body chart at first [px]."""

SUPERPIXEL = 1 / 70
"""Side of a superpixel, as a share of the photograph's long side."""

LOOK_AT_MS = 200
"""How often the window looks whether a photograph that is opened ahead is ready [ms]."""


class ReviewWindow:
    """Shows a review and hands on what the reader does.

    Parameters
    ----------
    review : Review
        What is reviewed. Its `changed` is taken over.
    show : bool
        Whether the window appears.
    ask : object, optional
        Who answers questions and hears of trouble, in place of dialogs: see `Dialogs`.
    """

    def __init__(self, review: Review, show: bool = True, ask: Dialogs | None = None) -> None:
        self.review = review
        self.ask = ask or Dialogs()
        self.viewer = napari.Viewer(title="reepi review", show=show)
        self.layers = PhotographLayers(self.viewer, self._painted, self._disturbed, self._value_chosen)
        self.panel = Panel(review.tasks, self.open, self.choose, self.do)
        self.body = BodyDock(self._chart_painted, self._body_clicked, self._placing_ended)
        window = self.viewer.window
        panel = window.add_dock_widget(self.panel, name="review", area="right")
        chart = window.add_dock_widget(self.body.widget, name="body chart", area="bottom")
        for dock in (panel, chart):
            # What napari closes is gone for good; what it hides comes back by its menu.
            dock.destroyOnClose = dock.hide
        window._qt_window.resizeDocks([chart], [CHART_HEIGHT_PX], Qt.Orientation.Vertical)
        self.tissue = Tissue.DETACHED
        self.numbers: Numbers | None = None
        self._proposed: Numbers | None = None
        self._shown: OpenPhotograph | None = None
        self._pending: tuple[float, float] | None = None
        self._ahead = OpeningAhead(review.desk, shown_sizes)
        self._is_closed = False
        self._is_held = False
        self._garbage = WindowGarbage(window)
        self._area: int | None = None
        self._strokes: set[Callable[[], bool]] = set()
        self._ready: Ready | None = None
        self._clock = QTimer()
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self.count)
        self._look = QTimer()
        self._look.timeout.connect(self._show_earlier)
        bind(self.viewer, self._keys())
        self.body.bind(self._keys())
        self.viewer.mouse_drag_callbacks.extend([self._clicked, self._held])
        self.body.viewer.mouse_drag_callbacks.append(self._held)
        review.changed = self._changed

    # What happens in the review

    def start(self) -> bool:
        """Open the photograph that the reader stopped at; return whether there is anything to read."""
        found = self._attempt(self.review.resume) is True
        self._tell_passed()
        return found

    def open(self, at: int) -> None:
        """Open a photograph of the worklist."""
        self._open_first([at])

    def choose(self, tissue: Tissue) -> None:
        """Choose the tissue to paint with."""
        self.tissue = tissue
        if self.layers.tissues is not None:
            self.layers.tissues.selected_label = int(tissue)
        self.panel.choose(tissue)

    def do(self, name: str) -> None:
        """Do what a key or a button stands for; see `reepi.review.words.ACTIONS`."""
        self._attempt(getattr(self, name))

    def count(self) -> None:
        """Count the visit's numbers anew and show them, on the panel and on the body."""
        self.numbers = self.review.numbers()
        told = numbers_told(self.numbers, self._proposed, self.review.unlabelled)
        self.panel.show_numbers(f"this photograph alone:\n{told}" if self.review.desk.hides_visits else told)
        self.body.show_surface(self.numbers.surface)

    def close(self) -> None:
        """Close the window; everything is on the disk already."""
        if self._is_closed:
            return
        self._is_closed = True
        self._clock.stop()
        self._look.stop()
        self._ahead.close()
        self.review.close()
        self.body.close()
        self.viewer.close()
        self._garbage.close()

    # Actions with keys

    def accept(self) -> None:
        """Save the photograph and open the next one that is not read."""
        if not self._told_of_polygon():
            self._saved(self.review.accept)

    def reject(self) -> None:
        """Reject the photograph with a reason."""
        reason = self.ask.choose(f"Why can {self.review.task.title} not be read?", REJECTIONS)
        if reason:
            self.layers.give_up_polygon()
            self._saved(
                lambda signed_reason="": self.review.reject(f"{reason}; {signed_reason}" if signed_reason else reason)
            )

    def next_unread(self) -> None:
        """Open the next photograph that is not read."""
        at = next_unread(self.review.tasks, self.review.at)
        found = False if at is None else self._go(at, self.review.next)
        if found is False:
            self.ask.tell(end_told(self.review.tasks))

    def go_down(self) -> None:
        """Open the next photograph of the list."""
        self._open_first(range(self.review.at + 1, len(self.review.tasks)))

    def go_up(self) -> None:
        """Open the photograph before."""
        self._open_first(range(self.review.at - 1, -1, -1))

    def undo(self) -> None:
        """Undo the last step."""
        self.review.undo()

    def redo(self) -> None:
        """Do again what was undone."""
        self.review.redo()

    def paint(self) -> None:
        """Brush."""
        self._mode("paint")

    def draw_polygon(self) -> None:
        """Draw a polygon."""
        self._mode("polygon")

    def fill(self) -> None:
        """Fill."""
        self._mode("fill")

    def move(self) -> None:
        """Move and zoom."""
        self._mode(MOVE)
        self.body.move()

    def superpixel(self) -> None:
        """Give the patch under the pointer the chosen tissue."""
        place = self._pointed_at()
        if place is not None:
            side = max(2.0, SUPERPIXEL * max(self.review.photograph.size))
            region = superpixel(self.review.photograph.pixels, place, side)
            if region is not None:
                self.review.edit(relabelled(self.review.mask, region, self.tissue))

    def retissue(self, tissue: Tissue) -> None:
        """Give the connected area under the pointer another tissue."""
        place = self._pointed_at()
        if place is not None:
            self.review.edit(edits.retissued(self.review.mask, place, tissue))

    def grow(self) -> None:
        """Grow the area under the pointer to the next edge."""
        self._moved_border(assist.grown)

    def shrink(self) -> None:
        """Shrink the area under the pointer to the next edge."""
        self._moved_border(assist.shrunk)

    def flicker(self) -> None:
        """Hide or show the tissues."""
        if self.layers.tissues is not None:
            self.layers.tissues.visible = not self.layers.tissues.visible

    def outlines(self) -> None:
        """Show outlines only, or areas."""
        if self.layers.tissues is not None:
            self.layers.tissues.contour = 0 if self.layers.tissues.contour else OUTLINE_PX

    def fainter(self) -> None:
        """Let more of the photograph through."""
        self._cover(-0.1)

    def stronger(self) -> None:
        """Let less of the photograph through."""
        self._cover(0.1)

    def regions(self) -> None:
        """Show or hide the borders of the regions."""
        if self.layers.regions is not None:
            self.layers.regions.visible = not self.layers.regions.visible

    def place_points(self) -> None:
        """Begin or end placing points."""
        begins = not self.body.placing
        self._end_placing()
        self.move()
        if begins:
            self.body.place()
            self._tell_photograph()

    def accept_registration(self) -> None:
        """Accept the place on the body."""
        if self._kept(partial(self.review.judge_registration, "accepted")):
            self.panel.mark("The place on the body is accepted.")

    def refuse_registration(self) -> None:
        """Refuse the place on the body."""
        reason = self.ask.write(f"Why is the place of {self.review.task.title} on the body refused?")
        if reason:
            self.review.judge_registration("refused", reason)
            self.panel.mark("The place on the body is refused; the photograph will not count until it is right.")

    def turn_body(self) -> None:
        """Show the body chart flat, or as a body to turn."""
        self.body.turn()

    def sign(self) -> None:
        """Sign the visit."""
        signature = self.review.sign()
        self.panel.mark(signed_told(signature, self.review.visit_files, self.review.desk.hides_visits))

    def first_is_right(self) -> None:
        """Decide for A in the area shown."""
        self._decided("first")

    def second_is_right(self) -> None:
        """Decide for B in the area shown."""
        self._decided("second")

    def next_area(self) -> None:
        """Show the next area that is not decided, behind the one shown."""
        left = self.review.undecided
        later = [number for number in left if self._area is not None and number > self._area]
        self._show_area(later[0] if later else (left[0] if left else None))

    # Inside

    def _open_first(self, places: Sequence[int]) -> None:
        """Open the first photograph that can be opened."""
        if places:
            self._go(places[0], partial(self.review.open_first, places))

    def _go(self, at: int, opened: Callable[[OpenPhotograph | None], bool]) -> bool | None:
        """Open a photograph, at best the one at a place, and tell which cannot be opened; None is other trouble."""
        found: bool | None = None
        if not self._told_of_polygon():
            self._ready = self._ahead.take(self.review.tasks[at])
            found = self._attempt(partial(opened, None if self._ready is None else self._ready.photograph))
            self._tell_passed()
        # The list marks what was clicked, also where that did not open.
        self.panel.show_tasks(self.review.tasks, self.review.at)
        return found

    def _told_of_polygon(self) -> bool:
        """Tell that a polygon is not closed, so that it is not lost; return whether there is one."""
        is_open = self.layers.has_open_polygon
        if is_open:
            self.ask.tell("A polygon is not closed yet. Enter closes it, Escape gives it up.")
        return is_open

    def _tell_passed(self) -> None:
        if self.review.passed:
            now = self.review.task.title if self.review.at >= 0 else ""
            self.ask.tell(passed_told(self.review.passed, now))

    def _decided(self, choice: Choice) -> None:
        if self._area is not None:
            self.review.decide(self._area, choice)
            self.next_area()

    def _show_area(self, number: int | None) -> None:
        case, self._area = self.review.photograph.case, number
        self.layers.show_area(None if case is None or number is None else case.areas[number])
        if case is not None:
            left = self.review.undecided
            told = (
                "Everything is decided."
                if number is None
                else area_told(case.areas[number], left.index(number) + 1, len(left))
            )
            self.panel.mark("\n".join(line for line in (self.review.trouble, told) if line))

    def _changed(self, change: Change) -> None:
        if change == "photograph":
            self._show_photograph()
        elif change == "mask":
            self.layers.show_mask(self.review.mask)
            self._clock.start(NUMBERS_AFTER_MS)
        elif change == "chart":
            self.body.show_chart(self.review.chart)
            self._clock.start(NUMBERS_AFTER_MS)
        elif change == "registration":
            self._show_place()
            self._clock.start(NUMBERS_AFTER_MS)
        elif change == "points":
            self._show_points()
        elif change == "tasks":
            self.panel.show_tasks(self.review.tasks, self.review.at)

    def _show_photograph(self) -> None:
        opened = self.review.photograph
        ready = self._ready
        sizes = ready.sizes if ready is not None and ready.photograph.pixels is opened.pixels else None
        self._shown = None
        self._end_placing()
        self.layers.show(opened.pixels, self.review.mask, sizes)
        self._shown = opened
        self.layers.look_at_photograph(self._canvas_size())
        self.body.show_body(opened.template, self.review.chart)
        self._show_place()
        self._show_points()
        self.choose(self.tissue)
        self.panel.show_tasks(self.review.tasks, self.review.at)
        self._proposed = opened.live.numbers(opened.samples, opened.proposal)
        self.count()
        self._area = None
        if opened.case is not None:
            self.next_area()
        self._bind_layer_keys()
        self._open_ahead()

    def _show_points(self) -> None:
        self.layers.show_points(self.review.points, self._points_moved)
        self.body.show_points(self.review.points)

    def _show_place(self) -> None:
        registration = self.review.registration
        template = self.review.photograph.template
        if registration is None:
            self.layers.show_regions(None)
        else:
            self.layers.show_regions(template.regions_at(registration.faces), registration.left_out)
        self._tell_photograph()

    def _disturbed(self) -> None:
        # napari is in the middle of what it does to its layers.
        QTimer.singleShot(0, self._put_right)

    def _put_right(self) -> None:
        """Bring the layers back, and tell of those that do not belong here."""
        foreign = () if self._is_closed else self.layers.put_right()
        if foreign:
            self.ask.tell(foreign_told(foreign))

    def _value_chosen(self, value: int) -> None:
        """Mark on the panel what napari's own tools chose to paint with; what is no tissue is not painted with."""
        tissue = Tissue(value) if value < len(Tissue) else self.tissue
        if int(tissue) != value or tissue != self.tissue:
            self.choose(tissue)

    def _painted(self) -> None:
        # napari tells of a stroke before it has written it into the layer.
        self._strokes.add(self._take_mask)
        QTimer.singleShot(0, self.take_strokes)

    def _chart_painted(self) -> None:
        self._strokes.add(self._take_chart)
        QTimer.singleShot(0, self.take_strokes)

    def take_strokes(self) -> None:
        """Take over what was painted since, on the photograph and on the chart."""
        strokes, self._strokes = self._strokes, set()
        for take in strokes:
            if not self._told(take):
                self._show_what_is_kept()

    def _show_what_is_kept(self) -> None:
        """Draw the review as it is: what could not be taken over must not stay on the screen as if it had been."""
        if self._shown is not None and self._shown is self.review.photograph:
            self.layers.show_mask(self.review.mask)
            self.body.show_chart(self.review.chart)

    def _take_mask(self) -> bool:
        if self._shown is not self.review.photograph:
            problem = "the window does not show it, so nothing of it can be painted or saved"
            raise InputError([Fault(self.review.task.title, problem, "Open it from the list again.")])
        return self.review.take(self.layers.mask)

    def _take_chart(self) -> bool:
        return self.review.paint_chart(self.body.painted)

    def _points_moved(self, places: npt.NDArray[np.float64]) -> None:
        if self._attempt(partial(self._take_points, places)) is None:
            # napari is still at work on the layer that is drawn anew.
            QTimer.singleShot(0, self._show_points)

    def _take_points(self, places: npt.NDArray[np.float64]) -> bool:
        if len(places) > len(self.review.points):
            problem = "a point needs its place on the body too"
            raise InputError([Fault(self.review.task.title, problem, "Press C to place points.")])
        return self.review.place_points(moved_points(self.review.points, places, self._size))

    @property
    def _size(self) -> tuple[int, int]:
        return self.review.photograph.size

    def _clicked(self, viewer: Any, event: Any) -> None:
        if self.body.placing and self.layers.tissues is not None and self.layers.tissues.mode == MOVE:
            row, column = self.layers.tissues.world_to_data(event.position)[-2:]
            height, width = self.review.photograph.size
            if 0 <= row < height and 0 <= column < width:
                self._pending = (float(column), float(row))
                self._tell_photograph()

    def _body_clicked(self, face: int, barycentric: tuple[float, float, float]) -> None:
        if self._pending is not None:
            point = ReaderPoint.at_pixel(self._pending, self.review.photograph.size, face, barycentric)
            self._pending = None
            self._attempt(partial(self.review.place_points, [*self.review.points, point]))

    def _saved(self, save: Callable[..., Any]) -> None:
        """Save what the window shows, and go on."""
        if self._told(self._take_mask) is None:
            self._show_what_is_kept()
        elif self._kept(save):
            self.next_unread()

    def _kept(self, save: Callable[..., Any]) -> bool:
        """Save, ask for a reason where the visit is signed, and return whether it was saved."""
        try:
            save()
        except ReepiError as error:
            reason = self.ask.write(f"{error}\nReason for the change:") if isinstance(error, ReasonNeeded) else ""
            if not reason:
                self.ask.tell(f"Not saved. {error}")
                return False
            save(reason)
        return True

    def _attempt(self, action: Callable[[], Any]) -> Any:
        """Do something, after what was painted before it."""
        self._put_right()
        self.take_strokes()
        return self._told(action)

    def _told(self, action: Callable[[], Any]) -> Any:
        """Do something; what goes wrong is told, and never lost in a log."""
        try:
            return action()
        except (ReepiError, OSError, ValueError) as error:
            self.ask.tell(str(error))
        return None

    def _tell_photograph(self) -> None:
        """Tell trouble, and what the next click is for while points are placed, or what is known of the photograph."""
        trouble = self.review.trouble
        if self.body.placing:
            next_click = FIRST_CLICK if self._pending is None else SECOND_CLICK
            self.panel.mark("\n".join(line for line in (trouble, next_click) if line))
        else:
            self.panel.mark(trouble or task_told(self.review.task))

    def _end_placing(self) -> None:
        if self.body.placing:
            self.body.placing = False
            self._placing_ended()

    def _placing_ended(self) -> None:
        self._pending = None
        self._tell_photograph()

    def _mode(self, mode: str) -> None:
        if mode != MOVE:
            self._end_placing()
        if self.layers.tissues is not None:
            self.viewer.layers.selection.active = self.layers.tissues
            self.layers.tissues.mode = mode

    def _cover(self, more: float) -> None:
        if self.layers.tissues is not None:
            self.layers.tissues.opacity = float(np.clip(self.layers.tissues.opacity + more, FAINTEST, 1))

    def _moved_border(self, move: Callable[..., Patch | None]) -> None:
        place = self._pointed_at()
        if place is not None:
            self.review.edit(move(self.review.mask, self.review.photograph.pixels, place))

    def _pointed_at(self) -> Place | None:
        # Over the body chart the pointer's last place on the photograph is none that the reader means.
        if self.layers.tissues is None or self.body.viewer.mouse_over_canvas:
            return None
        row, column = (
            round(float(each)) for each in self.layers.tissues.world_to_data(self.viewer.cursor.position)[-2:]
        )
        height, width = self.review.photograph.size
        return (row, column) if 0 <= row < height and 0 <= column < width else None

    def _canvas_size(self) -> tuple[int, int]:
        canvas = self.viewer.window._qt_viewer.canvas.native
        return int(canvas.height()), int(canvas.width())

    def _keys(self) -> dict[str, Callable[[], None]]:
        keys: dict[str, Callable[[], None]] = {action.keys: partial(self.do, action.name) for action in ACTIONS}
        for tissue in LEGEND:
            keys[tissue_key(tissue)] = partial(self.choose, tissue)
            keys[f"Shift-{tissue_key(tissue)}"] = partial(self._attempt, partial(self.retissue, tissue))
        return {key: partial(self._unless_held, action) for key, action in keys.items()}

    def _unless_held(self, action: Callable[[], None]) -> None:
        # A key amid a stroke would part it: lost here, and going on where the key led.
        if not self._is_held:
            action()

    def _held(self, viewer: Any, event: Any) -> Iterator[None]:
        """Know whether the mouse is held, from its press until it is let go."""
        self._is_held = True
        yield
        while event.type == "mouse_move":
            yield
        self._is_held = False

    def _bind_layer_keys(self) -> None:
        # napari's own undo of a layer knows nothing of what was done outside it. Points are moved by napari's keys.
        for layer in self.layers.own:
            if layer is not self.layers.points:
                bind(layer, self._keys())

    def _open_ahead(self) -> None:
        review = self.review
        at = next_unread(review.tasks, review.at)
        following = None if at is None or at == review.at else review.tasks[at]
        self._ahead.begin(review.desk.earlier_entries(review.task.entry), following)
        self._look.start(LOOK_AT_MS)

    def _show_earlier(self) -> None:
        """Show photographs of earlier days once they are read."""
        earlier = self._ahead.take_earlier()
        if earlier is None:
            return
        self._look.stop()
        day_zero = self.review.desk.study.patient(self.review.task.entry.patient_id).day_zero_date
        self.layers.show_earlier(
            [
                (day_told(visit_date(each.entry.taken_at), day_zero), each.pixels)
                for each in earlier
                if each.pixels is not None
            ]
        )
