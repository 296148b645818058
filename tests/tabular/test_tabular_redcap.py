"""REDCap takes the dictionary and the import: names, choices and columns fit each other."""

import re
from collections import Counter
from dataclasses import replace

import pytest
from tabular_looking import with_nothing_assessed

from reepi.core.regions import REGIONS
from reepi.core.results import COHORT, EndpointRow
from reepi.tabular.analysis import ScoredStudy
from reepi.tabular.redcap import IMPORT_COLUMNS, Entry, entries, text_of
from reepi.tabular.redcap_fields import DICTIONARY_COLUMNS, Field
from reepi.tabular.redcap_forms import FIELDS, NON_REPEATING, ONCE_NUMBERS, REPEATING


def of(scored: ScoredStudy, instrument: str, record: str = "P1") -> list[Entry]:
    return [each for each in entries(scored) if (each.record, each.instrument) == (record, instrument)]


def test_the_dictionary_has_redcaps_columns() -> None:
    """Eighteen, in its order and spelling (REDCap's data dictionary template), and every field fills them."""
    assert (
        *("Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label"),
        *("Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number"),
        *("Text Validation Min", "Text Validation Max", "Identifier?"),
        *("Branching Logic (Show field only if...)", "Required Field?", "Custom Alignment"),
        *("Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?", "Field Annotation"),
    ) == DICTIONARY_COLUMNS
    assert all(len(field.row) == 18 for field in FIELDS)


def test_field_names_are_redcaps() -> None:
    """Small letters, digits and _; begin with a letter; at most 26; each once; the record's identifier first."""
    names = [field.name for field in FIELDS]
    assert names[0] == "record_id"
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,25}", name) for name in names)
    assert not [name for name, count in Counter(names).items() if count > 1]


@pytest.mark.parametrize("name", ["Name", "1st", "a" * 27, "a-b", "a__b", ""])
def test_a_name_that_redcap_refuses_is_refused(name: str) -> None:
    """Before it is written."""
    with pytest.raises(ValueError, match="REDCap takes no field"):
        Field(name, "patient", "x")


def test_choices_cannot_hold_what_parts_them() -> None:
    """A | would make two choices of one."""
    with pytest.raises(ValueError, match="parts choices"):
        Field("x", "patient", "x", "radio", choices=(("1", "a | b"),))


def test_import_and_dictionary_have_the_same_fields() -> None:
    """And the two columns of repeating instruments."""
    assert {*IMPORT_COLUMNS} - {"redcap_repeat_instrument", "redcap_repeat_instance"} == {f.name for f in FIELDS}
    assert {field.form for field in FIELDS} == {*NON_REPEATING, *REPEATING}


def test_a_line_fills_only_fields_of_its_instrument(scored: ScoredStudy) -> None:
    """REDCap refuses the whole import otherwise."""
    forms = {field.name: field.form for field in FIELDS}
    for entry in entries(scored):
        allowed = {entry.instrument} if entry.instrument else {*NON_REPEATING}
        assert {forms[name] for name, text in entry.values.items() if text} <= allowed


def test_values_fit_their_fields(scored: ScoredStudy) -> None:
    """Codes are among the choices; numbers, whole numbers and dates are such."""
    patterns = {"number": r"-?\d+(\.\d+)?", "integer": r"-?\d+", "date_ymd": r"\d{4}-\d\d-\d\d", "": r"(?s).*"}
    fields = {field.name: field for field in FIELDS}
    for entry in entries(scored):
        for name, text in entry.values.items():
            field = fields[name]
            codes = {code for code, _ in field.choices} | ({"0", "1"} if field.type == "yesno" else set())
            if text:
                assert re.fullmatch(patterns[field.validation], text), (name, text)
                assert not codes or text in codes, (name, text)


def test_instances_count_from_one(scored: ScoredStudy) -> None:
    """Each record has one line that does not repeat, and instances 1, 2, ... of each instrument."""
    for record in ("P1", "P2"):
        assert [e.row[:3] for e in of(scored, "", record)] == [(record, "", "")]
        for instrument in REPEATING:
            found = [entry.instance for entry in of(scored, instrument, record)]
            assert found == list(range(1, len(found) + 1))


def test_nothing_of_the_results_is_lost(scored: ScoredStudy) -> None:
    """Visits, 33 regions each, endpoints of patients, photographs and observations."""
    count = Counter((entry.record, entry.instrument) for entry in entries(scored))
    assert count["P1", "visit"] == 2
    assert count["P1", "region"] == 2 * len(REGIONS)
    patients = [row for row in scored.endpoints if row.patient_id != COHORT]
    assert count["P1", "endpoint"] + count["P2", "endpoint"] == len(patients)
    assert count["P1", "photograph"] + count["P2", "photograph"] == 3
    assert count["P1", "observation"] == 3


