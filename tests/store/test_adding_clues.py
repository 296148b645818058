"""What names of folders and files tell: the view, the day and the patient, in the habits of several languages."""

import re
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.views import VIEW_NAMES, mirrored_view
from reepi.store.adding.date_clues import date_clue
from reepi.store.adding.patient_clues import patient_clue, without_patients
from reepi.store.adding.view_clues import view_clue, view_suggestion
from reepi.store.adding.words import without_drawn, words_of

DAY_ZERO = date(2024, 3, 5)
PATIENTS = ("P01", "P02", "P10")


def test_words_are_told_whatever_parts_them() -> None:
    assert words_of("P01_BrasGauche (3)") == ["p", "01", "bras", "gauche", "3"]
    assert words_of("Fu\u0308ße-LINKS") == ["fusse", "links"]


@pytest.mark.parametrize("drawn", ["3F2504E0-d123-2024-0308-0305e82c3301", "9a0c20240308d3e82c3301"])
def test_what_a_program_drew_spells_nothing(drawn: str) -> None:
    """A UUID or a hash is passed over, unless somebody of the study is called so."""
    assert without_drawn(f"arm {drawn}_2").split() == ["arm", "_2"]
    assert without_drawn(f"arm {drawn}", [drawn.lower()]) == f"arm {drawn}"


@pytest.mark.parametrize("name", ["20240308101112123", "2024-03-08", "defaced", "P01_d05_trunk_anterior", "DSC00012"])
def test_what_people_and_cameras_write_stays(name: str) -> None:
    assert without_drawn(name) == name


class TestViews:
    @pytest.mark.parametrize("view", VIEW_NAMES)
    def test_every_view_is_told_by_its_own_name(self, view: str) -> None:
        """Alone, beside patient and day, and spread over folders."""
        assert view_clue([view]).only == view
        assert view_clue(["P01", f"P01_d05_{view}_2"]).only == view
        assert view_clue(["P01", *view.split("_")]).only == view

    @pytest.mark.parametrize(
        ("names", "view"),
        [
            (["Bras gauche", "face antérieure (2)"], "arm_left_anterior"),
            (["Tronc de face"], "trunk_anterior"),
            (["cuisse droite interne"], "leg_right_medial"),
            (["J3", "main D palmaire"], "hand_right_palmar"),
            (["dos"], "trunk_posterior"),
            (["dos de la main droite"], "hand_right_dorsal"),
            (["linker Arm", "vorne"], "arm_left_anterior"),
            (["Handruecken links"], "hand_left_dorsal"),
            (["Fußsohle re"], "foot_right_plantar"),
            (["Gesäß"], "buttocks_posterior"),
            (["pierna izquierda frente"], "leg_left_anterior"),
            (["braccio dx anteriore"], "arm_right_anterior"),
            (["mão esquerda palmar"], "hand_left_palmar"),
            (["linkerbeen achter"], "leg_left_posterior"),
            (["leftarm front"], "arm_left_anterior"),
            (["LUE ant"], "arm_left_anterior"),
            (["whole body", "back"], "whole_posterior"),
            (["back"], "trunk_posterior"),
            (["hand", "back left"], "hand_left_dorsal"),
            (["face"], "head_anterior"),
            (["trunk L"], "trunk_left"),
        ],
    )
    def test_words_of_several_languages(self, names: list[str], view: str) -> None:
        assert view_clue(names).only == view

    @pytest.mark.parametrize("name", ["IMG_0001", "main folder", "post infusion", "D7", "P1010007", "test a", ""])
    def test_nothing_is_told_by_what_is_no_view(self, name: str) -> None:
        """A counter, a folder called main, a time of treatment, a day, and words that only together spell one."""
        clue = view_clue([name])
        assert (clue.told, clue.only, clue.views) == (False, None, VIEW_NAMES)

    def test_what_is_left_open_stays_open(self) -> None:
        assert view_clue(["arm left"]).views == ("arm_left_anterior", "arm_left_posterior")
        assert view_clue(["left and right arm anterior"]).views == ("arm_left_anterior", "arm_right_anterior")

    def test_side_of_a_folder_counts_only_where_it_speaks_of_nothing_else(self) -> None:
        """Before and after treatment are no sides of the body."""
        assert view_clue(["post infusion", "arm left"]).only is None
        assert view_clue(["left", "arm front"]).only == "arm_left_anterior"

    def test_folder_and_file_that_contradict_each_other_are_doubted(self) -> None:
        clue = view_clue(["arm", "leg left anterior"])
        assert (clue.views, clue.only) == (("leg_left_anterior",), None)
        assert "different parts" in clue.doubt

    @pytest.mark.parametrize("code", ["R01", "R-07", "L01", "g1", "r0007"])
    def test_a_letter_with_a_number_is_no_side(self, code: str) -> None:
        """It calls somebody or something so; a letter that stands alone is one, also before a date."""
        assert view_clue([code, "leg_medial"]).only is None
        assert view_clue([f"{code}_arm_anterior"]).views == ("arm_left_anterior", "arm_right_anterior")
        assert view_clue(["hand_r_2024-03-08 palm"]).only == "hand_right_palmar"

    def test_view_that_does_not_exist_is_doubted(self) -> None:
        clue = view_clue(["hand left medial"])
        assert clue.only is None
        assert "no such view" in clue.doubt

    @given(st.sampled_from(VIEW_NAMES))
    def test_mirrored_names_tell_mirrored_views(self, view: str) -> None:
        swapped = view.replace("left", "#").replace("right", "left").replace("#", "right")
        assert view_clue([swapped]).only == mirrored_view(view)

    @given(st.lists(st.text(max_size=30), max_size=4))
    def test_any_name_is_answered(self, names: list[str]) -> None:
        clue = view_clue(names)
        assert clue.views
        assert set(clue.views) <= set(VIEW_NAMES)


