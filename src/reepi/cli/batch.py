"""Scores a study folder: what ``score`` and ``demo`` share."""

import sys
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from reepi.cli.frozen import checked_freeze
from reepi.cli.progress import photograph_progress
from reepi.core.results import AreaRow, PhotoRow, StudyScore
from reepi.core.study import Study
from reepi.pipeline import Instruments, MeasuredStudy, disagreement_rows, measure_study, score_study
from reepi.report import write_report
from reepi.store.finished import FinishedPhotographs
from reepi.store.provenance import bytes_hash, measuring_key, model_hash, run_record, write_record
from reepi.store.reader_points import unchanged_points
from reepi.store.results import Picture, ResultsFolder
from reepi.store.said import Said, said_of
from reepi.store.shipped import shipped_model
from reepi.store.study import read_study
from reepi.store.trail import Trail

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
class Models:
    """The models that a study is scored with.

    Parameters
    ----------
    tissue : Path
        Folder of the model that tells tissues.
    correspondence : Path
        Folder of the model that finds the body.
    """

    tissue: Path
    correspondence: Path

    @classmethod
    def chosen(cls, tissue: Path | None = None, correspondence: Path | None = None) -> "Models":
        """Return the models that were named, and the shipped ones in place of those that were not."""
        return cls(tissue or shipped_model("tissue"), correspondence or shipped_model("correspondence"))

    @property
    def by_use(self) -> dict[str, Path]:
        """Folders by what they are used for."""
        return {"tissue": self.tissue, "correspondence": self.correspondence}

    def instruments(self) -> Instruments:
        """Load both models."""
        from reepi.mapping.registrar import load_registrar
        from reepi.model.inference import load_segmenter

        return Instruments(load_segmenter(self.tissue), load_registrar(self.correspondence))


def score_folder(
    folder: Path,
    results: Path,
    models: Models,
    pictures: Collection[Picture] = OVERLAYS,
    database: str | None = None,
    despite_freeze: bool = False,
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

    Raises
    ------
    InputError
        The study folder, a model or the data base of readings is wrong, or the study is frozen and something changed;
        carries all faults.
    NotReproduced
        A frozen study gives other numbers; its tables are not written.
    """
    study = read_study(folder)
    target = ResultsFolder(results)
    said = said_of(folder, Trail(folder, database))
    frozen = checked_freeze(study, folder, target, models.by_use, said.head, despite_freeze)
    archive = finished_photographs(study, folder, target, models, said, pictures)
    instruments = replace(
        models.instruments(),
        capture=study.capture,
        points_of=partial(unchanged_points, folder, said.points),
        readers=said.readers(target, archive, pictures),
    )
    with photograph_progress(len(study.photos)) as progress:
        measured = measure_study(study, folder, instruments, archive, progress)
    score = score_study(study, measured.visits, instruments.template_of)
    frozen = frozen.held_against(target.table_texts(score))
    _write(target, study, measured, score)
    outputs = {path.name: bytes_hash(path.read_bytes()) for path in (target.areas, target.endpoints, target.changes)}
    record = run_record(study, folder, models.by_use, sys.argv, measured.steps, said.head)
    despite = {"despite_freeze": frozen.record} if frozen.record else {}
    write_record(target.run, {**record, "said": said.record, "outputs": outputs, **despite})
    write_report(results, folder)
    return Outcome(target, measured.rows, score.areas, measured.steps, frozen.remark)


def finished_photographs(
    study: Study, folder: Path, results: ResultsFolder, models: Models, said: Said, pictures: Collection[Picture] = ()
) -> FinishedPhotographs:
    """Return what earlier runs of a study's scoring finished with these models and the points that count now."""
    placed = {file: saved.points_sha256 for file, saved in said.points.items()}
    hashes = measuring_key([model_hash(path) for path in models.by_use.values()], study.capture)
    return FinishedPhotographs(results, folder, hashes, pictures, placed)


def _write(target: ResultsFolder, study: Study, measured: MeasuredStudy, score: StudyScore) -> None:
    surfaces = {(patient_id, visit.date): visit.surface for patient_id, v in measured.visits.items() for visit in v}
    for (patient_id, day), surface in surfaces.items():
        target.write_surface(patient_id, day, surface)
    for patient_id, history in score.histories.items():
        target.write_history(patient_id, history)
    target.write_tables(score.areas, score.endpoints)
    target.write_changes(score.changes)
    target.write_disagreement(disagreement_rows(study, measured.visits))
    target.write_photos(measured.rows)
    target.clear_leftovers([entry.file for entry in study.photos], surfaces)
