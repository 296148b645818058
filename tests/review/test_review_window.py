"""A review in a real window, from the first stroke to the adjudicated number; pictures of it are kept."""

import gc
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from reepi.core.errors import Fault, InputError
from reepi.core.regions import REGIONS
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.imaging.writing import encode_mask
from reepi.review.app import open_review
from reepi.review.edits import retissued, stroke
from reepi.review.words import ACTIONS
from reepi.store.readings import ReadingStore
from reepi.store.results import ResultsFolder

pytest.importorskip("napari")

LOOKED_AFTER_S = 1.5
"""By now the window has looked for garbage [s]."""

Opener = Callable[[Path, str], "object"]


class Answers:
    """Answers questions in place of a person, and keeps what was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.asked: list[str] = []

    def choose(self, question: str, answers: Sequence[str]) -> str:
        self.asked.append(question)
        return answers[0]

    def write(self, question: str) -> str:
        self.asked.append(question)
        return "a second look"

    def tell(self, text: str) -> None:
        self.told.append(text)


@pytest.fixture
def open_window(display: str) -> Iterator[Callable[[Path, str], object]]:
    """Open windows on a study, and close them after the test."""
    from qtpy.QtWidgets import QApplication

    from reepi.review.window import ReviewWindow

    QApplication.instance() or QApplication([])
    windows: list[ReviewWindow] = []

    def _open(study: Path, reader: str, starts: bool = True) -> ReviewWindow:
        window = ReviewWindow(open_review(study, reader), ask=Answers())
        windows.append(window)
        window.viewer.window._qt_window.resize(1400, 900)
        assert window.start() is starts
        wait()
        return window

    yield _open
    while windows:
        windows.pop().close()
    swept()


def swept() -> None:
    """Let what a closed window leaves behind go here and now, not in the middle of the next test."""
    from qtpy.QtCore import QEvent
    from qtpy.QtWidgets import QApplication

    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()
    gc.collect()


def wait(seconds: float = 0.3) -> None:
    """Let the window draw and count."""
    from qtpy.QtWidgets import QApplication

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.01)


def picture(window: object, path: Path) -> None:
    wait()
    assert window.viewer.window._qt_window.grab().save(str(path))
    assert path.stat().st_size > 20_000


def chest(mask: np.ndarray) -> tuple[int, int]:
    rows, columns = np.nonzero(mask == Tissue.DETACHED)
    return int(np.median(rows)), int(np.median(columns))


def point_at(window: object, place: tuple[int, int]) -> None:
    """Put the pointer on a pixel of the photograph."""
    window.viewer.cursor.position = window.layers.tissues.data_to_world(place)


def numbers(study: Path, tissue: str) -> float:
    rows = ResultsFolder(study / "results").read_areas()
    return next(
        r.percent_bsa_full for r in rows if (r.patient_id, r.day, r.region, r.tissue) == ("P1", 0, "whole_body", tissue)
    )


KILLED = """
import json, os, signal, sys
from pathlib import Path
from qtpy.QtWidgets import QApplication
from reepi.review.app import open_review
from reepi.review.window import ReviewWindow
application = QApplication.instance() or QApplication([])
window = ReviewWindow(open_review(Path(sys.argv[1]), "Ada"))
window.start()
layer = window.layers.tissues
for column in range(40, 200, 40):
    layer.paint((20, column), 2)
    application.processEvents()
