"""A patient's clinical rows: the values, the days, and why a row is empty."""

from datetime import date, timedelta
from typing import Any

import pytest

from reepi.core.clinical import ClinicalRecord, Observation
from reepi.core.results import EndpointRow
from reepi.core.study import Patient, Protocol
from reepi.scoring.clinical_endpoints import AT_LEAST, clinical_rows
from reepi.scoring.intervals import Estimate
from reepi.scoring.levels import interval_level

DAY_ZERO = date(2024, 3, 5)
PATIENT = Patient("P1", "F", 52, 165, 62, index_date=date(2024, 3, 1), day_zero_date=DAY_ZERO)

ALL = (
    *("scorten", "scorten_age", "scorten_malignancy", "scorten_heart_rate", "scorten_initial_open_bsa"),
    *("scorten_urea", "scorten_glucose", "scorten_bicarbonate"),
    *("scorten_mortality", "scorten_mortality_table", "scorten_mortality_logistic"),
    *("hospital_stay_days", "onset_to_admission_days", "infusion_delay_days"),
    *(f"mucosa_{site}_healing_days" for site in ("mouth", "nose", "eyes", "genitals")),
    *("sepsis", "intensive_care", "sequelae", "adverse_event", "adverse_events", "death", "chimerism_percent"),
)


def seen(item: str, day: int | None, text: str = "", number: float | None = None, unit: str = "") -> Observation:
    """Observe something on a day after day zero."""
    on = None if day is None else DAY_ZERO + timedelta(days=day)
    return Observation("P1", item, on, text, number, unit)


def rows(*observations: Observation, patient: Patient = PATIENT, **options: Any) -> list[EndpointRow]:
    protocol = options.pop("protocol", Protocol())
    return clinical_rows(patient, ClinicalRecord(observations), protocol, **options)


def row(endpoint: str, *observations: Observation, **options: Any) -> EndpointRow:
    (found,) = [each for each in rows(*observations, **options) if each.endpoint == endpoint]
    return found


LOW_RISK = (
    *(seen("admission", -1), seen("malignancy", None, "no"), seen("heart_rate", -1, "80", 80, "1/min")),
    *(seen("urea", -1, "5 mmol/L", 5, "mmol/L"), seen("glucose", -1, "6 mmol/L", 6, "mmol/L")),
    *(seen("bicarbonate", -1, "25", 25, "mmol/L"), seen("initial_open_bsa", -1, "8 %", 8, "% BSA")),
)
"""A patient whose age alone gives a point."""


class TestEveryPatient:
    def test_rows_of_a_patient_of_whom_nothing_is_known(self) -> None:
        """Every endpoint has its row, no value, and a reason; age is in patients.csv."""
        found = rows()
        assert tuple(each.endpoint for each in found) == ALL
        empty = [each for each in found if each.endpoint != "scorten_age"]
        assert all(each.value is None and "not computed: " in each.definition for each in empty)

    def test_a_study_without_the_table(self) -> None:
        """Two rows say so; a patient's emptiness is not told in two dozen lines."""
        found = rows(has_table=False)
        assert [each.endpoint for each in found] == ["scorten", "scorten_mortality"]
        assert all(each.definition.endswith("the study has no clinical.csv") and each.value is None for each in found)

    def test_units(self) -> None:
        """Each endpoint is in the unit that the contract says."""
        units = {each.endpoint: each.unit for each in rows()}
        assert units["scorten"] == "points"
        assert units["scorten_mortality"] == units["chimerism_percent"] == "%"
        assert units["hospital_stay_days"] == "days"
        assert units["mucosa_eyes_healing_days"] == "day"
        assert units["sepsis"] == units["adverse_event"] == units["death"] == "yes/no"


