"""Study folders: valid ones are read as they are meant, wrong ones tell everything that is wrong."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.capture import CaptureProtocol
from reepi.core.errors import Fault, InputError
from reepi.core.study import ReadingProtocol, Study
from reepi.store.study import inside, read_study

PATIENT_HEAD = "patient_id,sex,age_years,height_cm,weight_kg,index_date,day_zero_date\n"
PHOTO_HEAD = "file,patient_id,taken_at,view\n"
GOOD_PATIENT = "P1,F,40,165,62,2024-03-01,2024-03-05\n"
GOOD_PHOTO = "photos/a.png,P1,2024-03-05,whole_anterior\n"

INDEX = '[study]\nname = "x"\nday_zero = "index"\n'
INFUSION = INDEX.replace("index", "infusion")

Folder = Callable[..., Path]


def faults(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as error:
        read_study(folder)
    assert all(fault.remedy.endswith((".", "?")) for fault in error.value.faults)
    return error.value.faults


def only_fault(folder: Path) -> Fault:
    (fault,) = faults(folder)
    return fault


class TestValid:
    def test_everything_is_read(self, study_folder: Folder) -> None:
        """Every cell arrives where it belongs."""
        study = read_study(study_folder())
        assert (study.name, study.day_zero, study.visit_days) == ("Two patients", "infusion", (0, 5, 7))
        assert study.protocol.almost_complete_percent == 90
        first, second = study.patients
        assert (first.sex, first.height_cm, first.index_date) == ("F", 165, date(2024, 3, 1))
        assert (second.weight_kg, second.day_zero_date) == (80.5, None)
        assert [photo.file for photo in study.photos] == ["photos/a.png", "photos/b.png", "photos/c.png"]
        assert [photo.taken_at.date() for photo in study.photos][1:] == [date(2024, 3, 10), date(2024, 4, 3)]
        assert study.photos[2].view.aspect == "posterior"
        assert study.photos[0].mm_per_px is None

    def test_how_photographs_are_read(self, study_folder: Folder) -> None:
        """Every key arrives; who is named as adjudicator is one."""
        folder = study_folder()
        with (folder / "study.toml").open("a") as file:
            file.write("[reading]\nblind_to_day = true\nreaders = 2\nrepeats_percent = 5\n")
            file.write('adjudicators = ["Eva"]\ndiffer_percent = 12.5\n')
        reading = read_study(folder).reading
        assert reading == ReadingProtocol(True, False, 2, 5, ("Eva",), 12.5)
        assert (reading.role_of("Eva"), reading.role_of("Ada")) == ("adjudicator", "reader")

    def test_spreadsheet_dialect(self, study_folder: Folder) -> None:
        """A byte-order mark, semicolons, decimal commas and Windows line ends mean the same study."""
        patients = PATIENT_HEAD + "P1,F,40,165.5,62,2024-03-01,2024-03-05\n"
        plain = read_study(study_folder(patients=patients, photos=PHOTO_HEAD + GOOD_PHOTO))
        excel = patients.replace(",", ";").replace("165.5", "165,5").replace("\n", "\r\n")
        photos = (PHOTO_HEAD + GOOD_PHOTO).replace(",", ";").replace("\n", "\r\n")
        assert read_study(study_folder(patients="\ufeff" + excel, photos="\ufeff" + photos)) == plain

    @pytest.mark.parametrize(
        ("weight", "read"), [("62.125", 62.125), ('"62,5"', 62.5), ('"0062,125"', 62.125), ('"62,1255"', 62.1255)]
    )
    def test_decimal_commas_between_commas(self, study_folder: Folder, weight: str, read: float) -> None:
        """In quotes, and where they cannot be between thousands."""
        patients = PATIENT_HEAD + f"P1,F,40,165,{weight},2024-03-01,2024-03-05\n"
        (patient,) = read_study(study_folder(patients=patients, photos=PHOTO_HEAD + GOOD_PHOTO)).patients
        assert patient.weight_kg == read

    @pytest.mark.parametrize("separator", [";", "\t"])
    def test_three_decimals_after_a_comma(self, study_folder: Folder, separator: str) -> None:
        """Nobody groups thousands by commas in a table of another separator."""
        patients = (PATIENT_HEAD + GOOD_PATIENT).replace(",", separator).replace("62", "62,125")
        (patient,) = read_study(study_folder(patients=patients, photos=PHOTO_HEAD + GOOD_PHOTO)).patients
        assert patient.weight_kg == 62.125

    @pytest.mark.parametrize(("line", "separator"), [("sep=;\r\n", ";"), ("SEP=,\n", ","), ('"sep=\t"\n', "\t")])
    def test_the_line_that_tells_excel_the_separator(self, study_folder: Folder, line: str, separator: str) -> None:
        """It is no part of the table, and lines are counted with it."""
        patients = line + (PATIENT_HEAD + GOOD_PATIENT).replace(",", separator)
        photos = line + (PHOTO_HEAD + GOOD_PHOTO).replace(",", separator)
        assert read_study(study_folder(patients=patients, photos=photos)) == read_study(
            study_folder(patients=PATIENT_HEAD + GOOD_PATIENT, photos=PHOTO_HEAD + GOOD_PHOTO)
        )
        fault = only_fault(study_folder(patients=patients.replace("165", "1650"), photos=photos))
        assert fault.line == 3

    def test_what_is_not_asked_for_is_left_alone(self, study_folder: Folder) -> None:
        """Further columns, blank lines and settings of later versions do no harm."""
        study = read_study(
            study_folder(
                patients="ward," + PATIENT_HEAD + "7B," + GOOD_PATIENT + "\n,,,,,,,\n",
                photos="note,mm_per_px," + PHOTO_HEAD + '"wet, left","0,4",' + GOOD_PHOTO,
                settings=INFUSION + 'centre = 3\n[protocol]\nboundary = "x"\n[other]\n',
            )
        )
        assert study.photos[0].mm_per_px == 0.4
        assert study.protocol.denominator == "peak"

    def test_first_symptoms_after_the_infusion_are_a_slip(self, study_folder: Folder) -> None:
        """Day and month swapped, say; on the day itself is right, and so is any day where day zero is another one."""
        late = PATIENT_HEAD + "P1,F,40,165,62,2024-05-03,2024-03-05\n"
        photos = PHOTO_HEAD + GOOD_PHOTO
        fault = only_fault(study_folder(patients=late, photos=photos))
        assert str(fault) == (
            "patients.csv, line 2: index_date 2024-05-03 lies after day_zero_date 2024-03-05. Correct one of them."
        )
        same_day = late.replace("2024-05-03", "2024-03-05")
        assert read_study(study_folder(patients=same_day, photos=photos)).patients
        admission = '[study]\nname = "x"\nday_zero = "admission"\n'
        assert read_study(study_folder(patients=late, photos=photos, settings=admission)).patients

    @pytest.mark.parametrize("dates", ["2024-03-01,", ",2024-03-01", "2024-03-01,2024-03-01"])
    def test_day_zero_that_is_the_index_date(self, study_folder: Folder, dates: str) -> None:
        """Either cell tells both; no row by day is lost because one is empty."""
        patients = PATIENT_HEAD + f"P1,F,40,165,62,{dates}\n"
        (patient,) = read_study(
            study_folder(patients=patients, photos=PHOTO_HEAD + GOOD_PHOTO, settings=INDEX)
        ).patients
        assert patient.index_date == patient.day_zero_date == date(2024, 3, 1)

    def test_day_zero_that_is_not_the_index_date_is_a_slip(self, study_folder: Folder) -> None:
        """Where the protocol counts from the index date, every day would be counted from another one."""
        fault = only_fault(
            study_folder(patients=PATIENT_HEAD + GOOD_PATIENT, photos=PHOTO_HEAD + GOOD_PHOTO, settings=INDEX)
        )
        assert str(fault) == (
            "patients.csv, line 2: day_zero_date 2024-03-05 is not index_date 2024-03-01, and day_zero of study.toml "
            "is the index date. Correct one of them, or leave day_zero_date empty."
        )

    @pytest.mark.parametrize(
        ("zero", "admission", "words"),
        [
            ("2024-03-05", "2024-03-05", ""),
            ("2024-03-05", "2024-03-03", "is 2024-03-05"),
            ("", "2024-03-03", "is empty"),
        ],
    )
    def test_day_zero_that_is_not_the_admission_is_a_slip(
        self, study_folder: Folder, zero: str, admission: str, words: str
    ) -> None:
        """The first admission of clinical.csv is day zero where the protocol says so; a later one is another stay."""
        patients = PATIENT_HEAD + f"P1,F,40,165,62,2024-03-01,{zero}\n"
        settings = INDEX.replace("index", "admission")
        folder = study_folder(patients=patients, photos=PHOTO_HEAD + GOOD_PHOTO, settings=settings)
        assert read_study(folder).patients
        (folder / "clinical.csv").write_text(
            f"patient_id,item,date,value\nP1,admission,2024-04-09,\nP1,admission,{admission},\n"
        )
        if not words:
            assert read_study(folder).patients
            return
        fault = only_fault(folder)
        assert (fault.where, fault.line, fault.remedy) == ("clinical.csv", 3, "Write the same date in both.")
        assert f"admission on {admission}, and day_zero_date of patients.csv {words}" in fault.problem

    def test_windows_paths(self, study_folder: Folder) -> None:
        """Backslashes separate folders as well."""
        study = read_study(study_folder(photos=PHOTO_HEAD + GOOD_PHOTO.replace("/", "\\")))
        assert study.photos[0].file == "photos/a.png"

    def test_missing_photograph_is_no_fault(self, study_folder: Folder) -> None:
        """The study is read although none of its photographs exists; each is rejected when its turn comes."""
        assert len(read_study(study_folder()).photos) == 3


class TestFaults:
    def test_no_folder(self, tmp_path: Path) -> None:
        """A folder that is not there is told, and nothing else."""
        assert "no such folder" in only_fault(tmp_path / "nothing").problem

    def test_all_files_missing(self, tmp_path: Path) -> None:
        """Every missing file is named."""
        assert {fault.where for fault in faults(tmp_path)} == {"study.toml", "patients.csv", "photos.csv"}

    def test_all_faults_at_once(self, study_folder: Folder) -> None:
        """One reading finds the faults of all files, each with its line."""
        found = faults(
            study_folder(
                settings='[study]\nname = "x"\nday_zero = "infusoin"\n[protocol]\nnumerator = "all"\n',
                patients=PATIENT_HEAD + GOOD_PATIENT + "P2,X,old,1.75,62,01/03/2024,\nP1,F,40,165,62,,\n",
                photos=PHOTO_HEAD + GOOD_PHOTO + "photos/b.png,P9,yesterday,trunk_anterio\n/etc/a.png,P1,2024-03-05,\n",
            )
        )
        places = [(fault.where, fault.line) for fault in found]
        assert [place for place in places if place[0] == "study.toml"] == [("study.toml", 3), ("study.toml", 5)]
        assert [place[1] for place in places if place[0] == "patients.csv"] == [3, 3, 3, 3, 4]
        assert [place[1] for place in places if place[0] == "photos.csv"] == [3, 3, 3, 4, 4, 4]
        assert "Did you mean trunk_anterior?" in " ".join(fault.remedy for fault in found)
        assert str(found[0]).startswith("study.toml, line 3: ")

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ("P1,F,40,1.65,62,,", "height_cm must lie between"),
            ("P1,F,40,165,,,", "weight_kg is empty"),
            ("P1,F,forty,165,62,,", "age_years 'forty'"),
            ("P1,F,nan,165,62,,", "age_years 'nan'"),
            ('P1,F,40,165,"62,125",,', "weight_kg '62,125' may have a comma between thousands"),
            ('P1,F,40,"1,165",62,,', "height_cm '1,165' may have a comma between thousands"),
            ("P1,F,40,1_65,62,,", "height_cm '1_65' cannot be read"),
            ("P1,F,40,62,165,,", "62 cm and 165 kg belong to no human body"),
            ("P1,F,40,165,6.2,,", "165 cm and 6.2 kg belong to no human body"),
            ("P1,F,40,0,62,,", "height_cm must lie between"),
            ("P1,?,40,165,62,,", "sex is '?'"),
            ("P1,F,40,165,62,05.03.2024,", "index_date '05.03.2024'"),
            ("../P1,F,40,165,62,,", "cannot be part of a file's name"),
            ("Cohort,F,40,165,62,,", "stands for the whole study"),
            (",F,40,165,62,,", "patient_id is empty"),
            ("P1,F,40,165,62,,,,extra", "9 cells under 7 columns"),
        ],
    )
    def test_patient(self, study_folder: Folder, row: str, words: str) -> None:
        """Each wrong cell of a patient is told in words that lead to it."""
        found = faults(study_folder(patients=PATIENT_HEAD + row + "\n", photos=PHOTO_HEAD + GOOD_PHOTO))
        assert any(words in fault.problem and fault.line == 2 for fault in found)

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            (",P1,2024-03-05,whole_anterior", "file is empty"),
            ("a.png,P7,2024-03-05,whole_anterior", "'P7' is not in patients.csv"),
            ("a.png,P1,05/03/24,whole_anterior", "taken_at '05/03/24'"),
            ("a.png,P1,2024-03-05,left_arm", "view 'left_arm' is not known"),
            ('"a\nb.png",P1,2024-03-05,whole_anterior', "unprintable"),
        ],
    )
    def test_photo(self, study_folder: Folder, row: str, words: str) -> None:
        """Each wrong cell of a photograph is told in words that lead to it."""
        fault = only_fault(study_folder(patients=PATIENT_HEAD + GOOD_PATIENT, photos=PHOTO_HEAD + row + "\n"))
        assert words in fault.problem

    @pytest.mark.parametrize("day", ["2023-03-05", "2044-04-01"])
    def test_a_slip_of_the_year(self, study_folder: Folder, day: str) -> None:
        """A day long before the disease, or twenty years after it, is no visit."""
        photos = PHOTO_HEAD + GOOD_PHOTO.replace("2024-03-05", day)
        fault = only_fault(study_folder(patients=PATIENT_HEAD + GOOD_PATIENT, photos=photos))
        assert fault.line == 2
        assert f"photos/a.png was taken on {day}" in fault.problem

    @pytest.mark.parametrize("day", ["2023-12-24", "2026-03-05"])
    def test_days_before_the_disease_and_years_after_it(self, study_folder: Folder, day: str) -> None:
        """Skin as it was, and a late follow-up, are right."""
        photos = PHOTO_HEAD + GOOD_PHOTO.replace("2024-03-05", day)
        assert len(read_study(study_folder(patients=PATIENT_HEAD + GOOD_PATIENT, photos=photos)).photos) == 1

    @pytest.mark.parametrize("scale", ["0", "-1", "inf", "wide"])
    def test_scale(self, study_folder: Folder, scale: str) -> None:
        """A scale is a positive number of millimetres."""
        photos = f"mm_per_px,{PHOTO_HEAD}{scale},{GOOD_PHOTO}"
        assert "mm_per_px" in only_fault(study_folder(patients=PATIENT_HEAD + GOOD_PATIENT, photos=photos)).problem

    @pytest.mark.parametrize("other", ["photos/a.png", "other/a.png", "photos/a.jpg", "photos/A.PNG"])
    def test_results_that_would_collide(self, study_folder: Folder, other: str) -> None:
        """Results bear the stem of a photograph's name, so no two may have the same, in any folder or case."""
        photos = PHOTO_HEAD + GOOD_PHOTO + f"{other},P1,2024-03-06,whole_anterior\n"
        fault = only_fault(study_folder(patients=PATIENT_HEAD + GOOD_PATIENT, photos=photos))
        assert (fault.line, "line 2" in fault.problem) == (3, True)

    def test_patient_named_twice_in_another_case(self, study_folder: Folder) -> None:
        """P1 and p1 would share their files on some systems."""
        patients = PATIENT_HEAD + GOOD_PATIENT + GOOD_PATIENT.lower().replace("f,", "F,")
        assert "line 2" in only_fault(study_folder(patients=patients, photos=PHOTO_HEAD + GOOD_PHOTO)).problem

    @pytest.mark.parametrize("head", ["patient_id,sex,age_years,height_cm,weight_kg\n", "a;b\n"])
    def test_missing_columns_are_named(self, study_folder: Folder, head: str) -> None:
        """The first line must name every column; photographs are not blamed for it."""
        found = faults(study_folder(patients=head + GOOD_PATIENT))
        assert all(fault.where == "patients.csv" for fault in found)
        assert any("day_zero_date is missing" in fault.problem for fault in found)

    @pytest.mark.parametrize(
        ("text", "words"),
        [("", "empty"), (PHOTO_HEAD, "no lines"), (PHOTO_HEAD + '"a', "no CSV"), ("file," + PHOTO_HEAD, "twice")],
    )
    def test_table_as_a_whole(self, study_folder: Folder, text: str, words: str) -> None:
        """Empty, headless, broken and ambiguous tables are told."""
        assert any(words in fault.problem for fault in faults(study_folder(photos=text)))

    def test_encoding(self, study_folder: Folder) -> None:
        """A table in another encoding is told how to be saved, not read wrongly."""
        folder = study_folder()
        (folder / "patients.csv").write_bytes((PATIENT_HEAD + "Zoë,F,40,165,62,,\n").encode("latin-1"))
        assert "UTF-8" in only_fault(folder).problem


