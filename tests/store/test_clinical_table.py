"""``clinical.csv`` and ``historical.csv``: right ones are read as they are meant, wrong ones tell all that is wrong."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.core.clinical import MUCOSAE, ClinicalRecord, HistoricalPatient, Observation
from reepi.core.clinical_items import ITEMS, item_of
from reepi.core.errors import Fault, InputError
from reepi.core.study import Patient
from reepi.scoring.scorten import point
from reepi.store.clinical import MUCOSA_STATES, clinical_text, is_no_term, read_clinical
from reepi.store.historical import read_historical
from reepi.store.study import read_study

HEAD = "patient_id,item,date,value,unit\n"
PATIENTS = (Patient("P1", "F", 40, 165, 62, date(2024, 3, 1)), Patient("P2", "M", 67, 178, 80))


def read(folder: Path, text: str) -> tuple[dict[str, ClinicalRecord], list[Fault]]:
    path = folder / "clinical.csv"
    path.write_text(text, encoding="utf-8")
    return read_clinical(path, PATIENTS, {"P1", "P2"})


def one(folder: Path, row: str) -> Observation:
    records, faults = read(folder, HEAD + row + "\n")
    assert faults == []
    (observation,) = records[row.split(",")[0]].observations
    return observation


class TestValid:
    def test_a_study_without_the_table(self, tmp_path: Path) -> None:
        """It is optional, and so are its lines."""
        assert read_clinical(tmp_path / "clinical.csv", PATIENTS, None) == ({}, [])
        assert read(tmp_path, HEAD) == ({}, [])

    def test_every_cell_arrives(self, tmp_path: Path) -> None:
        """A line becomes one observation, in reepi's unit, with what was written beside it."""
        assert one(tmp_path, "P1,heart_rate,2024-03-03,124,bpm") == Observation(
            "P1", "heart_rate", date(2024, 3, 3), "124 bpm", 124.0, "1/min"
        )
        assert one(tmp_path, "P2,death,2024-04-02,,") == Observation("P2", "death", date(2024, 4, 2))

    @pytest.mark.parametrize(
        ("item", "value", "unit", "expected"),
        [
            ("urea", "8", "mmol/L", 8.0),
            ("urea", "8", "MMOL / l", 8.0),
            # 28 mg of nitrogen are 2 mmol of its atoms, and urea has two of them.
            ("urea", "28", "mg/dL", 28 / 28.014 * 10),
            ("urea", "60", "mg/dL urea", 60 / 60.056 * 10),
            ("urea", "0.6", "g/L", 0.6 / 60.056 * 1000),
            ("glucose", "252", "mg/dL", 252 / 180.156 * 10),
            ("glucose", "1", "g/L", 1000 / 180.156),
            ("bicarbonate", "19", "", 19.0),
            ("bicarbonate", "19", "mEq/L", 19.0),
            ("heart_rate", "120", "", 120.0),
            ("initial_open_bsa", "12", "%", 12.0),
            ("chimerism", "0", "%", 0.0),
        ],
    )
    def test_units(self, tmp_path: Path, item: str, value: str, unit: str, expected: float) -> None:
        """Units are converted by molar masses; only where two look alike must one be named."""
        observation = one(tmp_path, f"P1,{item},2024-03-03,{value},{unit}")
        assert observation.number == pytest.approx(expected, rel=1e-3)
        assert observation.unit == ITEMS[item].unit

    @pytest.mark.parametrize(
        ("item", "limit", "below", "above"),
        [
            ("urea", "28,mg/dL", "27.9,mg/dL", "28.1,mg/dL"),
            ("urea", "10,mmol/L", "9.9,mmol/L", "10.1,mmol/L"),
            ("glucose", "252,mg/dL", "251,mg/dL", "253,mg/dL"),
            ("glucose", "2.52,g/L", "2.51,g/L", "2.53,g/L"),
            ("glucose", "14,mmol/L", "13.9,mmol/L", "14.1,mmol/L"),
        ],
    )
    def test_a_limit_of_scorten_in_any_unit_is_on_the_limit(
        self, tmp_path: Path, item: str, limit: str, below: str, above: str
    ) -> None:
        """28 mg/dL of urea nitrogen and 252 mg/dL of glucose give a point by "reached" and none by "above"."""
        on_it, less, more = (one(tmp_path, f"P1,{item},2024-03-03,{each}").number for each in (limit, below, above))
        for number, by_above, by_reached in ((less, 0, 0), (on_it, 0, 1), (more, 1, 1)):
            assert (point(item, number, "above"), point(item, number, "reached")) == (by_above, by_reached)

    def test_spreadsheet_dialect(self, tmp_path: Path) -> None:
        """Semicolons, decimal commas, a byte-order mark, capitals and further columns mean the same."""
        plain = read(tmp_path, HEAD + "P1,urea,2024-03-03,7.5,mmol/L\nP1,sepsis,,no,\n")
        excel = "\ufeffPatient_ID;Item;Date;Value;Unit;Note\r\nP1;Urea;2024-03-03;7,5;mmol/L;x\r\nP1;SEPSIS;;No;;\r\n"
        records, faults = read(tmp_path, excel)
        assert faults == []
        assert records["P1"].number("urea") == plain[0]["P1"].number("urea") == 7.5
        assert records["P1"].answer("sepsis") == "no"

    def test_a_laboratory_value_beyond_measuring(self, tmp_path: Path) -> None:
        """It is kept as it was written, and has no number."""
        observation = one(tmp_path, "P1,laboratory_il_2,2024-03-03,< 0.5,pg/mL")
        assert (observation.text, observation.number, observation.unit) == ("<0.5", None, "pg/mL")

    @pytest.mark.parametrize(
        "rows",
        [
            ("discharge,2024-03-20,", "death,2024-04-20,"),
            ("discharge,2024-03-20,", "death,2024-03-20,"),
            ("left_study,2024-03-08,", "death,2024-03-12,"),
            ("laboratory_il_2,2024-03-20,3", "death,2024-03-19,"),
            ("sepsis,2024-03-20,no", "mucosa_mouth,2024-03-20,not_involved", "death,2024-03-19,"),
            ("last_contact,2024-03-20,", "death,2024-03-19,"),
            ("mucosa_mouth,2024-03-04,not_involved", "mucosa_mouth,2024-03-06,involved"),
            ("mucosa_mouth,2024-03-04,healed",),
            (
                *("mucosa_mouth,2024-03-04,involved", "mucosa_mouth,2024-03-09,healed"),
                *("mucosa_mouth,2024-03-12,involved", "mucosa_mouth,2024-03-20,healed"),
            ),
            ("malignancy,2019-05-01,yes",),
            ("admission,2024-02-20,",),
            ("admission,2024-03-03,", "admission,2024-03-09,"),
            ("adverse_event,2024-03-04,rash", "adverse_event,2024-03-09,no"),
            ("sepsis,2024-03-04,no", "sepsis,2024-03-09,yes"),
            ("urea,2024-03-03,9,mmol/L", "urea,2024-03-03,11,mmol/L"),
            ("heart_rate,,180",),
            ("heart_rate,2024-03-03,180", "heart_rate,2024-03-03,180"),
            ("sequela,2026-03-03,corneal scar",),
        ],
    )
    def test_what_is_merely_unusual_passes(self, tmp_path: Path, rows: tuple[str, ...]) -> None:
        """Wards are like that: nothing of it is against reason."""
        assert read(tmp_path, HEAD + "".join(f"P1,{row}\n" for row in rows))[1] == []