class TestScorten:
    @pytest.mark.parametrize("form", ["table", "logistic"])
    def test_the_sum_and_its_mortality(self, form: Any) -> None:
        """One point: 3.2 % by the table, 3.9 % by the formula; the protocol's form is the endpoint."""
        assert (row("scorten", *LOW_RISK).value, row("scorten", *LOW_RISK).low) == (1, None)
        table = row("scorten_mortality_table", *LOW_RISK)
        assert (table.value, table.low, table.high) == (3.2, 0.1, 16.7)
        assert row("scorten_mortality_logistic", *LOW_RISK).value == pytest.approx(3.9, abs=0.05)
        chosen = row("scorten_mortality", *LOW_RISK, protocol=Protocol(scorten_mortality=form))
        assert chosen.value == row(f"scorten_mortality_{form}", *LOW_RISK).value
        assert form in chosen.definition

    def test_unknown_items_give_a_range(self) -> None:
        """Two of seven not known: between one and three points, no value, both named."""
        known = [each for each in LOW_RISK if each.item not in ("urea", "glucose")]
        found = row("scorten", *known)
        assert (found.value, found.low, found.high) == (None, 1, 3)
        assert "urea, glucose not known" in found.definition
        mortality = row("scorten_mortality_table", *known)
        assert (mortality.value, mortality.low, mortality.high) == (None, 0.1, 53.5)
        item = row("scorten_urea", *known)
        assert (item.value, item.low, item.high) == (None, 0, 1)

    @pytest.mark.parametrize(("rule", "points"), [("above", 0), ("reached", 1)])
    def test_the_protocol_decides_at_the_limit(self, rule: Any, points: int) -> None:
        """A heart rate of exactly 120."""
        found = row(
            "scorten_heart_rate",
            seen("heart_rate", -1, "120", 120, "1/min"),
            protocol=Protocol(scorten_boundaries=rule),
        )
        assert found.value == points

    def test_the_bedside_value_goes_first(self) -> None:
        """Initial open skin is the bedside's where it is given, else the first visit's; the definition says which."""
        options = {"first_open": Estimate(12, 11, 13), "first_visit": DAY_ZERO}
        bedside = row("scorten_initial_open_bsa", *LOW_RISK, **options)
        assert bedside.value == 0
        assert "initial_open_bsa of clinical.csv" in bedside.definition
        others = [each for each in LOW_RISK if each.item != "initial_open_bsa"]
        photographed = row("scorten_initial_open_bsa", *others, **options)
        assert (photographed.value, photographed.low) == (1, None)
        assert "open_bsa of the first visit" in photographed.definition
        assert "open_bsa of the first visit" in row("scorten", *others, **options).definition

    def test_an_interval_across_the_limit(self) -> None:
        """Open skin of 9 to 13 % BSA may give the point or not: the score's interval holds both."""
        others = [each for each in LOW_RISK if each.item != "initial_open_bsa"]
        found = row("scorten", *others, first_open=Estimate(12, 9, 13), first_visit=DAY_ZERO)
        assert (found.value, found.low, found.high) == (2, 1, 2)

    def test_doubt_of_an_item_goes_into_all_that_is_made_of_it(self) -> None:
        """The same open skin, at day 3 and in ABCD-10; a range of scores has no 95 % interval of one."""
        others = [each for each in LOW_RISK if each.item != "initial_open_bsa"]
        told = (*others, seen("heart_rate", 1, "90", 90, "1/min"), seen("dialysis", None, "no"))
        options = {"first_open": Estimate(12, 9, 13), "first_visit": DAY_ZERO, "protocol": Protocol(abcd10=True)}
        found = {each.endpoint: each for each in rows(*told, **options)}
        for endpoint in ("scorten_day_3", "abcd10"):
            assert (found[endpoint].value, found[endpoint].low, found[endpoint].high) == (2, 1, 2), endpoint
        mortality = found["abcd10_mortality"]
        assert (mortality.value, mortality.low, mortality.high) == (12.3, 5.4, 12.3)
        table = found["scorten_mortality_table"]
        assert (table.low, table.high, interval_level(table)) == (0.1, 22.5, None)
        assert "ends of the published intervals at 1 and 2 points" in table.definition
        sure = row("scorten_mortality_table", *LOW_RISK)
        assert (sure.low, sure.high, interval_level(sure)) == (0.1, 16.7, 95)

    @pytest.mark.parametrize(("day", "late"), [(-2, True), (-1, False), (0, False), (1, True), (4, True)])
    def test_values_of_another_day_are_told(self, day: int, late: bool) -> None:
        """Admission on day -1: a value of the next day may be of the first 24 hours, a later one is not."""
        others = [each for each in LOW_RISK if each.item != "urea"]
        found = rows(*others, seen("urea", day, "12 mmol/L", 12, "mmol/L"))
        for endpoint in ("scorten", "scorten_urea"):
            (definition,) = [each.definition for each in found if each.endpoint == endpoint]
            assert ("24 hours" in definition) == late

    def test_the_first_value_counts(self) -> None:
        """Of several values the earliest since admission counts; one of last year does not while there is another."""
        values = [(-300, 30.0), (0, 12.0), (-1, 8.0), (3, 20.0)]
        observations = [seen("urea", day, f"{value:g} mmol/L", value, "mmol/L") for day, value in values]
        assert "8 mmol/L" in row("scorten_urea", seen("admission", -1), *observations).definition
        alone = row("scorten_urea", seen("admission", -1), observations[0])
        assert (alone.value, "299 days before admission" in alone.definition) == (1, True)

    def test_the_day_of_admission_goes_before_the_day_before(self) -> None:
        """A heart rate of 130 the day before, and 100 on the day: no point; alone, the former counts and is told."""
        before, on_it = seen("heart_rate", -2, "130", 130, "1/min"), seen("heart_rate", -1, "100", 100, "1/min")
        found = row("scorten_heart_rate", seen("admission", -1), before, on_it)
        assert (found.value, "24 hours" in found.definition) == (0, False)
        earlier = seen("heart_rate", -4, "90", 90, "1/min")
        alone = row("scorten_heart_rate", seen("admission", -1), earlier, before)
        assert alone.value == 1
        assert "1 day before admission, not of the first 24 hours" in alone.definition

    def test_nitrogen_is_told(self) -> None:
        """Urea in mg/dL is taken as that of its nitrogen, and the row says so."""
        found = row("scorten_urea", seen("urea", -1, "30 mg/dL", 10.71, "mmol/L"))
        assert (found.value, "written as 30 mg/dL, taken as blood urea nitrogen" in found.definition) == (1, True)
        glucose = row("scorten_glucose", seen("glucose", -1, "100 mg/dL", 5.55, "mmol/L"))
        assert "nitrogen" not in glucose.definition

    def test_repeated_at_day_three(self) -> None:
        """Values of two or three days after admission make a second score; the first stays as it was."""
        again = seen("urea", 1, "15 mmol/L", 15, "mmol/L")
        found = {each.endpoint: each.value for each in rows(*LOW_RISK, again)}
        assert (found["scorten"], found["scorten_day_3"]) == (1, 2)
        assert "scorten_day_3" not in {each.endpoint for each in rows(*LOW_RISK)}

    def test_abcd10_is_an_option(self) -> None:
        """It is computed only where the protocol asks for it: age over 50 alone gives 1 point, 5.4 %."""
        found = {
            each.endpoint: each.value
            for each in rows(*LOW_RISK, seen("dialysis", None, "no"), protocol=Protocol(abcd10=True))
        }
        assert (found["abcd10"], found["abcd10_mortality"]) == (1, 5.4)
        unknown = row("abcd10_mortality", *LOW_RISK, protocol=Protocol(abcd10=True))
        assert (unknown.value, unknown.low, unknown.high) == (None, 5.4, 45.7)
        assert "abcd10" not in {each.endpoint for each in rows(*LOW_RISK)}


