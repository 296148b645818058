"""Where results come from: hashes of photographs, weights and program, and the record of a run."""

import functools
import hashlib
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import reepi
from reepi.core.capture import CaptureProtocol
from reepi.core.errors import Fault, InputError, PhotographRejected
from reepi.core.study import Patient, PhotoEntry, Study
from reepi.core.trail import Event
from reepi.imaging.reading import read_bytes
from reepi.store.database_url import shown_url
from reepi.store.files import write_text
from reepi.store.settings import SETTINGS_FILE

RECORDED_PACKAGES: Final = (
    "numpy",
    "scipy",
    "opencv-python-headless",
    "pillow",
    "pillow-heif",
    "rawpy",
    "pydicom",
    "pylibjpeg",
    "torch",
    "openvino",
    "anny",
    "embreex",
)
"""Packages whose version can move a result."""

INPUT_TABLES: Final = (SETTINGS_FILE, "patients.csv", "photos.csv", "clinical.csv", "historical.csv")

_MEASURING: Final = ("core", "imaging", "body", "model", "mapping", "inspection.py", "instruments.py", "pipeline.py")
"""Parts of the program that decide what a photograph gives."""


def bytes_hash(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def files_hash(paths: Iterable[Path], root: Path) -> str:
    """Return one SHA-256 over the names below ``root`` and the contents of files, whatever order they come in."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def model_hash(model: Path) -> str:
    """Return one SHA-256 over a model's weights and card, its own and those of the folders in it."""
    paths = [path for path in model.rglob("*") if path.suffix in (".safetensors", ".toml")]
    return files_hash(paths, model)


def measuring_key(models: Iterable[str], capture: CaptureProtocol) -> str:
    """Return text that changes with the models, by their hashes, and with how photographs are taken and judged."""
    return "".join(models) + repr(capture)


@functools.cache
def program_hash() -> str:
    """Return one SHA-256 over the program text, and the numbers beside it, that decide what a photograph gives."""
    root = Path(reepi.__file__).parent
    return files_hash(measuring_files(root), root)


def measuring_files(root: Path) -> list[Path]:
    """Return the files of the program in a folder that decide what a photograph gives."""
    modules = [root / part for part in _MEASURING if part.endswith(".py")]
    folders = [root / part for part in _MEASURING if not part.endswith(".py")]
    return modules + [path for each in folders for path in each.rglob("*") if path.suffix in (".py", ".json")]


def photograph_hash(path: Path) -> str:
    """Return the SHA-256 of a photograph's file, or the code of why it cannot be read."""
    try:
        return bytes_hash(read_bytes(path))
    except PhotographRejected as rejection:
        return rejection.code


def photograph_key(
    content: str, model: str, patient: Patient, entry: PhotoEntry, earlier: str = "", placed: str = ""
) -> str:
    """Return the hash of everything that a photograph's result follows from.

    Parameters
    ----------
    content : str
        Hash of the photograph's file.
    model : str
        Hash of the model.
    patient : Patient
        Whose body it shows.
    entry : PhotoEntry
        Its line, with the declared view.
    earlier : str
        Key of the same view of an earlier day, which its registration follows from as well.
    placed : str
        Hashes of the placement that was handed on with it and of the points that a reader placed on it; empty without
        any.
    """
    body = (patient.patient_id, patient.sex, patient.age_years, patient.height_cm, patient.weight_kg)
    parts = (
        content,
        model,
        program_hash(),
        program_versions(),
        body,
        entry.file,
        entry.view_name,
        entry.mm_per_px,
        earlier,
        placed,
    )
    return bytes_hash(repr(parts).encode())


def versions() -> dict[str, str]:
    """Return the versions of reepi, Python and the packages that can move a result."""
    installed = {"reepi": reepi.__version__, "python": platform.python_version(), "platform": platform.platform()}
    for package in RECORDED_PACKAGES:
        try:
            installed[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            installed[package] = "not installed"
    return installed


def table_hashes(folder: Path) -> dict[str, str]:
    """Return the hash of each table that a study folder has, empty where whoever reads it is told that it cannot be."""
    return {name: _file_hash(folder / name) for name in INPUT_TABLES if (folder / name).is_file()}


def _file_hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def changed_tables(folder: Path, run: Mapping[str, Any]) -> list[str]:
    """Return the tables of a study that are not those that it was scored with; none where its ``run.json`` is silent.

    Parameters
    ----------
    folder : Path
        The study folder.
    run : mapping
        Content of ``run.json``.
    """
    scored_with = run.get("inputs")
    if not isinstance(scored_with, dict):
        return []
    now = table_hashes(folder)
    return [name for name in INPUT_TABLES if now.get(name) != scored_with.get(name)]


def changed_since(folder: Path, run: Mapping[str, Any], what: str) -> str:
    """Return which tables of a study are not those that it was scored with, in words; empty where all are.

    Parameters
    ----------
    folder : Path
        The study folder.
    run : mapping
        Content of ``run.json``.
    what : str
        What holds both the tables and the numbers, such as ``the export``.
    """
    changed = changed_tables(folder, run)
    if not changed:
        return ""
    return (
        f"{', '.join(changed)} changed since the study was scored: {what} holds them as they are now, beside the "
        "numbers of before. Score the study again."
    )


def changed_outputs(results: Path, run: Mapping[str, Any]) -> list[str]:
    """Return the tables of results that are not what the run of their ``run.json`` wrote; none where that is silent.

    So it is after a run that stopped between two tables: some are its own, and some are those of the run before.

    Parameters
    ----------
    results : Path
        The results folder.
    run : mapping
        Content of ``run.json``.
    """
    written = run.get("outputs")
    if not isinstance(written, dict):
        return []
    return [name for name, digest in written.items() if _file_hash(results / name) != digest]


def check_outputs(results: Path, run: Mapping[str, Any]) -> None:
    """Check that the tables of results are all of one run; see `changed_outputs`.

    Raises
    ------
    InputError
        Some are not; names each.
    """
    problem = (
        f"it is not what the run of {results / 'run.json'} wrote, as after a run that stopped, or was changed since"
    )
    if changed := changed_outputs(results, run):
        raise InputError([Fault(str(results / name), problem, "Score the study again.") for name in changed])


def model_records(models: Mapping[str, Path]) -> dict[str, dict[str, str]]:
    """Return what a run records of its models: name and hash of each folder, by what it is used for."""
    return {use: {"name": path.name, "sha256": model_hash(path)} for use, path in models.items()}


@functools.cache
def program_versions() -> str:
    """Return the versions that can move a result as one text; the platform is left out, since none must follow it."""
    return "|".join(f"{name} {version}" for name, version in versions().items() if name != "platform")


def declared(study: Study) -> dict[str, list[Any]]:
    """Return as what each photograph was measured, by file: its view, and whose body it was laid on."""
    bodies = {
        patient.patient_id: [patient.patient_id, patient.sex, patient.age_years, patient.height_cm, patient.weight_kg]
        for patient in study.patients
    }
    return {entry.file: [entry.view_name, *bodies[entry.patient_id]] for entry in study.photos}


def run_record(
    study: Study,
    models: Mapping[str, Mapping[str, str]],
    command: Sequence[str],
    steps: Mapping[str, float],
    inputs: Mapping[str, str],
    head: Event | None = None,
) -> dict[str, Any]:
    """Return what is needed to replay a run, as plain values.

    Parameters
    ----------
    study : Study
        The study that was scored.
    models : mapping of str to mapping
        See `model_records`, in the order in which they identify what was measured.
    command : sequence of str
        The command with its arguments.
    steps : dict
        Mean time of each step of a photograph [s].
    inputs : mapping of str to str
        Hash of each table and placement as it was read, and of each photograph's file as it was measured, or the code
        of why it cannot be read.
    head : Event, optional
        Newest event of the trail of readings, by which ``reepi audit`` finds out if events after it were removed.
    """
    return {
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": [shown_url(word) for word in command],
        "versions": versions(),
        "program": program_hash(),
        "models": {use: dict(model) for use, model in models.items()},
        "study": {"name": study.name, "day_zero": study.day_zero, "visit_days": list(study.visit_days)},
        "protocol": asdict(study.protocol),
        "reading": _plain(asdict(study.reading)),
        "capture": _plain(asdict(study.capture)),
        "inputs": dict(inputs),
        "declared": declared(study),
        "trail": {"events": 0, "head": ""} if head is None else {"events": head.number, "head": head.sha256},
        "seconds_per_photograph": dict(steps),
    }


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON gives them back."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write the record of a run as JSON, in one step."""
    write_text(path, json.dumps(record, indent=2, ensure_ascii=False) + "\n")