class TestFaults:
    @pytest.mark.parametrize(
        ("row", "problem", "remedy"),
        [
            ("P1,hart_rate,,80,", "item 'hart_rate' is not known", "Did you mean heart_rate?"),
            ("P1,laboratory_IL 2,,80,", "item 'laboratory_il 2' is not known", "small letters, digits and _"),
            ("P1,laboratory_,,80,", "item 'laboratory_' is not known", "small letters, digits and _"),
            ("P9,sepsis,,no,", "patient 'P9' is not in patients.csv", "P1"),
            (",sepsis,,no,", "patient_id is empty", "Fill it in"),
            ("P1,,,no,", "item is empty", "Fill it in"),
            ("P1,urea,2024-03-03,9,", "unit of urea is empty", "mg/dL (of blood urea nitrogen)"),
            ("P1,glucose,2024-03-03,9,", "unit of glucose is empty", "mmol/L, mg/dL or g/L"),
            ("P1,urea,2024-03-03,9,mol", "unit 'mol' of urea is not known", "mmol/L"),
            ("P1,heart_rate,2024-03-03,90,kg", "unit 'kg' of heart_rate is not known", "1/min"),
            ("P1,glucose,2024-03-03,110,mmol/L", "lies between 1 and 66", "It looks like mg/dL"),
            ("P1,glucose,2024-03-03,7,mg/dL", "which is 0.3889 mmol/L", "It looks like mmol/L"),
            ("P1,urea,2024-03-03,140,mmol/L", "lies between 0.5 and 100", "It looks like mg/dL"),
            ("P1,heart_rate,2024-03-03,1240,", "lies between 20 and 300", "Check the value"),
            ("P1,bicarbonate,2024-03-03,200,mmol/L", "lies between 1 and 60", "Check the value"),
            ("P1,initial_open_bsa,2024-03-03,101,%", "lies between 0 and 100", "Check the value"),
            ("P1,chimerism,2024-03-03,-1,%", "lies between 0 and 100", "Check the value"),
            ("P1,heart_rate,2024-03-03,fast,", "value 'fast' cannot be read", "Write a number"),
            ("P1,heart_rate,2024-03-03,nan,", "value 'nan' cannot be read", "Write a number"),
            (
                'P1,laboratory_crp,2024-03-03,"1,234",mg/L',
                "value '1,234' may have a comma between thousands",
                "a point",
            ),
            ('P1,laboratory_crp,2024-03-03,"1,234,567",mg/L', "may have a comma between thousands", "without it"),
            ("P1,laboratory_crp,2024-03-03,1_000,mg/L", "value '1_000' cannot be read", "Write a number"),
            ("P1,heart_rate,2024-03-03,,", "value is empty", "remove the line"),
            ("P1,laboratory_il_2,2024-03-03,high,", "value 'high' cannot be read", "Write a number"),
            ("P1,malignancy,,maybe,", "malignancy is 'maybe'", "Write yes or no"),
            ("P1,sepsis,,yes,", "sepsis has no date", "on which it began"),
            ("P1,adverse_event,,rash,", "adverse_event has no date", "on which it began"),
            ("P1,death,,,", "death has no date", "Give the day."),
            ("P1,discharge,,no,", "discharge has no date", "up to which this is known"),
            ("P1,death,2024-03-09,cardiac,", "death has the value 'cardiac'", "Leave the value empty"),
            ("P1,mucosa_mouth,2024-03-09,heald,", "mucosa_mouth is 'heald'", "Did you mean healed?"),
            ("P1,mucosa_mouth,,involved,", "mucosa_mouth has no date", "on which it was seen"),
            ("P1,sepsis,9.3.2024,yes,", "date '9.3.2024' cannot be read", "YYYY-MM-DD"),
            ("P1,admission,2023-02-20,,", "more than a year before the first symptoms", "Check the year"),
            ("P1,admission,2204-03-02,,", "more than twenty years after the first symptoms", "Check the year"),
        ],
    )
    def test_a_line(self, tmp_path: Path, row: str, problem: str, remedy: str) -> None:
        """Each fault names its line and what to do."""
        _, (fault,) = read(tmp_path, HEAD + row + "\n")
        assert (fault.where, fault.line) == ("clinical.csv", 2)
        assert problem in fault.problem
        assert remedy in fault.remedy

    @pytest.mark.parametrize("item", ["adverse_event", "sequela"])
    @pytest.mark.parametrize(
        "word",
        ["none", "None.", "NIL", "nothing", "-", "--", "'-", "n/a", "N.A.", "na", "unknown", "not known", "0", "?"],
    )
    def test_a_word_for_nothing_is_no_event(self, tmp_path: Path, item: str, word: str) -> None:
        """No event is called so; a line that means no must say no, and one that knows nothing is not needed."""
        _, (fault,) = read(tmp_path, HEAD + f"P1,{item},2024-03-15,{word},\n")
        assert (fault.line, fault.problem.startswith(f"{item} is ")) == (2, True)
        assert fault.remedy == "Write no; what is not known needs no line."

    @pytest.mark.parametrize("word", ["No", "nonetheless fell", "nausea", "(rash)", "unknown rash"])
    def test_other_words_are_terms(self, tmp_path: Path, word: str) -> None:
        """Only a whole cell that says nothing is refused."""
        assert read(tmp_path, HEAD + f"P1,adverse_event,2024-03-15,{word},\n")[1] == []

    @pytest.mark.parametrize(
        ("rows", "line", "problem"),
        [
            (("death,2024-03-09,", "death,2024-03-10,"), 3, "and line 2 tells one on 2024-03-09"),
            (("death,2024-03-09,", "discharge,2024-03-10,"), 2, "line 3 tells of life after it"),
            (("death,2024-03-09,", "sepsis,2024-03-10,yes", "mucosa_eyes,2024-03-11,healed"), 2, "lines 3, 4 tell"),
            (("death,2024-03-09,", "death,2024-03-12,no"), 2, "line 3 tells of life after it"),
            (("admission,2024-03-09,", "discharge,2024-03-08,"), 3, "before the admission on 2024-03-09 (line 2)"),
            (("mucosa_nose,2024-03-09,involved", "mucosa_nose,2024-03-08,healed"), 3, "before it was involved"),
            (("mucosa_nose,2024-03-09,involved", "mucosa_nose,2024-03-09,healed"), 3, "both healed and involved"),
            (("mucosa_nose,2024-03-09,involved", "mucosa_nose,2024-03-12,not_involved"), 3, "is not_involved, and"),
            (("mucosa_nose,2024-03-09,involved", "mucosa_nose,,not_involved"), 3, "is not_involved, and"),
            (("sepsis,,no", "sepsis,2024-03-09,yes"), 2, "sepsis is no, and line 3 tells one"),
            (("adverse_event,2024-03-09,rash", "adverse_event,,no"), 3, "adverse_event is no, and line 2 tells one"),
            (("malignancy,,yes", "malignancy,,no"), 3, "malignancy is no, and line 2 tells one"),
            (("adverse_event,2024-03-09,rash", "adverse_event,2024-03-09,rash"), 3, "stands in line 2 already"),
        ],
    )
    def test_lines_against_each_other(self, tmp_path: Path, rows: tuple[str, ...], line: int, problem: str) -> None:
        """What cannot both be so is told once, where it can be mended."""
        _, (fault,) = read(tmp_path, HEAD + "".join(f"P1,{row}\n" for row in rows))
        assert fault.line == line
        assert problem in fault.problem

    def test_other_patients_contradict_nobody(self, tmp_path: Path) -> None:
        """What is told of one patient says nothing of another; one without an index date has no wrong year."""
        text = HEAD + "P1,death,2024-03-09,,\nP2,discharge,2024-03-10,,\nP2,admission,1999-03-10,,\n"
        assert read(tmp_path, text)[1] == []

    def test_they_join_those_of_the_study(self, study_folder: Callable[..., Path]) -> None:
        """All faults of a study folder are told at once, a wrong patient's line not twice."""
        folder = study_folder(
            patients="patient_id,sex,age_years,height_cm,weight_kg,index_date,day_zero_date\nP1,X,40,1,62,,\n"
        )
        (folder / "clinical.csv").write_text(HEAD + "P1,hart_rate,,80,\n")
        (folder / "historical.csv").write_text("stay_days,died\nx,maybe\n")
        with pytest.raises(InputError) as error:
            read_study(folder)
        places = [(fault.where, fault.line) for fault in error.value.faults if fault.where != "photos.csv"]
        assert places == [
            *(("patients.csv", 2), ("patients.csv", 2), ("clinical.csv", 2)),
            *(("historical.csv", 2), ("historical.csv", 2)),
        ]

    def test_a_wide_table_is_told(self, tmp_path: Path) -> None:
        """A table with a column for each item is not taken for one without lines."""
        _, faults = read(tmp_path, "patient_id,sepsis,urea\nP1,no,8\n")
        assert [fault.problem for fault in faults] == [
            f"the column {name} is missing" for name in ("item", "date", "value")
        ]


