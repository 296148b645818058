"""Tables and names that are handed on: intervals hold, names do not."""

from dataclasses import fields
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.core.errors import InputError
from reepi.core.study import Protocol
from reepi.privacy.clinical_tables import clean_clinical, clean_historical
from reepi.privacy.link_table import Link, joined, links_text, read_links, write_private
from reepi.privacy.pseudonyms import KEY_BYTES, Pseudonyms, key_text, new_key, read_key
from reepi.privacy.settings import clean_settings
from reepi.privacy.tables import clean_table, moved, name_identifies
from reepi.store.tables import Line

NAMES = Pseudonyms(bytes(range(KEY_BYTES)))

moments = st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1))


@settings(max_examples=40)
@given(moments, moments, st.text(min_size=1), st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES))
def test_intervals_of_a_patient_are_kept(first: datetime, second: datetime, patient: str, key: bytes) -> None:
    """Whatever lies between two moments lies between them afterwards, to the second."""
    shift = Pseudonyms(key).shift(patient)
    cells = [moved(moment.isoformat(), shift) for moment in (first, second)]
    assert datetime.fromisoformat(cells[1]) - datetime.fromisoformat(cells[0]) == second - first
    assert datetime.fromisoformat(cells[0]) < first - timedelta(days=365)


@pytest.mark.parametrize("written", ["2024-03-05", "20240305", "2024-W10-2"])
def test_every_way_to_write_a_date_is_moved(written: str) -> None:
    """What the study's reader takes for a date never passes as it is."""
    assert moved(written, timedelta(days=-5)) == "2024-02-29"
    assert moved("", timedelta(1)) == ""


@pytest.mark.parametrize("offset", ["+01:00", "+02:00", "-0500", "Z", ""])
def test_no_offset_tells_when_clocks_were_changed(offset: str) -> None:
    """The clock of the place stays: a photograph of the morning is one of the morning."""
    assert moved(f"2024-03-05T09:30{offset}", timedelta(days=-5)) == "2024-02-29T09:30:00"


@settings(max_examples=40)
@given(st.text(min_size=1), st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES))
def test_the_same_key_says_the_same(name: str, key: bytes) -> None:
    """Names and shifts follow from the key alone; another key says otherwise; the old name is not in the new one."""
    one, again, other = Pseudonyms(key), Pseudonyms(key), Pseudonyms(bytes(byte ^ 1 for byte in key))
    assert one.patient(name) == again.patient(name) != other.patient(name)
    assert one.photograph(name) == again.photograph(name) != other.photograph(name)
    assert one.shift(name) == again.shift(name)
    assert one.uid_key == again.uid_key not in (key, other.uid_key)


def lines(*rows: dict[str, str]) -> list[Line]:
    return [Line("t.csv", number, row) for number, row in enumerate(rows, 2)]


def test_decimal_commas_become_points() -> None:
    """A copy is separated by commas, where 1,234 could be a thousand; words keep their commas."""
    copy = clean_table(
        lines({"patient_id": "P1", "mm_per_px": "1,234", "view": "trunk, left"}),
        ("patient_id", "mm_per_px", "view"),
        {},
        lambda _: timedelta(),
    )
    assert copy.text == 'patient_id,mm_per_px,view\nP1,1.234,"trunk, left"\n'


def test_columns_that_nobody_knows_stay_behind() -> None:
    """Only known columns pass, ages over 90 are 90, and dates and names are new."""
    table = clean_table(
        lines({"patient_id": "P1", "age_years": "93", "index_date": "2024-03-05", "surname": "Mueller"}),
        ("patient_id", "age_years", "index_date"),
        {"patient_id": NAMES.patient},
        NAMES.shift,
    )
    day = date(2024, 3, 5) + NAMES.shift("P1")
    assert table.text == f"patient_id,age_years,index_date\n{NAMES.patient('P1')},90,{day.isoformat()}\n"
    assert (table.dropped, table.capped) == (("surname",), 1)


CLINICAL_HEAD = ("patient_id", "item", "date", "value", "unit")


def clinical(*rows: str) -> list[Line]:
    return lines(*(dict(zip(CLINICAL_HEAD, row.split(","), strict=True)) for row in rows))


def test_known_items_pass_with_moved_dates() -> None:
    """Numbers and closed words stay as they are, dates move, names are new."""
    clean = clean_clinical(clinical("P1,urea,2024-03-05,28.5,mg/dL", "P1,sepsis,,no,"), NAMES)
    day = date(2024, 3, 5) + NAMES.shift("P1")
    new = NAMES.patient("P1")
    assert clean.table.text == f"{','.join(CLINICAL_HEAD)}\n{new},urea,{day},28.5,mg/dL\n{new},sepsis,,no,\n"
    assert (clean.terms, clean.lines, clean.units, clean.laboratory) == (0, 0, 0, ())