class TestSettings:
    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ('body_surface = "rule of nines"', "body_surface"),
            ("complete_percent = 120", "complete_percent"),
            ('complete_percent = "100"', "complete_percent"),
            ("eligibility_days = true", "eligibility_days"),
            ("almost_complete_percnt = 90", "almost_complete_percnt"),
            ("almost_complete_percent = 101", "almost_complete_percent"),
            ("almost_complete_percent = 0.9", "almost_complete_percent"),
            ("almost_complete_percent = 95\ncomplete_percent = 90", "above complete_percent"),
        ],
    )
    def test_protocol(self, study_folder: Folder, line: str, words: str) -> None:
        """A threshold is right or told; it never falls back to a default because of a typing error."""
        settings = f'[study]\nname = "x"\nday_zero = "infusion"\n[protocol]\n{line}\n'
        fault = only_fault(study_folder(settings=settings))
        assert words in fault.problem
        assert fault.line == 5

    def test_views_of_every_visit(self, study_folder: Folder) -> None:
        """They are known views, each once."""
        folder = study_folder()
        settings = (folder / "study.toml").read_text() + "\n[capture]\nviews = "
        (folder / "study.toml").write_text(settings + '["trunk_anterior", "head_left"]\n')
        assert read_study(folder).capture.views == ("trunk_anterior", "head_left")
        for wrong in ('["trunk"]', '["head_left", "head_left"]', '"head_left"', "[1]"):
            (folder / "study.toml").write_text(settings + wrong + "\n")
            assert "list of views" in only_fault(folder).remedy

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ('blind_to_day = "yes"', "true or false"),
            ("blind_to_patient = 1", "true or false"),
            ("readers = 0", "at least 1"),
            ("readers = 1.5", "at least 1"),
            ("repeats_percent = 101", "from 0 to 100"),
            ("differ_percent = -1", "from 0 to 100"),
            ('adjudicators = "Eva"', "list of names"),
            ('adjudicators = ["Eva", "Eva"]', "each once"),
            ("adjudicators = [3]", "list of names"),
            ("blind_to_days = true", "Did you mean blind_to_day?"),
        ],
    )
    def test_reading(self, study_folder: Folder, line: str, words: str) -> None:
        """Each key of [reading] is checked like those of the protocol, and its line is told."""
        folder = study_folder()
        settings = (folder / "study.toml").read_text() + f"\n[reading]\n{line}\n"
        (folder / "study.toml").write_text(settings)
        fault = only_fault(folder)
        assert words in fault.remedy
        assert fault.line == settings.splitlines().index(line) + 1

    def test_capture(self, study_folder: Folder) -> None:
        """How photographs are taken is read from its section, and each key of it is checked."""
        folder = study_folder()
        settings = (folder / "study.toml").read_text()
        assert read_study(folder).capture == CaptureProtocol()
        section = '\n[capture]\ncard = "required"\nface = "covered"\n'
        (folder / "study.toml").write_text(settings + section)
        assert read_study(folder).capture == CaptureProtocol("required", face="covered")
        (folder / "study.toml").write_text(settings + section.replace("required", "requierd"))
        assert only_fault(folder).line == settings.count("\n") + 3
        (folder / "study.toml").write_text("capture = true\n" + settings)
        assert "no section" in only_fault(folder).problem

    def test_a_section_misspelt_is_told(self, study_folder: Folder) -> None:
        """Blinding is not off because of a typing error; a section for other programs is left alone."""
        folder = study_folder()
        settings = (folder / "study.toml").read_text()
        (folder / "study.toml").write_text(settings + "\n[readings]\nblind_to_day = true\n")
        assert "Did you mean [reading]?" in only_fault(folder).remedy
        (folder / "study.toml").write_text(settings + "\n[site]\nname = 1\n")
        assert read_study(folder).reading == ReadingProtocol()
        (folder / "study.toml").write_text("reading = 3\n" + settings)
        assert "no section" in only_fault(folder).problem

    @pytest.mark.parametrize("text", ["[study", "\x00", "study = 3", '[study]\nname = ""\nday_zero = "infusion"'])
    def test_broken(self, study_folder: Folder, text: str) -> None:
        """What is no TOML, or no study, is told."""
        assert {fault.where for fault in faults(study_folder(settings=text))} == {"study.toml"}

    def test_a_key_in_the_wrong_section_is_told(self, study_folder: Folder) -> None:
        """A rule below the last section or above the first must not be dropped; what no section knows is."""
        found = faults(study_folder(settings="death_days = 9\n" + INFUSION + "[reading]\nnew = 1\nwindow_days = 1\n"))
        assert [str(fault) for fault in found] == [
            "study.toml, line 7: window_days is no key of [reading]. It belongs in [protocol].",
            "study.toml, line 1: death_days stands outside of all sections. It belongs in [protocol].",
        ]

    @pytest.mark.parametrize("name", ["protocol", "reading", "capture"])
    def test_a_word_for_a_section(self, study_folder: Folder, name: str) -> None:
        """What is no section is named; the complete ones are not said to be missing."""
        fault = only_fault(study_folder(settings=f'{name} = "x"\n{INFUSION}'))
        assert (fault.problem, fault.line) == (f"{name} is no section", 1)

    def test_a_list_in_a_list(self, study_folder: Folder) -> None:
        """Of the wrong type inside of a list: the key is named."""
        fault = only_fault(study_folder(settings=INFUSION + '[capture]\nrefuse = [["blurred"]]\n'))
        assert (fault.problem, fault.line) == ("refuse cannot be [['blurred']]", 5)

    def test_what_must_be_stated(self, study_folder: Folder) -> None:
        """Name and day zero have no default."""
        assert len(faults(study_folder(settings="[study]\n"))) == 2


