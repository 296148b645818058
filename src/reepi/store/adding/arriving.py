"""Files that arrive in a folder: which of them are whole, and which wait for somebody to say what they are."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final

from reepi.store.adding.plan import Addition
from reepi.store.adding.sources import files_below, picture_name
from reepi.store.adding.table import COLUMNS, TableLine, line_of

TOLD: Final = ("patient_id", "taken_at", "view")
"""Cells of a line that a person completes."""

GONE: Final = "the file is not there any more. Bring it back, or remove this line"
"""Why a photograph waits whose file is missing."""


class Arrivals:
    """Looks at a folder again and again; a share of the network does not tell when something comes.

    Parameters
    ----------
    folder : Path
        The folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: dict[Path, tuple[int, int]] = {}
        self._given: dict[Path, tuple[int, int]] = {}

    def look(self) -> list[Path]:
        """Return the photographs that are as they were at the last look, each once.

        One that has changed since it was returned is returned again once it is still, and beside one that has come in
        another format of the same name, since the two are one picture.

        Raises
        ------
        OSError
            The folder cannot be reached.
        """
        # A folder that is gone and one that is empty look alike to those who only list it.
        self.folder.stat()
        now = {path: state for path in files_below(self.folder) if (state := _state(path)) is not None}
        still = [path for path, state in now.items() if self._seen.get(path) == state != self._given.get(path)]
        self._seen = now
        self._given = {path: state for path, state in self._given.items() if path in now}
        names = {picture_name(path) for path in still}
        beside = [path for path in self._given if path not in still and picture_name(path) in names]
        self._given |= {path: now[path] for path in still}
        return [*still, *beside]

    @property
    def empty(self) -> bool:
        """Whether there was nothing at the last look: a share that is away may leave its mount point behind."""
        return not self._seen

    def again(self) -> None:
        """Return every photograph once more at the next look, since the last could not be dealt with."""
        self._given = {}


def _state(path: Path) -> tuple[int, int] | None:
    """Return size [bytes] and time of change [ns] of a file; None where it is empty as yet, or gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_size, status.st_mtime_ns) if status.st_size else None


def waiting_lines(
    old: Sequence[TableLine], planned: Iterable[Addition], settled: Collection[str], missing: Collection[str] = ()
) -> list[TableLine]:
    """Return the lines of photographs that wait for somebody to say what they are.

    What a person wrote stays, unless the photograph has another content by now. Where nobody has decided yet, empty
    cells are filled in with what is known by now, and why it waits is told anew, with where a filled cell differs.

    Parameters
    ----------
    old : sequence of TableLine
        Lines as they stand in the list.
    planned : iterable of Addition
        Photographs that were looked at and could not be added.
    settled : collection of str
        Files that need no line any more.
    missing : collection of str
        Files that are not there, and whose lines stay all the same; where nobody has decided yet, they say so.
    """
    lines = {line.file: line for line in old if line.file not in settled}
    lines |= {file: line.because(GONE) for file, line in lines.items() if file in missing and not line.decision}
    for addition in planned:
        line = line_of(addition)
        known = lines.get(line.file)
        if line.file not in settled:
            same = known is not None and known.content_hash == line.content_hash
            lines[line.file] = _renewed(known, line) if known is not None and same else line
    return [*lines.values()]


def _renewed(known: TableLine, line: TableLine) -> TableLine:
    """Return the line of the list for a photograph that was looked at again."""
    if known.decision in ("yes", "no"):
        return known
    before, now = (dict(zip(COLUMNS, each.cells, strict=True)) for each in (known, line))
    # Whether a person wrote a cell or an earlier look guessed it cannot be seen.
    both = (name for name in TOLD if before[name] and now[name])
    differing = [f"{name} would be {now[name]} by now" for name in both if before[name] != now[name]]
    cells = {name: before[name] or now[name] for name in COLUMNS}
    cells |= {"add": now["add"], "why": "; ".join([line.why, *differing])}
    return TableLine(line.decision, tuple(cells.values()))
