"""A simulated trial from its photographs to the rows that the trial's protocol asks for."""

import csv
import shutil
from dataclasses import replace
from fnmatch import fnmatchcase
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from reepi.cli.trial import scored_trial
from reepi.core.regions import WHOLE_BODY
from reepi.core.results import COHORT, OPEN_LABEL, EndpointRow
from reepi.core.study import Study
from reepi.phantom.trial import TrialOptions, write_trial
from reepi.phantom.trial_patients import ROLES, roles
from reepi.report import write_report
from reepi.report.trial_rows import TRIAL_ROWS as REPORTED
from reepi.store.results import ResultsFolder
from reepi.store.study import read_study
from reepi.tabular.exporting import export_tables

PATIENTS = 15

SITES = ("mouth", "nose", "genitals", "eyes")

TRIAL_ROWS: dict[str, tuple[tuple[str, int | None], ...]] = {
    "at least one adverse effect, day 10": (("adverse_event", 10),),
    "complete or almost complete re-epithelialisation, day 7": (("responder", 7),),
    "re-epithelialisation rate, day 5, 10, 15": tuple(("reepithelialisation_rate", day) for day in (5, 10, 15)),
    "deaths observed and predicted by SCORTEN, 1 month": (
        ("death", None),
        ("scorten", None),
        ("scorten_mortality", None),
        ("scorten_mortality_table", None),
        ("scorten_mortality_logistic", None),
    ),
    "hospital stay related to BSA, onset and SCORTEN, month 12": (
        ("hospital_stay_days", None),
        ("onset_to_admission_days", None),
        ("max_open_bsa", None),
    ),
    "time to healing of each mucous membrane": tuple((f"mucosa_{site}_healing_days", None) for site in SITES),
    "sepsis, intensive care, sequelae": (("sepsis", None), ("intensive_care", None), ("sequelae", None)),
    "Th1/Th2 response and chemokines, day 0, 10, month 1": tuple(
        (f"laboratory_{name}", day) for name in ("ifn_gamma", "il_4", "cxcl9", "cxcl10") for day in (0, 10, 30)
    ),
    "epidermal chimerism, month 1": (("chimerism_percent", 30),),
}
"""The nine rows of the trial's table, each with the patients' endpoints that answer it and the day they must have; None
where the day is part of the finding."""

COHORT_ROWS: dict[str, tuple[str, ...]] = dict(
    zip(
        TRIAL_ROWS,
        (
            ("adverse_event", "adverse_event_missing_no", "adverse_event_missing_yes"),
            ("responder_rate", "responder_rate_missing_no", "responder_rate_missing_yes"),
            ("rate_day_5", "rate_day_10", "rate_day_15"),
            ("deaths_observed", "deaths_expected", "deaths_ratio"),
            ("hospital_stay_*",),
            tuple(f"mucosa_{site}_healing_days" for site in SITES),
            ("sepsis", "intensive_care", "sequelae"),
            ("laboratory_*",),
            ("chimerism_percent",),
        ),
        strict=True,
    )
)
"""The same rows with the cohort's endpoints; * stands for whatever follows."""

EMPTY = "not computed"

