"""Analysis data sets hold everything that the results hold, under described names."""

from dataclasses import replace
from datetime import date

import pytest
from tabular_looking import by_name, records, with_nothing_assessed

from reepi.core.clinical import ClinicalRecord, Observation
from reepi.core.results import AREA_LABELS, COHORT, EndpointRow
from reepi.scoring.levels import interval_level
from reepi.tabular.analysis import DATA_SETS, ScoredStudy, analysis_data_sets, endpoints


def test_every_number_of_the_areas_is_there(scored: ScoredStudy) -> None:
    """In the order of areas.csv, none changed."""
    data = by_name(scored)["adbsa"]
    assert data.column("AVAL") == tuple(row.percent_bsa_full for row in scored.areas)
    assert data.column("AVALSEEN") == tuple(row.percent_bsa for row in scored.areas)
    assert data.column("CILO") == tuple(row.low for row in scored.areas)
    assert data.column("CIHI") == tuple(row.high for row in scored.areas)
    assert data.column("TISSUE") == tuple(row.tissue for row in scored.areas)


def test_a_visit_at_which_nothing_was_assessed_has_no_areas(scored: ScoredStudy) -> None:
    """What stands in areas.csv is filled in from nothing; that no skin was seen is all that is known."""
    hidden = by_name(with_nothing_assessed(scored))["adbsa"]
    told = [each for each in records(hidden) if each["ADAY"] == 8 and each["REGION"] == "whole_body"]
    assert {each["TISSUE"]: (each["AVAL"], each["CILO"], each["CIHI"], each["CILEV"]) for each in told} == {
        tissue: (100.0, 100.0, 100.0, 90) if tissue == "unassessed" else (None,) * 4 for tissue in AREA_LABELS
    }
    assert {each["AVALSEEN"] for each in told} == {0.0, 100.0}
    assert all(each["AVAL"] is not None for each in records(hidden) if each["ADAY"] == 0)


def test_every_endpoint_is_there_also_one_never_heard_of(scored: ScoredStudy) -> None:
    """Numbers in AVAL, words in AVALC; patients and cohort apart, with the level of their intervals."""
    sets = by_name(scored)
    told = records(sets["adeff"])
    assert len(told) + len(sets["adcoh"].rows) == len(scored.endpoints)
    mine = [row for row in scored.endpoints if row.patient_id != COHORT]
    for row, record in zip(mine, told, strict=True):
        value = record["AVAL"] if record["AVALC"] is None else record["AVALC"]
        assert (row.endpoint, row.value, row.low, row.high) == (
            record["ENDPOINT"],
            value,
            record["CILO"],
            record["CIHI"],
        )
        assert (record["DEFN"], record["AVALU"]) == (row.definition, row.unit)
    levels = {record["ENDPOINT"]: record["CILEV"] for record in told}
    assert (levels["reepithelialisation_rate"], levels["scorten_mortality_table"], levels["time_to_90"]) == (
        90,
        95,
        None,
    )
    assert sets["adcoh"].column("CILEV") == (95,)


@pytest.mark.parametrize(
    ("row", "level"),
    [
        (("P1", "open_bsa", "open skin; 90 % interval from reading"), 90),
        (("P1", "relapse_bsa", "skin that opened again"), 90),
        (("P1", "scorten_mortality_table", "observed, low and high its 95 % interval; 1 points"), 95),
        (
            ("P1", "scorten", "1 point (open_bsa of the first visit, 90 % interval 0.4 to 0.6); 2 to 3 are possible"),
            None,
        ),
        (("P1", "mucosa_eyes_healing_days", "it healed after low and not after high"), None),
        (("P1", "never_heard_of", "no word of a level"), None),
        (("cohort", "responder_rate", "1 of 2; 95 % interval: exact binomial"), 95),
        (("cohort", "relapse_bsa", "no word of a level"), None),
    ],
)
def test_the_level_is_that_of_the_definition(row: tuple[str, str, str], level: int | None) -> None:
    """Bounds have none, and the interval of something else within a sentence is not theirs."""
    who, name, definition = row
    assert interval_level(EndpointRow(who, name, 7, 1.0, 0.0, 2.0, "", definition)) == level
    assert interval_level(EndpointRow(who, name, 7, 1.0, None, None, "", definition)) is None


