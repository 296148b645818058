"""Who said what an exported object says: a model, or readers who corrected it."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pydicom.valuerep import PersonName

_BY: Final = re.compile(r"^(?:mean of readings|readings?|adjudication) by (?P<names>.+?)(?:, against .*)?$")
"""What ``photos.csv`` says of a photograph that was read; see `reepi.core.counting.CountingReadings`."""

_MEAN: Final = "mean of readings by "

_RESERVED: Final = str.maketrans({"^": " ", "=": " ", "\\": " "})
"""Characters that part a DICOM name into its components."""


@dataclass(frozen=True)
class Run:
    """The run that scored a study, as far as exports tell it.

    Parameters
    ----------
    ended_at : datetime
        When its results were written.
    version : str
        Version of the program that scored.
    tissue_model : str
        SHA-256 of the weights that proposed tissues.
    models : str
        All its models with their hashes, for people.
    """

    ended_at: datetime
    version: str
    tissue_model: str
    models: str

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> "Run":
        """Return the run that ``run.json`` tells of.

        Raises
        ------
        ValueError
            The record is none.
        """
        try:
            models = record["models"]
            told = ", ".join(f"{use} {model['name']} {model['sha256'][:12]}" for use, model in sorted(models.items()))
            ended = datetime.fromisoformat(record["written_at"]).astimezone(UTC)
            return cls(ended, record["versions"]["reepi"], models["tissue"]["sha256"], told)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"this is no record of a run ({error!r})") from error


def readers_of(source: str) -> str:
    """Return the readers whose word a photograph's mask is, or nothing where it is the model's proposal.

    Parameters
    ----------
    source : str
        As in ``photos.csv`` of the results.
    """
    found = _BY.match(source)
    return found["names"] if found else ""


def first_of_several(source: str) -> str:
    """Return the first of several readers whose mean counts, whose tissue a mask shows where they differ; else nothing.

    Parameters
    ----------
    source : str
        As in ``photos.csv`` of the results.
    """
    if not source.startswith(_MEAN):
        return ""
    return next(csv.reader([readers_of(source)], skipinitialspace=True))[0]


def person_name(names: str) -> PersonName:
    """Return people's names as one DICOM name of at most 64 characters; its caret says that it is meant to be one."""
    return PersonName(" ".join(names.translate(_RESERVED).split())[:63] + "^")
