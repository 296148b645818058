"""The table ``samples.csv`` of a data folder that is drawn: whose each photograph is, and in which split."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from reepi.store.files import write_text

SAMPLES_FILE: Final = "samples.csv"

Line = Mapping[str, str]


def image_path(out: Path, stem: str) -> Path:
    """Return where a photograph lies in a data folder."""
    return out / "images" / f"{stem}.jpg"


def write_lines(out: Path, lines: Iterable[Line]) -> None:
    """Add the lines of photographs to the table, before they are drawn.

    A photograph without a line would be nobody's, and could train a model that tests on its patient. So no line is
    ever taken away, and that of a photograph which is there stays as it is. A line whose photograph is missing is a
    fault to whoever reads the folder, until the photograph is drawn.

    Parameters
    ----------
    out : Path
        The data folder.
    lines : iterable of mapping of str to str
        Cells by column, ``stem`` among them.
    """
    table = _read_lines(out / SAMPLES_FILE)
    drawn = {stem for stem in table if image_path(out, stem).exists()}
    table |= {line["stem"]: line for line in lines if line["stem"] not in drawn}
    columns = dict.fromkeys(column for line in table.values() for column in line)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table.values())
    write_text(out / SAMPLES_FILE, text.getvalue())


def _read_lines(path: Path) -> dict[str, Line]:
    """Return the lines of a table by stem, or none where there is no table yet."""
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {line["stem"]: line for line in csv.DictReader(file)}