def test_known_patients_are_suggested_in_order(study_folder: Folder) -> None:
    """The same words in every run, and no patient without a name."""
    patients = PATIENT_HEAD + "".join(f"{name},F,40,165,62,,\n" for name in ("B2", "", "C3", "A1"))
    found = faults(study_folder(patients=patients, photos=PHOTO_HEAD + "a.png,xyz,2024-03-05,whole_anterior\n"))
    assert found[-1].remedy == "Use one of A1, B2, C3."


class TestPaths:
    @pytest.mark.parametrize(
        "file",
        ["/etc/passwd", "../a.jpg", "photos/../../a.jpg", "C:/a.jpg", "C:a.jpg", "//server/a.jpg", "\\\\server\\a"],
    )
    def test_path_that_leaves_the_folder(self, study_folder: Folder, file: str) -> None:
        """No path of a study leads out of it, by any spelling."""
        photos = PHOTO_HEAD + f"{file},P1,2024-03-05,whole_anterior\n"
        fault = only_fault(study_folder(patients=PATIENT_HEAD + GOOD_PATIENT, photos=photos))
        assert "leaves the study folder" in fault.problem

    @pytest.mark.parametrize("folder_link", [True, False])
    def test_link_that_leaves_the_folder(self, study_folder: Folder, tmp_path: Path, folder_link: bool) -> None:
        """A link to a file or folder outside leads out of it too."""
        folder = study_folder(patients=PATIENT_HEAD + GOOD_PATIENT, photos=PHOTO_HEAD + GOOD_PHOTO)
        secret = tmp_path / "secret"
        secret.mkdir()
        (secret / "a.png").write_bytes(b"x")
        if folder_link:
            (folder / "photos").symlink_to(secret)
        else:
            (folder / "photos").mkdir()
            (folder / "photos" / "a.png").symlink_to(secret / "a.png")
        assert "leaves the study folder" in only_fault(folder).problem

    def test_link_inside_is_fine(self, study_folder: Folder) -> None:
        """A link that stays in the folder is an ordinary file."""
        folder = study_folder(patients=PATIENT_HEAD + GOOD_PATIENT, photos=PHOTO_HEAD + GOOD_PHOTO)
        (folder / "photos").mkdir()
        (folder / "b.png").write_bytes(b"x")
        (folder / "photos" / "a.png").symlink_to(folder / "b.png")
        assert isinstance(read_study(folder), Study)

    def test_link_to_itself(self, tmp_path: Path) -> None:
        """A link without an end is not followed for ever."""
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
        path = inside(tmp_path, "loop/a.jpg")
        assert path is None or not path.exists()

    @given(st.lists(st.sampled_from(["..", ".", "a", "b.jpg", ""]), min_size=1, max_size=6))
    def test_inside_is_inside(self, parts: list[str]) -> None:
        """Whatever path is accepted lies in the folder."""
        folder = Path("study").resolve()
        path = inside(folder, "/".join(parts))
        assert path is None or path.resolve().is_relative_to(folder)