Path(sys.argv[2]).write_text(json.dumps([int((window.review.mask == 2).sum()), window.review.task.entry.file]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_scripted_review(
    scored_study: Path,
    scored_again: Callable[[Path], None],
    open_window: Callable[[Path, str], object],
    screenshots: Path,
    tmp_path: Path,
) -> None:
    """Correct, paint on the chart, see the numbers change, be killed, go on; a second reader; an adjudicator."""
    # Ada corrects the first photograph with a key, sees the numbers change, and paints at the bedside.
    window = open_window(scored_study, "Ada")
    before = window.numbers
    assert f"open {before.open:.1f} % BSA" in window.panel._numbers.text()
    picture(window, screenshots / "1-proposal.png")
    point_at(window, chest(window.review.mask))
    window.retissue(Tissue.REEPITHELIALISED)
    wait()
    assert window.numbers.open < 0.2 < before.open
    assert f"(proposed {before.open:.1f})" in window.panel._numbers.text()
    np.testing.assert_array_equal(window.layers.mask, window.review.mask)
    chart = window.body
    chart.choose(Tissue.DETACHABLE)
    thigh = np.flatnonzero(window.review.photograph.template.regions == REGIONS.index("thigh_left_posterior"))
    places = np.argwhere(np.isin(chart.sheet.faces, thigh))
    chart.labels.paint(tuple(places[len(places) // 2]), int(Tissue.DETACHABLE))
    wait()
    assert (window.review.chart == Tissue.DETACHABLE).sum() > 5
    assert window.numbers.percent("detachable") > before.percent("detachable")
    picture(window, screenshots / "2-corrected-and-painted-at-the-bedside.png")
    painted_open = window.numbers.open
    window.undo()
    wait()
    assert (window.review.chart == UNLABELLED).all()
    assert (chart.labels.data == 0).all()
    window.redo()
    wait()
    assert window.numbers.open == pytest.approx(painted_open)
    window.accept()
    assert [task.state for task in window.review.tasks] == ["corrected", "proposed", "proposed"]
    assert window.review.at == 1
    window.turn_body()
    picture(window, screenshots / "3-next-photograph-and-body-to-turn.png")
    assert chart.is_turned
    window.turn_body()
    assert window.ask.told == []
    window.close()

    # Killed in the second photograph, four strokes in: all four are there again.
    told = tmp_path / "told.json"
    killed = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLED, str(scored_study), str(told)],
        env=os.environ | {"PYTHONFAULTHANDLER": "1"},
        check=False,
        timeout=200,
    )
    assert killed.returncode == -9
    red, file = json.loads(told.read_text())
    again = open_window(scored_study, "Ada")
    assert again.review.task.entry.file == file == "photos/b.png"
    assert int((again.layers.mask == Tissue.ERYTHEMA).sum()) == red > 0
    picture(again, screenshots / "4-after-the-kill.png")
    again.accept()
    again.reject()
    assert [task.state for task in again.review.tasks] == ["corrected", "corrected", "rejected"]
    again.close()

    # Ben reads the same photograph, and sees nothing of what Ada did.
    ben = open_window(scored_study, "Ben")
    np.testing.assert_array_equal(ben.layers.mask, ben.review.photograph.proposal)
    assert (ben.review.chart == UNLABELLED).all()
    point_at(ben, chest(ben.review.mask))
    ben.retissue(Tissue.ERYTHEMA)
    ben.accept()
    ben.close()
    scored_again(scored_study)
    undecided = numbers(scored_study, "reepithelialised")

    # Cleo decides where the two differ; the numbers follow.
    cleo = open_window(scored_study, "Cleo")
    assert "A says" in cleo.panel._remark.text()
    picture(cleo, screenshots / "5-adjudication.png")
    for area in cleo.review.photograph.case.areas:
        if area.first == Tissue.REEPITHELIALISED:
            cleo.first_is_right()
        else:
            cleo.second_is_right()
    assert cleo.review.undecided == ()
    cleo.accept()
    cleo.close()
    scored_again(scored_study)
    assert numbers(scored_study, "reepithelialised") > 1.9 * undecided > 0
    states = [(each.reader, each.state) for each in ReadingStore(scored_study).history()]
    assert states == [
        ("Ada", "corrected"),
        ("Ada", "corrected"),
        ("Ada", "rejected"),
        ("Ben", "corrected"),
        ("Cleo", "corrected"),
    ]


def test_strokes_polygons_and_keys(scored_study: Path, open_window: Callable[[Path, str], object]) -> None:
    """What napari paints is taken over stroke by stroke; undo takes back ours and napari's alike, in order."""
    window = open_window(scored_study, "Ada")
    layer, start = window.layers.tissues, window.review.mask.copy()
    window.choose(Tissue.ERYTHEMA)
    assert layer.selected_label == Tissue.ERYTHEMA
    layer.paint((30, 30), int(Tissue.ERYTHEMA))
    wait(0.1)
    layer.paint_polygon([(100, 20), (100, 60), (140, 60)], int(Tissue.COVERED))
    point_at(window, (30, 30))
    window.superpixel()
    np.testing.assert_array_equal(layer.data, window.review.mask)
    for _ in range(3):
        window.undo()
    np.testing.assert_array_equal(layer.data, start)
    np.testing.assert_array_equal(window.review.mask, start)
    window.undo()
    np.testing.assert_array_equal(layer.data, start)


def test_grow_and_shrink_follow_edges(scored_study: Path, open_window: Callable[[Path, str], object]) -> None:
    """A chest painted too small grows to where its colour ends."""
    import cv2

    window = open_window(scored_study, "Ada")
    truth = window.review.mask == Tissue.DETACHED
    small = cv2.erode(truth.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
    window.review.take(np.where(truth & ~small, np.uint8(Tissue.INTACT), window.review.mask))
    assert (window.review.mask == Tissue.DETACHED).sum() < 0.95 * truth.sum()
    point_at(window, chest(window.review.mask))
    window.grow()
    found = window.review.mask == Tissue.DETACHED
    assert (found & truth).sum() / (found | truth).sum() > 0.97


def test_views_of_the_tissues(scored_study: Path, open_window: Callable[[Path, str], object]) -> None:
    """Flicker, outlines and cover change what is seen and nothing else."""
    window = open_window(scored_study, "Ada")
    layer = window.layers.tissues
    for name, seen in (
        ("flicker", "visible"),
        ("outlines", "contour"),
        ("fainter", "opacity"),
        ("stronger", "opacity"),
    ):
        was = getattr(layer, seen)
        window.do(name)
        assert getattr(layer, seen) != was
    assert window.review.is_saved


def test_points_are_placed_on_photograph_and_chart(
    scored_study: Path, open_window: Callable[[Path, str], object], screenshots: Path
) -> None:
    """A click on the photograph and one on the chart make a point; the borders of the regions follow at once."""
    from types import SimpleNamespace

    window = open_window(scored_study, "Ada")
    before = window.layers.regions.data.copy()
    window.do("place_points")
    registration = window.review.registration
    place = chest(window.review.mask)
    face = int(registration.faces[place])
    window._clicked(window.viewer, SimpleNamespace(position=window.layers.tissues.data_to_world(place)))
    rows, columns = np.nonzero(window.body.sheet.faces == face)
    window.body._mouse(window.body.viewer, SimpleNamespace(position=(rows[0], columns[0])))
    wait()
    assert [point.face for point in window.review.points] == [face]
    assert not np.array_equal(window.layers.regions.data, before)
    assert len(window.layers.points.data) == 1
    assert "points" in window.body.viewer.layers
    picture(window, screenshots / "6-points.png")
    window.undo()
    assert window.review.points == ()
    assert window.layers.points is None
    assert window.ask.told == []


def click_on_photograph(window: object, place: tuple[int, int]) -> None:
    from types import SimpleNamespace

    window._clicked(window.viewer, SimpleNamespace(position=window.layers.tissues.data_to_world(place)))


def click_on_chart(window: object, place: tuple[int, int]) -> None:
    """Press the mouse on a place of the chart's sheet, as napari hears of it."""
    from qtpy.QtCore import QPoint, Qt
    from qtpy.QtTest import QTest

    wait()
    canvas = window.body._canvas.canvas
    x, y, _, scale = canvas.view.camera.transform.map((place[1], place[0], 0, 1))
    at = QPoint(int(x / scale), int(y / scale))
    QTest.mouseMove(canvas.native, at)
    wait(0.1)
    QTest.mouseClick(canvas.native, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    wait()


def skin_on_chart(window: object) -> tuple[int, int]:
    """Return a place on the front of the trunk on the chart's sheet."""
    trunk = np.flatnonzero(window.review.photograph.template.regions == REGIONS.index("trunk_anterior"))
    places = np.argwhere(np.isin(window.body.sheet.faces, trunk))
    return tuple(int(each) for each in np.median(places, axis=0))


def test_a_click_paints_or_places_a_point(scored_study: Path, open_window: Callable[[Path, str], object]) -> None:
    """Whoever places points paints no skin, whatever brush was chosen before; choosing a brush ends the placing."""
    window = open_window(scored_study, "Ada")
    window.body.choose(Tissue.DETACHABLE)
    window.do("paint")
    window.do("place_points")
    click_on_photograph(window, chest(window.review.mask))
    click_on_chart(window, skin_on_chart(window))
    assert len(window.review.points) == 1
    assert (window.review.chart == UNLABELLED).all()
    assert window.layers.tissues.mode == "pan_zoom"
    assert window.panel._remark.text().startswith("Click a place on the photograph")
    click_on_photograph(window, chest(window.review.mask))
    assert window.panel._remark.text().startswith("Now click")
    window.body.choose(Tissue.DETACHABLE)
    assert window.panel._remark.text().startswith("P1, day 0")
    click_on_photograph(window, chest(window.review.mask))
    click_on_chart(window, skin_on_chart(window))
    assert (window.review.chart == Tissue.DETACHABLE).sum() > 5
    assert len(window.review.points) == 1
    window.do("place_points")
    window.do("paint")
    click_on_photograph(window, chest(window.review.mask))
    assert window._pending is None
    assert not window.body.placing


def press(window: object, key: str, modifier: str = "NoModifier") -> None:
    """Press a key while the chart has the keyboard."""
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    native = window.body._canvas.canvas.native
    QTest.keyClick(native, getattr(Qt.Key, f"Key_{key}"), getattr(Qt.KeyboardModifier, modifier))
    wait()


def test_keys_over_the_chart_are_those_of_the_review(
    scored_study: Path, open_window: Callable[[Path, str], object]
) -> None:
    """Undo, redo and the next photograph go by the review: the chart shows what will be saved."""
    window = open_window(scored_study, "Ada")
    labels = window.body.labels
    window.body.choose(Tissue.DETACHABLE)
    labels.paint(skin_on_chart(window), int(Tissue.DETACHABLE))
    wait()
    painted = window.review.chart.copy()
    assert (painted == Tissue.DETACHABLE).sum() > 5
    press(window, "Z", "ControlModifier")
    assert (window.review.chart == UNLABELLED).all()
    assert (labels.data == 0).all()
    window.body._canvas._key_map_handler.press_key("Control-Shift-Z")
    np.testing.assert_array_equal(window.review.chart, painted)
    np.testing.assert_array_equal(window.body.painted, painted)
    press(window, "N")
    assert window.review.at == 1
    shown = labels.data.copy()
    labels.undo()
    np.testing.assert_array_equal(labels.data, shown)


def test_napari_s_own_keys_do_nothing_to_the_chart(
    scored_study: Path, open_window: Callable[[Path, str], object]
) -> None:
    """Nothing is deleted, turned, shifted or painted with a tissue that the chart does not have."""
    window = open_window(scored_study, "Ada")
    window.body.choose(Tissue.DETACHABLE)
    labels, width = window.body.labels, window.body.labels.brush_size
    for modifier, keys in {
        "ControlModifier": ("Delete", "Backspace", "Y", "T", "E", "G"),
        "NoModifier": ("1", "5", "7", "M", "X", "Minus", "Equal", "V", "F"),
    }.items():
        for key in keys:
            press(window, key, modifier)
    assert [layer.name for layer in window.body.viewer.layers] == ["body", "bedside"]
    assert window.body.viewer.dims.order == (0, 1)
    assert not window.body.is_turned
    assert labels.visible
    assert (labels.mode, labels.selected_label) == ("paint", Tissue.DETACHABLE)
    press(window, "BracketRight")
    assert labels.brush_size > width
    press(window, "BracketLeft")
    assert labels.brush_size == width


def test_assist_goes_by_the_pointer_over_the_photograph(
    scored_study: Path, open_window: Callable[[Path, str], object]
) -> None:
    """With the pointer over the chart no patch of the photograph changes tissue."""
    window = open_window(scored_study, "Ada")
    point_at(window, chest(window.review.mask))
    window.body.viewer.mouse_over_canvas = True
    window.retissue(Tissue.ERYTHEMA)
    window.superpixel()
    assert window.review.is_saved
    window.body.viewer.mouse_over_canvas = False
    window.retissue(Tissue.ERYTHEMA)
    assert not window.review.is_saved


def test_every_key_is_one_that_a_keyboard_has(
    scored_study: Path, open_window: Callable[[Path, str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pressed over the photograph or the chart, each does what it stands for; none is a name that napari ignores."""
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    window = open_window(scored_study, "Ada")
    done: list[str] = []
    monkeypatch.setattr(window, "_attempt", lambda action: done.append(action.__name__))
    modifiers = {"Control": Qt.KeyboardModifier.ControlModifier, "Shift": Qt.KeyboardModifier.ShiftModifier}
    natives = window.viewer.window._qt_viewer.canvas.native, window.body._canvas.canvas.native
    for action in ACTIONS:
        *held, key = action.keys.split("-")
        modifier = Qt.KeyboardModifier.NoModifier
        for name in held:
            modifier |= modifiers[name]
        for native in natives:
            QTest.keyClick(native, getattr(Qt.Key, f"Key_{key}"), modifier)
    assert done == [action.name for action in ACTIONS for _ in natives]


def test_a_closed_window_leaves_no_object_of_what_qt_has_freed(
    scored_study: Path, open_window: Callable[[Path, str], object]
) -> None:
    """Such an object stands for whatever Qt puts into the same place next, and a later test dies of it."""
    sip = pytest.importorskip("PyQt6.sip")
    from qtpy.QtCore import QObject

    def made_by_qt() -> list[str]:
        objects = [each for each in gc.get_objects() if isinstance(each, sip.simplewrapper)]
        there = [each for each in objects if isinstance(each, QObject) and not sip.isdeleted(each)]
        return [type(each).__name__ for each in there if not sip.ispycreated(each)]

    swept()
    before = made_by_qt()
    window = open_window(scored_study, "Ada")
    window.close()
    swept()
    assert sorted(made_by_qt()) == sorted(before)


def test_a_panel_that_is_closed_can_be_shown_again(
    scored_study: Path, open_window: Callable[[Path, str], object]
) -> None:
    """The cross destroys what it closes in napari; the numbers and the chart must stay at hand."""
    window = open_window(scored_study, "Ada")
    for widget in (window.panel, window.body.widget):
        dock = widget.parent()
        dock.title.close_button.click()
        wait(0.1)
        assert not widget.isVisible()
        dock.toggleViewAction().trigger()
        wait(0.1)
        assert widget.isVisible()


@pytest.mark.parametrize("name", ["photograph", "tissues", "regions"])
def test_keys_are_the_same_whichever_layer_is_chosen(
    scored_study: Path, open_window: Callable[[Path, str], object], name: str
) -> None:
    """Some of napari's own keys for pictures are keys of the review."""
    window = open_window(scored_study, "Ada")
    window.viewer.layers.selection.active = window.viewer.layers[name]
    window.viewer.window._qt_viewer._key_map_handler.press_key("C")
    assert window.body.placing


def test_the_space_bar_presses_no_button(scored_study: Path, open_window: Callable[[Path, str], object]) -> None:
    """After a click on "accept" the space bar, which moves the picture, must not accept the next photograph unread."""
    from qtpy.QtCore import Qt
    from qtpy.QtWidgets import QPushButton

    window = open_window(scored_study, "Ada")
    buttons = [*window.panel.findChildren(QPushButton), *window.body.widget.findChildren(QPushButton)]
    named = {button.text().split("  ")[0] for button in buttons}
    assert {"accept", "sign", "detached", "erase", "turn the body"} <= named
    assert {button.focusPolicy() for button in buttons if button.text()} == {Qt.FocusPolicy.NoFocus}


def test_a_double_click_on_accept_accepts_one_photograph(
    scored_study: Path, open_window: Callable[[Path, str], object]
) -> None:
    """The second click comes when the next photograph was not seen yet."""
    from qtpy.QtCore import QPointF, Qt
    from qtpy.QtGui import QMouseEvent
    from qtpy.QtTest import QTest
    from qtpy.QtWidgets import QApplication, QPushButton

    window = open_window(scored_study, "Ada")
    accept = next(each for each in window.panel.findChildren(QPushButton) if each.text().startswith("accept"))
    QTest.mouseClick(accept, Qt.MouseButton.LeftButton)
    left, at = Qt.MouseButton.LeftButton, QPointF(accept.rect().center())
    for kind in (QMouseEvent.Type.MouseButtonDblClick, QMouseEvent.Type.MouseButtonRelease):
        seen = QPointF(accept.mapToGlobal(at.toPoint()))
        QApplication.sendEvent(accept, QMouseEvent(kind, at, seen, left, left, Qt.KeyboardModifier.NoModifier))
    assert [task.state for task in window.review.tasks] == ["accepted", "proposed", "proposed"]
    QTest.mouseClick(accept, Qt.MouseButton.LeftButton)
    assert [task.state for task in window.review.tasks] == ["accepted", "accepted", "proposed"]


def test_a_stroke_is_not_parted_by_a_key(scored_study: Path, open_window: Callable[[Path, str], object]) -> None:
    """While the mouse is held no key leads to another photograph, where the stroke would go on."""
    from qtpy.QtCore import QPoint, Qt
    from qtpy.QtTest import QTest

    window = open_window(scored_study, "Ada")
    window.choose(Tissue.COVERED)
    window.do("paint")
    canvas = window.viewer.window._qt_viewer.canvas
    x, y, _, scale = canvas.view.camera.transform.map((60, 30, 0, 1))
    at = QPoint(int(x / scale), int(y / scale))
    mouse = canvas.native, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at
    QTest.mousePress(*mouse)
    wait(0.1)
    QTest.keyClick(canvas.native, Qt.Key.Key_PageDown)
    wait(0.1)
    assert window.review.at == 0
    QTest.mouseRelease(*mouse)
    wait()
    assert window.review.mask[30, 60] == Tissue.COVERED
    QTest.keyClick(canvas.native, Qt.Key.Key_PageDown)
    wait()
    assert window.review.at == 1
    assert window.review.is_saved


def test_a_polygon_that_is_not_closed_is_not_lost(
    scored_study: Path, open_window: Callable[[Path, str], object]
) -> None:
    """It looks as if it were painted: neither saving nor another photograph goes on without it."""
    window = open_window(scored_study, "Ada")
    window.choose(Tissue.COVERED)
    window.do("draw_polygon")
    keys = window.viewer.window._qt_viewer._key_map_handler
    polygon = window.layers.tissues._overlays["polygon"]
    polygon.points = [(20, 20), (20, 60), (60, 60), (60, 20)]
    window.do("accept")
    window.do("next_unread")
    window.panel._table.selectRow(1)
    window.open(1)
    assert (window.review.at, window.review.task.state, marked_row(window)) == (0, "proposed", 0)
    assert ["Enter closes it" in told for told in window.ask.told] == [True] * 3
    keys.press_key("Enter")
    wait()
    window.do("accept")
    (reading,) = ReadingStore(scored_study).history()
    assert ReadingStore(scored_study).mask(reading)[40, 40] == Tissue.COVERED
    window.do("draw_polygon")
    polygon.points = [(20, 20), (20, 60), (60, 60), (60, 20)]
    keys.press_key("Escape")
    window.do("go_down")
    assert window.review.at == 2
    window.do("draw_polygon")
    polygon.points = [(20, 20), (20, 60), (60, 60), (60, 20)]
    window.do("reject")
    assert window.review.task.state == "proposed"
    assert len(window.ask.told) == 3


def test_half_a_point_ends_with_its_photograph(scored_study: Path, open_window: Callable[[Path, str], object]) -> None:
    """A place clicked on one photograph is not joined with a place of the body on the next."""
    window = open_window(scored_study, "Ada")
    window.do("place_points")
    click_on_photograph(window, chest(window.review.mask))
    window.do("go_down")
    click_on_chart(window, skin_on_chart(window))
    assert window.review.points == ()
    assert window.review.is_saved


def test_points_are_seen_on_the_chart(scored_study: Path, open_window: Callable[[Path, str], object]) -> None:
    """Over the body and what is painted on it, large enough to be found."""
    window = open_window(scored_study, "Ada")
    window.do("place_points")
    click_on_photograph(window, chest(window.review.mask))
    click_on_chart(window, skin_on_chart(window))
    wait()
    shown = window.body._canvas.screenshot(flash=False)[:, :, :3].astype(int)
    yellow = (shown[:, :, 0] > 200) & (shown[:, :, 1] > 200) & (shown[:, :, 2] < 100)
    assert yellow.sum() > 12


def test_the_button_of_what_a_click_on_the_chart_does_is_marked(
    scored_study: Path, open_window: Callable[[Path, str], object]
) -> None:
    """One at a time, also after a click on the one that is marked, and none while the body is turned."""
    from qtpy.QtWidgets import QPushButton

    window = open_window(scored_study, "Ada")
    buttons = {button.text(): button for button in window.body.widget.findChildren(QPushButton) if button.text()}

    def marked() -> list[str]:
        return [text for text, button in buttons.items() if button.isChecked()]

    assert marked() == ["move"]
    for text in ("detachable skin", "dressing", "dressing", "erase", "move", "move", "erase"):
        buttons[text].click()
        assert marked() == [text]
    window.do("place_points")
    assert marked() == ["move"]
    buttons["turn the body"].click()
    assert marked() == []
    buttons["dressing"].click()
    assert marked() == ["dressing"]
    window.do("go_down")
    assert marked() == ["move"]


def test_points_are_on_the_chart_again_after_turning_the_body(
    scored_study: Path, open_window: Callable[[Path, str], object]
) -> None:
    """Turned there and back the chart has the points that it had, and those placed meanwhile."""
    window = open_window(scored_study, "Ada")
    window.do("place_points")
    click_on_photograph(window, chest(window.review.mask))
    click_on_chart(window, skin_on_chart(window))
    place = window.body.viewer.layers["points"].data.copy()
    window.do("turn_body")
    window.do("turn_body")
    np.testing.assert_allclose(window.body.viewer.layers["points"].data, place)
    window.do("turn_body")
    window.do("undo")
    window.do("turn_body")
    assert "points" not in window.body.viewer.layers


def test_a_point_without_a_place_on_the_body_is_no_point(
    scored_study: Path, open_window: Callable[[Path, str], object]
) -> None:
    """One that napari's own tool adds goes again with a message, and those that were placed stay."""
    window = open_window(scored_study, "Ada")
    window.do("place_points")
    click_on_photograph(window, chest(window.review.mask))
    click_on_chart(window, skin_on_chart(window))
    placed = window.review.points
    window.layers.points.add((20, 20))
    wait()
    assert "Press C" in window.ask.told[0]
    assert window.review.points == placed
    assert len(window.layers.points.data) == 1


def test_paint_beside_the_body_leaves_the_chart(scored_study: Path, open_window: Callable[[Path, str], object]) -> None:
    """Where no skin is, nothing was painted, and nothing stays."""
    window = open_window(scored_study, "Ada")
    window.body.choose(Tissue.DETACHABLE)
    window.body.labels.brush_size = 3
    window.body.labels.paint((40, 5), int(Tissue.DETACHABLE))
    wait()
    assert window.review.is_saved
    assert (window.body.labels.data == 0).all()


def test_what_could_not_be_kept_leaves_the_screen(
    scored_study: Path, open_window: Callable[[Path, str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stroke and a moved point that could not be written are told, and neither shown nor saved."""
    window = open_window(scored_study, "Ada")
    window.do("place_points")
    click_on_photograph(window, chest(window.review.mask))
    click_on_chart(window, skin_on_chart(window))
    place = window.layers.points.data.copy()
    before = window.review.mask.copy()

    def full(*orders: object) -> None:
        raise InputError([Fault("drafts", "unsaved work cannot be kept", "Check the disk.")])

    monkeypatch.setattr(window.review._drafts, "change", full)
    window.layers.tissues.paint((30, 60), int(Tissue.DETACHED))
    wait()
    window.layers.points.selected_data = {0}
    window.layers.points.remove_selected()
    wait()
    assert len(window.ask.told) == 2
    assert all("cannot be kept" in told for told in window.ask.told)
    np.testing.assert_array_equal(window.layers.mask, before)
    np.testing.assert_allclose(window.layers.points.data, place)
    monkeypatch.undo()
    window.do("accept")
    (reading,) = ReadingStore(scored_study).history()
    np.testing.assert_array_equal(ReadingStore(scored_study).mask(reading), before)


def test_what_is_on_the_screen_is_saved_however_it_came_there(
    scored_study: Path, open_window: Callable[[Path, str], object]
) -> None:
    """Also what changed the layer without a word, as a program of napari may."""
    window = open_window(scored_study, "Ada")
    window.layers.tissues.data[30:40, 60:70] = Tissue.ERYTHEMA
    shown = window.layers.mask.copy()
    window.do("accept")
    (reading,) = ReadingStore(scored_study).history()
    assert reading.state == "corrected"
    np.testing.assert_array_equal(ReadingStore(scored_study).mask(reading), shown)


def test_trouble_is_told(scored_study: Path, open_window: Callable[[Path, str], object]) -> None:
    """A photograph that cannot be opened, and a saving that fails, are told; what was open stays."""
    window = open_window(scored_study, "Ada")
    (scored_study / "photos" / "c.png").unlink()
    window.open(2)
    assert "There is no such file" in window.ask.told[0]
    assert window.review.at == 0
    (scored_study / "photos" / "a.png").write_bytes(b"changed")
    window.accept()
    assert "Not saved" in window.ask.told[1]
    assert window.review.task.state == "proposed"


def shown_names(window: object) -> list[str]:
    return [layer.name for layer in window.viewer.layers]


def test_deleted_layers_come_back_and_foreign_ones_go(
    scored_study: Path, open_window: Callable[[Path, str], object], screenshots: Path
) -> None:
    """After napari's bin, and after a layer of the reader's own, the window shows what will be saved."""
    window = open_window(scored_study, "Ada")
    window.open(1)
    wait(1.5)
    names = shown_names(window)
    assert names == ["photograph", "tissues", "regions", "day 0"]
    window.viewer.layers.select_all()
    window.viewer.layers.remove_selected()
    wait()
    assert shown_names(window) == names
    window.layers.tissues.paint((30, 60), int(Tissue.COVERED))
    wait()
    assert window.review.mask[30, 60] == Tissue.COVERED
    picture(window, screenshots / "7-after-the-bin.png")
    assert window.ask.told == []
    window.viewer.add_labels(window.layers.mask.copy(), name="tissues copy")
    wait()
    assert shown_names(window) == names
    assert "took away the layer tissues copy" in window.ask.told[0]
    window.do("undo")
    assert window.review.mask[30, 60] != Tissue.COVERED


@pytest.mark.parametrize("gone", ["photograph", "tissues", "regions", "day 0"])
def test_after_a_layer_was_deleted_the_next_photograph_is_saved_with_its_own_mask(
    scored_study: Path, open_window: Callable[[Path, str], object], gone: str
) -> None:
    """The mask of the one before is not carried over, however fast the reader goes on."""
    window = open_window(scored_study, "Ada")
    window.open(1)
    wait(1.5)
    window.viewer.layers.remove(gone)
    window.open(2)
    wait()
    proposal = window.review.photograph.proposal
    np.testing.assert_array_equal(window.layers.mask, proposal)
    window.layers.tissues.paint((20, 20), int(Tissue.ERYTHEMA))
    wait()
    window.do("accept")
    (reading,) = ReadingStore(scored_study).history()
    changed = ReadingStore(scored_study).mask(reading) != proposal
    assert 0 < changed.sum() < 200
    assert changed[20, 20]


def test_the_panel_marks_what_is_painted_with(scored_study: Path, open_window: Callable[[Path, str], object]) -> None:
    """Also where napari's own keys and tools chose it; a value that is no tissue is not chosen."""
    window = open_window(scored_study, "Ada")
    layer, keys = window.layers.tissues, window.viewer.window._qt_viewer._key_map_handler

    def marked() -> list[Tissue]:
        return [tissue for tissue, button in window.panel._tissues.items() if button.isChecked()]

    window.choose(Tissue.ERYTHEMA)
    for key, tissue in (
        ("=", Tissue.DETACHABLE),
        ("-", Tissue.ERYTHEMA),
        ("X", Tissue.BACKGROUND),
        ("X", Tissue.ERYTHEMA),
    ):
        keys.press_key(key)
        assert (marked(), window.tissue, layer.selected_label) == ([tissue], tissue, tissue)
    window.choose(Tissue.COVERED)
    keys.press_key("=")
    layer.selected_label = UNLABELLED
    assert (marked(), layer.selected_label) == ([Tissue.COVERED], Tissue.COVERED)


def test_a_photograph_that_is_not_shown_takes_no_mask(
    scored_study: Path, open_window: Callable[[Path, str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where drawing it failed, neither strokes nor saving go to the photograph on the desk."""
    window = open_window(scored_study, "Ada")

    def fails(*args: object) -> None:
        raise ValueError("nothing can be drawn")

    monkeypatch.setattr(window.layers, "show", fails)
    window.open(1)
    proposal = window.review.mask.copy()
    window.layers.tissues.paint((20, 20), int(Tissue.ERYTHEMA))
    wait()
    window.do("accept")
    np.testing.assert_array_equal(window.review.mask, proposal)
    assert ReadingStore(scored_study).history() == ()
    assert "the window does not show it" in window.ask.told[-1]
    monkeypatch.undo()
    window.open(1)
    window.do("accept")
    assert [each.photograph for each in ReadingStore(scored_study).history()] == ["photos/b.png"]


def marked_row(window: object) -> int:
    """Return the place in the list that the panel marks."""
    return window.panel._table.currentRow()


def test_a_photograph_that_cannot_be_opened_blocks_nothing(
    scored_study: Path, open_window: Callable[[Path, str], object]
) -> None:
    """It is told and passed by every key; panel, photograph and rejection go for the one that is open."""
    (scored_study / "photos" / "b.png").unlink()
    window = open_window(scored_study, "Ada")
    window.do("accept")
    (told,) = window.ask.told
    assert "P1, day 5, whole anterior: it cannot be opened. There is no such file" in told
    assert "Open now: P2, 2024-04-03, whole posterior" in told
    assert (window.review.at, marked_row(window)) == (2, 2)
    assert window.panel._remark.text().startswith("P2, 2024-04-03")
    assert window.panel._progress.text() == "1 of 3 photographs read, 1 cannot be opened"
    # On two lines: in one, the state would leave no room for the name of the photograph.
    assert [window.panel._table.item(row, 1).text() for row in (1, 2)] == ["cannot be\nopened", "proposed"]
    window.do("go_up")
    assert window.review.at == 0
    window.do("go_down")
    assert window.review.at == 2
    window.panel._table.selectRow(1)
    window.open(1)
    assert (window.review.at, marked_row(window)) == (2, 2)
    window.do("reject")
    assert window.ask.asked == ["Why can P2, 2024-04-03, whole posterior not be read?"]
    assert [task.state for task in window.review.tasks] == ["accepted", "cannot be opened", "rejected"]
    assert "Everything is read but 1 photograph that cannot be opened" in window.ask.told[-1]


def test_with_nothing_open_every_key_is_harmless(
    scored_study: Path, open_window: Callable[[Path, str, bool], object]
) -> None:
    """Where no photograph can be opened the window says so, and keys tell that none is open, in no traceback."""
    for name in ("a", "b", "c"):
        (scored_study / "photos" / f"{name}.png").unlink()
    window = open_window(scored_study, "Ada", False)
    assert window.ask.told[0].count("it cannot be opened") == 3
    for action in ACTIONS:
        window.do(action.name)
    assert any("no photograph is open" in told for told in window.ask.told)
    assert window.ask.asked == []
    assert ReadingStore(scored_study).history() == ()


def test_a_warning_stays_until_the_next_action(scored_study: Path, open_window: Callable[[Path, str], object]) -> None:
    """That work was laid over another proposal stands on the panel, on the photograph begun with and on the next."""
    review = open_review(scored_study, "Ada")
    for at, name in enumerate(("a", "b")):
        review.open(at)
        review.edit(stroke(review.mask, [(10, 10), (30, 40)], 4, Tissue.COVERED))
        path = ResultsFolder(scored_study / "results").proposal(f"photos/{name}.png")
        path.write_bytes(encode_mask(np.full(review.mask.shape, Tissue.INTACT, np.uint8), review.mask.shape))
    review.close()
    window = open_window(scored_study, "Ada")
    for at in range(2):
        assert window.review.at == at
        assert "laid over the new one" in window.panel._remark.text()
        window.open(at + 1)
    assert window.panel._remark.text().startswith("P2, 2024-04-03, whole posterior; proposed")


def test_where_readers_differ_stays_on_the_panel(
    scored_study: Path, open_window: Callable[[Path, str], object]
) -> None:
    """The adjudicator is told what A and B say, also where the photograph was opened from the list."""
    for reader, tissue in (("Ada", Tissue.REEPITHELIALISED), ("Ben", Tissue.ERYTHEMA)):
        review = open_review(scored_study, reader)
        review.open(0)
        review.edit(retissued(review.mask, chest(review.mask), tissue))
        review.accept()
        review.close()
    window = open_window(scored_study, "Cleo")
    window.open(0)
    assert "A says" in window.panel._remark.text()


def test_signing_is_told(scored_study: Path, open_window: Callable[[Path, str], object]) -> None:
    """With the visit and how many photographs it has; in a study that is read blind that it is signed, and no more."""
    window = open_window(scored_study, "Ada")
    window.do("sign")
    assert "Ada said nothing of this visit" in window.ask.told[0]
    window.review.accept()
    window.do("sign")
    assert window.panel._remark.text() == "Signed: 1 photograph of P1, 2024-03-05."
    settings = scored_study / "study.toml"
    settings.write_text(settings.read_text() + "blind_to_patient = true\n")
    blind = open_window(scored_study, "Ben")
    blind.review.accept()
    blind.do("sign")
    assert blind.panel._remark.text() == "Signed."
    blind.do("accept_registration")
    assert "you signed this photograph. A change needs a reason" in blind.ask.asked[0]


def test_a_place_is_accepted_after_signing_with_a_reason(
    scored_study: Path, open_window: Callable[[Path, str], object]
) -> None:
    """The reason that the message asks for can be given; who gives none is told that nothing was saved."""
    window = open_window(scored_study, "Ada")
    window.review.accept()
    window.do("sign")
    window.do("accept_registration")
    assert "Reason for the change" in window.ask.asked[0]
    assert [each.reason for each in window.review.desk.decisions.history()] == ["a second look"]
    assert window.panel._remark.text() == "The place on the body is accepted."
    window.ask.write = lambda question: ""
    window.do("accept_registration")
    assert "Not saved" in window.ask.told[-1]
    assert len(window.review.desk.decisions.history()) == 1


def test_garbage_is_collected_in_the_window_s_thread_alone(
    scored_study: Path, open_window: Callable[[Path, str], object]
) -> None:
    """While a window is open Python collects none by itself, in no thread; what is due is collected between events."""
    collected: set[int] = set()

    def noted(phase: str, info: dict[str, int]) -> None:
        collected.add(threading.get_ident())

    window = open_window(scored_study, "Ada")
    gc.callbacks.append(noted)
    try:
        other = threading.Thread(target=lambda: [_knot() for _ in range(50_000)])
        other.start()
        other.join()
        assert collected == set()
        wait(LOOKED_AFTER_S)
        assert collected == {threading.get_ident()}
    finally:
        gc.callbacks.remove(noted)
    assert not gc.isenabled()
    assert gc.get_freeze_count() > len(gc.get_objects()), "what was there before the window is looked at each time"
    window.close()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def _knot() -> None:
    """Leave garbage behind that only the collector finds."""
    knot: list[object] = []
    knot.append(knot)
