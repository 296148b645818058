"""One look at a watched folder: add what is sure, list what is not, score, and tell what to photograph again."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reepi.cli.incoming import planned
from reepi.core.errors import InputError, ReepiError
from reepi.core.results import PhotoRow
from reepi.core.study import Patient, Study
from reepi.report.reshoot import write_reshoot
from reepi.scoring.reshoot import reshoot_rows
from reepi.scoring.visits import visit_date
from reepi.store.adding.arriving import Arrivals, waiting_lines
from reepi.store.adding.placing import Added, add_photographs
from reepi.store.adding.plan import Addition, Stated
from reepi.store.adding.sources import names_of
from reepi.store.adding.table import COLUMNS, TableLine, confirmed, read_lines, table_text
from reepi.store.files import write_text
from reepi.store.results import ResultsFolder
from reepi.store.study import read_study

if TYPE_CHECKING:
    from reepi.model.inference import CorrespondencePredictor

WAITING_FILE: Final = "to_place.csv"
"""List, in the study folder, of the photographs that wait for somebody to say what they are."""

RETRY_SECONDS: Final = 300.0
"""A scoring that failed is tried again after so long [s], or when another photograph has come."""


@dataclass
class Watch:
    """A study and the folder in which its photographs arrive.

    Parameters
    ----------
    study : Path
        The study folder.
    results : Path
        Where results go.
    arrivals : Arrivals
        The folder.
    score : callable
        Scores the study; see `reepi.cli.batch.score_folder`.
    predictor : callable or None
        Loads the network that names a view.
    tell : callable
        Told in a sentence of what happened.
    """

    study: Path
    results: Path
    arrivals: Arrivals
    score: Callable[[], object]
    predictor: "Callable[[], CorrespondencePredictor] | None"
    tell: Callable[[str], None]
    failed: bool = False
    _patients: tuple[Patient, ...] = ()
    _tried: frozenset[str] = field(default=frozenset())
    _told: str = ""
    _told_of_scoring: str = ""
    _refused: frozenset[str] = field(default=frozenset())
    _retry_at: float = 0.0
    _written: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def waiting(self) -> Path:
        """List of the photographs that could not be placed."""
        return self.study / WAITING_FILE

    def look(self) -> None:
        """Take what has arrived one step further. Trouble is told and met again at the next look, never raised.

        A watch that ends in the night because one file or the share was bad, or for a fault that nobody foresaw, would
        be worse than one that waits.
        """
        try:
            study = read_study(self.study, may_be_empty=True)
            if study.patients != self._patients:
                # Photographs of a patient who has a line now, or a first day, may be sure by now.
                self.arrivals.again()
            self._patients = study.patients
            self._take_in(study, self.arrivals.look())
            self._score(read_study(self.study, may_be_empty=True))
            self._told = ""
        except InputError as error:
            self._trouble("\n".join(map(str, error.faults)))
        except (ReepiError, OSError) as error:
            self._trouble(str(error))
        except Exception as error:  # noqa: BLE001 - see above
            self._trouble(f"{type(error).__name__}: {error}")

    def n_waiting(self) -> int:
        """Return how many photographs wait for somebody's word."""
        return sum(line.waits for line in self._lines())

    def _trouble(self, text: str) -> None:
        self.arrivals.again()
        self.failed = True
        if text != self._told:
            self.tell(text)
        self._told = text

    def _take_in(self, study: Study, files: Sequence[Path]) -> None:
        """Add what somebody said yes to and what is sure, unless somebody decided otherwise; list the rest."""
        found = [(path, names_of(path, self.arrivals.folder, outer=1)) for path in files]
        additions = planned(self.study, study, found, Stated(), self.predictor) if found else []
        lines = self._lines()
        additions = [_doubted(each, lines) for each in additions]
        said, refused = _said(lines, study)
        decided = {(line.file, line.content_hash) for line in lines if line.decision in ("yes", "no")}
        sure = {each.file for each in additions if each.sure and _place(each) not in decided}
        results = add_photographs(self.study, [*said, *(each for each in additions if each.file in sure)])
        self._tell_added(results)
        # Read anew: copying takes a while, and somebody may have saved the list meanwhile.
        lines = self._lines()
        left = [each for each in additions if each.file not in sure]
        left += [each.addition for each in results if not each.file]
        settled = {str(each.addition.file.absolute()) for each in results if each.file}
        settled |= {str(each.file.absolute()) for each in left if each.present}
        missing = {line.file for line in lines if not Path(line.file).is_file() and not self.arrivals.empty}
        # A line that somebody has touched, or may have before this watch began, is never dropped with its file.
        untouched = {line.file for line in lines if self._written.get(line.file) == line.cells}
        untouched |= {line.file for line in lines if line.decision == "cannot"}
        new = waiting_lines(lines, left, settled | (missing & untouched), missing - untouched)
        self._list(lines, new, refused)
        touched = {line.file for line in lines} - untouched
        self._written = {line.file: line.cells for line in new if line.file not in touched}

    def _lines(self) -> list[TableLine]:
        return read_lines(self.waiting) if self.waiting.is_file() else []

    def _tell_added(self, results: Sequence[Added]) -> None:
        for added in results:
            if added.file:
                self.tell(f"{added.addition.file.name} -> {added.file}")
            elif not added.addition.present:
                self.tell(f"{added.addition.file.name}: {added.addition.problem}")

    def _list(self, old: Sequence[TableLine], new: Sequence[TableLine], refused: Sequence[str]) -> None:
        """Write the list where it has changed; a person may have it open."""
        if list(old) != list(new):
            write_text(self.waiting, table_text(new))
            known = {line.cells for line in old}
            for line in new:
                if line.cells not in known:
                    self.tell(f"{Path(line.file).name} is not added, see {WAITING_FILE}: {line.why}")
        for problem in refused:
            if problem not in self._refused:
                self.tell(problem)
        self._refused = frozenset(refused)

    def _score(self, study: Study) -> None:
        """Score where there is something new, and write what is left to photograph."""
        before = self._ended()
        new = frozenset(entry.file for entry in study.photos) - {row.file for row in before}
        if not new or (new == self._tried and time.monotonic() < self._retry_at):
            return
        self._tried, self._retry_at = new, time.monotonic() + RETRY_SECONDS
        if not self._scored():
            return
        days = {visit_date(entry.taken_at) for entry in study.photos if entry.file in new}
        for day in sorted(days | {date.today()}):
            self.write_reshoot(study, day)

    def _scored(self) -> bool:
        """Score, and say whether that went through.

        Whatever it was that went wrong: the watch goes on, and photographs still come into the study. What is wrong at
        every try, as with a frozen study, is told once.
        """
        try:
            self.score()
        except Exception as error:  # noqa: BLE001 - see above
            self.failed = True
            why = str(error) if isinstance(error, ReepiError) else f"{type(error).__name__}: {error}"
            if why != self._told_of_scoring:
                self.tell(f"Scoring has failed and is tried again later: {why}")
            self._told_of_scoring = why
            return False
        self._told_of_scoring = ""
        return True

    def write_reshoot(self, study: Study, day: date) -> None:
        """Write what is left to photograph on a day, and tell how much that is."""
        ended = self._ended()
        rows = reshoot_rows(study, ended, day)
        scored = {row.file for row in ended if row.status == "scored"}
        of_day = [entry for entry in study.photos if visit_date(entry.taken_at) == day]
        if not rows and not of_day:
            return
        good = Counter(entry.patient_id for entry in of_day if entry.file in scored)
        page = write_reshoot(self.results, study.name, day, rows, good, self._n_waiting_of(day))
        self.tell(f"{day.isoformat()}: {_counted([row.todo for row in rows])}, see {page}")

    def _n_waiting_of(self, day: date) -> int:
        """Return how many photographs wait that may be of a day."""
        days = [line.cells[COLUMNS.index("taken_at")][:10] for line in self._lines() if line.waits]
        return sum(each in ("", day.isoformat()) for each in days)

    def _ended(self) -> list[PhotoRow]:
        try:
            return ResultsFolder(self.results).read_photos()
        except (OSError, ValueError):
            # Not scored yet, or by a run that was killed; scoring writes it anew.
            return []


