"""A frozen study: what its numbers follow from and what they are, fixed by hash in ``freeze.json``.

What decides numbers (models, protocol, patients, photographs, what the ward and the readers said, body templates) must
be the same for a frozen study to be scored again. What only may decide them, the program and its packages, is recorded
too: under another program the numbers are counted in another folder and held against the frozen ones, byte by byte.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from reepi.body.template import build_template
from reepi.core.clinical import ClinicalRecord
from reepi.core.errors import Fault, InputError
from reepi.core.study import Patient, PhotoEntry, Study
from reepi.core.trail import Event
from reepi.store.files import write_text
from reepi.store.placements import placement_hash, placement_hashes
from reepi.store.provenance import bytes_hash, model_hash, photograph_hash, program_hash, table_hashes, versions
from reepi.store.results import ResultsFolder

FREEZE_FILE: Final = "freeze.json"

PROGRAM: Final = "program"
"""Group of what only may decide numbers."""

PATIENT: Final = "patient"
"""Group of the patients, in the order of their list."""

Fixed = dict[str, dict[str, str]]
"""What is fixed: group (such as ``protocol``), name (such as ``denominator``), and value or hash."""


@dataclass(frozen=True)
class Freeze:
    """A freeze of a study.

    Parameters
    ----------
    frozen_at, by, note : str
        When (UTC), who, and why.
    fixed : dict
        What the numbers follow from.
    outputs : dict of str
        SHA-256 of each table of numbers, by file name.
    inputs : mapping of str to str
        SHA-256 of each table and photograph of the study as it was scored, by file. What they say is compared, in
        ``fixed``, not their bytes: a comment changes no number.
    history : sequence of dict
        Earlier freezes of the study, oldest first.
    """

    frozen_at: str
    by: str
    note: str
    fixed: Fixed
    outputs: dict[str, str]
    inputs: Mapping[str, str] = field(default_factory=dict)
    history: Sequence[Mapping[str, Any]] = ()

    @property
    def sha256(self) -> str:
        """Hash of all of it; written down elsewhere, it shows whether ``freeze.json`` was changed."""
        text = json.dumps(self._content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def record(self) -> dict[str, Any]:
        """Its content with its hash, as plain values."""
        return {**self._content, "sha256": self.sha256}

    @property
    def _content(self) -> dict[str, Any]:
        content = {**asdict(self), "history": list(self.history)}
        # Left out where there are none, so that the hash of a freeze that was written without them still fits.
        return content if self.inputs else {name: value for name, value in content.items() if name != "inputs"}


@dataclass(frozen=True)
class Difference:
    """Something that is not as it was frozen.

    Parameters
    ----------
    group, name : str
        What it is.
    was, now : str or None
        As frozen, and now; None where it was not, or is no longer, there.
    """

    group: str
    name: str
    was: str | None
    now: str | None

    def __str__(self) -> str:
        what = f"{self.group} {self.name}"
        if self.was is None:
            return f"{what} is new"
        if self.now is None:
            return f"{what} is gone"
        return f"{what} was {_short(self.was)} and is {_short(self.now)}"


def _short(value: str) -> str:
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", r"\1...", value) or "nothing"


def what_decides(
    study: Study,
    folder: Path,
    models: Mapping[str, str],
    head: Event | None,
) -> Fixed:
    """Return everything that the numbers of a study follow from, or may.

    Parameters
    ----------
    study : Study
        The study.
    folder : Path
        Its folder.
    models : mapping of str to str
        Hash of each model, by its use.
    head : Event, optional
        Newest event of the trail of readings.
    """
    return {
        "model": dict(models),
        "study": {"day_zero": study.day_zero, "visit_days": _text(study.visit_days)},
        "protocol": {key: _text(value) for key, value in asdict(study.protocol).items()},
        "capture": {key: _text(value) for key, value in asdict(study.capture).items()},
        PATIENT: {patient.patient_id: _patient_text(patient) for patient in study.patients},
        "photograph": {entry.file: _photograph_text(entry, folder) for entry in study.photos},
        "clinical.csv": {patient_id: _record_hash(record) for patient_id, record in sorted(study.clinical.items())},
        "historical.csv": {"patients": _hash(study.historical)} if study.historical else {},
        "body template": {patient.patient_id: _template_hash(patient) for patient in study.patients},
        "readings": {"events": str(0 if head is None else head.number), "head": "" if head is None else head.sha256},
        PROGRAM: _program(program_hash(), versions()),
    }


def _program(text: str, installed: Mapping[str, str]) -> dict[str, str]:
    """Return the program and its packages; the platform is left out, since numbers must not follow from it."""
    return {"text": text, **{name: version for name, version in installed.items() if name != "platform"}}


def model_hashes(models: Mapping[str, Path]) -> dict[str, str]:
    """Return the hash of each model folder, by its use."""
    return {use: model_hash(path) for use, path in models.items()}


def differences(was: Fixed, now: Fixed) -> tuple[list[Difference], list[Difference]]:
    """Return what differs that decides numbers, and what differs that only may."""
    found = list(_differences(was, now))
    return [each for each in found if each.group != PROGRAM], [each for each in found if each.group == PROGRAM]


def _differences(was: Fixed, now: Fixed) -> Iterator[Difference]:
    for group in dict.fromkeys((*was, *now)):
        before, after = was.get(group, {}), now.get(group, {})
        for name in dict.fromkeys((*before, *after)):
            if before.get(name) != after.get(name):
                yield Difference(group, name, before.get(name), after.get(name))
        if group == PATIENT:
            yield from _first_moved(
                [name for name in before if name in after], [name for name in after if name in before]
            )


def _first_moved(before: Sequence[str], after: Sequence[str]) -> Iterator[Difference]:
    """Yield the first patient who stands elsewhere: the tables have their rows in the order of the patients."""
    for number, (was, now) in enumerate(zip(before, after, strict=True), 1):
        if was != now:
            yield Difference(PATIENT, f"number {number}", was, now)
            return


def read_freeze(folder: Path) -> Freeze | None:
    """Return the freeze of a study folder, or None where it is not frozen.

    Raises
    ------
    InputError
        ``freeze.json`` cannot be read, or is not what `reepi freeze` wrote.
    """
    path = folder / FREEZE_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        digest = content.pop("sha256")
        freeze = Freeze(**content)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError([Fault(FREEZE_FILE, f"it is no record of a freeze ({error})", _RESTORE)]) from error
    if freeze.sha256 != digest:
        raise InputError([Fault(FREEZE_FILE, "it was changed since it was written: its hash does not fit", _RESTORE)])
    return freeze


_RESTORE: Final = "Restore it from a copy; removing it unlocks the study."


def write_freeze(folder: Path, freeze: Freeze) -> None:
    """Write the freeze of a study folder, in one step."""
    text = json.dumps(freeze.record, indent=2, ensure_ascii=False) + "\n"
    write_text(folder / FREEZE_FILE, text)


def new_freeze(
    study: Study, folder: Path, results: ResultsFolder, head: Event | None, by: str, note: str, again: bool
) -> Freeze:
    """Return the freeze of a scored study as it is now.

    Parameters
    ----------
    study, folder
        The study, and its folder.
    results : ResultsFolder
        Its results.
    head : Event, optional
        Newest event of the trail of readings.
    by, note : str
        Who freezes it, and why.
    again : bool
        Whether a study that is frozen may be frozen anew; the former freeze is kept in the history.

    Raises
    ------
    InputError
        The study is frozen already, was not scored, or its results are not those of the study as it is now.
    """
    before = read_freeze(folder)
    if before is not None and not again:
        problem = f"the study was frozen on {before.frozen_at} by {before.by}"
        raise InputError([Fault(FREEZE_FILE, problem, "Freeze it with --again to fix the present numbers instead.")])
    run = _read_run(results)
    faults = list(_not_of_this_study(study, folder, results, run, head))
    if run.get("despite_freeze") and not again:
        problem = "these results were counted despite a freeze"
        faults.append(Fault(str(results.run), problem, "Freeze them with --again, or score the study again."))
    if faults:
        raise InputError(faults)
    models = {use: str(model["sha256"]) for use, model in run["models"].items()}
    return Freeze(
        datetime.now(UTC).isoformat(timespec="seconds"),
        by,
        note,
        what_decides(study, folder, models, head),
        # No two runs share how long each photograph took, which stands in its table.
        {name: digest for name, digest in run["outputs"].items() if name != results.photos.name},
        dict(run["inputs"]),
        () if before is None else [*before.history, {k: v for k, v in before.record.items() if k != "history"}],
    )


def _read_run(results: ResultsFolder) -> dict[str, Any]:
    try:
        run = json.loads(results.run.read_text(encoding="utf-8"))
        if not all(isinstance(run.get(part), dict) for part in ("models", "inputs", "outputs", "trail", "versions")):
            raise ValueError("it lacks what a run records")
        if missing := {path.name for path in (results.areas, results.endpoints)} - set(run["outputs"]):
            raise ValueError(f"it has no hash of {', '.join(sorted(missing))}")
    except FileNotFoundError as error:
        raise InputError([Fault(str(results.run), "the study was not scored", "Score it first.")]) from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InputError([Fault(str(results.run), f"it is no record of a run ({error})", _SCORE)]) from error
    return dict(run)


_SCORE: Final = "Score the study again."


def _not_of_this_study(
    study: Study, folder: Path, results: ResultsFolder, run: Mapping[str, Any], head: Event | None
) -> Iterator[Fault]:
    """Yield why results are not those of the study as it is now."""
    present = table_hashes(folder)
    present |= {entry.file: photograph_hash(folder / entry.file) for entry in study.photos}
    present |= placement_hashes(folder, study.photos)
    for name in sorted({*present, *run["inputs"]}):
        if present.get(name) != run["inputs"].get(name):
            yield Fault(name, "it is not as it was when the study was scored", _SCORE)
    for name, digest in run["outputs"].items():
        path = results.path / name
        if not path.is_file() or bytes_hash(path.read_bytes()) != digest:
            yield Fault(str(path), "it is not what the run wrote", _SCORE)
    if run["trail"] != ({"events": 0, "head": ""} if head is None else {"events": head.number, "head": head.sha256}):
        yield Fault("readings", "the trail is not as it was when the study was scored", _SCORE)
    made_by, present = _program(str(run.get("program")), run["versions"]), _program(program_hash(), versions())
    for each in _differences({PROGRAM: made_by}, {PROGRAM: present}):
        yield Fault(str(results.run), f"these results are of another program: {each}", _SCORE)
    try:
        failed = [row.file for row in results.read_photos() if row.status == "failed"]
    except (OSError, ValueError) as error:
        yield Fault(str(results.photos), f"it cannot be read ({error})", _SCORE)
        return
    for file in failed:
        yield Fault(file, "it failed", "Score the study again; what failed is tried again.")


@dataclass(frozen=True)
class FrozenState:
    """How results stand to the freeze of their study.

    Parameters
    ----------
    freeze : Freeze
        The freeze.
    changed : tuple of str
        Tables of the results that are not those frozen.
    """

    freeze: Freeze
    changed: tuple[str, ...]


def frozen_state(folder: Path, results: ResultsFolder) -> FrozenState | None:
    """Return how results stand to the freeze of their study; None where it is not frozen.

    Raises
    ------
    InputError
        ``freeze.json`` is damaged.
    """
    freeze = read_freeze(folder)
    if freeze is None:
        return None
    there = {name: results.path / name for name in freeze.outputs}
    hashes = {name: bytes_hash(path.read_bytes()) if path.is_file() else "" for name, path in there.items()}
    return FrozenState(freeze, tuple(name for name, digest in hashes.items() if digest != freeze.outputs[name]))


def _text(value: object) -> str:
    """Return a value of a protocol as text."""
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value


def _hash(values: object) -> str:
    return bytes_hash(repr(values).encode())


def _patient_text(patient: Patient) -> str:
    body = f"{patient.sex}, {patient.age_years:g} years, {patient.height_cm:g} cm, {patient.weight_kg:g} kg"
    return f"{body}, index {patient.index_date or 'unknown'}, day zero {patient.day_zero_date or 'unknown'}"


def _photograph_text(entry: PhotoEntry, folder: Path) -> str:
    scale = "" if entry.mm_per_px is None else f", {entry.mm_per_px:g} mm/px"
    content, placement = photograph_hash(folder / entry.file), placement_hash(folder, entry.file)
    placed = f", placed by {placement}" if placement else ""
    return f"{entry.view_name} of {entry.patient_id} at {entry.taken_at.isoformat()}{scale}, content {content}{placed}"


def _record_hash(record: ClinicalRecord) -> str:
    return _hash(record.observations)


def _template_hash(patient: Patient) -> str:
    """Return the hash of a patient's body, or why there is none."""
    try:
        template = build_template(patient)
    except ValueError as error:
        return f"none ({error})"
    return template.fingerprint
