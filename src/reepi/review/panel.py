"""The panel beside the photograph: what is to be read, the tissues and their keys, the visit's numbers, actions."""

from collections.abc import Callable, Sequence
from functools import partial
from textwrap import fill
from typing import Any, Final

from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QFont
from qtpy.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from reepi.core.tissue import COLOURS, Tissue
from reepi.review.words import ACTIONS, LEGEND, progress_told, tissue_key
from reepi.review.worklist import UNOPENED, Task

COLUMNS: Final = ("photograph", "state", "place [mm]", "doubt [%]")

BUTTONS: Final = ("accept", "reject", "undo", "place_points", "turn_body", "sign")
"""Actions that have a button beside their key."""

STATE_LETTERS: Final = 10
"""A longer state stands on two lines: the name of the photograph beside it needs the room."""

STATE_COLOURS: Final = {"accepted": "#7ad19b", "corrected": "#6fb7f0", "rejected": "#ff8f8f", UNOPENED: "#ffb454"}


class Panel(QWidget):
    """Shows the worklist and the numbers, and hands on what is clicked.

    Parameters
    ----------
    tasks : sequence of Task
        The worklist.
    opened : callable
        Told the place of a photograph that is to be opened.
    chosen : callable
        Told the tissue to paint with.
    done : callable
        Told the name of an action.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        opened: Callable[[int], None],
        chosen: Callable[[Tissue], None],
        done: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._table = _table(opened)
        self._numbers, self._remark, self._progress = QLabel(), QLabel(), QLabel()
        large = QFont()
        large.setPointSize(large.pointSize() + 4)
        large.setBold(True)
        self._numbers.setFont(large)
        self._remark.setWordWrap(True)
        self._tissues = {tissue: _tissue_button(tissue, chosen) for tissue in LEGEND}
        layout = QVBoxLayout(self)
        for widget in (self._progress, self._table, self._remark, self._numbers):
            layout.addWidget(widget)
        legend = QGridLayout()
        for place, button in enumerate(self._tissues.values()):
            legend.addWidget(button, place // 2, place % 2)
        layout.addLayout(legend)
        actions = QGridLayout()
        told = {action.name: action for action in ACTIONS}
        for place, name in enumerate(BUTTONS):
            # A second click would accept the next photograph before it was seen.
            once = name == "accept"
            button = mouse_button(f"{name.replace('_', ' ')}  [{told[name].keys}]", partial(done, name), once)
            button.setToolTip(told[name].told)
            actions.addWidget(button, place // 2, place % 2)
        layout.addLayout(actions)
        layout.addWidget(_keys_label())
        self.setMinimumWidth(360)
        self.show_tasks(tasks, -1)

    def show_tasks(self, tasks: Sequence[Task], at: int) -> None:
        """Show the worklist, with one photograph marked."""
        self._table.blockSignals(True)
        self._table.setRowCount(len(tasks))
        for row, task in enumerate(tasks):
            place = "" if task.residual_mm is None else f"{task.residual_mm:.0f}"
            doubt = "" if task.doubt_percent is None else f"{task.doubt_percent:.0f}"
            for column, text in enumerate((task.title, fill(task.state, STATE_LETTERS), place, doubt)):
                item = QTableWidgetItem(text)
                if column == 1 and task.state in STATE_COLOURS:
                    item.setForeground(QColor(STATE_COLOURS[task.state]))
                self._table.setItem(row, column, item)
        if at >= 0:
            self._table.selectRow(at)
            self._table.scrollToItem(self._table.item(at, 0), QAbstractItemView.ScrollHint.PositionAtCenter)
        self._table.blockSignals(False)
        self._progress.setText(progress_told(tasks))

    def show_numbers(self, text: str) -> None:
        """Show the visit's numbers."""
        self._numbers.setText(text)

    def mark(self, text: str) -> None:
        """Show a remark on the photograph."""
        self._remark.setText(text)

    def choose(self, tissue: Tissue) -> None:
        """Mark the tissue that is painted with."""
        for each, button in self._tissues.items():
            button.setChecked(each == tissue)


class _OnceButton(QPushButton):
    """Counts a double click as one."""

    def mouseDoubleClickEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Let the second click be none."""
        event.accept()


def mouse_button(text: str, clicked: Callable[[], None], once: bool = False) -> QPushButton:
    """Return a button for the mouse alone: with the keyboard on it, the space bar would press it once more.

    Parameters
    ----------
    text : str
        What stands on it.
    clicked : callable
        Told of each click.
    once : bool
        Whether a double click is one click.
    """
    button = _OnceButton(text) if once else QPushButton(text)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.clicked.connect(lambda _=False: clicked())
    return button


def _table(opened: Callable[[int], None]) -> QTableWidget:
    table = QTableWidget(0, len(COLUMNS))
    table.setHorizontalHeaderLabels(list(COLUMNS))
    header: Any = table.horizontalHeader()
    numbers: Any = table.verticalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    numbers.setVisible(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    # Keys belong to the photograph; the list is moved through with PageUp and PageDown.
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.cellClicked.connect(lambda row, column: opened(row))
    return table


def _tissue_button(tissue: Tissue, chosen: Callable[[Tissue], None]) -> QPushButton:
    red, green, blue = COLOURS[tissue]
    ink = "black" if 299 * red + 587 * green + 114 * blue > 128_000 else "white"
    button = mouse_button(f"{tissue.label}  [{tissue_key(tissue)}]", partial(chosen, tissue))
    button.setCheckable(True)
    button.setStyleSheet(
        f"QPushButton {{ background: rgb({red}, {green}, {blue}); color: {ink}; padding: 4px; }}"
        "QPushButton:checked { border: 3px solid white; }"
    )
    return button


def _keys_label() -> QLabel:
    lines = [f"{action.keys}: {action.told}" for action in ACTIONS]
    lines.append("Shift + F1 to F7: give the connected area under the pointer that tissue")
    label = QLabel("Keys: hover here")
    label.setToolTip("\n".join(lines))
    return label