EMPTY_WORDS = (EMPTY, "no value", "not seen healed", "not reached", "died", "left")
"""How a definition begins to say why there is no value."""


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scored trial of 15 patients, with two photographs a visit to be quick."""
    folder = tmp_path_factory.mktemp("trial") / "study"
    options = TrialOptions(
        folder, PATIENTS, seed=0, days=(0, 5, 7, 10, 15), views=("whole_anterior", "whole_posterior")
    )
    with pytest.MonkeyPatch.context() as patch:
        # The report of a trial takes longer than its scoring; the tests that look at it write it themselves.
        patch.setattr("reepi.cli.batch.write_report", lambda results, study: None)
        scored_trial(options)
    return folder


@pytest.fixture(scope="module")
def endpoints(trial: Path) -> list[EndpointRow]:
    return ResultsFolder(trial / "results").read_endpoints()


@pytest.fixture(scope="module")
def study(trial: Path) -> Study:
    return read_study(trial)


@pytest.mark.parametrize("row", TRIAL_ROWS)
def test_every_row_of_the_trial_is_an_endpoint_of_every_patient(
    row: str, endpoints: list[EndpointRow], study: Study
) -> None:
    """Each patient has each endpoint of the row, with a value or with the reason why there is none."""
    for patient in study.patients:
        for name, day in TRIAL_ROWS[row]:
            found = [each for each in endpoints if (each.patient_id, each.endpoint) == (patient.patient_id, name)]
            of_day = [each for each in found if day is None or each.day == day]
            if _known_to_be_absent(name, day, study, patient.patient_id):
                continue
            assert of_day, f"{patient.patient_id} has no {name} of day {day}"
            for each in of_day:
                reason = any(words in each.definition for words in EMPTY_WORDS)
                assert each.value is not None or reason, f"{each} has neither value nor reason"


def _known_to_be_absent(name: str, day: int | None, study: Study, patient_id: str) -> bool:
    """Return whether nothing was observed: laboratory values are rows of what was measured, and of that alone."""
    record = study.record(patient_id)
    if name == "reepithelialisation_rate" and day is not None:
        dates = {each.taken_at.date() for each in study.photos if each.patient_id == patient_id}
        zero = study.patient(patient_id).day_zero_date
        return zero is not None and day not in {(each - zero).days for each in dates}
    if not name.startswith(("laboratory_", "chimerism")):
        return False
    item = "chimerism" if name.startswith("chimerism") else name
    zero = study.patient(patient_id).day_zero_date
    return zero is not None and not any(each.date and (each.date - zero).days == day for each in record.all(item))


@pytest.mark.parametrize("row", COHORT_ROWS)
def test_every_row_of_the_trial_is_an_endpoint_of_the_cohort(row: str, endpoints: list[EndpointRow]) -> None:
    """The cohort has each endpoint of the row, with a value or with the reason why there is none."""
    cohort = [each for each in endpoints if each.patient_id == COHORT]
    for name in COHORT_ROWS[row]:
        found = [each for each in cohort if fnmatchcase(each.endpoint, name)]
        assert found, f"the cohort has no {name}"
        for each in found:
            assert each.value is not None or EMPTY in each.definition, f"{each} has neither value nor reason"


def test_every_row_of_the_trial_is_in_the_report(trial: Path, endpoints: list[EndpointRow], tmp_path: Path) -> None:
    """The report names the nine rows in the protocol's order, and shows each definition of the cohort for them."""
    tables = tmp_path / "study"
    # Without pictures the report is written in seconds; the rows come from the tables.
    shutil.copytree(trial, tables, ignore=shutil.ignore_patterns("*.png", "*.jpg", "*.npz"))
    write_report(tables / "results", tables)
    page = unescape((tables / "results" / "report.html").read_text(encoding="utf-8"))
    places = [page.find(f"{row.endpoint[:1].upper()}{row.endpoint[1:]}") for row in REPORTED]
    assert len(places) == len(COHORT_ROWS)
    assert min(places) > 0
    assert places == sorted(places)
    for row in endpoints:
        if row.patient_id == COHORT and any(fnmatchcase(row.endpoint, name) for name in _names(COHORT_ROWS)):
            assert row.definition in page


def _names(rows: dict[str, tuple[str, ...]]) -> list[str]:
    return [name for names in rows.values() for name in names]


