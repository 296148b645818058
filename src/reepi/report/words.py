"""Names in files to words for people, and numbers to text."""

from typing import Final

from reepi.core.clinical import LABORATORY
from reepi.core.results import COHORT, EndpointRow

DAY_ZERO_WORDS: Final = {
    "infusion": "day after infusion",
    "index": "day after index date",
    "admission": "day in hospital",
}
"""What a day is, by what day 0 of the study is."""

NO_VALUE: Final = "–"
"""Stands where there is no value."""


def region_title(region: str) -> str:
    """Return a region's name in words, such as ``Upper arm left anterior``."""
    return region.replace("_", " ").capitalize()


def number(value: float | None, decimals: int = 1) -> str:
    """Return a number with fixed decimals, without a negative zero; a dash where there is none."""
    if value is None:
        return NO_VALUE
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text


def interval(low: float | None, high: float | None, decimals: int = 1) -> str:
    """Return an interval as ``low to high``; an end that is not known is told in words."""
    if low is None and high is None:
        return NO_VALUE
    if high is None:
        return f"at least {number(low, decimals)}"
    if low is None:
        return f"up to {number(high, decimals)}"
    return f"{number(low, decimals)} to {number(high, decimals)}"


COUNTED: Final = ("days", "events", "points", "deaths", "patients")
"""Units of what is counted: whole where it is whole."""

DECIMALS: Final = {"ratio": 2, "correlation": 2}
"""Decimals of units that need more than one: their whole range is a few units wide."""

LEAST_P: Final = 0.001
"""Smaller p values are told as less than this."""


def endpoint_value(row: EndpointRow) -> str:
    """Return an endpoint's value with its unit."""
    if row.value is None:
        return _no_value(row)
    if isinstance(row.value, str):
        return row.value
    if row.unit == "day":
        return f"day {row.value:g}"
    if row.unit == "p":
        return f"p < {LEAST_P}" if row.value < LEAST_P else f"p = {number(row.value, 3)}"
    unit = row.unit.removesuffix("s") if row.unit in COUNTED and row.value == 1 else row.unit
    return f"{endpoint_figure(row)} {unit}".strip()


def endpoint_figure(row: EndpointRow) -> str:
    """Return an endpoint's value without its unit; a dash where there is none."""
    if row.value is None or isinstance(row.value, str):
        return row.value or NO_VALUE
    if row.endpoint.startswith(LABORATORY):
        return f"{row.value:.4g}"
    whole = row.unit in (*COUNTED, "day") and float(row.value).is_integer()
    return number(row.value, 0 if whole else DECIMALS.get(row.unit, 1))


def _no_value(row: EndpointRow) -> str:
    """Return what is said of a missing value: a time that has only begun is not one that could not be told."""
    began = row.low is not None and row.high is None
    return {"day": "not reached", "days": "not ended"}.get(row.unit, "not computed") if began else "not computed"


def endpoint_interval(row: EndpointRow) -> str:
    """Return an endpoint's interval; days are whole, and a patient's day lies after the one and up to the other."""
    if row.unit != "day" or row.low is None:
        return interval(row.low, row.high, DECIMALS.get(row.unit, 1))
    if row.patient_id == COHORT:
        return f"day {row.low:g}" + (" or later" if row.high is None else f" to {row.high:g}")
    return f"after day {row.low:g}" + ("" if row.high is None else f", up to day {row.high:g}")
