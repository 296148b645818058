"""Counts a study's numbers once more from what is kept of it, without a model and without writing anything."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

from reepi.core.measured import EndedPhotograph, MeasuredPhotograph
from reepi.core.results import AreaRow, ChangeRow, EndpointRow, StudyScore
from reepi.core.study import Patient, PhotoEntry
from reepi.instruments import Instruments
from reepi.pipeline import Bench, scored_in_turn
from reepi.scoring.conclusion import study_score
from reepi.store.audit import Finding
from reepi.store.finished import FinishedPhotographs
from reepi.store.provenance import bytes_hash, measuring_key
from reepi.store.reader_points import points_hashes, unchanged_points
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
        """Return what a photograph gave (`NotKeptError` where that is not kept)."""
        found = super().find(entry, patient, earlier)
        if found is None:
            raise NotKeptError(entry.file)
        return found

    def keep(self, entry: PhotoEntry, measured: MeasuredPhotograph) -> None:
        """Keep nothing."""


def replay(folder: Path, results: ResultsFolder, said: Said) -> StudyScore:
    """Return a study's numbers from what an earlier run kept of its photographs, and what people said.

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
    archive = KeptPhotographs(results, folder, key, (), points_hashes(said.points))
    instruments = Instruments(
        _never,
        _never,
        points_of=partial(unchanged_points, folder, said.points),
        readers=said.readers(results, archive, keeps=False),
    )
    bench = Bench(folder, instruments, archive)
    return study_score(study, [patient.rows for _, patient in scored_in_turn(study, bench)])


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
        events, outputs = int(run["trail"]["events"]), dict(run["outputs"])
    except FileNotFoundError:
        nothing = Finding(
            str(results.path), f"there are no results (no {results.run.name}); only the trail was verified"
        )
        return Recount(None, remarks=(nothing,))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Recount(None, (Finding(str(results.run), f"it is no record of a run ({error}); score the study again"),))
    findings = [
        Finding(str(results.path / name), "it is not what the run wrote")
        for name, digest in outputs.items()
        if _hash_or_nothing(results.path / name) != digest
    ]
    head = trail.head()
    newer = (0 if head is None else head.number) - events
    remarks = [Finding(trail.where, f"{newer} events are newer than the results; score again")] if newer > 0 else []
    try:
        again = replay(folder, results, said_of(folder, trail.until(events)))
    except NotKeptError as error:
        why = "what it gave is not kept, or program, packages, model or input changed since; score again to replay it"
        return Recount(None, (*findings, Finding(error.file, why)), tuple(remarks))
    texts = {
        results.areas: rows_to_text(AreaRow, again.areas),
        results.endpoints: rows_to_text(EndpointRow, again.endpoints),
        results.changes: rows_to_text(ChangeRow, again.changes),
    }
    findings += [finding for path, text in texts.items() for finding in _differing(path, text.splitlines())]
    rows = len(again.areas) + len(again.endpoints) + len(again.changes)
    return Recount(rows, tuple(findings), tuple(remarks))


def _differing(path: Path, expected: Sequence[str]) -> list[Finding]:
    """Return the first line of a table that is not what the replay gives."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        return [Finding(str(path), f"it cannot be read ({error.strerror})")]
    for number, (there, replayed) in enumerate(zip(lines, expected, strict=False), start=1):
        if there != replayed:
            return [Finding(f"{path}, line {number}", f"it says {there!r}; the replay gives {replayed!r}")]
    if len(lines) != len(expected):
        return [Finding(str(path), f"it has {len(lines)} lines; the replay gives {len(expected)}")]
    return []


def _hash_or_nothing(path: Path) -> str:
    try:
        return bytes_hash(path.read_bytes())
    except OSError:
        return ""


def _models_of(results: ResultsFolder) -> list[str]:
    """Return the hashes of all models of a run, in the order in which they identify what it measured."""
    models = json.loads(results.run.read_text(encoding="utf-8"))["models"]
    return [model["sha256"] for model in models.values()]


def _never(*_: object) -> NoReturn:
    raise RuntimeError("a replay measures nothing")