def test_every_number_of_the_areas_and_changes_is_there(scored: ScoredStudy) -> None:
    """Of the body with the visits, of each region with its visit: seen, filled in, and both ends of the interval."""
    written = {
        text_of(number)
        for row in scored.areas
        if row.patient_id == "P1"
        for number in (row.percent_bsa, row.percent_bsa_full, row.low, row.high)
    }
    there = {text for form in ("visit", "region") for entry in of(scored, form) for text in entry.values.values()}
    assert written <= there
    last = of(scored, "visit")[-1].values
    body = next(r for r in scored.areas if (r.day, r.region, r.tissue) == (8, "whole_body", "reepithelialised"))
    names = [f"visit_reepitheli{end}" for end in ("", "_seen", "_low", "_high")]
    numbers = (body.percent_bsa_full, body.percent_bsa, body.low, body.high)
    assert [last[name] for name in names] == [text_of(number) for number in numbers]
    assert (last["visit_chg_new_detachment"], last["visit_chg_exchanged"], last["visit_source"]) == (
        "1",
        "5",
        "proposal",
    )


def test_a_visit_at_which_nothing_was_assessed_has_no_areas(scored: ScoredStudy) -> None:
    """Neither of the body nor of a region; its skin that was seen is none, and all of it unassessed."""
    hidden = with_nothing_assessed(scored)
    last = of(hidden, "visit")[-1].values
    assert [last[f"visit_open{end}"] for end in ("", "_seen", "_low", "_high")] == ["", "0", "", ""]
    assert last["visit_unassessed"] == "100"
    assert {each.values["region_open"] for each in of(hidden, "region")[-33:]} == {""}


def test_an_endpoint_never_heard_of_is_an_instance(scored: ScoredStudy) -> None:
    """With name, code, day, word, unit, level and definition."""
    (lab,) = [e.values for e in of(scored, "endpoint") if e.values["endpoint_name"] == "laboratory_never_seen"]
    assert (lab["endpoint_day"], lab["endpoint_word"], lab["endpoint_number"]) == ("10", "<0.5", "")
    assert lab["endpoint_code"] == scored.codes["laboratory_never_seen"]
    levels = {e.values["endpoint_name"]: e.values["endpoint_level"] for e in of(scored, "endpoint")}
    assert (levels["scorten_mortality_table"], levels["time_to_90"], levels["max_open_bsa"]) == ("95", "", "90")


def test_tables_that_lack_a_region_are_exported_as_far_as_they_go(scored: ScoredStudy) -> None:
    """What is not in the results is empty, and nothing breaks."""
    few = replace(scored, areas=[row for row in scored.areas if row.region == "whole_body" and row.tissue == "open"])
    assert of(few, "region") == []
    assert {each.values.get("visit_intact", "") for each in of(few, "visit")} == {""}
    assert all(each.values["visit_open"] for each in of(few, "visit"))


@pytest.mark.parametrize(
    ("name", "label", "unit"),
    [
        ("max_open_bsa", "Largest open skin", "% BSA"),
        ("time_to_100", "Time to complete re-epithelialisation", "day"),
        ("time_to_50_low", "Time to 50 % re-epithelialisation, lower end", "day"),
        ("scorten", "SCORTEN", "points"),
        ("scorten_mortality_high", "Mortality by SCORTEN, upper end", "%"),
        ("hospital_stay_days", "Hospital stay", "days"),
        ("intensive_care", "Transfer to intensive care", ""),
    ],
)
def test_the_outcome_says_what_it_is_and_in_which_unit(name: str, label: str, unit: str) -> None:
    """In the words of the report."""
    (field,) = [each for each in FIELDS if each.name == name]
    assert (field.form, field.label, field.note) == ("outcome", label, unit)


def test_units_of_the_outcome_are_those_of_the_endpoints(scored: ScoredStudy) -> None:
    """A number is never bare, and never in another unit."""
    notes = {field.name: field.note for field in FIELDS}
    told = {row.endpoint: row.unit for row in scored.endpoints if row.endpoint in ONCE_NUMBERS}
    assert told == {name: notes[name] for name in told}
    assert told


def test_the_outcome_holds_what_people_look_for(scored: ScoredStudy) -> None:
    """Class by its code, answers as 1 and 0, what has no value as nothing."""
    (one,), (two,) = of(scored, ""), of(scored, "", "P2")
    assert (one.values["severity_class"], one.values["responder"]) == ("2", "1")
    assert (one.values["max_open_bsa"], one.values["max_open_bsa_high"]) == ("12.345678", "14")
    assert two.values["responder"] == ""


def test_a_visit_has_its_rate_and_its_planned_day(scored: ScoredStudy) -> None:
    """The visit of day 8 answers day 7."""
    last = of(scored, "visit")[-1].values
    assert (last["visit_day"], last["visit_planned_day"], last["visit_rate"]) == ("8", "7", "91.5")


def test_a_visit_without_a_day_has_its_rate(scored: ScoredStudy) -> None:
    """Without day zero the definition names the visit."""
    rate = EndpointRow("P2", "reepithelialisation_rate", None, 40.0, 30.0, 50.0, "%", "visit of 2024-04-03; healed")
    (visit,) = of(replace(scored, endpoints=[rate]), "visit", "P2")
    assert (visit.values["visit_day"], visit.values["visit_rate"], visit.values["visit_rate_low"]) == ("", "40", "30")


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (0.0, "0"), (-0.0, "0"), (1.5, "1.5"), (10.0, "10"), (7, "7"), (1.2e-9, "0.0000000012")],
)
def test_numbers_are_written_plainly(value: object, text: str) -> None:
    """A decimal point, no zeros behind, no negative zero, no exponent, and small numbers with their digits."""
    assert text_of(value) == text
