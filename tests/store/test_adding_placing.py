"""Carrying a plan out: copies, then lines; nothing overwritten, nothing half done, the list's own habits kept."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from reepi.core.errors import InputError
from reepi.store.adding import placing
from reepi.store.adding.arriving import Arrivals, waiting_lines
from reepi.store.adding.photo_list import append_photos, appended
from reepi.store.adding.placing import add_photographs, listed_hashes
from reepi.store.adding.plan import Addition, Guess
from reepi.store.adding.sources import looked_at, photographs_in, without_twins
from reepi.store.adding.table import TableLine, line_of, read_decided, read_lines, table_text, write_table
from reepi.store.provenance import bytes_hash
from reepi.store.study import read_study

Folder = Callable[..., Path]


PHOTOS = """\
file,patient_id,taken_at,view
photos/a.png,P1,2024-03-05T09:30:00,whole_anterior
photos/c.png,P2,2024-04-03,whole_posterior
"""


LINE = {"file": "photos/d.jpg", "patient_id": "P1", "view": "trunk_left", "taken_at": "2024-03-08"}


def picture(grey: int) -> bytes:
    content = io.BytesIO()
    Image.fromarray(np.full((70, 70, 3), grey, np.uint8)).save(content, "PNG")
    return content.getvalue()


def addition(file: Path, view: str = "trunk_left", sure: bool = True) -> Addition:
    day = Guess(datetime(2024, 3, 8), True, "by its name")
    content = bytes_hash(file.read_bytes())
    return Addition(file, Guess("P1", True, "by its name"), day, Guess(view, sure, "by the picture"), (view,), content)


@pytest.fixture
def study(study_folder: Folder) -> Path:
    """A study whose list names three photographs that are not there."""
    return study_folder()


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A memory card with two photographs."""
    (tmp_path / "card").mkdir()
    for name, grey in (("IMG_1.JPG", 10), ("IMG_2.JPG", 20)):
        (tmp_path / "card" / name).write_bytes(picture(grey))
    return tmp_path / "card"


