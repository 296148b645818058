"""ABCD-10: a later score of five items, computed only where the protocol asks for it.

Noe MH, Rosenbach M, Hubbard RA, et al. Development and validation of a risk prediction model for in-hospital mortality
among patients with Stevens-Johnson syndrome/toxic epidermal necrolysis - ABCD-10. JAMA Dermatol 2019;155:448-454.
doi:10.1001/jamadermatol.2018.5605. Outside the hospitals it was made in it was less well calibrated than SCORTEN.
"""

from typing import Final

from reepi.scoring.intervals import ROUNDING
from reepi.scoring.scorten import BICARBONATE, OPEN_BSA, ScortenValues

SOURCE: Final = "ABCD-10, Noe, JAMA Dermatol 2019;155:448-454"

AGE_FROM: Final = 50.0
"""Age from which there is a point [years]; 50 itself counts."""

WORTH: Final = {"age": 1, "bicarbonate": 1, "malignancy": 2, "dialysis": 3, "initial_open_bsa": 1}
"""Points of each item: age, bicarbonate, cancer, dialysis before admission, more than 10 % of the body's surface."""

_TABLE: Final = (2.3, 5.4, 12.3, 25.5, 45.7, 67.4, 83.6)
"""Mortality by points [%]; the last is 6 points and more."""


def abcd10_points(values: ScortenValues, dialysis: bool | None) -> dict[str, int | None]:
    """Return the points of each item; None where its value is not known."""
    met = {
        "age": None if values.age is None else values.age >= AGE_FROM - ROUNDING,
        "bicarbonate": None if values.bicarbonate is None else BICARBONATE.is_passed(values.bicarbonate, "above"),
        "malignancy": values.malignancy,
        "dialysis": dialysis,
        "initial_open_bsa": (
            None if values.initial_open_bsa is None else OPEN_BSA.is_passed(values.initial_open_bsa, "above")
        ),
    }
    return {item: None if answer is None else WORTH[item] * int(answer) for item, answer in met.items()}


def abcd10_mortality(score: int) -> float:
    """Return the mortality of a score [%]."""
    return _TABLE[min(score, len(_TABLE) - 1)]
