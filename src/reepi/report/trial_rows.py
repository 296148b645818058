"""The rows that the trial asks for, each with the endpoints that answer it; what has no value says why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final, Literal

from reepi.core.clinical import LABORATORY, MUCOSAE
from reepi.core.results import COHORT, EndpointRow
from reepi.report.words import DAY_ZERO_WORDS

Rank = Literal["primary, safety", "primary, efficacy", "secondary"]

ANY_NAME: Final = "*"
"""Stands at the end of a name for whatever follows, such as the name of a laboratory value."""


SINCE: Final = "{since}"
"""Stands where the words come that say what the study's days are counted from."""


@dataclass(frozen=True)
class TrialRow:
    """One endpoint of the trial (LYSYME, NCT04711200; CTIS 2024-516404-42-00).

    Parameters
    ----------
    rank : Rank
        Its place in the protocol.
    endpoint : str
        What it measures, in words.
    when : str
        When; `SINCE` may stand in it.
    cohort : tuple of str
        Names of its endpoints of the cohort; `ANY_NAME` may stand at the end.
    patients : tuple of str
        Names of the endpoints of the patients that it is made of.
    needs : str
        What it comes from.
    """

    rank: Rank
    endpoint: str
    when: str
    cohort: tuple[str, ...]
    patients: tuple[str, ...]
    needs: str = "clinical.csv"


def _with_bounds(*names: str) -> tuple[str, ...]:
    """Return shares of those known, each with its bounds."""
    return tuple(f"{name}{end}" for name in names for end in ("", "_missing_no", "_missing_yes"))


TRIAL_ROWS: Final = (
    TrialRow(
        "primary, safety", "at least one adverse event", "day 10", _with_bounds("adverse_event"), ("adverse_event",)
    ),
    TrialRow(
        "primary, efficacy",
        "rate of complete or almost complete re-epithelialisation",
        f"day 7 {SINCE}",
        _with_bounds("responder_rate"),
        ("responder",),
        "photographs of day 7, and almost_complete_percent in study.toml",
    ),
    TrialRow(
        "secondary",
        "re-epithelialisation rate: % body surface re-epithelialised compared with the largest open skin observed",
        "day 5, 10, 15",
        ("rate_day_5", "rate_day_10", "rate_day_15"),
        ("reepithelialisation_rate",),
        "photographs of these days",
    ),
    TrialRow(
        "secondary",
        "deaths observed, and predicted by SCORTEN",
        "1 month",
        ("deaths_observed", "deaths_expected", "deaths_ratio", *_with_bounds("death")),
        ("death",),
    ),
    TrialRow(
        "secondary",
        "hospital stay against the historical cohort, related to body surface involved, to onset, and to SCORTEN",
        "month 12",
        ("hospital_stay_*",),
        ("hospital_stay_days",),
        "clinical.csv and historical.csv",
    ),
    TrialRow(
        "secondary",
        "time to healing of each mucous membrane",
        "month 12",
        tuple(f"mucosa_{site}_healing_days" for site in MUCOSAE),
        tuple(f"mucosa_{site}_healing_days" for site in MUCOSAE),
    ),
    TrialRow(
        "secondary",
        "rates of sepsis, of transfer to intensive care, of sequelae",
        "month 12",
        _with_bounds("sepsis", "intensive_care", "sequelae"),
        ("sepsis", "intensive_care", "sequelae"),
    ),
    TrialRow(
        "secondary",
        "Th1/Th2 response and chemokines in blood (laboratory values, described only)",
        "day 0, 10, month 1",
        (f"{LABORATORY}{ANY_NAME}",),
        (f"{LABORATORY}{ANY_NAME}",),
    ),
    TrialRow(
        "secondary",
        "epidermal chimerism on healed skin (laboratory value, described only)",
        "month 1",
        ("chimerism_percent",),
        ("chimerism_percent",),
    ),
)
"""The rows of the trial's protocol, in its order."""


@dataclass(frozen=True)
class TrialLine:
    """What a study's results say to one row of the trial.

    Parameters
    ----------
    row : TrialRow
        The row, with what the days of this study are counted from.
    found : tuple of EndpointRow
        Its endpoints of the cohort, with or without a value.
    known, patients : int
        Patients with a value of any of its endpoints, and all patients of the study.
    missing : str
        Why there is nothing of the cohort; empty where there is something.
    """

    row: TrialRow
    found: tuple[EndpointRow, ...]
    known: int
    patients: int
    missing: str


def is_named(name: str, patterns: Iterable[str]) -> bool:
    """Return whether an endpoint is one of those named; `ANY_NAME` stands for whatever follows."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def trial_lines(
    endpoints: Sequence[EndpointRow], patients: Sequence[str], absent: Sequence[str] = (), day_zero: str = "infusion"
) -> tuple[TrialLine, ...]:
    """Return what the results of a study say to every row of the trial, in its order.

    Parameters
    ----------
    endpoints : sequence of EndpointRow
        Of all patients and of the cohort.
    patients : sequence of str
        Identifiers of the study's patients.
    absent : sequence of str
        Files that the study does not have.
    day_zero : str
        What day 0 of the study is; one of `DAY_ZERO_WORDS`.
    """
    since = DAY_ZERO_WORDS[day_zero].removeprefix("day ")
    rows = [replace(row, when=row.when.format(since=since)) for row in TRIAL_ROWS]
    return tuple(_line(row, endpoints, set(patients), absent) for row in rows)


def _line(row: TrialRow, endpoints: Sequence[EndpointRow], patients: set[str], absent: Sequence[str]) -> TrialLine:
    found = tuple(each for each in endpoints if each.patient_id == COHORT and is_named(each.endpoint, row.cohort))
    theirs = [each for each in endpoints if each.patient_id in patients and is_named(each.endpoint, row.patients)]
    known = {each.patient_id for each in theirs if each.value is not None}
    missing = "" if found else f"{_why_missing(row, theirs, absent)} It needs {row.needs}."
    return TrialLine(row, found, len(known), len(patients), missing)


def _why_missing(row: TrialRow, theirs: Sequence[EndpointRow], absent: Sequence[str]) -> str:
    lacking = [file for file in absent if file in row.needs]
    if lacking:
        return f"Not computed: the study has no {' and no '.join(lacking)}."
    if not theirs:
        return "Not computed: the results have no row of it."
    if all(each.value is None for each in theirs):
        return "Not computed: no patient has a value."
    return "Not computed for the cohort; the values stand with the patients."
