"""Starts the review of a study in a window."""

import re
from pathlib import Path
from typing import Final

from reepi.review.controller import Review
from reepi.review.desk import Desk
from reepi.review.drafts import Drafts
from reepi.store.provenance import bytes_hash

FOLDER: Final = "readings/drafts"
"""Where drafts lie in a study folder, one file for each reader."""


def open_review(folder: Path, reader: str, database: str | None = None, results: Path | None = None) -> Review:
    """Return the review of a study by a reader, without a window.

    Parameters
    ----------
    folder : Path
        The study folder.
    reader : str
        Who reads.
    database : str, optional
        Data base of several readers; the file in the study folder if none.
    results : Path, optional
        Results that proposals are taken from; ``results`` in the study folder if none.

    Raises
    ------
    InputError
        The study folder or the data base is wrong; carries all faults.
    """
    desk = Desk(folder, reader, database, results)
    return Review(desk, Drafts(drafts_file(folder, desk.reader)))


def drafts_file(folder: Path, reader: str) -> Path:
    """Return where a reader's unsaved work lies."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", reader).strip("-") or "reader"
    return folder / FOLDER / f"{plain}-{bytes_hash(reader.encode())[:8]}.sqlite"


def run(review: Review) -> None:
    """Show a review in a window, until it is closed."""
    import napari

    from reepi.review.window import ReviewWindow

    window = ReviewWindow(review)
    window.start()
    napari.run()