class TestStudy:
    def test_records_and_cohort_belong_to_the_study(self, study_folder: Callable[..., Path]) -> None:
        """Whoever has a study has what its ward knows; of a patient without lines nothing."""
        folder = study_folder()
        (folder / "clinical.csv").write_text(HEAD + "P1,admission,2024-03-03,,\n")
        (folder / "historical.csv").write_text("stay_days,died\n31,no\n")
        study = read_study(folder)
        assert study.record("P1").admission == date(2024, 3, 3)
        assert study.record("P2") == ClinicalRecord()
        assert study.historical == (HistoricalPatient(31, False),)


class TestHistorical:
    def read(self, folder: Path, text: str) -> tuple[tuple[HistoricalPatient, ...], list[Fault]]:
        path = folder / "historical.csv"
        path.write_text(text)
        return read_historical(path)

    def test_everything_is_read(self, tmp_path: Path) -> None:
        """Order of columns, further columns and empty cells do no harm; a study without the table is right."""
        assert read_historical(tmp_path / "historical.csv") == ((), [])
        text = "scorten;died;stay_days;centre;max_open_bsa;onset_to_admission_days\n3;Yes;12,5;Lyon;40;-2\n;no;31;;;\n"
        assert self.read(tmp_path, text) == (
            (HistoricalPatient(12.5, True, 40, -2, 3), HistoricalPatient(31, False)),
            [],
        )

    @pytest.mark.parametrize(
        ("row", "problem"),
        [
            (",no,,,", "stay_days is empty"),
            ("-1,no,,,", "stay_days is -1"),
            ("5,,,,", "died is empty"),
            ("5,alive,,,", "died is 'alive'"),
            ("5,no,101,,", "max_open_bsa is 101"),
            ("5,no,,soon,", "onset_to_admission_days 'soon' cannot be read"),
            ("5,no,,,8", "scorten is 8"),
            ("5,no,,,2.5", "scorten is 2.5"),
        ],
    )
    def test_a_fault(self, tmp_path: Path, row: str, problem: str) -> None:
        """Each names its line and what to do."""
        patients, (fault,) = self.read(
            tmp_path, f"stay_days,died,max_open_bsa,onset_to_admission_days,scorten\n{row}\n"
        )
        assert patients == ()
        assert (fault.problem, fault.line) == (problem, 2)