class TestDates:
    @given(
        st.dates(date(2000, 1, 1), date(2080, 12, 31)),
        st.sampled_from(
            ["%Y-%m-%d", "%Y%m%d", "%Y_%m_%d", "%Y.%m.%d", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y", "IMG_%Y%m%d_101112"]
        ),
    )
    def test_a_date_is_told_however_it_is_written(self, day: date, style: str) -> None:
        clue = date_clue([day.strftime(style)], None)
        assert (clue.dates, clue.doubt) == ((day,), "")

    @given(st.integers(0, 120), st.sampled_from(["day{}", "d{:02}", "D+{}", "J{}", "Jour {}", "Tag_{}", "giorno {}"]))
    def test_a_day_of_the_study_is_counted_from_day_zero(self, day: int, style: str) -> None:
        assert date_clue([style.format(day), "IMG_0001"], DAY_ZERO).dates == (DAY_ZERO + timedelta(days=day),)

    def test_a_day_tells_nothing_without_day_zero(self) -> None:
        assert date_clue(["day3"], None).dates == ()

    def test_time_of_day_is_read_where_a_telephone_wrote_it(self) -> None:
        assert date_clue(["IMG_20240309_141503123"], None).at == time(14, 15, 3)
        assert date_clue(["2024-03-09 14.15.00"], None).at == time(14, 15)
        assert date_clue(["2024-03-09"], None).at is None

    @pytest.mark.parametrize("name", ["DSC00312", "P1010001", "IMG_4021", "100D5300", "20241399", "2024", "00-00-0000"])
    def test_counters_and_cameras_are_no_dates(self, name: str) -> None:
        assert date_clue([name], DAY_ZERO).dates == ()

    @pytest.mark.parametrize(
        "name", ["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "0d3-1", "Nikon D5", "Galaxy J7", "D3F2", "5d3", "8D3F2A1C"]
    )
    def test_a_letter_within_others_counts_no_days(self, name: str) -> None:
        """Nor one that calls a camera."""
        assert date_clue([name], DAY_ZERO).dates == ()
        assert date_clue([f"day2 {name}"], DAY_ZERO).dates == (DAY_ZERO + timedelta(days=2),)

    def test_day_and_month_that_may_be_swapped_are_both_told(self) -> None:
        assert set(date_clue(["03-04-2024"], None).dates) == {date(2024, 4, 3), date(2024, 3, 4)}
        assert date_clue(["25-03-2024"], None).dates == date_clue(["03-25-2024"], None).dates == (date(2024, 3, 25),)

    def test_a_second_name_settles_what_the_first_leaves_open(self) -> None:
        clue = date_clue(["03-08-2024", "day3"], DAY_ZERO)
        assert (clue.dates, clue.doubt) == ((date(2024, 3, 8),), "")

    def test_names_that_contradict_each_other_are_doubted(self) -> None:
        assert date_clue(["2024-03-09", "day3"], DAY_ZERO).contradicted

    @pytest.mark.parametrize(
        "name", ["2024-03-05 to 2024-03-12", "infusion_2024-03-05_photo_2024-03-12", "12.03.2024 born 05.03.2024"]
    )
    def test_two_days_in_one_name_are_doubted(self, name: str) -> None:
        """Nobody knows which is the photograph's; the camera's clock may propose either."""
        clue = date_clue([name, "IMG_1"], None)
        assert clue.contradicted
        assert set(clue.dates) == {date(2024, 3, 5), date(2024, 3, 12)}

    def test_a_day_that_is_told_twice_is_one(self) -> None:
        """As is one with a counter of three numbers behind it."""
        for name in ("2024-03-05 trunk 20240305_101112", "2024-03-05 trunk 01-02-03"):
            clue = date_clue([name], DAY_ZERO)
            assert (clue.dates, clue.doubt, clue.contradicted) == ((date(2024, 3, 5),), "", False)

    def test_minus_may_be_a_hyphen(self) -> None:
        assert date_clue(["J-2"], DAY_ZERO).doubt

    @pytest.mark.parametrize(
        "name",
        [
            *("IMG-20240309-WA0003", "WhatsApp Image 2024-03-09 at 14.05.00", "WhatsApp-Bild-2024-03-09-um-14.05.00"),
            *("signal-2024-03-09-14-05-00-123", "photo_2024-03-09_14-05-00", "threema-20240309-140500"),
            *("photo_2024-03-09_14-05-00 (2)", "viber_image_2024-03-09_14-05-00-123"),
        ],
    )
    def test_messengers_name_the_day_of_sending(self, name: str) -> None:
        """Another name or the camera's clock, which agrees, settles it."""
        clue = date_clue([name], None)
        assert (clue.dates, clue.doubt, clue.contradicted) == (
            (date(2024, 3, 9),),
            "the name tells when it was sent",
            False,
        )
        assert not date_clue(["day4", name], DAY_ZERO).doubt

    @pytest.mark.parametrize("name", ["P01_signal_photo", "photo_2024-03-09", "main 2024-03-09", "Photo-2024-03-09_2"])
    def test_what_people_write_is_no_messengers(self, name: str) -> None:
        assert date_clue([name], None).doubt == ""

    @pytest.mark.parametrize(
        "name",
        [
            *(
                "Screenshot 2024-03-09 at 14.05.00",
                "Screenshot_20240309-140500",
                "Bildschirmfoto 2024-03-09 um 14.05.00",
            ),
            *("Capture d’écran 2024-03-09 à 14.05.00", "ScreenShot2024-03-09"),
        ],
    )
    def test_a_picture_of_a_screen_has_no_day_of_its_own(self, name: str) -> None:
        """Its clock is the screen's too, so it settles nothing."""
        clue = date_clue([name], None)
        assert (clue.dates, clue.contradicted) == ((date(2024, 3, 9),), True)
        assert "screen" in clue.doubt

    @pytest.mark.parametrize(
        ("name", "others"),
        [
            ("PXL_20240309_013000123", [date(2024, 3, 8)]),
            ("PXL_20240309_233000123.MP", [date(2024, 3, 10)]),
            ("2024-03-09T11_30_00Z", [date(2024, 3, 8), date(2024, 3, 10)]),
            ("09-03-2024T23:30Z", [date(2024, 9, 3), date(2024, 3, 10), date(2024, 9, 4)]),
        ],
    )
    def test_universal_time_may_be_of_the_day_beside(self, name: str, others: list[date]) -> None:
        """It is no time of the place, and another name settles the day."""
        clue = date_clue([name], None)
        assert (clue.dates, clue.at) == ((date(2024, 3, 9), *others), None)
        assert clue.doubt
        assert date_clue(["2024-03-09", name], None).doubt == ""

    @given(st.lists(st.text(max_size=30), max_size=4))
    def test_any_name_is_answered(self, names: list[str]) -> None:
        date_clue(names, DAY_ZERO)


class TestPatients:
    @pytest.mark.parametrize("name", ["P01", "p01_arm", "P-01", "p 1", "Patient P01"])
    def test_an_identifier_is_known_however_it_is_written(self, name: str) -> None:
        clue = patient_clue([name], PATIENTS)
        assert (clue.patient_id, clue.doubt) == ("P01", "")

    def test_a_number_after_patient_is_a_guess(self) -> None:
        clue = patient_clue(["patient 2"], PATIENTS)
        assert clue.patient_id == "P02"
        assert clue.doubt

    @pytest.mark.parametrize("name", ["P1010001", "IMG_0001", "trip01", "xp010"])
    def test_counters_are_no_patients(self, name: str) -> None:
        clue = patient_clue([name], PATIENTS)
        assert (clue.patient_id, clue.unknown) == (None, "")

    def test_somebody_whom_the_study_does_not_know_is_told(self) -> None:
        assert patient_clue(["P07", "arm"], PATIENTS).unknown == "P07"
        assert patient_clue(["patient 7"], PATIENTS).unknown == "patient 7"

    def test_two_patients_in_one_path_are_doubted(self) -> None:
        """Also where the study does not know the other."""
        assert "P02 and P01" in patient_clue(["P01", "P02 arm"], PATIENTS).doubt
        assert "P07" in patient_clue(["P01", "beside P07"], PATIENTS).doubt

    @pytest.mark.parametrize(
        "patient", ["L01", "SIN-03", "RE-02", "POST-01", "MED-03", "LEFT-1", "Arm07", "D03", "Day-2"]
    )
    def test_a_patient_is_neither_view_nor_day(self, patient: str) -> None:
        """Also one who is only like those of the study, however the name is spelt."""
        patients = (patient, "X-99")
        for other in (patient, patient.lower(), re.sub(r"\d+", "9", patient), f"FotoVon{patient}"):
            names = [without_patients(name, patients) for name in (other, f"{other}_leg_2024-03-08")]
            assert view_clue(names) == view_clue(["somebody", "somebody leg 2024-03-08"])
            assert date_clue(names, DAY_ZERO).dates == (date(2024, 3, 8),)

    def test_numbers_that_are_no_patient_stay(self) -> None:
        """Where identifiers are numbers, parts of a date may be like them."""
        assert date_clue([without_patients("2024-03-08", ("03-001", "03-002"))], None).dates == (date(2024, 3, 8),)

    def test_a_bare_number_counts_only_alone(self) -> None:
        assert patient_clue(["3", "IMG_1"], ("1", "3")).patient_id == "3"
        assert patient_clue(["IMG_3"], ("1", "3")).patient_id is None

    @pytest.mark.parametrize(("name", "patients"), [("3", ("1", "3")), ("003", ("1", "3")), ("b", ("A", "B"))])
    def test_a_bare_file_may_count_photographs(self, name: str, patients: tuple[str, ...]) -> None:
        """It is a guess, and none where its folder tells whose it is."""
        clue = patient_clue(["trunk_anterior", name], patients)
        assert clue.patient_id == patients[1]
        assert "count" in clue.doubt
        clue = patient_clue([patients[0], name], patients)
        assert (clue.patient_id, clue.doubt) == (patients[0], "")
        assert patient_clue([patients[1], "IMG_1"], patients).doubt == ""
        assert patient_clue([f"patient {name}"], patients).doubt == ""

    def test_the_longer_identifier_is_meant(self) -> None:
        assert patient_clue(["SITE-01-003 arm"], ("SITE-01", "SITE-01-003")).patient_id == "SITE-01-003"

    @given(st.lists(st.text(max_size=30), max_size=4))
    def test_any_name_is_answered(self, names: list[str]) -> None:
        patient_clue(names, PATIENTS)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("trunk", "trunk_anterior, trunk_posterior, trunk_left or trunk_right"),
        ("trunk_front", "trunk_anterior"),
        ("trunk_back", "trunk_posterior"),
        ("arm_left", "arm_left_anterior or arm_left_posterior"),
        ("left_arm", "arm_left_anterior or arm_left_posterior"),
        ("Rumpf hinten", "trunk_posterior"),
        ("trunk_anterio", "trunk_anterior"),
        ("whole", "whole_anterior or whole_posterior"),
    ],
)
def test_a_view_that_does_not_exist_leads_to_those_that_it_may_mean(word: str, told: str) -> None:
    """Front and back are words for surfaces; the beginning of a name leads to all names."""
    assert view_suggestion(word) == f"Did you mean {told}?"


def test_what_means_no_view_is_answered_with_all() -> None:
    assert view_suggestion("xyz").startswith("Use one of whole_anterior, ")