class TestDays:
    @pytest.mark.parametrize(
        ("observations", "value", "low", "words"),
        [
            ((seen("admission", -2), seen("discharge", 20)), 22, None, "ended by discharge"),
            ((seen("admission", -2), seen("death", 9)), 11, None, "ended by death"),
            ((seen("admission", -2), seen("discharge", 20), seen("death", 40)), 22, None, "ended by discharge"),
            ((seen("admission", -2), seen("discharge", 15, "no")), None, 17, "still in hospital on 2024-03-20"),
            ((seen("admission", -2), seen("last_contact", 300)), None, None, "neither discharge nor death is known"),
            ((seen("discharge", 20),), None, None, "no admission"),
            ((seen("admission", -2), seen("admission", 30), seen("discharge", 20)), 22, None, "first admission"),
        ],
    )
    def test_hospital_stay(
        self, observations: tuple[Observation, ...], value: float | None, low: float | None, words: str
    ) -> None:
        """From the first admission to discharge or death; a stay that goes on is censored, an unknown end unknown."""
        found = row("hospital_stay_days", *observations)
        assert (found.value, found.low, found.high) == (value, low, None)
        assert words in found.definition

    def test_onset_to_admission(self) -> None:
        """Index on 1 March, admission on 3 March: two days; onset in hospital is negative and told."""
        assert row("onset_to_admission_days", seen("admission", -2)).value == 2
        inside = row("onset_to_admission_days", seen("admission", -7))
        assert (inside.value, "in hospital" in inside.definition) == (-3, True)
        unknown = Patient("P1", "F", 52, 165, 62)
        assert "no index date" in row("onset_to_admission_days", seen("admission", -2), patient=unknown).definition

    @pytest.mark.parametrize(("limit", "words"), [(None, ""), (3, "in time"), (2, "in time"), (1, "late")])
    def test_infusion_delay(self, limit: int | None, words: str) -> None:
        """Admission on day -2: two days; late only past a limit that the protocol states."""
        found = row("infusion_delay_days", seen("admission", -2), protocol=Protocol(infusion_within_days=limit))
        assert (found.value, words in found.definition) == (2, True)
        assert limit is not None or "late" not in found.definition

    def test_an_infusion_before_the_admission_is_told(self) -> None:
        """It is no refused table, but a date to look at."""
        found = row("infusion_delay_days", seen("admission", 2), protocol=Protocol(infusion_within_days=3))
        assert (found.value, "check the dates" in found.definition) == (-2, True)

    def test_no_infusion(self) -> None:
        """Where day zero is something else, or has not come, there is no delay."""
        other = row("infusion_delay_days", seen("admission", -2), day_zero="index")
        assert (other.value, "not the infusion but the index" in other.definition) == (None, True)
        never = Patient("P1", "F", 52, 165, 62, index_date=date(2024, 3, 1))
        assert "no day zero" in row("infusion_delay_days", seen("admission", -2), patient=never).definition

    def test_day_zero_may_be_the_admission(self) -> None:
        """Then patients.csv tells it, and clinical.csv need not."""
        assert row("onset_to_admission_days", day_zero="admission").value == 4
        assert row("hospital_stay_days", seen("discharge", 10), day_zero="admission").value == 10


