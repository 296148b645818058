"""``study.toml`` anew: the keys that decide the numbers, without comments, names of readers and what is not known."""

import json
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Final

import reepi
from reepi.core.capture import CaptureProtocol
from reepi.core.study import Protocol, ReadingProtocol
from reepi.store.settings import SETTINGS_FILE

_KEPT: Final = {
    "study": ("name", "day_zero", "visit_days"),
    "protocol": tuple(field.name for field in fields(Protocol)),
    # Adjudicators are names of people.
    "reading": tuple(field.name for field in fields(ReadingProtocol) if field.name != "adjudicators"),
    "capture": tuple(field.name for field in fields(CaptureProtocol)),
}

_NOTE: Final = """\
# De-identified by reepi {version}: names are pseudonyms, and all dates of a patient are moved back by the same number
# of days, so that intervals hold. {hidden}
"""

_LONGEST_NAME: Final = 200
"""Characters of a value that may name a file."""


def clean_settings(folder: Path, hidden: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of a valid study's settings for a folder that is handed on, and the keys that were left out.

    Parameters
    ----------
    folder : Path
        The study folder.
    hidden : str
        A sentence on what is hidden in its photographs.
    """
    document = tomllib.loads((folder / SETTINGS_FILE).read_bytes().decode("utf-8-sig"))
    parts, left_out = [_NOTE.format(version=reepi.__version__, hidden=hidden)], []
    for section, values in document.items():
        if not isinstance(values, dict) or section not in _KEPT:
            left_out.append(section)
            continue
        passing = {key: value for key, value in values.items() if key in _KEPT[section] and not _is_file(folder, value)}
        left_out += [f"{section}.{key}" for key in values if key not in passing]
        lines = [f"{key} = {_written(value)}" for key, value in passing.items()]
        parts.append("\n".join([f"[{section}]", *lines, ""]))
    return "\n".join(parts), tuple(left_out)


def _is_file(folder: Path, value: object) -> bool:
    """Return whether a value names a file of the study, which is not handed on."""
    return isinstance(value, str) and 0 < len(value) < _LONGEST_NAME and (folder / value).is_file()


def _written(value: object) -> str:
    # Strings, numbers, booleans and lists of JSON are those of TOML.
    return json.dumps(value, ensure_ascii=False)
