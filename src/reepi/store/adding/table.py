"""A plan as a CSV table that a person corrects in a spreadsheet, and back."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from reepi.core.errors import Fault, InputError
from reepi.core.study import Study
from reepi.core.views import VIEW_NAMES
from reepi.store.adding.placing import moment_text
from reepi.store.adding.plan import STATED, Addition, Guess
from reepi.store.adding.view_clues import view_suggestion
from reepi.store.cells import Cells, suggestion, to_number
from reepi.store.files import write_text
from reepi.store.rows import escape, unescape
from reepi.store.study import PATIENTS_FILE
from reepi.store.tables import Line, read_table

COLUMNS: Final = ("add", "file", "patient_id", "taken_at", "view", "why", "mm_per_px", "sha256")

Decision = Literal["yes", "no", "cannot", ""]

_DECISIONS: Final[dict[str, Decision]] = {
    **dict.fromkeys(("yes", "y", "1", "true", "x"), "yes"),
    **dict.fromkeys(("no", "n", "0", "false"), "no"),
    "cannot": "cannot",
    "": "",
}


@dataclass(frozen=True)
class TableLine:
    """One line of a table of additions.

    Parameters
    ----------
    decision : "yes", "no", "cannot" or ""
        Whether to add it; ``cannot`` where no person but what is wrong with it keeps it out, nothing where nobody has
        decided yet.
    cells : tuple of str
        As written, in the order of `COLUMNS`.
    """

    decision: Decision
    cells: tuple[str, ...]

    @property
    def file(self) -> str:
        """The photograph."""
        return self.cells[COLUMNS.index("file")]

    @property
    def waits(self) -> bool:
        """Whether it can come into the study, and has not yet."""
        return self.decision in ("yes", "")

    @property
    def why(self) -> str:
        """What keeps it out, or what it rests on."""
        return self.cells[COLUMNS.index("why")]

    def because(self, why: str) -> "TableLine":
        """Return the same line with another reason."""
        at = COLUMNS.index("why")
        return TableLine(self.decision, (*self.cells[:at], why, *self.cells[at + 1 :]))

    @property
    def content_hash(self) -> str:
        """Hash of its bytes when it was looked at."""
        return self.cells[COLUMNS.index("sha256")]


def table_text(lines: Sequence[TableLine]) -> str:
    """Return lines as CSV text; no cell can start a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([escape(cell) for cell in line.cells] for line in lines)
    return text.getvalue()


def line_of(addition: Addition) -> TableLine:
    """Return the line of an addition: decided where it is sure or cannot be added, else left to a person."""
    decision = _decision(addition)
    cells = (
        decision,
        str(addition.file.absolute()),
        addition.patient_id.value or "",
        moment_text(addition.taken_at.value),
        addition.view.value or "",
        addition.why,
        "" if addition.mm_per_px is None else f"{addition.mm_per_px:g}",
        addition.content_hash,
    )
    return TableLine(decision, cells)


def _decision(addition: Addition) -> Decision:
    if addition.present:
        return "no"
    if addition.problem and not addition.unknown_patient:
        return "cannot"
    return "yes" if addition.sure else ""


def write_table(path: Path, additions: Sequence[Addition]) -> None:
    """Write a plan as a table to correct by hand, in one step."""
    write_text(path, table_text([line_of(addition) for addition in additions]))


def read_lines(path: Path) -> list[TableLine]:
    """Return the lines of a table as they were written, with whatever a person changed.

    Raises
    ------
    InputError
        It is no such table.
    """
    return [_kept(line) for line in _table(path)]


def read_decided(path: Path, study: Study) -> list[Addition]:
    """Return the additions that a person said yes to.

    Raises
    ------
    InputError
        The table is wrong, or a line that is to be added is; or nothing was decided of a line. Carries all faults.
    """
    additions, faults = [], []
    for line in _table(path):
        kept = _kept(line)
        addition, found = confirmed(kept, study, line.table, line.number) if kept.decision == "yes" else (None, [])
        if not kept.decision:
            problem = f"add is {line.cells['add']!r}" if line.cells["add"] else "add is empty"
            found = [line.fault(problem, "Look at the photograph and write yes or no.")]
        faults += found
        additions += [] if addition is None else [addition]
    if faults:
        raise InputError(faults)
    return additions


def confirmed(kept: TableLine, study: Study, table: str, number: int) -> tuple[Addition | None, list[Fault]]:
    """Return the addition of a line to which a person said yes, or what is wrong with it.

    Parameters
    ----------
    kept : TableLine
        The line.
    study : Study
        The study.
    table : str
        Name of the file, for faults.
    number : int
        Line of the file, counted from 1.
    """
    cells = Cells(Line(table, number, dict(zip(COLUMNS, kept.cells, strict=True))))
    file = Path(cells.text("file"))
    patient_id, patients = cells.text("patient_id"), [patient.patient_id for patient in study.patients]
    if patient_id and patient_id not in patients:
        cells.fault(f"patient {patient_id!r} is not in {PATIENTS_FILE}", suggestion(patient_id, patients).strip())
    taken_at, view, scale = cells.moment("taken_at"), cells.choice("view", VIEW_NAMES, view_suggestion), _scale(cells)
    if file.name and not file.is_file():
        cells.fault(f"{file} is not there", "Correct its path, or write no under add.")
    if cells.faults or taken_at is None or view is None:
        return None, cells.faults
    return _addition(file, patient_id, taken_at, view, scale, kept.content_hash), []


def _table(path: Path) -> list[Line]:
    if not path.is_file():
        problem = "it is a folder" if path.is_dir() else "there is no such file"
        raise InputError([Fault(str(path), problem, "Name the table that reepi add wrote with --table.")])
    lines, faults = read_table(path, COLUMNS[:5], may_be_empty=True)
    if faults:
        raise InputError(faults)
    return lines


def _kept(line: Line) -> TableLine:
    cells = tuple(unescape(line.cells.get(column, "")) for column in COLUMNS)
    return TableLine(_DECISIONS.get(cells[0].lower(), ""), cells)


def _scale(cells: Cells) -> float | None:
    text = cells.line.cells.get("mm_per_px", "")
    try:
        scale = to_number(text) if text else None
    except ValueError:
        scale = 0.0
    if scale is not None and scale <= 0:
        cells.fault(f"mm_per_px is {text!r}", "Give the millimetres at the skin that one pixel shows, or nothing.")
    return scale


def _addition(
    file: Path, patient_id: str, taken_at: datetime, view: str, scale: float | None, content_hash: str
) -> Addition:
    return Addition(
        file,
        Guess(patient_id, True, STATED),
        Guess(taken_at, True, STATED),
        Guess(view, True, STATED),
        (view,),
        content_hash,
        scale,
    )
