"""Scores a study folder: what ``score`` and ``demo`` share."""

import pickle
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from reepi.cli.frozen import FreezeCheck, checked_freeze
from reepi.cli.jobs import Job
from reepi.cli.listed import photo_rows
from reepi.cli.models import Models
from reepi.cli.pools import cluster_pool, local_pool, own_pool
from reepi.cli.progress import photograph_progress
from reepi.cli.running import ELSEWHERE, HERE, Progress, Scored, scored_side_by_side
from reepi.core.errors import Fault, InputError
from reepi.core.measured import EndedPhotograph
from reepi.core.results import AreaRow, PatientRows, PhotoRow, StudyScore
from reepi.core.step_times import mean_steps
from reepi.core.study import Study
from reepi.model.threads import plain_algebra
from reepi.report import write_report
from reepi.scoring.conclusion import study_score
from reepi.store.files import is_remote, remove_files
from reepi.store.placements import placement_hashes
from reepi.store.places import check_results
from reepi.store.provenance import bytes_hash, model_records, run_record, table_hashes, write_record
from reepi.store.results import Picture, ResultsFolder
from reepi.store.said import Said, said_of
from reepi.store.study import read_study
from reepi.store.trail import Trail

Runner = Callable[[Study, Progress], Iterator[Scored]]
"""Scores the patients of a study, given what to tell of each photograph as it ends."""

OVERLAYS: Final[tuple[Picture, ...]] = ("overlay",)
"""Pictures that are written unless others are asked for."""


@dataclass(frozen=True)
class Outcome:
    """What became of a study.

    Parameters
    ----------
    results : ResultsFolder
        Where everything lies.
    photos : tuple of PhotoRow
        How each photograph ended.
    areas : tuple of AreaRow
        The areas of every visit.
    steps : dict
        Mean time of each step of a photograph [s].
    remark : str
        How the numbers stand to the freeze of the study; empty where it is not frozen.
    """

    results: ResultsFolder
    photos: tuple[PhotoRow, ...]
    areas: tuple[AreaRow, ...]
    steps: dict[str, float]
    remark: str = ""

    @property
    def exit_status(self) -> int:
        """1 where a photograph failed, else 0."""
        return int(any(photo.status == "failed" for photo in self.photos))

    @property
    def summary(self) -> str:
        """How many photographs ended how, and how long a step took on average."""
        counts = Counter(photo.status for photo in self.photos)
        ends = ", ".join(f"{counts[status]} {status}" for status in ("scored", "rejected", "failed"))
        steps = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in self.steps.items())
        return f"{len(self.photos)} photographs: {ends}\nPer photograph: {steps or 'nothing measured'}"


@dataclass(frozen=True)
class _Inputs:
    """What a scoring rests on, as it was when it began: files may change while photographs are measured.

    Parameters
    ----------
    study : Study
        The study as its tables told it.
    tables : mapping of str to str
        Hash of each table.
    models : mapping of str to mapping
        Name and hash of each model, by its use.
    """

    study: Study
    tables: Mapping[str, str]
    models: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class _Packed:
    """A patient's rows until all patients are scored: as they are, those of a thousand photographs take 25 MB."""

    content: bytes

    @classmethod
    def of(cls, rows: PatientRows) -> "_Packed":
        return cls(zlib.compress(pickle.dumps(rows), 1))

    @property
    def rows(self) -> PatientRows:
        rows: PatientRows = pickle.loads(zlib.decompress(self.content))  # noqa: S301 - packed by this process
        return rows


