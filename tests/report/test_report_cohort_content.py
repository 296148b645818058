"""The figures at the head of the report: of how many patients each is known."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from reepi.core.clinical import ClinicalRecord, Observation
from reepi.core.results import EndpointRow
from reepi.core.study import Patient, Protocol, Study
from reepi.report.cohort_content import key_figures
from reepi.scoring.clinical_endpoints import clinical_rows
from reepi.scoring.cohort import cohort_rows

DAY_ZERO = date(2026, 3, 2)


def observed(item: str, day: int | None = None, text: str = "", number: float | None = None) -> Observation:
    return Observation("", item, None if day is None else DAY_ZERO + timedelta(day), text, number)


def study(records: Mapping[str, Sequence[Observation]]) -> Study:
    patients = tuple(Patient(name, "F", 40, 165, 60, None, DAY_ZERO) for name in records)
    clinical = {name: ClinicalRecord(tuple(told)) for name, told in records.items()}
    return Study("small", "infusion", (0, 7), Protocol(), patients, (), clinical=clinical)


SCORE = [
    observed("admission", -2),
    *[observed(item, -2, "", 5.0) for item in ("heart_rate", "urea", "glucose", "bicarbonate", "initial_open_bsa")],
    observed("malignancy", None, "no"),
]
"""What a SCORTEN needs."""

ANSWERS = {"P1": "yes", "P2": "no"}


def detail(of: Study, rows: list[EndpointRow], begins: str) -> str:
    (found,) = [each for each in key_figures(of, [*rows, *cohort_rows(of, rows)]) if each.title.startswith(begins)]
    return found.detail


def clinical(of: Study) -> list[EndpointRow]:
    return [line for each in of.patients for line in clinical_rows(each, of.record(each.patient_id), of.protocol)]


def test_deaths_say_of_how_many_the_fate_is_known() -> None:
    """One of ten died, nine were discharged on day 20: their fate on day 30 is not known, and there is no ratio."""
    ends = {f"P{i}": observed("death", 9) if i == 1 else observed("discharge", 20) for i in range(1, 11)}
    of = study({name: [*SCORE, end] for name, end in ends.items()})
    assert detail(of, clinical(of), "Deaths") == "fate known of 1 of 10; so no ratio"


def test_deaths_say_of_how_many_they_are_expected() -> None:
    """All fates are known; one of three has no score, and no death is expected of that one."""
    of = study({f"P{i}": [*(SCORE if i > 1 else []), observed("last_contact", 60)] for i in range(1, 4)})
    assert detail(of, clinical(of), "Deaths").startswith("expected of the 2 of them with a score; ratio 0.00")


def test_adverse_events_say_of_how_many_they_are_known() -> None:
    """Four of fifteen had one, and nothing is written of the others: 100 % of those known, 26.7 % of all at least."""
    records = {f"P{i}": [observed("adverse_event", 3, "fever") if i < 5 else SCORE[0]] for i in range(1, 16)}
    of = study(records)
    told = detail(of, clinical(of), "Adverse event")
    assert told.startswith("known of 4 of 15: 100.0 %")
    assert told.endswith("26.7 % of all if none of the others, 100.0 % if all")


def test_a_share_that_is_known_of_all_needs_no_bounds() -> None:
    """Two of two have an answer."""
    rows = [EndpointRow(name, "responder", 7, answer, None, None, "yes/no", "") for name, answer in ANSWERS.items()]
    told = detail(study({name: [] for name in ANSWERS}), rows, "Responders")
    assert told == "50.0 %, 95 % interval 1.3 to 98.7 %"
