"""What each reader of a study, and the model, would have measured alone."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reepi.scoring.rater_values import RaterResult


def rater_rows(folder: Path, results: Path, database: str | None) -> "dict[str, RaterResult]":
    """Return the result of each reader by name, readers in alphabetical order.

    Parameters
    ----------
    folder : Path
        The study folder.
    results : Path
        Its results.
    database : str, optional
        Data base of several readers; the file in the study folder if none.
    """
    from reepi.scoring.rater_values import RaterResult
    from reepi.store.readings import ReadingStore

    readers = {reading.reader for reading in ReadingStore(folder, database).newest() if reading.teaches}
    return {reader: RaterResult((), ()) for reader in sorted(readers)}
