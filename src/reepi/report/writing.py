"""Reads the results of a study, and writes its report beside them."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, TypeVar

from reepi.core.errors import Fault, InputError
from reepi.core.memory import give_back_memory
from reepi.core.study import Study
from reepi.report.content import PatientContent, ReportContent
from reepi.report.gathering import report_content
from reepi.report.pictures import Pictures, gather_pictures, has_body
from reepi.report.printing import print_pdf
from reepi.report.rendering import rendered
from reepi.report.surface_origins import surface_origins
from reepi.store.files import remove_files, write_pieces
from reepi.store.freezing import frozen_state
from reepi.store.provenance import changed_outputs, changed_since
from reepi.store.results import ResultsFolder
from reepi.store.study import read_study

Table = TypeVar("Table")


def write(results: Path, study_folder: Path, browser: str | None = None) -> Path:
    """Write ``report.html`` into the results folder and return its path; see `reepi.report.write_report`."""
    study = read_study(study_folder)
    folder = ResultsFolder(results)
    content = _content(study, study_folder, folder)

    def pictures(patient: PatientContent) -> Pictures:
        give_back_memory()
        return gather_pictures(patient, folder, study_folder, study, pictured=content.pictured)

    bodies = any(has_body(patient, folder) for patient in content.patients)
    _write_page(folder.report, rendered(content, pictures, bodies=bodies))
    if browser is not None:
        print_pdf(rendered(content, pictures, bodies=bodies, printed=True), printed(folder.report), browser)
    return folder.report


def printed(report: Path) -> Path:
    """Return where the PDF of a report lies."""
    return report.with_suffix(".pdf")


def _write_page(report: Path, page: Iterable[str]) -> None:
    """Write the page as it is made; a PDF of an earlier page that said something else is removed."""
    earlier, now = _hash(report), sha256()

    def encoded() -> Iterator[bytes]:
        for text in page:
            piece = text.encode("utf-8")
            now.update(piece)
            yield piece
        if now.digest() != earlier:
            remove_files([printed(report)])

    write_pieces(report, encoded())


def _hash(report: Path) -> bytes | None:
    """Return the SHA-256 hash of a page; None where there is none."""
    try:
        with report.open("rb") as file:
            return file_digest(file, "sha256").digest()
    except OSError:
        return None


def _content(study: Study, study_folder: Path, folder: ResultsFolder) -> ReportContent:
    origin = read_origin(folder)
    return report_content(
        study,
        _read(folder.areas, folder.read_areas),
        _read(folder.endpoints, folder.read_endpoints),
        _read(folder.photos, folder.read_photos),
        origin,
        _read(folder.disagreement, folder.read_disagreement) if folder.disagreement.is_file() else (),
        surface_origins(study, folder),
        _read(folder.changes, folder.read_changes) if folder.changes.is_file() else (),
        frozen_state(study_folder, folder),
        not_of_one_scoring(study_folder, folder, origin),
    )


def not_of_one_scoring(study_folder: Path, folder: ResultsFolder, origin: Mapping[str, Any]) -> str:
    """Return what in a report is not of the scoring that it tells of, in words; empty where all is.

    Parameters
    ----------
    study_folder : Path
        The study.
    folder : ResultsFolder
        Its results.
    origin : mapping
        What their ``run.json`` holds.
    """
    mixed = ", ".join(changed_outputs(folder.path, origin))
    told = (
        f"{mixed} {'are' if ',' in mixed else 'is'} not what the last whole run wrote, as after one that stopped: the "
        "report may mix numbers of two runs. Score the study again."
    )
    return " ".join(filter(None, (mixed and told, changed_since(study_folder, origin, "the report"))))


def read_origin(folder: ResultsFolder) -> dict[str, Any]:
    """Return what ``run.json`` of a study's results holds (`InputError` where it is missing or damaged)."""
    return _read(folder.run, lambda: _read_origin(folder.run))


def _read(path: Path, read: Callable[[], Table]) -> Table:
    """Return what a file of the results holds, or tell which one is missing or damaged."""
    try:
        return read()
    except (OSError, ValueError) as error:
        raise InputError([Fault(str(path), f"cannot be read ({error})", "Score the study first.")]) from error


def _read_origin(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")
    return content
