"""Names in files to words for people, and numbers to text."""

import re
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
    "reepithelialisation_rate_as_known": "Re-epithelialisation rate as known at that day",
    "healed_bsa": "Healed skin: open earlier, closed now",
    "healing_front_mm_per_day": "Speed of the healing front",
    "infusion_delay_days": "From admission to infusion",
    "scorten": "SCORTEN",
    "scorten_mortality": "Mortality by SCORTEN",
    "scorten_mortality_table": "Mortality by SCORTEN, table",
    "scorten_mortality_logistic": "Mortality by SCORTEN, logistic",
    "abcd10": "ABCD-10",
    "abcd10_mortality": "Mortality by ABCD-10",
    "hospital_stay_days": "Hospital stay",
    "onset_to_admission_days": "From onset to admission",
    "intensive_care": "Transfer to intensive care",
    "adverse_event": "At least one adverse event",
    "adverse_events": "Adverse events",
    "chimerism_percent": "Epidermal chimerism",
    "planned_visit": "Visit that answers the planned day",
    "responder_rate": "Responder rate",
    "responder_rate_missing_no": "Responder rate, unknown taken as no",
    "responder_rate_missing_yes": "Responder rate, unknown taken as yes",
    "deaths_observed": "Deaths observed",
    "deaths_expected": "Deaths expected by SCORTEN",
    "deaths_ratio": "Deaths observed / expected",
    "reepithelialisation_rate_planned": "Re-epithelialisation rate (primary) at planned days",
    "scorten_day_3": "SCORTEN, observed again on day 3",
}

ESTIMATORS: Final = {
    "kaplan_meier": "by Kaplan-Meier",
    "turnbull": "by Turnbull",
    "table": "by the table",
    "logistic": "by the logistic form",
    "healed": "healed",
    "involved": "involved",
}
"""What the end of a cohort endpoint's name says of how it was estimated, or of what."""

PATTERN_TITLES: Final = (
    (re.compile(r"healed_(?P<percent>\d+)_by_day_(?P<day>\d+)"), "Patients {percent} % re-epithelialised by day {day}"),
    (re.compile(r"scorten_(?P<rest>.+)"), "SCORTEN item: {rest}"),
    (re.compile(r"mucosa_(?P<rest>.+)_healing_days"), "Healing of the mucous membrane: {rest}"),
    (re.compile(r"mucosa_(?P<rest>.+)"), "Mucous membrane: {rest}"),
    (re.compile(r"laboratory_(?P<rest>.+)"), "Laboratory value: {rest}"),
    (re.compile(r"rate_day_(?P<rest>\d+)_median"), "Median re-epithelialisation rate, day {rest}"),
    (re.compile(r"rate_day_(?P<rest>\d+)"), "Mean re-epithelialisation rate, day {rest}"),
    (re.compile(r"hospital_stay_(?P<rest>.+)"), "Hospital stay: {rest}"),
)
"""Titles of endpoints whose names hold what they are of."""

_ESTIMATED: Final = re.compile(rf"(?P<name>.+)_(?P<how>{'|'.join(ESTIMATORS)})")


def endpoint_title(name: str) -> str:
    """Return an endpoint's name in words."""
    if name in ENDPOINT_TITLES:
        return ENDPOINT_TITLES[name]
    if found := _ESTIMATED.fullmatch(name):
        return f"{endpoint_title(found['name'])}, {ESTIMATORS[found['how']]}"
    for pattern, title in PATTERN_TITLES:
        if found := pattern.fullmatch(name):
            return title.format(**{key: text.replace("_", " ") for key, text in found.groupdict().items()})
    return name.replace("_", " ").capitalize()


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
        return f"at least {number(low)}"
    if low is None:
        return f"up to {number(high)}"
    return f"{number(low)} to {number(high)}"


COUNTED: Final = ("days", "events", "points", "deaths", "patients")
"""Units of what is counted: whole where it is whole."""


def endpoint_value(row: EndpointRow) -> str:
    """Return an endpoint's value with its unit."""
    if row.value is None:
        return _no_value(row)
    if isinstance(row.value, str):
        return row.value
    if row.unit == "day":
        return f"day {row.value:g}"
    unit = row.unit.removesuffix("s") if row.unit in COUNTED and row.value == 1 else row.unit
    return f"{endpoint_figure(row)} {unit}".strip()


def endpoint_figure(row: EndpointRow) -> str:
    """Return an endpoint's value without its unit; a dash where there is none."""
    if row.value is None or isinstance(row.value, str):
        return row.value or NO_VALUE
    if row.endpoint.startswith(LABORATORY):
        return f"{row.value:.4g}"
    whole = row.unit in (*COUNTED, "day") and float(row.value).is_integer()
    return number(row.value, 0 if whole else 1)


def _no_value(row: EndpointRow) -> str:
    """Return what is said of a missing value: a time that has only begun is not one that could not be told."""
    began = row.low is not None and row.high is None
    return {"day": "not reached", "days": "not ended"}.get(row.unit, "not computed") if began else "not computed"


def endpoint_interval(row: EndpointRow) -> str:
    """Return an endpoint's interval; days are whole, and a patient's day lies after the one and up to the other."""
    if row.unit != "day" or row.low is None:
        return interval(row.low, row.high)
    if row.patient_id == COHORT:
        return f"day {row.low:g}" + (" or later" if row.high is None else f" to {row.high:g}")
    return f"after day {row.low:g}" + ("" if row.high is None else f", up to day {row.high:g}")
