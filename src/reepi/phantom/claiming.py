"""Whose a folder is: rendered patients go into a folder of their own, and never over what somebody else put there."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Final

from reepi.core.errors import Fault, InputError
from reepi.store.files import write_text

MARK: Final = ".phantom.json"
"""File that says what a folder is drawn from; written first, so that a run that was stopped knows its folder again."""


def claim(folder: Path, drawn_from: Mapping[str, object], declaration: str, declared: str) -> None:
    """Mark a folder that is new, empty, or was begun with the same options.

    Parameters
    ----------
    folder : Path
        Where patients are to be drawn.
    drawn_from : mapping
        What decides its content, by name; of paths only their names count, since folders move.
    declaration, declared : str
        Name and text of the file that says what the folder is. Folders of versions that left no mark are known by it.

    Raises
    ------
    InputError
        The folder holds something else, or was drawn from other options.
    """
    mark, text = folder / MARK, json.dumps(drawn_from, indent=1, default=_name, sort_keys=True) + "\n"
    if mark.is_file():
        if mark.read_text(encoding="utf-8") != text:
            problem = "reepi phantom made it with other options, or an earlier version did"
            remedy = "Give the same ones to go on, or a new or empty folder."
            raise InputError([Fault(str(folder), problem, remedy)])
        return
    if not _is_free(folder) and not _holds(folder / declaration, declared):
        raise InputError([Fault(str(folder), "it holds something else", "Give a new or empty folder.")])
    write_text(mark, text)


def _is_free(folder: Path) -> bool:
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


def _holds(file: Path, text: str) -> bool:
    return file.is_file() and file.read_bytes() == text.encode("utf-8")


def _name(value: object) -> str:
    if isinstance(value, PurePath):
        return value.name
    raise TypeError(f"{value!r} is no option")
