"""The link table: the only place where old names stand beside new ones. It stays outside what is handed on."""

import csv
import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Final

from reepi.core.errors import Fault, InputError
from reepi.store.files import telling
from reepi.store.rows import escape, unescape

PATIENT: Final = "patient"
PHOTOGRAPH: Final = "photograph"


@dataclass(frozen=True)
class Link:
    """One line of the link table.

    Parameters
    ----------
    kind : str
        ``patient`` or ``photograph``.
    old, new : str
        Identifier of a patient, or file as in ``photos.csv``, before and after; the new one has no ending where a
        photograph was withheld.
    patient : str
        Identifier, before, of the patient whom it is about.
    shift_days : str
        Days that the patient's dates were moved by; negative is back.
    """

    kind: str
    old: str
    new: str
    patient: str
    shift_days: str


def read_links(path: Path) -> list[Link]:
    """Return the lines of a link table, none where there is no file.

    Raises
    ------
    InputError
        The file is no link table.
    """
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _foreign(path) from error
    if not rows or rows[0] != _COLUMNS or any(len(row) != len(_COLUMNS) for row in rows):
        raise _foreign(path)
    return [Link(*(unescape(cell) for cell in row)) for row in rows[1:]]


def joined(path: Path, earlier: Iterable[Link], now: Iterable[Link]) -> list[Link]:
    """Return the lines of an earlier table and of this run; what both name stands once.

    Raises
    ------
    InputError
        They name the same patient differently: the earlier table was made with another key.
    """
    lines = {(link.kind, link.old): link for link in earlier}
    for link in now:
        before = lines.get((link.kind, link.old), link)
        if before.shift_days != link.shift_days or _stem(before) != _stem(link):
            problem = "it was made with another key"
            raise InputError([Fault(str(path), problem, "Name that key with --key, or a new link table.")])
        lines[link.kind, link.old] = link
    return [lines[name] for name in sorted(lines)]


def check_photographs(path: Path, earlier: Iterable[Link], patients: Mapping[str, str]) -> None:
    """Check that a table knows no photograph of the same name as another patient's.

    Parameters
    ----------
    path : Path
        The table.
    earlier : iterable of Link
        Its lines.
    patients : mapping of str to str
        Patient of each photograph of the study, by its file.

    Raises
    ------
    InputError
        It does: the table is that of another study, or a photograph was given to another patient since.
    """
    told = [
        link for link in earlier if link.kind == PHOTOGRAPH and patients.get(link.old, link.patient) != link.patient
    ]
    remedy = "Use a link table of its own for each study, and a new one where photographs changed their patient."
    if told:
        raise InputError(
            [Fault(str(path), f"{link.old} is a photograph of {link.patient} in it", remedy) for link in told]
        )


def links_text(links: Iterable[Link]) -> str:
    """Return lines as the text of a link table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows([escape(cell) for cell in astuple(link)] for link in links)
    return text.getvalue()


def write_private(path: Path, text: str) -> None:
    """Write a text that only its owner may read, in one step.

    Raises
    ------
    NotWritten
        The folder cannot be written to, or the disk is full.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with telling(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


_COLUMNS: Final = [field.name for field in fields(Link)]


def _stem(link: Link) -> str:
    return link.new.rsplit(".", 1)[0]


def _foreign(path: Path) -> InputError:
    return InputError([Fault(str(path), "it is no link table", "Name another file; nothing is overwritten.")])
