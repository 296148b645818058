"""SCORTEN: seven items at admission, a point each, and the mortality that the points stand for.

Bastuji-Garin S, Fouchard N, Bertocchi M, Roujeau JC, Revuz J, Wolkenstein P. SCORTEN: a severity-of-illness score for
toxic epidermal necrolysis. J Invest Dermatol 2000;115:149-153. doi:10.1046/j.1523-1747.2000.00061.x
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from math import exp
from typing import Final, Literal

from reepi.scoring.intervals import ROUNDING

Boundaries = Literal["above", "reached"]
MortalityForm = Literal["table", "logistic"]

SOURCE: Final = "SCORTEN, Bastuji-Garin, J Invest Dermatol 2000;115:149-153"


@dataclass(frozen=True)
class Limit:
    """The limit of an item.

    Parameters
    ----------
    words : str
        What is measured.
    limit : float
        In the unit below.
    unit : str
        Its unit.
    below : bool
        Whether values below the limit give the point, not those above.
    """

    words: str
    limit: float
    unit: str
    below: bool = False

    def sign(self, boundaries: Boundaries) -> str:
        """Return what stands before the limit."""
        if self.below:
            return "<"
        return ">" if boundaries == "above" else ">="

    def is_passed(self, value: float, boundaries: Boundaries) -> bool:
        """Return whether a value gives the point.

        The paper counts what lies above its limits. Many tables copied from it count what reaches them, so that is the
        other rule. Bicarbonate is below 20 in all of them, and so in both rules.
        """
        if self.below:
            return value < self.limit - ROUNDING
        return value > self.limit + ROUNDING if boundaries == "above" else value >= self.limit - ROUNDING


AGE: Final = Limit("age", 40, "years")
HEART_RATE: Final = Limit("heart rate", 120, "1/min")
OPEN_BSA: Final = Limit("initial open skin", 10, "% BSA")
UREA: Final = Limit("urea", 10, "mmol/L")
GLUCOSE: Final = Limit("glucose", 14, "mmol/L")
BICARBONATE: Final = Limit("bicarbonate", 20, "mmol/L", below=True)
"""Limits of the paper; its seventh item, malignancy, has none."""

LIMITS: Final[dict[str, Limit]] = {
    "age": AGE,
    "heart_rate": HEART_RATE,
    "initial_open_bsa": OPEN_BSA,
    "urea": UREA,
    "glucose": GLUCOSE,
    "bicarbonate": BICARBONATE,
}

Value = float | bool | None


@dataclass(frozen=True)
class ScortenValues:
    """What SCORTEN is computed from; None where it is not known.

    Parameters
    ----------
    age : float or None
        Age [years].
    malignancy : bool or None
        Whether there is cancer, of blood or solid.
    heart_rate : float or None
        Heart rate [1/min].
    initial_open_bsa : float or None
        Detached and detachable skin at admission [% BSA].
    urea, glucose, bicarbonate : float or None
        In serum [mmol/L].
    """

    age: float | None = None
    malignancy: bool | None = None
    heart_rate: float | None = None
    initial_open_bsa: float | None = None
    urea: float | None = None
    glucose: float | None = None
    bicarbonate: float | None = None


SCORTEN_ITEMS: Final[tuple[str, ...]] = tuple(field.name for field in fields(ScortenValues))
"""Names of the seven items, in the order of the paper's table."""


def point(item: str, value: Value, boundaries: Boundaries = "above") -> int | None:
    """Return the point of one item, 0 or 1; None where its value is not known."""
    if value is None:
        return None
    return int(LIMITS[item].is_passed(value, boundaries) if item in LIMITS else bool(value))


def points(values: ScortenValues, boundaries: Boundaries = "above") -> dict[str, int | None]:
    """Return the point of each item."""
    return {item: point(item, getattr(values, item), boundaries) for item in SCORTEN_ITEMS}


@dataclass(frozen=True)
class Score:
    """A sum of points, of which some may not be known.

    Parameters
    ----------
    low, high : int
        The fewest and the most points that are possible.
    value : int or None
        The sum, where every item is known.
    """

    low: int
    high: int
    value: int | None

    @classmethod
    def of(
        cls, given: Mapping[str, int | None], worth: Mapping[str, int] | None = None, doubtful: Collection[str] = ()
    ) -> "Score":
        """Return the sum of the points of items.

        Parameters
        ----------
        given : mapping of str to int or None
            Points of each item; None where it is not known.
        worth : mapping of str to int
            Points that an item gives if its condition is met; 1 each if nothing is said.
        doubtful : collection of str
            Items whose measurement lies so near its limit that it may give its points or not.
        """
        most = {item: (worth or {}).get(item, 1) for item in given}
        unsure = {item for item, number in given.items() if number is None or item in doubtful}
        sure = sum(number for item, number in given.items() if number is not None and item not in unsure)
        known = [number for number in given.values() if number is not None]
        total = sum(known) if len(known) == len(given) else None
        return cls(sure, sure + sum(most[item] for item in unsure), total)


@dataclass(frozen=True)
class Mortality:
    """Mortality that a score stands for [%].

    Parameters
    ----------
    percent : float
        Mortality.
    low, high : float
        Its published 95 % interval; both ``percent`` where none is published.
    """

    percent: float
    low: float
    high: float


_TABLE: Final = (
    Mortality(3.2, 0.1, 16.7),
    Mortality(3.2, 0.1, 16.7),
    Mortality(12.1, 5.4, 22.5),
    Mortality(35.3, 19.8, 53.5),
    Mortality(58.3, 36.6, 77.9),
    Mortality(90.0, 55.5, 99.8),
)
"""Observed mortality in the paper's patients by points, exact 95 % intervals; the last is 5 points and more. Texts that
print "> 90" for it round away 9 of 10 patients, whose interval is the one printed."""

INTERCEPT: Final = -4.448
SLOPE: Final = 1.237
"""The paper's logistic form: logit of mortality = -4.448 + 1.237 x points."""


def table_mortality(score: int) -> Mortality:
    """Return the mortality that the paper observed at a score [%]."""
    return _TABLE[min(score, len(_TABLE) - 1)]


def logistic_mortality(score: int) -> Mortality:
    """Return the mortality that the paper's logistic form gives for a score [%]; it has no published interval."""
    percent = 100 / (1 + exp(-(INTERCEPT + SLOPE * score)))
    return Mortality(percent, percent, percent)


MORTALITY: Final[dict[MortalityForm, Callable[[int], Mortality]]] = {
    "table": table_mortality,
    "logistic": logistic_mortality,
}