@pytest.fixture(scope="module")
def exported(trial: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Names of the endpoints in each exported table that has any."""
    out = tmp_path_factory.mktemp("export")
    for form in ("csv", "redcap"):
        export_tables(trial, trial / "results", out / form, form)
    told = {"csv/adeff.csv": "ENDPOINT", "csv/adcoh.csv": "ENDPOINT", "redcap/redcap_import.csv": "endpoint_name"}
    return {name.partition("/")[2]: set(_columns(out / name, column)) for name, column in told.items()}


@pytest.mark.parametrize("row", TRIAL_ROWS)
def test_every_row_of_the_trial_is_in_the_exports(row: str, exported: dict[str, set[str]]) -> None:
    """The patients' endpoints in the analysis data set and in REDCap's import, the cohort's in its own data set."""
    names = {name for name, _ in TRIAL_ROWS[row]}
    assert names <= exported["adeff.csv"]
    assert names <= exported["redcap_import.csv"]
    assert all(any(fnmatchcase(name, pattern) for name in exported["adcoh.csv"]) for pattern in COHORT_ROWS[row])


def test_the_trial_shows_each_rule_at_work(study: Study) -> None:
    """Somebody dies before day 7, leaves, is infused late, misses day 7, comes a day late and a day early."""
    days = {patient.patient_id: _days(study, patient.patient_id) for patient in study.patients}
    by_role = dict(zip(roles(0, PATIENTS), study.patients, strict=True))
    assert set(ROLES) <= set(by_role)
    died, left, late = (by_role[role] for role in ("dies_early", "leaves", "infused_late"))
    death, zero = study.record(died.patient_id).death, died.day_zero_date
    assert death is not None
    assert zero is not None
    assert 0 <= (death - zero).days < 7
    assert max(days[died.patient_id]) < 7
    assert study.record(left.patient_id).left_study is not None
    admission, infusion = study.record(late.patient_id).admission, late.day_zero_date
    assert admission is not None
    assert infusion is not None
    assert (infusion - admission).days > (study.protocol.infusion_within_days or 0)
    for role, seen in (("misses_day_7", set()), ("comes_late", {8}), ("comes_early", {6})):
        assert days[by_role[role].patient_id] & {6, 7, 8} == seen
    assert study.record(by_role["unmeasured"].patient_id).number("bicarbonate") is None


def test_scored_areas_are_those_that_were_drawn(trial: Path) -> None:
    """Without reading error the skin that photographs show is measured within 1 % BSA of the truth, in the mean 0.3."""
    with (trial / "truth.csv").open(encoding="utf-8") as file:
        true = {
            (line["patient_id"], line["date"]): float(line["percent_bsa_seen"])
            for line in csv.DictReader(file)
            if (line["region"], line["tissue"]) == (WHOLE_BODY, OPEN_LABEL)
        }
    measured = {
        (row.patient_id, row.date.isoformat()): row.percent_bsa
        for row in ResultsFolder(trial / "results").read_areas()
        if (row.region, row.tissue) == (WHOLE_BODY, OPEN_LABEL)
    }
    errors = np.array([measured[key] - true[key] for key in true])
    assert measured.keys() == true.keys()
    assert np.abs(errors).max() < 1
    assert np.abs(errors).mean() < 0.3


def test_reading_error_changes_what_is_read_and_not_what_is_true(tmp_path: Path) -> None:
    """Two trials of one seed differ in their photographs where one is read wrongly; their truth differs in nothing."""
    from reepi.phantom.trial_reading import ReadingError

    right = TrialOptions(tmp_path / "right", 1, days=(0, 5), views=("whole_anterior",))
    wrong = replace(right, out=tmp_path / "wrong", error=ReadingError(generosity_percent=30))
    for options in (right, wrong):
        write_trial(options)
    assert _same(right.out, wrong.out, "clinical.csv")
    assert _columns(right.out / "truth.csv", "percent_bsa") == _columns(wrong.out / "truth.csv", "percent_bsa")
    assert not _same(right.out, wrong.out, "photos/P01_d00_whole_anterior.png")


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """A trial is drawn twice into different folders: every file is the same; another seed gives others."""
    options = TrialOptions(tmp_path / "a", 2, days=(0, 7), views=("whole_anterior",))
    for folder, seed in (("a", 0), ("b", 0), ("c", 1)):
        write_trial(replace(options, out=tmp_path / folder, seed=seed))
    files = sorted(path.relative_to(tmp_path / "a").as_posix() for path in (tmp_path / "a").rglob("*.*"))
    assert [name for name in files if not _same(tmp_path / "a", tmp_path / "b", name)] == []
    assert not _same(tmp_path / "a", tmp_path / "c", "clinical.csv")


def _days(study: Study, patient_id: str) -> set[int]:
    zero = study.patient(patient_id).day_zero_date
    return {(each.taken_at.date() - zero).days for each in study.photos if zero and each.patient_id == patient_id}


def _same(one: Path, other: Path, name: str) -> bool:
    return (one / name).read_bytes() == (other / name).read_bytes()


def _columns(path: Path, column: str) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return [line[column] for line in csv.DictReader(file)]
