"""What a study folder says in vain is told, and does not make it wrong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reepi.core.errors import InputError
from reepi.core.reading import NewReading
from reepi.store.readings import ReadingStore
from reepi.store.shipped import sample_study
from reepi.store.study import read_study
from reepi.store.study_remarks import study_remarks

Write = Callable[..., Path]

SETTINGS = '[study]\nname = "x"\nday_zero = "infusion"\n[protocol]\nalmost_complete_percent = 90\n'
PATIENTS = """\
patient_id,sex,age_years,height_cm,weight_kg,index_date,day_zero_date
P1,F,40,165,62,2024-03-01,2024-03-05
"""
PHOTOS = "file,patient_id,taken_at,view\na.png,P1,2024-03-05,whole_anterior\n"


def remarks(folder: Path) -> list[str]:
    return study_remarks(folder, read_study(folder))


def test_nothing_is_told_of_what_is_known(study_folder: Write) -> None:
    """A study whose every word counts is not remarked on; the sample study is one."""
    assert remarks(study_folder()) == []
    assert remarks(sample_study()) == []


def test_what_is_left_out_is_told_in_one_remark(study_folder: Write) -> None:
    """Sections, keys, keys in no section and columns; what is nearly a column is suggested."""
    folder = study_folder(
        settings='sponsor = "x"\n' + SETTINGS + "colour = 1\n[lesen]\nreaders = 2\n",
        patients=PATIENTS.replace("\n", ",\n").replace("day_zero_date,", "day_zero_date,comments"),
        photos=PHOTOS.replace("\n", ",,\n").replace("view,,", "view,mm_per_pixel,"),
    )
    (remark,) = remarks(folder)
    assert remark == (
        "Not known, and left out: sponsor, colour in [protocol], [lesen] in study.toml; comments in patients.csv; "
        "mm_per_pixel (is mm_per_px meant?) in photos.csv."
    )


def test_a_study_without_the_threshold_of_its_responders_is_told(study_folder: Write) -> None:
    """With a day zero only: without one there is no day 7 either."""
    settings = SETTINGS.replace("almost_complete_percent = 90\n", "")
    (remark,) = remarks(study_folder(settings=settings, patients=PATIENTS, photos=PHOTOS))
    assert "responder is not computed" in remark
    assert "almost_complete_percent" in remark
    without = study_folder(settings=settings, patients=PATIENTS.replace(",2024-03-05", ","), photos=PHOTOS)
    assert remarks(without) == []


def test_children_measured_by_the_template_alone_are_told(study_folder: Write) -> None:
    """Their heads are too small on it; by the chart's shares they are not. Adults are not named."""
    child = PATIENTS.replace(",40,165,62,", ",8,128,26,") + "P2,M,30,180,80,,\n"
    (remark,) = remarks(study_folder(settings=SETTINGS, patients=child, photos=PHOTOS))
    assert remark.startswith("P1: ")
    assert 'body_surface = "lund-browder"' in remark
    by_chart = SETTINGS + 'body_surface = "lund-browder"\n'
    assert remarks(study_folder(settings=by_chart, patients=child, photos=PHOTOS)) == []


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("[protocol]\nalmost_complete = 90", "almost_complete_percent"),
        ("[protocol]\nwindow = 1", "window_days"),
        ('[protocol]\nnon_responder = "x"', "missing_responder"),
        ('[capture]\ncrad = "required"', "card"),
        ("[captures]\nface = 1", "[capture]"),
    ],
)
def test_a_word_that_may_stand_for_a_known_one_is_a_fault(study_folder: Write, given: str, meant: str) -> None:
    """No endpoint is left out, and no photograph let pass, because of a typing error."""
    settings = f'[study]\nname = "x"\nday_zero = "infusion"\n{given}\n'
    folder = study_folder(settings=settings, patients=PATIENTS, photos=PHOTOS)
    with pytest.raises(InputError) as error:
        read_study(folder)
    (fault,) = error.value.faults
    assert fault.remedy == f"Did you mean {meant}?"


def test_a_word_somewhat_like_one_that_is_given_as_well_is_no_fault(study_folder: Write) -> None:
    """Whoever wrote a key rightly did not misspell it on the next line."""
    settings = SETTINGS + "complete_percent = 95\ncomplete_note = 1\n[study_team]\nlead = 1\n"
    (remark,) = remarks(study_folder(settings=settings, patients=PATIENTS, photos=PHOTOS))
    assert remark == "Not known, and left out: complete_note in [protocol], [study_team] in study.toml."


@pytest.mark.parametrize("elsewhere", [False, True], ids=["in the study", "in a data base"])
def test_photographs_with_too_few_readings_are_counted(study_folder: Write, tmp_path: Path, elsewhere: bool) -> None:
    """Two are wanted: one has both, one lacks the second, one was never read. Of an unread study nothing is told."""
    photos = PHOTOS + "b.png,P1,2024-03-05,trunk_anterior\nc.png,P1,2024-03-05,head_anterior\n"
    folder = study_folder(settings=SETTINGS + "[reading]\nreaders = 2\n", patients=PATIENTS, photos=photos)
    database = f"sqlite:///{tmp_path / 'readings.sqlite'}" if elsewhere else None
    assert study_remarks(folder, read_study(folder), database) == []
    for name, readers in (("a.png", ("Ada", "Ben")), ("b.png", ("Ada", "Ada"))):
        Image.new("RGB", (64, 64)).save(folder / name)
        for reader in readers:
            ReadingStore(folder, database).save(NewReading(name, reader, "accepted"), np.ones((64, 64), np.uint8))
    told = ["2 of 3 photographs have fewer than 2 readings, which study.toml wants."]
    assert study_remarks(folder, read_study(folder), database) == told


def test_visits_that_pass_the_check_and_answer_nothing_are_told(study_folder: Write) -> None:
    """A day late is accepted at the bedside by default, and by the endpoints only where the protocol says so."""
    planned = SETTINGS.replace("[protocol]", "visit_days = [0, 5]\n[protocol]")
    late = PHOTOS + "b.png,P1,2024-03-11,whole_anterior\n"
    (remark,) = remarks(study_folder(settings=planned, patients=PATIENTS, photos=late))
    assert remark == (
        "Planned days without a visit that counts: P1 day 5. There is one within 1 day, which the check of photographs "
        "accepts (visit_window_days in [capture]), but endpoints take that very day alone (window_days in [protocol] "
        "of study.toml)."
    )
    for settings in (planned + "window_days = 1\n", planned + "[capture]\nvisit_window_days = 0\n"):
        assert remarks(study_folder(settings=settings, patients=PATIENTS, photos=late)) == []
    in_time = PHOTOS + "b.png,P1,2024-03-10,whole_anterior\n" + "c.png,P1,2024-03-11,whole_anterior\n"
    assert remarks(study_folder(settings=planned, patients=PATIENTS, photos=in_time)) == []


def test_many_visits_are_not_all_named(study_folder: Write) -> None:
    """Six are, and the number of the others."""
    days = [3 * number for number in range(9)]
    planned = SETTINGS.replace("[protocol]", f"visit_days = {days}\n[protocol]")
    photos = "file,patient_id,taken_at,view\n" + "".join(
        f"{day}.png,P1,2024-03-{6 + day:02d},whole_anterior\n" for day in days
    )
    (remark,) = remarks(study_folder(settings=planned, patients=PATIENTS, photos=photos))
    assert "P1 day 15 and 3 more. There" in remark