def score_folder(
    folder: Path,
    results: Path,
    models: Models,
    pictures: Collection[Picture] = OVERLAYS,
    database: str | None = None,
    despite_freeze: bool = False,
    workers: int = 1,
    scheduler: str | None = None,
    report: bool = True,
) -> Outcome:
    """Score a study folder: measure its photographs, then write tables, record and report.

    Parameters
    ----------
    folder : Path
        The study folder; left as it is. What readers said of its photographs and patients outranks the models.
    results : Path
        Where results go. What an earlier run finished there is taken over.
    models : Models
        What to measure with.
    pictures : collection of "overlay" and "borders"
        Pictures to write of each photograph: with its tissues, and with the borders of the body's regions.
    database : str, optional
        URL of the data base of readings; the file in the study folder if none.
    despite_freeze : bool
        Whether a frozen study of which something changed is scored all the same.
    workers : int
        Processes on this machine that work side by side; 1 is this one alone, which measures two photographs at a
        time. The results are the same bytes.
    scheduler : str, optional
        Address of the scheduler of a Dask cluster that does the work instead. Its workers see the same folders.
    report : bool
        Whether the report is written. Without it, one of an earlier run is removed: it would tell other numbers.

    Raises
    ------
    InputError
        The study folder, a model or the data base of readings is wrong, a table is changed just now, the results
        would go where they must not (see `check_results`), or the study is frozen and something changed; carries all
        faults.
    NotReproduced
        A frozen study gives other numbers; its tables are not written.
    Locked
        Somebody else is writing these results.
    NotWritten, FolderGone
        The disk is full, or a folder is gone; the next run goes on.
    """
    # Others may work in another folder.
    folder, results = folder.absolute(), results if is_remote(results) else results.absolute()
    inputs, target = _inputs(folder, models), ResultsFolder(results)
    study = inputs.study
    check_results(results, folder, study)
    said = said_of(folder, Trail(folder, database))
    frozen = checked_freeze(study, folder, target, models.by_use, said.head, despite_freeze)
    events = 0 if said.head is None else said.head.number
    job = Job(folder, results, models, study.capture, tuple(pictures), database, events, models.made_with)
    with target.alone(f"scoring {folder}"):
        with photograph_progress(len(study.photos)) as progress, _runner(job, workers, scheduler) as run:
            scored = [(ended, _Packed.of(rows)) for ended, rows in run(study, progress)]
        return _concluded(inputs, said, frozen, job, scored, report)


def _inputs(folder: Path, models: Models) -> _Inputs:
    before = table_hashes(folder)
    study = read_study(folder)
    tables = table_hashes(folder)
    # Else the hash would be one of a table that is not the one that was scored.
    if changed := [name for name in sorted({*before, *tables}) if before.get(name) != tables.get(name)]:
        remedy = "Score again once it is saved."
        raise InputError([Fault(name, "it was changed while it was read", remedy) for name in changed])
    return _Inputs(study, tables, model_records(models.by_use))


def _concluded(
    inputs: _Inputs,
    said: Said,
    frozen: FreezeCheck,
    job: Job,
    scored: Sequence[tuple[tuple[EndedPhotograph, ...], _Packed]],
    report: bool,
) -> Outcome:
    """Write the study's tables, record and report."""
    study, target = inputs.study, ResultsFolder(job.results)
    heard = said.within(study)
    patients = [packed.rows for _, packed in scored]
    score = study_score(study, patients)
    frozen = frozen.held_against(target.table_texts(score))
    ended = {each.entry.file: each for photographs, _ in scored for each in photographs}
    contents = {entry.file: ended[entry.file].mark.content for entry in study.photos}
    photos = photo_rows(study, ended.values())
    steps = mean_steps(each.steps for each in ended.values())
    _write(target, score, photos, {(rows.patient_id, day) for rows in patients for day in rows.dates})
    outputs = {path.name: bytes_hash(path.read_bytes()) for path in target.tables}
    placements = placement_hashes(job.folder, study.photos)
    read = {**inputs.tables, **contents, **placements}
    record = run_record(study, inputs.models, sys.argv, steps, read, said.head)
    despite = {"despite_freeze": frozen.record} if frozen.record else {}
    write_record(target.run, {**record, "said": heard.record, "outputs": outputs, **despite})
    if report:
        write_report(job.results, job.folder)
    else:
        remove_files([target.report, target.report.with_suffix(".pdf")])
    remark = "\n".join(told for told in (said.unheard(study), *heard.charts_that_differ, frozen.remark) if told)
    return Outcome(target, photos, score.areas, steps, remark)


@contextmanager
def _runner(job: Job, workers: int, scheduler: str | None) -> Iterator[Runner]:
    """Give what scores patients: this process, processes beside it, or a cluster."""
    if scheduler is None and workers == 1:
        plain_algebra()
        with own_pool() as pool:
            yield partial(scored_side_by_side, pool, HERE, job)
        return
    # A wrong model is told before anything is begun, and what is made on first use is made once and not by each worker.
    job.models.instruments()
    with cluster_pool(scheduler) if scheduler is not None else local_pool(workers) as pool:
        if pool.dashboard:
            print(f"Dashboard: {pool.dashboard}", file=sys.stderr)
        yield partial(scored_side_by_side, pool, ELSEWHERE, job)


def _write(
    target: ResultsFolder, score: StudyScore, photos: Collection[PhotoRow], visits: Collection[tuple[str, date]]
) -> None:
    target.write_tables(score.areas, score.endpoints)
    target.write_changes(score.changes)
    target.write_disagreement(score.disagreement)
    target.write_photos(photos)
    target.clear_leftovers([photo.file for photo in photos], visits)
