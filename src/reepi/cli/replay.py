"""Counts a study's results once more from what is kept of it, without a model and without writing anything."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Final, NoReturn

from reepi.cli.listed import photo_rows
from reepi.core.measured import EndedPhotograph, MeasuredPhotograph
from reepi.core.results import PhotoRow, StudyScore
from reepi.core.study import Patient, PhotoEntry
from reepi.instruments import Instruments
from reepi.pipeline import Bench, scored_in_turn
from reepi.scoring.conclusion import study_score
from reepi.store.audit import Finding
from reepi.store.finished import FinishedPhotographs
from reepi.store.provenance import changed_outputs, changed_tables, measuring_key
from reepi.store.reader_points import unchanged_points
from reepi.store.results import ResultsFolder
from reepi.store.rows import rows_to_text
from reepi.store.said import Said, said_of
from reepi.store.study import read_study
from reepi.store.trail import Trail


class NotKeptError(Exception):
    """What a photograph gave is no longer kept, or was measured by another program, packages, model or input."""

    def __init__(self, file: str) -> None:
        self.file = file
        super().__init__(file)


class KeptPhotographs(FinishedPhotographs):
    """Finished photographs to look at: what is missing is told, and nothing is written."""

    def find(self, entry: PhotoEntry, patient: Patient, earlier: EndedPhotograph | None) -> MeasuredPhotograph:
        """Return what a photograph gave, nothing if it failed (`NotKeptError` where that is not kept)."""
        found = super().find(entry, patient, earlier)
        if found is not None:
            return found
        if entry.file not in self._failed:
            raise NotKeptError(entry.file)
        return MeasuredPhotograph(self._failed[entry.file])

    @cached_property
    def _failed(self) -> dict[str, PhotoRow]:
        """Rows of the photographs that failed: of them nothing is kept, and nothing was counted."""
        try:
            return {row.file: row for row in self._results.read_photos() if row.status == "failed"}
        except (OSError, ValueError):
            return {}

    def keep(self, entry: PhotoEntry, measured: MeasuredPhotograph) -> None:
        """Keep nothing."""


@dataclass(frozen=True)
class Replayed:
    """What a study's results hold, counted once more.

    Parameters
    ----------
    score : StudyScore
        Its numbers.
    photos : tuple of PhotoRow
        How its photographs ended.
    """

    score: StudyScore
    photos: tuple[PhotoRow, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        score = self.score
        return sum(map(len, (score.areas, score.endpoints, score.changes, score.disagreement, self.photos)))


def replay(folder: Path, results: ResultsFolder, said: Said) -> Replayed:
    """Return a study's results from what an earlier run kept of its photographs, and what people said.

    Parameters
    ----------
    folder : Path
        The study folder.
    results : ResultsFolder
        Its results.
    said : Said
        What counts of what people said.

    Raises
    ------
    NotKeptError
        A photograph would have to be measured anew; names it.
    """
    study = read_study(folder)
    key = measuring_key(_models_of(results), study.capture)
    archive = KeptPhotographs(results, folder, key, (), said.places(study.capture))
    instruments = Instruments(
        _never,
        _never,
        points_of=partial(unchanged_points, folder, said.points),
        readers=said.readers(results, archive, keeps=False),
    )
    scored = [(ended, patient.rows) for ended, patient in scored_in_turn(study, Bench(folder, instruments, archive))]
    photos = photo_rows(study, (each for ended, _ in scored for each in ended))
    return Replayed(study_score(study, [rows for _, rows in scored]), photos)


@dataclass(frozen=True)
class Recount:
    """What counting a study's numbers once more gave.

    Parameters
    ----------
    rows : int or None
        Rows of the tables that were counted again; None where none were.
    findings, remarks : tuple of Finding
        As of `reepi.store.audit.Audit`.
    """

    rows: int | None
    findings: tuple[Finding, ...] = ()
    remarks: tuple[Finding, ...] = ()


def audit_results(folder: Path, results: ResultsFolder, trail: Trail) -> Recount:
    """Count every number of a study's results once more.

    Parameters
    ----------
    folder : Path
        The study folder.
    results : ResultsFolder
        Its results; a study that was not scored has nothing to be counted.
    trail : Trail
        What people said; as much of it counts as there was when the study was scored.
    """
    try:
        run = json.loads(results.run.read_text(encoding="utf-8"))
        events, run["outputs"] = int(run["trail"]["events"]), dict(run["outputs"])
    except FileNotFoundError:
        nothing = Finding(
            str(results.path), f"there are no results (no {results.run.name}); only the trail was verified"
        )
        return Recount(None, remarks=(nothing,))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Recount(None, (Finding(str(results.run), f"it is no record of a run ({error}); score the study again"),))
    findings = [
        Finding(str(results.path / name), "it is not what the run wrote") for name in changed_outputs(results.path, run)
    ]
    head = trail.head()
    newer = (0 if head is None else head.number) - events
    remarks = [Finding(name, _CHANGED) for name in changed_tables(folder, run)]
    if newer > 0:
        remarks.append(Finding(trail.where, f"{newer} events are newer than the results; score again"))
    try:
        again = replay(folder, results, said_of(folder, trail.until(events)))
    except NotKeptError as error:
        why = "what it gave is not kept, or program, packages, model or input changed since; score again to replay it"
        return Recount(None, (*findings, Finding(error.file, why)), tuple(remarks))
    findings += _differing_tables(results, again)
    remarks += [Finding(photo.file, _FAILED) for photo in again.photos if photo.status == "failed"]
    return Recount(again.rows, tuple(findings), tuple(remarks))


_CHANGED: Final = "it changed since the study was scored; numbers that differ may follow from that; score again"

_FAILED: Final = "it failed and counts for nothing; score again to try it anew"


def _differing_tables(results: ResultsFolder, again: Replayed) -> list[Finding]:
    """Return the first line of each table that is not what the replay gives; seconds are measured and not compared."""
    photos = _differing(results.photos, lambda: _timeless(results.read_photos()), _timeless(again.photos))
    texts = {results.path / name: text for name, text in results.table_texts(again.score).items()}
    numbers = [_differing(path, partial(path.read_text, encoding="utf-8"), text) for path, text in texts.items()]
    return [finding for found in (*numbers, photos) for finding in found]


def _timeless(rows: Iterable[PhotoRow]) -> str:
    return rows_to_text(PhotoRow, [replace(row, seconds=None) for row in rows])


def _differing(path: Path, read: Callable[[], str], expected: str) -> list[Finding]:
    """Return the first line of a table that is not as expected."""
    try:
        lines, replayed = read().splitlines(), expected.splitlines()
    except (OSError, ValueError) as error:
        return [Finding(str(path), f"it cannot be read ({error})")]
    for number, (there, wanted) in enumerate(zip(lines, replayed, strict=False), start=1):
        if there != wanted:
            return [Finding(f"{path}, line {number}", f"it says {there!r}; the replay gives {wanted!r}")]
    if len(lines) != len(replayed):
        return [Finding(str(path), f"it has {len(lines)} lines; the replay gives {len(replayed)}")]
    return []


def _models_of(results: ResultsFolder) -> list[str]:
    """Return the hashes of all models of a run, in the order in which they identify what it measured."""
    models = json.loads(results.run.read_text(encoding="utf-8"))["models"]
    return [model["sha256"] for model in models.values()]


def _never(*_: object) -> NoReturn:
    raise RuntimeError("a replay measures nothing")
