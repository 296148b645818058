"""The closed list of what ``clinical.csv`` may tell of a patient, with the units and the ranges of what is measured."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from reepi.core.clinical import LABORATORY, MUCOSAE

Kind = Literal["measured", "answer", "event", "date", "mucosa", "term", "laboratory"]
"""How the value of an item is written: a number; yes or no; yes or no of something with a date; nothing, since the date
says all; the state of a mucous membrane; a term in free text, or no; or any number with any unit."""

UREA_NITROGEN: Final = 10 / 28
"""mmol/L of urea in 1 mg/dL of blood urea nitrogen, by SCORTEN's limit of 10 mmol/L, which is published as 28 mg/dL
too: a value that is written as the limit lies on it (28.014 g of nitrogen in a mole of urea give 0.35696)."""

UREA_MASS: Final = 0.1665
"""mmol/L of urea in 1 mg/dL of urea itself (60.06 g/mol)."""

GLUCOSE_MASS: Final = 14 / 252
"""mmol/L of glucose in 1 mg/dL, by SCORTEN's limit of 14 mmol/L, which is published as 252 mg/dL too (180.16 g/mol give
0.05551)."""


@dataclass(frozen=True)
class Item:
    """Something that may be observed of a patient.

    Parameters
    ----------
    name : str
        As in the column ``item``.
    kind : Kind
        How its value is written.
    meaning : str
        What it is, in a few words.
    unit : str
        Unit that reepi counts in; empty where there is none.
    units : mapping of str to float
        What one of each unit that may be written is in reepi's unit; an empty mapping allows any unit.
    low, high : float
        A value outside is a slip of the pen or of the unit, not a patient [reepi's unit].
    unit_needed : bool
        Whether two units are in use that look alike, so that none may be assumed.
    in_life : bool
        Whether it can only be observed of a living patient.
    any_time_before : bool
        Whether its date may lie long before the disease, as that of a cancer.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    units: Mapping[str, float] = field(default_factory=dict)
    low: float = float("-inf")
    high: float = float("inf")
    unit_needed: bool = False
    in_life: bool = True
    any_time_before: bool = False

    def factor(self, written: str) -> float | None:
        """Return what one of a written unit is in reepi's unit; None where the unit is not known."""
        if not written or not self.units:
            return None if self.unit_needed else 1.0
        known = {_plain(unit): factor for unit, factor in self.units.items()}
        return known.get(_plain(written))

    def is_possible(self, number: float) -> bool:
        """Return whether a value in reepi's unit can be that of a patient."""
        return self.low <= number <= self.high


def _plain(unit: str) -> str:
    """Return a unit without what people write differently: capitals and blanks."""
    return re.sub(r"\s", "", unit).casefold()


_PERCENT: Final = {"%": 1.0, "% BSA": 1.0}

_ITEMS: Final = (
    Item("admission", "date", "admission to hospital"),
    Item("discharge", "date", "discharge alive"),
    Item("death", "date", "death", in_life=False),
    Item("left_study", "date", "left the study alive, or was lost"),
    Item("last_contact", "date", "last time that anything was heard of the patient", in_life=False),
    Item(
        *("heart_rate", "measured", "heart rate", "1/min"),
        units={"1/min": 1.0, "/min": 1.0, "bpm": 1.0, "beats/min": 1.0},
        low=20,
        high=300,
    ),
    Item(
        *("urea", "measured", "urea in serum", "mmol/L"),
        units={"mmol/L": 1.0, "mg/dL": UREA_NITROGEN, "mg/dL urea": UREA_MASS, "g/L": 100 * UREA_MASS},
        low=0.5,
        high=100,
        unit_needed=True,
    ),
    Item(
        *("glucose", "measured", "glucose in serum", "mmol/L"),
        units={"mmol/L": 1.0, "mg/dL": GLUCOSE_MASS, "g/L": 100 * GLUCOSE_MASS},
        low=1,
        # Beyond lie the commonest values in mg/dL; hyperosmolar coma ends about here.
        high=66,
        unit_needed=True,
    ),
    Item(
        *("bicarbonate", "measured", "bicarbonate in serum", "mmol/L"),
        units={"mmol/L": 1.0, "mEq/L": 1.0},
        low=1,
        high=60,
    ),
    Item(
        *("initial_open_bsa", "measured", "detached and detachable skin at admission, as seen at the bedside", "% BSA"),
        units=_PERCENT,
        low=0,
        high=100,
    ),
    Item("malignancy", "answer", "cancer, of blood or solid", any_time_before=True),
    Item("dialysis", "answer", "dialysis before admission", any_time_before=True),
    *(Item(f"mucosa_{site}", "mucosa", f"mucous membrane: {site}") for site in MUCOSAE),
    Item("sepsis", "event", "sepsis"),
    Item("intensive_care", "event", "transfer to intensive care"),
    Item("sequela", "term", "a lasting harm"),
    Item("adverse_event", "term", "an adverse event"),
    Item(
        *("chimerism", "measured", "cells of the donor in healed epidermis", "%"),
        units={"%": 1.0},
        low=0,
        high=100,
        in_life=False,
    ),
)

ITEMS: Final[Mapping[str, Item]] = {item.name: item for item in _ITEMS}
"""What ``clinical.csv`` may tell, beside laboratory values: item by name."""

LABORATORY_NAME: Final = re.compile(rf"{LABORATORY}[a-z][a-z0-9_]{{0,40}}")
"""Names of laboratory values become names of endpoints and of variables elsewhere."""


def item_of(name: str) -> Item | None:
    """Return the item of a name; None where it is not known."""
    if LABORATORY_NAME.fullmatch(name):
        return Item(name, "laboratory", f"laboratory value {name.removeprefix(LABORATORY)}", in_life=False)
    return ITEMS.get(name)
