"""Names of endpoints in words, the same on the report's page and in tables for others."""

import re
from typing import Final

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
    "missing_no": "unknown taken as no",
    "missing_yes": "unknown taken as yes",
}
"""What the end of a cohort endpoint's name says of how it was estimated, of what, or of the unknown."""

PATTERN_TITLES: Final = (
    (re.compile(r"healed_100_by_day_(?P<day>\d+)"), "Patients completely re-epithelialised by day {day}"),
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