def test_every_item_says_what_it_is() -> None:
    """The list is closed and complete: items of the trial, each with words; measured ones with units and a range."""
    for name, item in ITEMS.items():
        assert (name, bool(item.meaning)) == (item.name, True)
        assert (item.kind == "measured") == bool(item.units)
        assert item.kind != "measured" or (item.low < item.high and item.factor(item.unit) == 1)
    assert {f"mucosa_{site}" for site in MUCOSAE} <= set(ITEMS)
    assert item_of("laboratory_ifn_gamma") is not None
    assert item_of("laboratory_") is None


days = st.dates(date(2024, 3, 2), date(2025, 3, 2))
numbers = st.floats(1, 60).map(lambda number: round(number, 3))
words = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12).filter(
    lambda word: word.lower() != "no" and not is_no_term(word)
)


def measured(name: str) -> st.SearchStrategy[Observation]:
    item = ITEMS[name]
    inside = st.floats(item.low, min(item.high, 200)).map(lambda number: f"{number:.3f}")

    def build(day: date, value: str, unit: str) -> Observation:
        return Observation("P1", name, day, f"{value} {unit}", float(value) * item.units[unit], item.unit)

    # Only values that are possible in their unit; the first unit is reepi's own.
    return st.builds(build, days, inside, st.sampled_from(sorted(item.units))).filter(
        lambda each: item.is_possible(each.number or 0.0)
    )