def test_a_single_bound_of_a_healing_front_has_no_level() -> None:
    """At least so fast is no interval."""
    assert interval_level(EndpointRow("P1", "healing_front_mm_per_day", 7, None, 1.0, None, "mm/day", "front")) is None


def test_photographs_keep_time_scale_and_seconds(scored: ScoredStudy) -> None:
    """All that photos.csv of study and results say."""
    first, *_ = records(by_name(scored)["adphoto"])
    assert (first["ADTMC"], first["MMPERPX"], first["SECONDS"]) == ("2024-03-05T09:00:00", None, 1.0)


def test_parameters_and_their_words_belong_together(scored: ScoredStudy) -> None:
    """In every data set with PARAMCD there is one PARAM to each, as ADaM asks."""
    for data in analysis_data_sets(scored):
        if "PARAMCD" in {variable.name for variable in data.variables}:
            pairs = set(zip(data.column("PARAMCD"), data.column("PARAM"), strict=True))
            assert len(pairs) == len({code for code, _ in pairs}) == len({words for _, words in pairs}), data.name


def test_study_days_are_the_trials_and_those_of_cdisc(scored: ScoredStudy) -> None:
    """Day zero is 0 for the trial and 1 for CDISC, which knows no day 0; without day zero there is none."""
    days = {(r["SUBJID"], r["ADT"]): (r["ADAY"], r["ADY"]) for r in records(by_name(scored)["adbsa"])}
    assert days == {
        ("P1", date(2024, 3, 5)): (0, 1),
        ("P1", date(2024, 3, 13)): (8, 9),
        ("P2", date(2024, 4, 3)): (None, None),
    }
    observed = {r["ITEM"]: (r["ADAY"], r["ADY"]) for r in records(by_name(scored)["adclin"])}
    assert observed["urea"] == (-1, -1)


def test_a_visit_in_the_window_answers_its_planned_day(scored: ScoredStudy) -> None:
    """Day 8 answers day 7 where the protocol's window is one day."""
    visits = {(r["ADAY"], r["AVISIT"], r["AVISITN"]) for r in records(by_name(scored)["adbsa"])}
    assert visits == {(0, "Day 0", 0), (8, "Day 7", 7), (None, None, None)}


def test_rows_of_planned_days_bear_the_visit_that_answers(scored: ScoredStudy) -> None:
    """Their date is that of a visit that there was, their planned day the one asked for."""
    rows = [
        r
        for r in records(by_name(scored)["adeff"])
        if r["ENDPOINT"] in ("planned_visit", "reepithelialisation_rate_planned", "responder") and r["SUBJID"] == "P1"
    ]
    assert [(r["ADT"], r["ADAY"], r["AVISIT"], r["AVISITN"]) for r in rows] == [
        (date(2024, 3, 5), 0, "Day 0", 0),
        (date(2024, 3, 13), 8, "Day 7", 7),
        (date(2024, 3, 13), 8, "Day 7", 7),
        (date(2024, 3, 13), 8, "Day 7", 7),
    ]


def test_rate_and_responder_bear_the_visit_with_a_rate(scored: ScoredStudy) -> None:
    """The visit of day 7 answers its day and has no rate; rate and responder come from that of day 8."""
    visit, *rest = [row for row in scored.endpoints if row.day == 7 and row.patient_id == "P1"]
    without = EndpointRow("P1", "reepithelialisation_rate", 7, None, None, None, "%", "all of it is hidden")
    rate = [row for row in scored.endpoints if row.endpoint == "reepithelialisation_rate"]
    told = records(endpoints(replace(scored, endpoints=[*rate, without, replace(visit, value=7.0), *rest])))
    days = {(r["ENDPOINT"], r["ADT"], r["ADAY"], r["AVISITN"]) for r in told if r["ENDPOINT"] != rate[0].endpoint}
    assert days == {
        ("planned_visit", date(2024, 3, 12), 7, 7),
        ("reepithelialisation_rate_planned", date(2024, 3, 13), 8, 7),
        ("responder", date(2024, 3, 13), 8, 7),
    }


