"""Names in files to words for people, and numbers to text."""

from typing import Final

from reepi.core.results import EndpointRow

DAY_ZERO_WORDS: Final = {
    "infusion": "day after infusion",
    "index": "day after index date",
    "admission": "day in hospital",
}
"""What a day is, by what day 0 of the study is."""

NO_VALUE: Final = "–"
"""Stands where there is no value."""

ENDPOINT_TITLES: Final = {
    "open_bsa": "Open skin",
    "max_open_bsa": "Largest open skin",
    "severity_class": "Severity class",
    "eligible": "Eligible",
    "reepithelialisation_rate": "Re-epithelialisation rate (primary)",
    "reepithelialisation_rate_followed": "Re-epithelialisation rate, followed",
    "reepithelialisation_rate_labelled": "Re-epithelialisation rate, labelled",
    "reepithelialisation_rate_closed": "Re-epithelialisation rate, closed",
    "responder": "Responder",
    "time_to_50": "Time to 50 % re-epithelialisation",
    "time_to_90": "Time to 90 % re-epithelialisation",
    "time_to_100": "Time to complete re-epithelialisation",
    "new_detachment_bsa": "New detachment",
    "relapse_bsa": "Relapse: healed skin open again",
}


def endpoint_title(name: str) -> str:
    """Return an endpoint's name in words."""
    return ENDPOINT_TITLES.get(name, name.replace("_", " ").capitalize())


def region_title(region: str) -> str:
    """Return a region's name in words, such as ``Upper arm left anterior``."""
    return region.replace("_", " ").capitalize()


def number(value: float | None, decimals: int = 1) -> str:
    """Return a number with fixed decimals, without a negative zero; a dash where there is none."""
    if value is None:
        return NO_VALUE
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text


def interval(low: float | None, high: float | None) -> str:
    """Return an interval as ``low to high``; an end that is not known is told in words."""
    if low is None and high is None:
        return NO_VALUE
    if high is None:
        return f"after {number(low)}"
    if low is None:
        return f"up to {number(high)}"
    return f"{number(low)} to {number(high)}"


def endpoint_value(row: EndpointRow) -> str:
    """Return an endpoint's value with its unit."""
    if row.value is None:
        return "not computed" if row.low is None else "not reached"
    if isinstance(row.value, str):
        return row.value
    if row.unit == "day":
        return f"day {row.value:g}"
    return f"{number(row.value)} {row.unit}".strip()


def endpoint_interval(row: EndpointRow) -> str:
    """Return an endpoint's interval; days are whole."""
    if row.unit != "day" or row.low is None:
        return interval(row.low, row.high)
    return f"after day {row.low:g}" + ("" if row.high is None else f", up to day {row.high:g}")