observations = st.one_of(
    *(measured(name) for name, item in ITEMS.items() if item.kind == "measured"),
    *(
        st.builds(Observation, st.just("P1"), st.just(name), days, st.just(text))
        for name, item in ITEMS.items()
        for text in {"date": ("",), "answer": ("yes", "no"), "mucosa": MUCOSA_STATES}.get(item.kind, ())
    ),
    st.builds(Observation, st.just("P1"), st.sampled_from(("sequela", "adverse_event")), days, words),
    st.builds(
        lambda day, number, unit: Observation("P1", "laboratory_il_2", day, str(number), number, unit),
        days,
        numbers,
        words,
    ),
)


@settings(max_examples=120)
@given(observation=observations)
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, observation: Observation) -> None:
    """A record written as a table and read gives the same record, whatever its terms and units hold."""
    path = tmp_path_factory.getbasetemp() / "clinical.csv"
    path.write_text(clinical_text([observation]), encoding="utf-8")
    records, faults = read_clinical(path, PATIENTS, None)
    assert faults == []
    assert records == {"P1": ClinicalRecord((observation,))}


@settings(max_examples=30)
@given(number=numbers, day=days)
def test_a_number_without_its_text_is_written(
    tmp_path_factory: pytest.TempPathFactory, number: float, day: date
) -> None:
    """Whoever makes observations need not say how they were written."""
    path = tmp_path_factory.getbasetemp() / "numbers.csv"
    made = [
        Observation("P1", "urea", day, number=number, unit="mmol/L"),
        Observation("P1", "laboratory_il_2", day + timedelta(1), number=number, unit="pg/mL"),
    ]
    path.write_text(clinical_text(made), encoding="utf-8")
    records, faults = read_clinical(path, PATIENTS, None)
    assert faults == []
    assert [(each.date, each.number, each.unit) for each in records["P1"].observations] == [
        (each.date, each.number, each.unit) for each in made
    ]