@pytest.mark.parametrize(
    ("answer", "died", "dated"),
    [
        ("no", date(2024, 3, 11), (date(2024, 3, 11), 6, "Day 7", 7)),
        ("no", date(2024, 3, 13), (None, None, "Day 7", 7)),
        (None, date(2024, 3, 11), (None, None, "Day 7", 7)),
    ],
    ids=["died before", "died after, no visit", "no threshold"],
)
def test_who_died_is_no_responder_from_that_day_on(
    scored: ScoredStudy, answer: str | None, died: date, dated: tuple[date | None, int | None, str, int]
) -> None:
    """The answer of a patient who died by day 7 is dated by the death; without visit and death it has no date."""
    record = ClinicalRecord((Observation("P1", "death", died),))
    row = EndpointRow("P1", "responder", 7, answer, None, None, "yes/no", "by the rules")
    study = replace(scored.study, clinical={"P1": record})
    (told,) = records(endpoints(replace(scored, study=study, endpoints=[row])))
    assert (told["ADT"], told["ADAY"], told["AVISIT"], told["AVISITN"]) == dated


def test_without_day_zero_rows_are_dated_by_the_visit_that_they_name(scored: ScoredStudy) -> None:
    """There is no day to count from; rows of no single visit have no date."""
    rows = [
        EndpointRow("P2", "open_bsa", None, 3.0, 2.0, 4.0, "% BSA", f"visit of {when}; open skin")
        for when in ("2024-04-03", "2024-04-05")
    ]
    rows.append(EndpointRow("P2", "severity_class", None, "SJS", None, None, "class", "SJS < 10"))
    told = records(endpoints(replace(scored, endpoints=rows)))
    assert [(r["ADT"], r["ADAY"]) for r in told] == [(date(2024, 4, 3), None), (date(2024, 4, 5), None), (None, None)]


@pytest.mark.parametrize("name", DATA_SETS)
def test_keys_tell_rows_apart(scored: ScoredStudy, name: str) -> None:
    """No two rows have the same key."""
    data = by_name(scored)[name]
    keys = list(zip(*(data.column(each) for each in data.key), strict=True))
    assert len(set(keys)) == len(keys)


def test_what_is_written_of_the_patients_is_there(scored: ScoredStudy) -> None:
    """Death, dates and measures; Du Bois' area of 62 kg and 165 cm is 1.6832 m2 (0.007184 x 62^0.425 x 165^0.725)."""
    one, two = records(by_name(scored)["adsl"])
    assert (one["DTHFL"], one["DTHDT"], one["REFDT"]) == ("Y", date(2024, 3, 20), date(2024, 3, 5))
    assert (two["DTHFL"], two["REFDT"]) == (None, None)
    assert one["BSADB"] == pytest.approx(0.007184 * 62**0.425 * 165**0.725, abs=1e-4)


def test_words_are_in_their_codelists(scored: ScoredStudy) -> None:
    """Every word of a variable with a codelist is one of its terms."""
    for data in analysis_data_sets(scored):
        for variable in data.variables:
            if variable.codelist is not None:
                terms = {term for term, _ in variable.codelist.terms}
                assert set(data.column(variable.name)) - {None} <= terms


def test_empty_data_sets_are_left_out(scored: ScoredStudy) -> None:
    """A study without a cohort, observations and changes has four."""
    plain = ScoredStudy(scored.study, scored.areas, scored.endpoints[:2], scored.photos)
    object.__setattr__(plain.study, "clinical", {})
    assert [data.name for data in analysis_data_sets(plain)] == ["adsl", "adbsa", "adeff", "adphoto"]
