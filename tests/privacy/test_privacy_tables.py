"""Tables and names that are handed on: intervals hold, names do not."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.core.errors import InputError
from reepi.privacy.link_table import Link, joined, links_text, read_links, write_private
from reepi.privacy.pseudonyms import KEY_BYTES, Pseudonyms, key_text, new_key, read_key
from reepi.privacy.tables import clean_table, moved, tells_nothing
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
    assert moved("2024-03-05T09:30+01:00", timedelta(days=-5)) == "2024-02-29T09:30:00+01:00"
    assert moved("", timedelta(1)) == ""


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


def test_clinical_numbers_dates_and_plain_words_pass() -> None:
    """Of a table of any columns, free text and numbers of people stay behind; others may be asked for."""
    rows = lines(
        {
            **{"patient_id": "P1", "base_excess": "-4,5", "death_date": "2024-03-05", "sepsis": "Yes", "day": "3"},
            **{"note": "seen by Dr Ada", "mrn": "12", "case": "00471234", "birth_date": "1961-03-12"},
            **{"onset_date": "5 March 2024", "visited": "2024-03-06", "event": "corneal ulcer"},
        }
    )
    table = clean_table(rows, ("patient_id",), {"patient_id": NAMES.patient}, NAMES.shift, ("event",), others=True)
    header, cells = (line.split(",") for line in table.text.replace('"-4,5"', "-4.5").splitlines())
    assert header == ["patient_id", "base_excess", "death_date", "sepsis", "day", "visited", "event"]
    days = [(date(2024, 3, day) + NAMES.shift("P1")).isoformat() for day in (5, 6)]
    assert cells == [NAMES.patient("P1"), "-4.5", days[0], "Yes", "3", days[1], "corneal ulcer"]
    assert table.dropped == ("note", "mrn", "case", "birth_date", "onset_date")


def test_a_name_is_told_by_its_parts() -> None:
    """A column is no name because it holds the letters of one."""
    assert tells_nothing("renamed_area", ["3"])
    assert not tells_nothing("last_name", ["3"])


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