class TestMucosae:
    @pytest.mark.parametrize(
        ("observations", "expected", "words"),
        [
            ([(0, "involved"), (7, "involved"), (10, "healed")], (10, 7, 10), ""),
            ([(0, "involved"), (10, "healed"), (14, "healed")], (10, 0, 10), ""),
            ([(0, "involved"), (10, "healed"), (14, "involved"), (20, "healed")], (20, 14, 20), ""),
            ([(0, "involved"), (10, "healed"), (14, "involved")], (None, 14, None), "not seen healed"),
            ([(0, "involved")], (None, 0, None), "not seen healed"),
            ([(12, "healed")], (12, None, 12), ""),
            ([(-3, "involved"), (-1, "healed")], (-1, -3, -1), ""),
            ([(None, "not_involved")], (None, None, None), "it was not involved"),
            ([], (None, None, None), "no mucosa_mouth"),
        ],
    )
    def test_healing(
        self,
        observations: list[tuple[int | None, str]],
        expected: tuple[float | None, float | None, float | None],
        words: str,
    ) -> None:
        """Healed for good after the last day seen involved, and not after the first day seen healed since."""
        found = row("mucosa_mouth_healing_days", *(seen("mucosa_mouth", day, text) for day, text in observations))
        assert (found.value, found.low, found.high) == expected
        assert words in found.definition

    def test_a_death_before_healing_is_told(self) -> None:
        """It is a competing event, not a membrane that never healed."""
        found = row("mucosa_eyes_healing_days", seen("mucosa_eyes", 0, "involved"), seen("death", 9))
        assert found.definition.endswith("not seen healed; the patient died on day 9")


