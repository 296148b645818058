"""What each reader of a study, and the model, would have measured alone."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reepi.core.images import Mask
    from reepi.scoring.rater_values import RaterResult
    from reepi.store.results import ResultsFolder

MODEL, PROPOSALS = "model", "model (its proposals)"
"""Names of the rater that nobody is: the second where a reader bears the first."""


def rater_rows(folder: Path, results: Path, database: str | None) -> "dict[str, RaterResult]":
    """Return the result of the model and of each reader by name, the model first; nothing where nobody read.

    A reader's numbers of a visit are those of the reader's own readings; photographs that the reader did not read count
    as proposed. Visits of which a reader read nothing are left out, and the endpoints of patients with such a visit.

    Parameters
    ----------
    folder : Path
        The study folder.
    results : Path
        Its results.
    database : str, optional
        Data base of several readers; the file in the study folder if none.

    Raises
    ------
    InputError
        The study was not scored, or was scored by another program or model.
    """
    from reepi.cli.replay import NotKeptError, replay
    from reepi.core.errors import Fault, InputError
    from reepi.core.results import COHORT
    from reepi.core.surface import Origin
    from reepi.scoring.rater_values import RaterResult
    from reepi.store.readings import ReadingStore
    from reepi.store.results import ResultsFolder
    from reepi.store.said import said_of
    from reepi.store.trail import Trail

    trail, kept = Trail(folder, database), ResultsFolder(results)
    readers = sorted({each.reader for each in ReadingStore(folder, trail=trail).newest() if each.teaches})
    found: dict[str, RaterResult] = {}
    if not readers:
        return found
    try:
        for reader in ["", *readers]:
            again = replay(folder, kept, said_of(folder, trail, reader)).score
            read = {
                (row.patient_id, row.date) for row in again.areas if Origin.READING.label in row.source.split(" + ")
            }
            if not reader:
                name = PROPOSALS if MODEL in readers else MODEL
                found[name] = RaterResult(again.areas, again.endpoints, _proposals(kept))
                continue
            wanted = [row for row in again.areas if (row.patient_id, row.date) in read]
            # What follows from all visits of a patient is the reader's only where the reader saw all of them.
            left = {row.patient_id for row in again.areas if (row.patient_id, row.date) not in read}
            endpoints = [row for row in again.endpoints if row.patient_id not in left | {COHORT}]
            found[reader] = RaterResult(wanted, endpoints)
    except (NotKeptError, OSError) as error:
        problem = f"its results cannot be counted once more ({error})"
        raise InputError([Fault(str(results), problem, "Score the study again.")]) from error
    return found


def _proposals(results: "ResultsFolder") -> "dict[str, Callable[[], Mask]]":
    from reepi.imaging.writing import decode_mask

    scored = [row.file for row in results.read_photos() if row.status == "scored"]
    return {file: partial(lambda path: decode_mask(path.read_bytes()), results.proposal(file)) for file in scored}
