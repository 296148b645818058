"""From folders to raters: a study's readers, or several folders of results."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from reepi.cli.raters import rater_rows
from reepi.core.errors import Fault, InputError
from reepi.core.images import Mask
from reepi.core.path_ends import path_ends
from reepi.core.reading import Reading
from reepi.imaging.writing import decode_mask
from reepi.scoring.rater_agreement import RaterAgreement, rater_agreement
from reepi.scoring.rater_values import RaterResult
from reepi.store.readings import ReadingStore
from reepi.store.results import ResultsFolder
from reepi.store.settings import SETTINGS_FILE
from reepi.store.study import read_study

Masks = dict[str, Callable[[], Mask]]


@dataclass(frozen=True)
class Compared:
    """Raters with what they are to be compared on.

    Parameters
    ----------
    title : str
        Study, or the names of what is compared.
    raters : dict of RaterResult
        By name.
    patient_of : dict
        Patient of each photograph, as far as it is known.
    repeated : dict of RaterResult
        The masks of hidden repeats, by reader; what they have in common with the reader's first ones tells drift.
    """

    title: str
    raters: Mapping[str, RaterResult]
    patient_of: Mapping[str, str]
    repeated: Mapping[str, RaterResult] = field(default_factory=dict)

    def agreement(self, told: Callable[[int], None] = lambda _: None) -> RaterAgreement:
        """Return how far the raters agree, and each reader with the reader's own repeats; see `rater_agreement`."""
        found = rater_agreement(self.raters, self.patient_of, told)
        pairs = list(found.pairs)
        for reader, again in self.repeated.items():
            first = RaterResult((), (), self.raters[reader].masks)
            pairs += rater_agreement({reader: first, f"{reader}, again": again}, self.patient_of).pairs
        return replace(found, pairs=tuple(pairs))


def study_compared(folder: Path, results: Path, database: str | None) -> Compared:
    """Return the readers of a study and its model.

    Raises
    ------
    InputError
        This is no study folder, or fewer than two read it.
    """
    if not (folder / SETTINGS_FILE).is_file():
        remedy = "Give a study folder, or two and more folders of results."
        raise InputError([Fault(str(folder), f"there is no {SETTINGS_FILE} in it", remedy)])
    study = read_study(folder)
    found = rater_rows(folder, results, database)
    if len(found) < 2:
        who = f"only {next(iter(found))} has" if found else "nobody has"
        remedy = "Let two readers review it, or compare folders of results."
        raise InputError([Fault(str(folder), f"{who} a reading that can be compared", remedy)])
    store = ReadingStore(folder, database)
    drawn, again = reader_masks(store, store.newest()), reader_masks(store, store.repeats())
    raters = {
        name: result if result.masks else replace(result, masks=drawn.get(name, {})) for name, result in found.items()
    }
    repeated = {name: RaterResult((), (), masks) for name, masks in again.items() if name in raters}
    return Compared(study.name, raters, {entry.file: entry.patient_id for entry in study.photos}, repeated)


def reader_masks(store: ReadingStore, readings: Iterable[Reading]) -> dict[str, Masks]:
    """Return calls that open the masks each reader stands for, by reader and photograph."""
    found: dict[str, Masks] = {}
    for reading in readings:
        if reading.teaches and reading.mask_file is not None:
            found.setdefault(reading.reader, {})[reading.photograph] = partial(store.mask, reading)
    return found


def results_compared(folders: Sequence[Path], names: Sequence[str]) -> Compared:
    """Return several results as raters.

    Parameters
    ----------
    folders : sequence of Path
        Folders of results, or study folders with ``results`` in them.
    names : sequence of str
        What to call them; nothing takes the names of the folders.

    Raises
    ------
    InputError
        A folder holds no results, or results that cannot be read, or names do not fit; all faults together.
    """
    called = names or _names(folders)
    faults, found = _name_faults(folders, called), []
    for folder in folders:
        try:
            found.append(_result(folder))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    patient_of = {file: patient for folder in folders for file, patient in _patients(folder).items()}
    return Compared(", ".join(called), dict(zip(called, found, strict=True)), patient_of)


def _name_faults(folders: Sequence[Path], names: Sequence[str]) -> list[Fault]:
    if len(names) != len(folders):
        return [Fault("--name", f"{len(names)} names for {len(folders)} folders", "Name each folder, or none.")]
    twice = [name for name, times in Counter(names).items() if times > 1]
    return [Fault("--name", f"{name!r} names two folders", "Give each folder a name of its own.") for name in twice]


def _results(folder: Path) -> ResultsFolder:
    inner = ResultsFolder(folder / "results")
    return inner if inner.areas.is_file() else ResultsFolder(folder)


def _names(folders: Sequence[Path]) -> list[str]:
    """Return the shortest ends of the folders' paths that tell them apart; plain ``results`` says nothing."""
    places = [_results(folder).path.resolve() for folder in folders]
    places = [place.parent if place.name == "results" and len(place.parts) > 2 else place for place in places]
    if len(set(places)) < len(places):
        return [str(folder) for folder in folders]
    ends = path_ends(places)
    return [ends[place] for place in places]


def _result(folder: Path) -> RaterResult:
    results = _results(folder)
    try:
        areas, endpoints, photos = results.read_areas(), results.read_endpoints(), results.read_photos()
    except FileNotFoundError as error:
        problem = f"there is no {Path(str(error.filename)).name} in it"
        raise InputError([Fault(str(folder), problem, "Score the study first: reepi score.")]) from error
    except ValueError as error:
        raise InputError([Fault(str(folder), str(error), "Score the study again.")]) from error
    paths = {row.file: results.mask(row.file) for row in photos if row.status == "scored"}
    return RaterResult(areas, endpoints, {file: partial(_mask, path) for file, path in paths.items() if path.is_file()})


def _mask(path: Path) -> Mask:
    try:
        return decode_mask(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError([Fault(str(path), f"the mask cannot be read ({error})", "Score the study again.")]) from error


def _patients(folder: Path) -> dict[str, str]:
    """Return the patient of each photograph where the results lie in their study folder."""
    study = _results(folder).path.resolve().parent
    if not (study / SETTINGS_FILE).is_file():
        return {}
    return {entry.file: entry.patient_id for entry in read_study(study).photos}
