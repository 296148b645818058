"""What raters said of the same visits and patients, side by side. A rater is a reader, a model or a method."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from reepi.core.images import Mask
from reepi.core.regions import WHOLE_BODY
from reepi.core.results import COHORT, OPEN_LABEL, UNASSESSED_LABEL, AreaRow, EndpointRow
from reepi.core.tissue import Tissue
from reepi.scoring.intervals import ROUNDING
from reepi.scoring.skin import Floats

Table = Literal["areas", "endpoints"]


@dataclass(frozen=True)
class RaterResult:
    """Everything that one rater's reading of a study gave.

    Parameters
    ----------
    areas : sequence of AreaRow
        As in ``areas.csv``; only the whole body is compared.
    endpoints : sequence of EndpointRow
        As in ``endpoints.csv``.
    masks : dict, optional
        Of each photograph, by its file, a call that returns the rater's tissue mask (H, W); masks are large, so they
        are opened one after the other.
    """

    areas: Sequence[AreaRow]
    endpoints: Sequence[EndpointRow]
    masks: Mapping[str, Callable[[], Mask]] = field(default_factory=dict)


@dataclass(frozen=True)
class Quantity:
    """A number that raters are compared on.

    Parameters
    ----------
    name : str
        Tissue of ``areas.csv``, or endpoint of ``endpoints.csv``.
    title : str
        In words.
    unit : str
        Unit of its values.
    table : "areas" or "endpoints"
        Where it stands.
    """

    name: str
    title: str
    unit: str
    table: Table


@dataclass(frozen=True)
class Classes:
    """A class that raters are compared on, in the order of its grades."""

    name: str
    title: str
    grades: tuple[str, ...]


QUANTITIES: Final = (
    Quantity(OPEN_LABEL, "Open skin", "% BSA", "areas"),
    Quantity(Tissue.DETACHED.label, "Detached", "% BSA", "areas"),
    Quantity(Tissue.DETACHABLE.label, "Detachable", "% BSA", "areas"),
    Quantity(Tissue.ERYTHEMA.label, "Erythema", "% BSA", "areas"),
    Quantity(Tissue.REEPITHELIALISED.label, "Re-epithelialised", "% BSA", "areas"),
    Quantity("max_open_bsa", "Largest open skin of a patient", "% BSA", "endpoints"),
    Quantity("reepithelialisation_rate", "Re-epithelialisation rate (primary)", "%", "endpoints"),
)
"""The numbers compared, those asked for first in front."""

SEVERITY: Final = Classes("severity_class", "Severity class", ("SJS", "overlap", "TEN"))
RESPONDER: Final = Classes("responder", "Responder", ("no", "yes"))
ELIGIBLE: Final = Classes("eligible", "Eligible", ("no", "yes"))

CLASSES: Final = (SEVERITY, RESPONDER, ELIGIBLE)
"""The classes compared; those of more than two grades are ordered."""


@dataclass(frozen=True)
class SideBySide:
    """One number of the visits that all of some raters have.

    Parameters
    ----------
    quantity : Quantity
        Which number.
    raters : tuple of str, R
        Who.
    patients : tuple of str, V
        Patient of each visit.
    visits : tuple of str, V
        Date of each visit, or the day of an endpoint; empty where an endpoint belongs to no day.
    values : (V, R) float64
        The numbers, in the unit of the quantity.
    """

    quantity: Quantity
    raters: tuple[str, ...]
    patients: tuple[str, ...]
    visits: tuple[str, ...]
    values: Floats

    @property
    def repeated(self) -> bool:
        """Whether a patient has several visits here, which are then not independent."""
        return len(set(self.patients)) < len(self.patients)


def side_by_side(raters: Mapping[str, RaterResult], quantity: Quantity) -> SideBySide:
    """Return a number of the visits that all raters have, by patient and visit.

    Visits at which a rater saw no skin, and endpoints that could not be computed, are left out.
    """
    columns = [_numbers(result, quantity) for result in raters.values()]
    shared = sorted(set.intersection(*map(set, columns)))
    values = np.array([[column[key] for column in columns] for key in shared], np.float64)
    return SideBySide(
        quantity,
        tuple(raters),
        tuple(patient for patient, _ in shared),
        tuple(visit for _, visit in shared),
        values.reshape(len(shared), len(columns)),
    )


def classes_side_by_side(raters: Mapping[str, RaterResult], classes: Classes) -> dict[str, tuple[str, ...]]:
    """Return the class of each patient by each rater, by patient; patients that a rater could not class are left out.

    Raises
    ------
    ValueError
        A class is none of its grades.
    """
    columns = [_graded(result, classes) for result in raters.values()]
    return {
        patient: tuple(column[patient] for column in columns)
        for patient in sorted(set.intersection(*map(set, columns)))
    }


def _numbers(result: RaterResult, quantity: Quantity) -> dict[tuple[str, str], float]:
    """Return a rater's numbers by patient and visit."""
    if quantity.table == "endpoints":
        rows = (row for row in result.endpoints if row.endpoint == quantity.name and row.patient_id != COHORT)
        dated = (row for row in rows if row.day is not None or _once(row))
        return {(row.patient_id, _day(row)): float(row.value) for row in dated if isinstance(row.value, int | float)}
    body = [row for row in result.areas if row.region == WHOLE_BODY]
    unseen = {_visit(row) for row in body if row.tissue == UNASSESSED_LABEL and row.percent_bsa > 100 - ROUNDING}
    return {
        _visit(row): row.percent_bsa_full for row in body if row.tissue == quantity.name and _visit(row) not in unseen
    }


def _visit(row: AreaRow) -> tuple[str, str]:
    return row.patient_id, row.date.isoformat()


def _once(row: EndpointRow) -> bool:
    """Return whether a patient has the endpoint once, so that raters may name different days for it."""
    return row.endpoint.startswith("max_")


def _day(row: EndpointRow) -> str:
    return "" if _once(row) else f"day {row.day}"


def _graded(result: RaterResult, classes: Classes) -> dict[str, str]:
    rows = [row for row in result.endpoints if row.endpoint == classes.name and row.patient_id != COHORT]
    graded = {row.patient_id: str(row.value) for row in rows if row.value is not None}
    for patient, grade in graded.items():
        if grade not in classes.grades:
            raise ValueError(f"{classes.name} of {patient} is {grade!r}, none of {', '.join(classes.grades)}")
    return graded