def test_free_text_stays_behind_and_its_event_does_not() -> None:
    """A term in free text becomes a number, so that two events of a day stay two; asked for, it passes."""
    rows = clinical(
        *("P1,adverse_event,2024-03-05,fall seen by Dr Ada,", "P1,adverse_event,2024-03-05,rash,"),
        *("P1,sequela,2024-06-05,corneal scar,", "P2,sequela,,no,", "P2,adverse_event,2024-03-05,Severe,"),
    )
    clean = clean_clinical(rows, NAMES)
    values = [line.split(",")[3] for line in clean.table.text.splitlines()[1:]]
    assert values == ["withheld 1", "withheld 2", "withheld 1", "no", "Severe"]
    assert clean.terms == 3
    assert "fall seen by Dr Ada" in clean_clinical(rows, NAMES, ("value",)).table.text


@pytest.mark.parametrize(
    ("row", "passes"),
    [
        ("P1,laboratory_ifn_gamma,2024-03-05,12.3456789,pg/mL", True),
        ("P1,laboratory_platelets,2024-03-05,250,10^9/L", True),
        ("P1,laboratory_il_2,2024-03-05,<0.5,µg/L", True),
        ("P1,laboratory_case_number,2024-03-05,12,", False),
        ("P1,laboratory_x,2024-03-05,00471234,", False),
        ("P1,laboratory_x00471234,2024-03-05,3,", False),
    ],
)
def test_laboratory_values_pass_that_name_nobody(row: str, passes: bool) -> None:
    """A value under the name, or with the number, of a person stays behind; the others are listed to be looked at."""
    clean = clean_clinical(clinical(row), NAMES)
    assert (clean.lines, len(clean.laboratory)) == ((0, 1) if passes else (1, 0))
    assert (row.split(",", 3)[3] in clean.table.text) == passes


def test_a_unit_that_is_none_stays_behind() -> None:
    """In the place of a unit somebody may have written a name; lines that become the same are one."""
    rows = clinical(
        "P1,laboratory_x,2024-03-05,3,Dr Ada", "P1,laboratory_x,2024-03-05,3,Mueller", "P1,sepsis,,no,ward 7"
    )
    clean = clean_clinical(rows, NAMES)
    assert [line.split(",")[4] for line in clean.table.text.splitlines()[1:]] == ["", ""]
    assert clean.units == 2


def test_the_historical_cohort_passes_by_the_columns_that_are_known() -> None:
    """Other columns stay behind, and so does the order in which the patients came."""
    rows = lines(
        {"stay_days": "31", "died": "no", "scorten": "2", "mrn": "12", "admitted": "2011-03-05"},
        {"stay_days": "12", "died": "yes", "scorten": "5", "mrn": "11", "admitted": "2010-03-05"},
    )
    table = clean_historical(rows)
    assert table.text == "stay_days,died,scorten\n12,yes,5\n31,no,2\n"
    assert table.dropped == ("mrn", "admitted")


def test_settings_of_the_clinical_endpoints_pass(tmp_path: Path) -> None:
    """Every key of the protocol decides a number, so none stays behind."""
    keys = [field.name for field in fields(Protocol)]
    (tmp_path / "study.toml").write_text("[protocol]\n" + "".join(f"{key} = 1\n" for key in keys))
    text, left_out = clean_settings(tmp_path, "")
    assert left_out == ()
    assert all(f"{key} = 1\n" in text for key in ("scorten_mortality", "abcd10", *keys))


def test_a_name_is_told_by_its_parts() -> None:
    """Nothing is a name because it holds the letters of one."""
    assert not name_identifies("renamed_area")
    assert name_identifies("last_name")


def test_the_key_comes_back_from_its_file(tmp_path: Path) -> None:
    """A key is read as it was written, none is read where there is none, and what is none is refused."""
    key, path = new_key(), tmp_path / "key"
    assert read_key(path) is None
    write_private(path, key_text(key))
    assert read_key(path) == key
    assert path.stat().st_mode & 0o077 == 0
    path.write_text("secret")
    with pytest.raises(InputError, match="no key"):
        read_key(path)


def test_a_link_table_grows_and_does_not_contradict_itself(tmp_path: Path) -> None:
    """Lines of earlier runs stay; another key's are refused; what is no link table is never overwritten."""
    path = tmp_path / "link.csv"
    one, two = Link("patient", "=P1", "p-a", "=P1", "-500"), Link("patient", "P2", "p-b", "P2", "-600")
    write_private(path, links_text([one]))
    assert read_links(path) == [one]
    assert joined(path, read_links(path), [one, two]) == [one, two]
    with pytest.raises(InputError, match="another key"):
        joined(path, [one], [Link("patient", "=P1", "p-c", "=P1", "-500")])
    path.write_text("my,diary\n")
    with pytest.raises(InputError, match="no link table"):
        read_links(path)
