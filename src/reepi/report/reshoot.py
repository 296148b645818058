"""The re-shoot list of a day as a page to print, and as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reepi.core.reshoot import ReshootRow
from reepi.report.rendering import page_environment
from reepi.report.words import region_title
from reepi.store.files import write_text
from reepi.store.rows import write_rows


@dataclass(frozen=True)
class PatientList:
    """What is left to photograph of a patient.

    Parameters
    ----------
    patient_id : str
        The patient.
    day : int or None
        Day of the visit.
    rows : tuple of ReshootRow
        In the order of the list.
    good : int
        Photographs of the visit that were scored.
    """

    patient_id: str
    day: int | None
    rows: tuple[ReshootRow, ...]
    good: int


def write_reshoot(
    folder: Path, name: str, day: date, rows: Sequence[ReshootRow], scored: Mapping[str, int], waiting: int = 0
) -> Path:
    """Write ``reshoot_<date>.csv`` and ``.html`` into a folder and return the path of the page.

    Parameters
    ----------
    folder : Path
        Results folder.
    name : str
        Name of the study.
    day : date
        The day.
    rows : sequence of ReshootRow
        What is left to photograph.
    scored : mapping of str to int
        Photographs of the day that were scored, by patient.
    waiting : int
        Photographs that may be of the day and are not in the study yet.
    """
    page = folder / f"reshoot_{day.isoformat()}.html"
    write_rows(page.with_suffix(".csv"), ReshootRow, rows)
    write_text(page, render_reshoot(name, day, rows, scored, waiting))
    return page


def render_reshoot(
    name: str, day: date, rows: Sequence[ReshootRow], scored: Mapping[str, int], waiting: int = 0
) -> str:
    """Return the page as HTML; all text is escaped, nothing is fetched. See `write_reshoot`."""
    environment = page_environment()
    environment.filters.update(words=region_title)
    patients = dict.fromkeys([*(row.patient_id for row in rows), *scored])
    lists = [_list(patient_id, rows, scored) for patient_id in patients]
    return environment.get_template("reshoot.html.j2").render(
        name=name, day=day.isoformat(), patients=lists, waiting=waiting
    )


def _list(patient_id: str, rows: Sequence[ReshootRow], scored: Mapping[str, int]) -> PatientList:
    own = tuple(row for row in rows if row.patient_id == patient_id)
    return PatientList(patient_id, own[0].day if own else None, own, scored.get(patient_id, 0))