class TestEvents:
    @pytest.mark.parametrize(
        ("endpoint", "item"), [("sepsis", "sepsis"), ("intensive_care", "intensive_care"), ("sequelae", "sequela")]
    )
    def test_yes_no_and_unknown(self, endpoint: str, item: str) -> None:
        """Yes with its first day, no where somebody said so, and nothing where nobody did."""
        happened = row(endpoint, seen(item, 9, "yes"), seen(item, 4, "yes"), seen(item, 2, "no"))
        assert (happened.value, happened.day) == ("yes", 4)
        assert row(endpoint, seen(item, None, "no")).value == "no"
        assert row(endpoint).value is None

    @pytest.mark.parametrize(
        ("endpoint", "item"), [("sepsis", "sepsis"), ("intensive_care", "intensive_care"), ("sequelae", "sequela")]
    )
    @pytest.mark.parametrize(
        ("others", "value"),
        [
            ((), None),
            ((seen("heart_rate", -1, "80", 80, "1/min"),), None),
            ((seen("discharge", 24),), "no"),
            ((seen("discharge", 25),), None),
            ((seen("discharge", 24, "no"),), None),
            ((seen("discharge", 20), seen("last_contact", 365)), None),
            ((seen("discharge", 20), seen("laboratory_il_2", 30, "3", 3.0)), None),
            ((seen("last_contact", 24),), "no"),
            ((seen("left_study", 24),), "no"),
            ((seen("death", 24),), "no"),
            ((seen("death", 20), seen("laboratory_il_2", 30, "3", 3.0)), "no"),
            ((seen("death", 30),), None),
        ],
    )
    def test_a_dated_no_is_an_answer_where_it_reaches_the_end(
        self, endpoint: str, item: str, others: tuple[Observation, ...], value: str | None
    ) -> None:
        """None by day 24 says nothing of later, unless the patient died or was last heard of by then."""
        found = row(endpoint, seen(item, 24, "no"), seen(item, 0, "no"), *others)
        assert (found.value, "none is known up to day 24 alone" in found.definition) == (value, value is None)
        photographed = row(endpoint, seen(item, 24, "no"), seen("discharge", 24), photographed=DAY_ZERO + timedelta(36))
        assert photographed.value is None

    def test_a_dated_no_of_the_first_day_is_no_answer(self) -> None:
        """No sepsis on day 0, and nothing later: nobody knows whether there was one."""
        found = row("sepsis", seen("sepsis", 0, "no"))
        assert found.value is None
        assert found.definition.endswith("a no without a date speaks of all days")

    def test_terms_are_told(self) -> None:
        """What the sequelae are stands in the definition."""
        found = row("sequelae", seen("sequela", 60, "corneal scar"), seen("sequela", 90, "nail loss"))
        assert "corneal scar (day 60), nail loss (day 90)" in found.definition

    @pytest.mark.parametrize(
        ("observations", "answer", "number", "words"),
        [
            ([(3, "rash")], "yes", 1, "rash (day 3)"),
            ([(0, "rash"), (10, "fever"), (11, "fall")], "yes", 2, "rash (day 0), fever (day 10)"),
            ([(3, "rash"), (3, "fever")], "yes", 2, "rash (day 3), fever (day 3)"),
            ([(-1, "rash"), (None, "no")], "no", 0, "before day zero does not count"),
            ([(11, "rash")], None, None, "nobody wrote down"),
            ([(10, "no")], "no", 0, ""),
            ([(9, "no")], None, None, "up to day 9 alone"),
            ([(None, "no")], "no", 0, ""),
            ([], None, None, "nobody wrote down"),
            ([(5, "no"), (12, "no")], "no", 0, ""),
        ],
    )
    def test_adverse_events(
        self, observations: list[tuple[int | None, str]], answer: str | None, number: float | None, words: str
    ) -> None:
        """From day 0 to the protocol's day 10, both included; no only where it is known that far."""
        seen_events = [seen("adverse_event", day, text) for day, text in observations]
        found, count = row("adverse_event", *seen_events), row("adverse_events", *seen_events)
        assert (found.value, count.value, found.day, count.day) == (answer, number, 10, 10)
        assert words in found.definition

    @pytest.mark.parametrize(
        ("denied", "at_least"), [((), True), ((9,), True), ((10,), False), ((4, 12), False), ((None,), False)]
    )
    def test_a_number_that_nothing_closes_is_told_as_the_least(
        self, denied: tuple[int | None, ...], at_least: bool
    ) -> None:
        """Two events are two only where a line says that there were no more up to day 10; that one was is sure."""
        events = [seen("adverse_event", 1, "rash"), seen("adverse_event", 3, "fever")]
        events += [seen("adverse_event", day, "no") for day in denied]
        count = row("adverse_events", *events)
        assert (count.value, AT_LEAST in count.definition) == (2, at_least)
        assert AT_LEAST not in row("adverse_event", *events).definition

    def test_the_protocol_says_how_long(self) -> None:
        """With 30 days an event of day 11 counts."""
        found = row("adverse_event", seen("adverse_event", 11, "rash"), protocol=Protocol(adverse_event_days=30))
        assert (found.value, found.day) == ("yes", 30)

    def test_a_death_is_an_adverse_event_where_a_line_says_so(self) -> None:
        """It is not guessed from the death; a no up to the death covers a life."""
        assert "only if a line says so" in row("adverse_event", seen("death", 4)).definition
        assert row("adverse_event", seen("death", 4), seen("adverse_event", 4, "no")).value == "no"

    def test_without_day_zero(self) -> None:
        """Days that cannot be counted give no answer."""
        never = Patient("P1", "F", 52, 165, 62, index_date=date(2024, 3, 1))
        for endpoint in ("adverse_event", "adverse_events", "death"):
            assert "no day zero" in row(endpoint, seen("adverse_event", 3, "rash"), patient=never).definition
        mouth = row("mucosa_mouth_healing_days", seen("mucosa_mouth", 3, "healed"), patient=never)
        assert (mouth.value, "no day zero" in mouth.definition) == (None, True)
        laboratory = row("laboratory_il_2", seen("laboratory_il_2", 0, "3", 3.0, "pg/mL"), patient=never)
        assert (laboratory.day, "on 2024-03-05" in laboratory.definition) == (None, True)