class TestAdding:
    def test_copies_and_lines(self, study: Path, card: Path) -> None:
        """The study is valid afterwards, the copy has the same bytes, and the original is where it was."""
        (added,) = add_photographs(study, [addition(card / "IMG_1.JPG")])
        assert added.file == "photos/P1_2024-03-08_trunk_left.jpg"
        assert (study / added.file).read_bytes() == (card / "IMG_1.JPG").read_bytes()
        entry = read_study(study).photos[-1]
        assert (entry.file, entry.patient_id, entry.view_name) == (added.file, "P1", "trunk_left")
        assert entry.taken_at == datetime(2024, 3, 8)

    def test_same_view_of_the_same_day_gets_another_name(self, study: Path, card: Path) -> None:
        files = [each.file for each in add_photographs(study, [addition(card / f"IMG_{n}.JPG") for n in (1, 2)])]
        assert files == ["photos/P1_2024-03-08_trunk_left.jpg", "photos/P1_2024-03-08_trunk_left_2.jpg"]

    def test_a_file_that_is_in_the_way_is_never_overwritten(self, study: Path, card: Path) -> None:
        """Also one of another type, since results bear the name without its ending."""
        (study / "photos").mkdir()
        (study / "photos" / "P1_2024-03-08_trunk_left.PNG").write_bytes(b"somebody else's")
        (added,) = add_photographs(study, [addition(card / "IMG_1.JPG")])
        assert added.file == "photos/P1_2024-03-08_trunk_left_2.jpg"
        assert (study / "photos" / "P1_2024-03-08_trunk_left.PNG").read_bytes() == b"somebody else's"

    def test_the_same_content_is_added_once(self, study: Path, card: Path) -> None:
        add_photographs(study, [addition(card / "IMG_1.JPG")])
        before = (study / "photos.csv").read_bytes()
        (again,) = add_photographs(study, [addition(card / "IMG_1.JPG", "trunk_right")])
        assert (again.file, again.addition.present) == ("", True)
        assert (study / "photos.csv").read_bytes() == before

    def test_a_file_that_changed_since_it_was_shown_is_left_out(self, study: Path, card: Path) -> None:
        planned = addition(card / "IMG_1.JPG")
        (card / "IMG_1.JPG").write_bytes(picture(99))
        (added,) = add_photographs(study, [planned])
        assert "changed" in added.addition.problem

    def test_one_that_is_gone_does_not_keep_the_others_out(self, study: Path, card: Path) -> None:
        both = [addition(card / f"IMG_{n}.JPG") for n in (1, 2)]
        (card / "IMG_1.JPG").unlink()
        gone, added = add_photographs(study, both)
        assert "missing" in gone.addition.problem
        assert added.file

    def test_what_lies_in_the_study_is_only_named(self, study: Path) -> None:
        (study / "photos").mkdir()
        (study / "photos" / "chest.png").write_bytes(picture(1))
        (added,) = add_photographs(study, [addition(study / "photos" / "chest.png")])
        assert added.file == "photos/chest.png"
        assert [path.name for path in (study / "photos").iterdir()] == ["chest.png"]

    def test_killed_before_the_list_was_written(self, study: Path, card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """There is no line without its file, and the next run finds the copy that was made."""
        before = (study / "photos.csv").read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(placing, "append_photos", lambda *arguments: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                add_photographs(study, [addition(card / "IMG_1.JPG")])
        assert (study / "photos.csv").read_bytes() == before
        (added,) = add_photographs(study, [addition(card / "IMG_1.JPG")])
        assert added.file == "photos/P1_2024-03-08_trunk_left.jpg"
        assert len(list((study / "photos").iterdir())) == 1

    def test_a_study_without_photographs_gets_its_list(self, study_folder: Folder, card: Path) -> None:
        study = study_folder(photos="")
        add_photographs(study, [addition(card / "IMG_1.JPG")])
        (study / "photos.csv").unlink()
        add_photographs(study, [addition(card / "IMG_1.JPG")])
        assert len(read_study(study).photos) == 1

    def test_a_guess_that_lacks_something_is_refused(self, study: Path, card: Path) -> None:
        incomplete = Addition(
            card / "IMG_1.JPG", Guess(None, False, ""), Guess(None, False, ""), Guess(None, False, ""), (), "x"
        )
        with pytest.raises(ValueError, match="not complete"):
            add_photographs(study, [incomplete])


class TestList:
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    @pytest.mark.parametrize("separator", [",", ";"])
    def test_what_stands_there_keeps_every_byte(self, end: str, mark: bytes, separator: str) -> None:
        old = mark + PHOTOS.replace(",", separator).replace("\n", end).encode()
        new = appended(
            old, [{"file": "photos/d.jpg", "patient_id": "P1", "view": "trunk_left", "taken_at": "2024-03-08"}]
        )
        assert new.startswith(old)
        assert new[len(old) :].decode() == f"photos/d.jpg{separator}P1{separator}2024-03-08{separator}trunk_left{end}"

    def test_columns_in_another_order_and_further_ones(self) -> None:
        old = b'"View","Comment","file","Taken_at","patient_id","mm_per_px"\n'
        old += b'"trunk_left","a, b","photos/a.jpg","2024-03-05","P1","0.5"'
        new = appended(old, [LINE])
        assert new == old + b'\n"trunk_left","","photos/d.jpg","2024-03-08","P1",""\n'

    @pytest.mark.parametrize("note", ['"note\nof ward"', '"note\r\nof ward"', "note\x0bof ward", "note\u2028of ward"])
    @pytest.mark.parametrize("place", range(6))
    def test_a_line_break_in_a_header_cell(self, study_folder: Folder, note: str, place: int) -> None:
        """Whatever stands in the first line, lines that are added are read as what they are."""
        columns = ["file", "patient_id", "taken_at", "view", "mm_per_px"]
        cells = ["photos/a.jpg", "P1", "2024-03-05", "trunk_left", ""]
        head, line = (",".join([*row[:place], more, *row[place:]]) for row, more in ((columns, note), (cells, "x")))
        study = study_folder(photos="")
        (study / "photos.csv").write_text(f"{head}\n{line}\n", newline="")
        append_photos(study, [LINE])
        _, added = read_study(study).photos
        assert (added.file, added.patient_id, added.view_name) == (LINE["file"], LINE["patient_id"], LINE["view"])

    def test_a_table_that_would_swallow_a_line_is_refused(self, study_folder: Folder) -> None:
        """It ends within a quoted cell; nothing is written."""
        study = study_folder(photos="")
        (study / "photos.csv").write_text('file,patient_id,taken_at,view\nphotos/a.jpg,P1,2024-03-05,"trunk_left\n')
        before = (study / "photos.csv").read_bytes()
        with pytest.raises(InputError, match=r"photos\.csv"):
            append_photos(study, [LINE])
        assert (study / "photos.csv").read_bytes() == before

    def test_a_table_without_columns_is_refused(self) -> None:
        with pytest.raises(InputError, match="names no columns"):
            appended(b"sep=;\r\n", [LINE])

    def test_the_line_that_tells_excel_the_separator_is_no_header(self) -> None:
        """It stays, and the columns are those of the line below it."""
        old = b"sep=;\r\nview;file\r\nwhole_anterior;a.png\r\n"
        assert appended(old, [{"file": "b.png", "view": "trunk_anterior"}]) == old + b"trunk_anterior;b.png\r\n"

    def test_a_new_table_has_every_column_that_is_told(self, tmp_path: Path) -> None:
        """Such as the scale of a DICOM object; nothing told, no column."""
        append_photos(tmp_path, [LINE, {**LINE, "mm_per_px": "0.5"}])
        first, second, third = (tmp_path / "photos.csv").read_text().splitlines()
        assert first == "file,patient_id,taken_at,view,mm_per_px"
        assert (second.endswith(","), third.endswith(",0.5")) == (True, True)
        append_photos(tmp_path / "other", [{**LINE, "mm_per_px": ""}])
        assert (tmp_path / "other" / "photos.csv").read_text().startswith("file,patient_id,taken_at,view\n")

    @given(st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc"))), min_size=1, max_size=3))
    def test_any_cell_is_read_back(self, cells: list[str]) -> None:
        text = appended(b"file,patient_id\n", [{"file": cell} for cell in cells]).decode()
        assert [row["file"] for row in csv.DictReader(io.StringIO(text, newline=""))] == cells


class TestTable:
    def test_a_plan_survives_the_table(self, study: Path, card: Path, tmp_path: Path) -> None:
        """Sure lines say yes by themselves; guesses wait for a word, and all that lack it are told at once."""
        plan = [addition(card / "IMG_1.JPG"), addition(card / "IMG_2.JPG", sure=False)]
        table = tmp_path / "plan.csv"
        write_table(table, plan)
        with pytest.raises(InputError, match="line 3: add is empty"):
            read_decided(table, read_study(study))
        table.write_text(table.read_text().replace("\n,", "\nyes,"))
        decided = read_decided(table, read_study(study))
        assert [(each.file, each.view.value, each.content_hash) for each in decided] == [
            (each.file, each.view.value, each.content_hash) for each in plan
        ]
        assert all(each.file for each in add_photographs(study, decided))

    def test_all_faults_at_once(self, study: Path, card: Path, tmp_path: Path) -> None:
        table = tmp_path / "plan.csv"
        table.write_text(
            "add,file,patient_id,taken_at,view\n"
            f"yes,{card / 'IMG_1.JPG'},P9,2024-03-08,trunk_left\n"
            f"yes,{card / 'IMG_9.JPG'},P1,yesterday,trunk_lef\n"
            "no,nothing,,,\n"
            f"perhaps,{card / 'IMG_1.JPG'},P1,2024-03-08,trunk_left\n"
        )
        with pytest.raises(InputError) as error:
            read_decided(table, read_study(study))
        told = str(error.value)
        assert [fault.line for fault in error.value.faults] == [2, 3, 3, 3, 5]
        assert all(word in told for word in ("'P9'", "IMG_9.JPG", "yesterday", "Did you mean trunk_left", "'perhaps'"))

    def test_cells_that_look_like_formulas_come_back_as_they_were(self, card: Path, tmp_path: Path) -> None:
        evil = card / "=cmd.jpg"
        evil.write_bytes(picture(3))
        lines = [line_of(addition(evil))]
        (tmp_path / "t.csv").write_text(table_text(lines))
        assert read_lines(tmp_path / "t.csv") == lines

    def test_a_line_written_by_hand_needs_no_hash(self, study: Path, card: Path, tmp_path: Path) -> None:
        table = tmp_path / "plan.csv"
        table.write_text(f"add,file,patient_id,taken_at,view\ny,{card / 'IMG_1.JPG'},P1,2024-03-08,trunk_left\n")
        (added,) = add_photographs(study, read_decided(table, read_study(study)))
        assert added.file


class TestSources:
    def test_photographs_of_a_folder(self, study: Path, card: Path) -> None:
        """By their endings, in all folders below, with the names of these; hidden files are passed over."""
        (card / "P1" / "day3").mkdir(parents=True)
        (card / "P1" / "day3" / "a.jpeg").write_bytes(picture(1))
        (card / "P1" / "._a.jpeg").write_bytes(b"x")
        (card / ".Trashes").mkdir()
        (card / ".Trashes" / "b.jpg").write_bytes(b"x")
        (card / "notes.txt").write_text("x")
        found = dict(photographs_in([card], study))
        assert {path.name for path in found} == {"a.jpeg", "IMG_1.JPG", "IMG_2.JPG"}
        assert found[card / "P1" / "day3" / "a.jpeg"][-4:] == ("card", "P1", "day3", "a")

    @pytest.mark.parametrize(
        "folder",
        ["#recycle", "@eaDir/a.jpg", "$RECYCLE.BIN/S-1-5", "System Volume Information", "lost+found", "P1/@Recycle"],
    )
    def test_what_was_deleted_and_thumbnails_are_passed_over(self, study: Path, card: Path, folder: str) -> None:
        """Network storage keeps both beside the photographs; a file's own name may begin so."""
        (card / folder).mkdir(parents=True)
        (card / folder / "P1 2024-03-08 arm.jpg").write_bytes(picture(1))
        (card / "#1.jpg").write_bytes(picture(2))
        assert {path.name for path, _ in photographs_in([card], study)} == {"#1.jpg", "IMG_1.JPG", "IMG_2.JPG"}

    def test_dicom_objects_have_no_ending(self, study: Path, tmp_path: Path) -> None:
        """Archives name them by numbers; the directory of a disc is none, and other files without ending are not."""
        disc = tmp_path / "disc"
        disc.mkdir()
        for name in ("IM000001", "1.2.840.3", "DICOMDIR", "scan.txt"):
            (disc / name).write_bytes(bytes(128) + b"DICM" + name.encode())
        (disc / "README").write_text("x" * 300)
        assert {path.name for path, _ in photographs_in([disc], study)} == {"IM000001", "1.2.840.3"}
        (added,) = add_photographs(study, [addition(disc / "1.2.840.3")])
        assert added.file.endswith("trunk_left.dcm")

    def test_results_are_no_photographs(self, study: Path) -> None:
        """Neither the study nor a folder that holds it can be added to it; its originals can."""
        (study / "results").mkdir()
        (study / "photos").mkdir()
        (study / "photos" / "a.png").write_bytes(picture(1))
        assert len(photographs_in([study / "photos"], study)) == 1
        with pytest.raises(InputError) as error:
            photographs_in([study, study / "results", study.parent, study / "nothing.jpg"], study)
        assert len(error.value.faults) == 4

    def test_what_is_no_photograph_says_so(self, card: Path) -> None:
        (card / "IMG_1.JPG").write_bytes(picture(1)[:40])
        (card / "IMG_2.JPG").write_bytes(b"")
        told = [looked_at(card / name, ("x",)).problem for name in ("IMG_1.JPG", "IMG_2.JPG", "IMG_3.JPG")]
        assert all(told)

    def test_raw_file_beside_its_jpeg_is_left_out(self, card: Path) -> None:
        (card / "IMG_1.PNG").write_bytes(picture(77))
        found = [looked_at(path, (path.stem,)) for path in sorted(card.iterdir())]
        kept = [source.path.name for source in without_twins(found, {}) if not source.problem]
        assert kept == ["IMG_1.JPG", "IMG_2.JPG"]

    def test_of_two_formats_the_one_that_is_in_the_study_already_counts(self, card: Path) -> None:
        """The other, though handier, is the same picture once more."""
        (card / "IMG_1.PNG").write_bytes(picture(77))
        found = {path.name: looked_at(path, (path.stem,)) for path in sorted(card.iterdir())}
        listed = {found["IMG_1.PNG"].content_hash: "photos/a.png"}
        told = {source.path.name: source.problem for source in without_twins(found.values(), listed)}
        beside = "IMG_1.PNG beside it is the same picture, in the study as photos/a.png. Name this file alone to add it"
        assert told == {"IMG_1.JPG": beside, "IMG_1.PNG": "", "IMG_2.JPG": ""}
        # Where both are in the study, neither is kept out of it.
        listed |= {found["IMG_1.JPG"].content_hash: "photos/b.jpg"}
        assert not any(source.problem for source in without_twins(found.values(), listed))

    def test_only_files_of_the_same_size_are_compared(self, painted_study: Path) -> None:
        study = read_study(painted_study)
        size = (painted_study / "photos" / "a.png").stat().st_size
        assert "photos/a.png" in listed_hashes(painted_study, study, {size}).values()
        assert listed_hashes(painted_study, study, {1}) == {}


class TestArrivals:
    def test_a_file_is_whole_once_it_is_still(self, card: Path) -> None:
        """Each is returned once, and again after it has changed."""
        arrivals = Arrivals(card)
        assert arrivals.look() == []
        (card / "IMG_2.JPG").write_bytes(picture(20) + b"more")
        assert [path.name for path in arrivals.look()] == ["IMG_1.JPG"]
        assert [path.name for path in arrivals.look()] == ["IMG_2.JPG"]
        assert arrivals.look() == []
        arrivals.again()
        assert len(arrivals.look()) == 2

    def test_another_format_of_one_that_was_returned_brings_it_along(self, card: Path) -> None:
        """A camera's raw file may come later than its JPEG: together they are known as one picture."""
        arrivals = Arrivals(card)
        arrivals.look()
        arrivals.look()
        (card / "IMG_1.dng").write_bytes(b"raw")
        assert arrivals.look() == []
        assert sorted(path.name for path in arrivals.look()) == ["IMG_1.JPG", "IMG_1.dng"]
        assert arrivals.look() == []

    def test_an_empty_file_is_still_to_come(self, card: Path) -> None:
        (card / "IMG_3.JPG").touch()
        arrivals = Arrivals(card)
        arrivals.look()
        assert "IMG_3.JPG" not in [path.name for path in arrivals.look()]

    def test_a_folder_that_cannot_be_reached_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="nothing"):
            Arrivals(tmp_path / "nothing").look()

    def test_what_a_person_wrote_stays(self, card: Path) -> None:
        """Until the photograph is settled or has another content."""
        guess = addition(card / "IMG_1.JPG", sure=False)
        written = line_of(addition(card / "IMG_1.JPG", "trunk_right", sure=False))
        assert waiting_lines([written], [guess], ())[0].cells[:5] == written.cells[:5]
        assert waiting_lines([written], [guess], {written.file}) == []
        (card / "IMG_1.JPG").write_bytes(picture(200))
        changed = addition(card / "IMG_1.JPG", sure=False)
        assert waiting_lines([written], [changed], ()) == [line_of(changed)]

    def test_what_nobody_decided_yet_is_told_as_it_is_now(self, card: Path) -> None:
        """What was left empty is filled in, and why it waits is told anew, with what is another cell's value by now.

        A decision keeps the line as it is.
        """
        now = addition(card / "IMG_1.JPG", sure=False)
        nobody = replace(now, patient_id=Guess(None, False, "no name tells it"))
        written = line_of(replace(nobody, view=Guess("trunk_right", False, "by the picture")))
        (line,) = waiting_lines([written], [now], ())
        assert line.cells[2:5] == ("P1", "2024-03-08", "trunk_right")
        assert line.why == "view: by the picture; view would be trunk_left by now"
        assert waiting_lines([line], [now], ()) == [line]
        for decision in ("yes", "no"):
            decided = TableLine(decision, (decision, *written.cells[1:]))
            assert waiting_lines([decided], [now], ()) == [decided]

    def test_what_could_not_be_added_waits_once_it_can(self, card: Path) -> None:
        guess = addition(card / "IMG_1.JPG", sure=False)
        (line,) = waiting_lines([line_of(replace(guess, problem="no decoder"))], [guess], ())
        assert line == line_of(guess)