def _place(addition: Addition) -> tuple[str, str]:
    """Return file and content of an addition, as a line of the list names them."""
    return str(addition.file.absolute()), addition.content_hash


def _doubted(addition: Addition, lines: Sequence[TableLine]) -> Addition:
    """Return an addition that is not sure where somebody said no to the same picture under another name."""
    said_no = [line for line in lines if line.decision == "no" and line.content_hash == addition.content_hash]
    others = [line.file for line in said_no if line.file != str(addition.file.absolute())]
    if not others or not addition.content_hash:
        return addition
    return replace(
        addition, patient_id=replace(addition.patient_id, sure=False, why=f"no was said to it as {others[0]}")
    )


def _counted(todo: Collection[str]) -> str:
    counts = Counter(todo)
    words = [f"{counts[word]} to {word}" for word in ("take again", "take", "look at") if counts[word]]
    return ", ".join(words) or "nothing to photograph again"


def _said(lines: Sequence[TableLine], study: Study) -> tuple[list[Addition], list[str]]:
    """Return the additions of lines to which somebody said yes, and what is wrong with the others."""
    additions, problems = [], []
    for number, line in enumerate(lines, 2):
        if line.decision == "yes":
            addition, faults = confirmed(line, study, WAITING_FILE, number)
            additions += [] if addition is None else [addition]
            problems += [str(fault) for fault in faults]
    return additions, problems