class TestDeath:
    @pytest.mark.parametrize(
        ("observations", "value", "day", "words"),
        [
            ((seen("death", 9),), "yes", 9, "died on day 9"),
            ((seen("death", 30),), "yes", 30, "died on day 30"),
            ((seen("death", 31),), "no", 30, "died later, on day 31"),
            ((seen("last_contact", 30),), "no", 30, "known until day 30"),
            ((seen("sequela", 200, "scar"),), "no", 30, "known until day 200"),
            ((seen("death", 60, "no"),), "no", 30, "known until day 60"),
            ((seen("last_contact", 29),), None, 30, "nothing is known after day 29"),
            ((), None, 30, "nothing is known of the patient"),
        ],
    )
    def test_up_to_the_protocol_s_day(
        self, observations: tuple[Observation, ...], value: str | None, day: int, words: str
    ) -> None:
        """Alive is who is known later; who was lost before is unknown, not alive."""
        found = row("death", *observations)
        assert (found.value, found.day) == (value, day)
        assert words in found.definition

    def test_a_photograph_is_a_proof_of_life(self) -> None:
        """Discharged on day 24 and photographed on day 36: alive on day 30; a death is what it is."""
        seen_later = {"photographed": DAY_ZERO + timedelta(36)}
        found = row("death", seen("discharge", 24), **seen_later)
        assert (found.value, "known until day 36" in found.definition) == ("no", True)
        assert row("death", **seen_later).value == "no"
        assert row("death", seen("discharge", 24), photographed=DAY_ZERO + timedelta(29)).value is None
        assert row("death", seen("death", 20), **seen_later).value == "yes"


class TestLaboratory:
    def test_one_row_a_value(self) -> None:
        """By name and day, in the unit that was written; below what can be measured it stays text."""
        found = rows(
            seen("laboratory_il_2", 10, "4.5", 4.5, "pg/mL"),
            seen("laboratory_il_2", 0, "<0.5", None, "pg/mL"),
            seen("laboratory_crp", 0, "120", 120.0, "mg/L"),
            seen("chimerism", 30, "2.5 %", 2.5, "%"),
        )
        told = [(r.endpoint, r.day, r.value, r.unit) for r in found if r.endpoint.startswith(("laboratory", "chim"))]
        assert told == [
            ("chimerism_percent", 30, 2.5, "%"),
            ("laboratory_crp", 0, 120.0, "mg/L"),
            ("laboratory_il_2", 0, "<0.5", "pg/mL"),
            ("laboratory_il_2", 10, 4.5, "pg/mL"),
        ]


def test_the_same_record_gives_the_same_rows() -> None:
    """The order of lines changes nothing but that of equal dates."""
    observations = (*LOW_RISK, seen("sepsis", 4, "yes"), seen("adverse_event", 3, "rash"), seen("discharge", 20))
    assert rows(*observations) == rows(*observations[::-1])
