"""``reepi deidentify``: a study in, a study out, and nothing where it should not be."""

import csv
import errno
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from reepi.cli import app, batch
from reepi.cli.batch import score_folder
from reepi.cli.models import Models
from reepi.core.errors import PhotographRejected
from reepi.core.reader_points import NewPoints, ReaderPoint
from reepi.core.reading import NewReading
from reepi.core.registration_decision import NewDecision
from reepi.core.surface import Registration
from reepi.core.tissue import COLOURS, Tissue
from reepi.core.views import View
from reepi.dicom.datasets import Visit
from reepi.dicom.photographs import photograph_image
from reepi.imaging.reading import read_photograph
from reepi.instruments import Instruments
from reepi.phantom.claiming import MARK
from reepi.phantom.painted import register_painted, segment_painted
from reepi.privacy import deidentifying, hiding
from reepi.privacy.link_table import read_links
from reepi.store.provenance import photograph_hash
from reepi.store.reader_points import PointStore
from reepi.store.readings import ReadingStore
from reepi.store.registrations import RegistrationStore
from reepi.store.results import ResultsFolder
from reepi.store.study import read_study

Run = Callable[..., Result]


@pytest.fixture
def run(models: Models, monkeypatch: pytest.MonkeyPatch, painted_study: Path, tmp_path: Path) -> Run:
    """Run the command on the painted study, with models that are right on painted photographs."""
    monkeypatch.setattr(Models, "chosen", classmethod(lambda cls, *folders: models))
    monkeypatch.setattr(batch, "write_report", lambda results, study: results)

    def _run(*more: object, out: str = "out", link: str = "link.csv") -> Result:
        places = [painted_study, tmp_path / out, "--link", tmp_path / link]
        return CliRunner().invoke(app, ["deidentify", *(str(each) for each in (*places, *more))])

    return _run


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def test_the_new_folder_is_a_study_without_old_names(run: Run, painted_study: Path, tmp_path: Path) -> None:
    """It is valid, names nobody, keeps days and views, and hides the eyes of those who look at the camera."""
    with (painted_study / "patients.csv").open("a") as table:
        table.write("P3,F,97,165,62,,\n")
    (painted_study / "readings.db").write_bytes(b"")
    (painted_study / MARK).touch()
    before = {path: path.read_bytes() for path in painted_study.rglob("*") if path.is_file()}
    result = run("--no-text")
    assert result.exit_code == 0
    assert "3 photographs: 1 copied, 2 masked, 0 withheld, 0 failed" in result.stdout
    assert "Not handed on: readings.db\n" in result.stdout
    old, new = read_study(painted_study), read_study(tmp_path / "out")
    assert {patient.patient_id for patient in new.patients}.isdisjoint({"P1", "P2", "P3"})
    assert sorted(p.view_name for p in new.photos) == sorted(p.view_name for p in old.photos)
    assert max(patient.age_years for patient in new.patients) == 90
    text = "".join(path.read_text() for path in (tmp_path / "out").glob("*.*"))
    # As words: a pseudonym is drawn at random, and may hold the two letters of an old name.
    assert not set(re.findall(r"\w+", text)) & {"P1", "P2", "2024"}
    assert re.search(r"\ba\.png", text) is None
    assert {path: path.read_bytes() for path in before} == before
    assert not list(tmp_path.rglob("*.part"))


def test_what_the_ward_knows_is_handed_on_without_its_free_text(run: Run, painted_study: Path, tmp_path: Path) -> None:
    """Observations keep their values and the days between them; terms, notes and other columns stay behind."""
    (painted_study / "clinical.csv").write_text(
        "patient_id,item,date,value,unit,note\nP1,admission,2024-03-03,,,Dr Ada\nP1,urea,2024-03-04,28,mg/dL,\n"
        "P1,adverse_event,2024-03-09,fell in room 7,,\nP1,laboratory_il_2,2024-03-09,3,pg/mL,\n"
    )
    (painted_study / "historical.csv").write_text("stay_days,died,scorten,mrn\n31,no,2,00471234\n")
    assert run("--no-text").exit_code == 0
    old, new = read_study(painted_study), read_study(tmp_path / "out")
    (pseudonym,) = new.clinical
    shifts = {
        (before.date - after.date).days
        for before, after in zip(old.record("P1").observations, new.record(pseudonym).observations, strict=True)
        if before.date and after.date
    }
    index, moved = old.patient("P1").index_date, new.patient(pseudonym).index_date
    assert index is not None
    assert moved is not None
    assert shifts == {(index - moved).days}
    assert new.record(pseudonym).number("urea") == old.record("P1").number("urea")
    assert new.historical == old.historical
    text = "".join((tmp_path / "out" / name).read_text() for name in ("clinical.csv", "historical.csv", "findings.csv"))
    assert not any(word in text for word in ("Ada", "room 7", "00471234", "2024"))
    codes = {row["finding"] for row in rows(tmp_path / "out" / "findings.csv") if row["file"] == "clinical.csv"}
    assert codes == {"left_out", "terms_withheld", "laboratory_names"}


def test_the_link_table_leads_back(run: Run, painted_study: Path, tmp_path: Path) -> None:
    """Its lines turn every name and every date of the new study into those of the old one, but for its time zone."""
    run("--no-text")
    old, new = read_study(painted_study), read_study(tmp_path / "out")
    links = {link.new: link for link in read_links(tmp_path / "link.csv")}
    back = set()
    for photo in new.photos:
        shift = deidentifying.Pseudonyms(bytes.fromhex((tmp_path / "link.csv.key").read_text())).shift(
            links[photo.patient_id].old
        )
        assert str(shift.days) == links[photo.file].shift_days
        back.add((links[photo.file].old, links[photo.patient_id].old, photo.taken_at - shift))
    assert back == {(photo.file, photo.patient_id, photo.taken_at.replace(tzinfo=None)) for photo in old.photos}


def test_the_same_key_gives_the_same_study(run: Run, tmp_path: Path) -> None:
    """A second run with the same key writes the same bytes and leaves the link table as it is."""
    run("--no-text")
    table = (tmp_path / "link.csv").read_text()
    assert run("--no-text", out="again").exit_code == 0
    one, two = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
        for name in ("out", "again")
    )
    assert one == two
    assert (tmp_path / "link.csv").read_text() == table
    assert run("--no-text", "--key", tmp_path / "other", out="third").exit_code == 2


@pytest.fixture
def scored(painted_study: Path, scored_once: Path) -> Path:
    """The painted study with its results."""
    shutil.copytree(scored_once, painted_study, dirs_exist_ok=True)
    return painted_study


def test_scores_stay_where_eyes_are_not_open(
    run: Run, scored: Path, models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open skin of every visit is what it was, and only regions of the head are seen less."""
    # What tells tissues here goes by the nearest colour of a palette, which has a blue of its own.
    monkeypatch.setattr(hiding, "FILL", COLOURS[Tissue.BACKGROUND])
    run("--no-text")
    links = {link.new: link.old for link in read_links(tmp_path / "link.csv")}
    new = score_folder(tmp_path / "out", tmp_path / "results", models, ()).areas
    after = {(links[row.patient_id], row.day, row.region, row.tissue): row.percent_bsa for row in new}
    before = ResultsFolder(scored / "results").read_areas()
    assert len(before) == len(after)
    for row in before:
        now = after[row.patient_id, row.day, row.region, row.tissue]
        same = now == pytest.approx(row.percent_bsa, abs=1e-6)
        assert same or (row.tissue != "open" and row.region in ("head_anterior", "neck_anterior", "whole_body")), row


def test_photographs_are_scored_where_the_originals_were_placed(
    run: Run, scored: Path, models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who scores the copy need not find the body again, and gets the place of the original; also who hands it on."""
    monkeypatch.setattr(hiding, "FILL", COLOURS[Tissue.BACKGROUND])
    run("--no-text")
    old = {row.file: row.residual_mm for row in ResultsFolder(scored / "results").read_photos()}
    links = {link.new: link.old for link in read_links(tmp_path / "link.csv")}

    def lost(*arguments: object) -> None:
        raise PhotographRejected("not_registered", "The eyes are missing.")

    blind = Instruments(segment_painted, lost)  # type: ignore[arg-type]
    monkeypatch.setattr(type(models), "instruments", lambda self: blind)
    photos = score_folder(tmp_path / "out", tmp_path / "results", models, ()).photos
    assert {links[row.file]: row.residual_mm for row in photos} == old
    assert {row.status for row in photos} == {"scored"}
    study, again = (tmp_path / name for name in ("out", "again"))
    command = ["deidentify", study, again, "--link", tmp_path / "second.csv", "--no-text"]
    assert CliRunner().invoke(app, [str(each) for each in command]).exit_code == 0
    assert len(list((again / "placed").iterdir())) == len(old)


class TestPlaces:
    """Where photographs lie is taken from the results, as long as these are about them and nobody refused them."""

    @pytest.fixture
    def asked(self, models: Models, monkeypatch: pytest.MonkeyPatch) -> list[View]:
        """The declared views of the photographs that are placed anew."""
        views: list[View] = []

        def register(photograph: Any, tissues: Any, view: View, *more: Any) -> Registration:
            views.append(view)
            return register_painted(photograph, tissues, view, *more)

        instruments = Instruments(segment_painted, register)
        monkeypatch.setattr(type(models), "instruments", lambda self: instruments)
        return views

    def test_a_corrected_view_is_placed_anew(self, run: Run, scored: Path, asked: list[View]) -> None:
        """What was taken for a back has its eyes hidden once it is known to be a front."""
        table = scored / "photos.csv"
        turned = table.read_text().replace("whole_anterior", "whole_posterior", 1)
        assert turned != table.read_text()
        table.write_text(turned)
        assert run("--no-text").exit_code == 0
        assert [view.name for view in asked] == ["whole_posterior"]

    def test_another_patient_changes_nothing(self, run: Run, scored: Path, asked: list[View]) -> None:
        """Neither does a line that is added for one: every other photograph lies where it was scored."""
        with (scored / "patients.csv").open("a") as table:
            table.write("P3,F,40,165,62,,\n")
        assert run("--no-text").exit_code == 0
        assert asked == []

    def test_a_corrected_height_places_the_patients_photographs_anew(
        self, run: Run, scored: Path, asked: list[View]
    ) -> None:
        table = scored / "patients.csv"
        table.write_text(table.read_text().replace("P1,F,40,165", "P1,F,40,170"))
        assert run("--no-text").exit_code == 0
        assert len(asked) == sum(entry.patient_id == "P1" for entry in read_study(scored).photos)

    def test_readers_points_lead_what_is_placed_anew(
        self, run: Run, scored: Path, tmp_path: Path, asked: list[View]
    ) -> None:
        """Points that came after the scoring are heard: these contradict each other, so the photograph is withheld."""
        points = tuple(
            ReaderPoint(x, y, face, (1.0, 0.0, 0.0)) for x, y, face in ((0.1, 0.1, 0), (0.9, 0.9, 1), (0.1, 0.9, 2))
        )
        PointStore(scored).save(NewPoints("photos/a.png", "Ada", points))
        assert run("--no-text").exit_code == 0
        assert len(asked) == 1
        (found,) = [row for row in rows(tmp_path / "out" / "findings.csv") if row["status"] == "withheld"]
        assert found["finding"] == "contradictory_points"

    def test_a_refused_place_is_not_taken_again(
        self, run: Run, scored: Path, tmp_path: Path, asked: list[View]
    ) -> None:
        """It would be found again by the same models, and hide the wrong skin; nor is a rejected photograph."""
        RegistrationStore(scored).save(NewDecision("photos/a.png", "Ada", "refused", "0" * 64, 5.0, "another arm"))
        ReadingStore(scored).save(NewReading("photos/b.png", "Ada", "rejected", "blurred"), None)
        result = run("--no-text")
        assert "1 withheld" in result.stdout or "2 withheld" in result.stdout
        found = [row for row in rows(tmp_path / "out" / "findings.csv") if row["finding"] == "refused_by_reader"]
        assert {row["status"] for row in found} == {"withheld"}
        assert len(found) == len(list((tmp_path / "out" / "photos").iterdir())) + 1 == 2
        assert "Ada" not in (tmp_path / "out" / "findings.csv").read_text()
        assert asked == []

    def test_why_one_is_withheld_is_told_to_those_alone_who_hand_it_on(
        self, run: Run, scored: Path, tmp_path: Path, asked: list[View]
    ) -> None:
        """The sentence of an error names readers and old files; the table that is handed on has one for each code."""
        outer = ReaderPoint(0.5, 0.5, 100, (1.0, 0.0, 0.0))
        PointStore(scored).save(
            NewPoints("photos/a.png", "Ada Lovelace", (outer,), photograph_hash(scored / "photos/a.png"))
        )
        with Image.open(scored / "photos" / "a.png") as picture:
            picture.rotate(180).save(scored / "photos" / "a.png")
        (scored / "placed").mkdir()
        (scored / "placed" / "b.json").write_text("{")
        result = run("--no-text")
        found = {row["finding"]: row["explanation"] for row in rows(tmp_path / "out" / "findings.csv")}
        assert "restore" in found["points_outdated"].casefold()
        assert "restore" in found["placement_unreadable"].casefold()
        text = (tmp_path / "out" / "findings.csv").read_text()
        assert not any(name in text for name in ("Ada", "Lovelace", "placed/", "a.png", "b.json"))
        assert "since Ada Lovelace placed points on it" in result.stderr
        assert "placed/b.json should tell" in result.stderr


def test_what_could_show_a_face_is_withheld(run: Run, painted_study: Path, tmp_path: Path) -> None:
    """A head that is not found on the body is told of and not there; nor is a file that is none."""
    table = painted_study / "photos.csv"
    table.write_text(table.read_text().replace("a.png,P1,2024-03-05T09:30:00,whole", "a.png,P1,2024-03-05,head"))
    (painted_study / "photos" / "b.png").write_bytes(b"none")
    result = run("--no-text")
    assert result.exit_code == 0
    assert "1 copied, 0 masked, 2 withheld" in result.stdout
    found = {row["view"]: row for row in rows(tmp_path / "out" / "findings.csv") if row["status"] == "withheld"}
    assert found["head_anterior"]["finding"] == "not_registered"
    assert found["whole_anterior"]["finding"] == "unreadable"
    (photo,) = read_study(tmp_path / "out").photos
    assert [path.name for path in (tmp_path / "out" / "photos").iterdir()] == [Path(photo.file).name]


def test_nothing_is_hidden_on_demand(run: Run, tmp_path: Path) -> None:
    """Without a mask no photograph is placed and none is changed."""
    result = run("--mask", "none", "--no-text")
    assert not (tmp_path / "out" / "placed").exists()
    assert "3 copied, 0 masked" in result.stdout
    assert all(read_photograph(path).pixels.any() for path in (tmp_path / "out" / "photos").iterdir())


@pytest.mark.parametrize(
    ("link", "key", "out"),
    [("out/link.csv", "key", "out"), ("link.csv", "out/key", "out"), ("link.csv", "link.csv", "out")],
)
def test_table_and_key_lie_outside(run: Run, tmp_path: Path, link: str, key: str, out: str) -> None:
    """What leads back is never written into what is handed on; the call is refused and nothing is written."""
    before = set(tmp_path.rglob("*"))
    assert run("--key", tmp_path / key, out=out, link=link).exit_code == 2
    assert set(tmp_path.rglob("*")) == before


def test_another_key_is_told_before_anything_is_done(run: Run, tmp_path: Path) -> None:
    """The key was kept apart, as it should be, and then not named: none is made that would be taken next time."""
    assert run("--no-text", "--key", tmp_path / "apart.key").exit_code == 0
    result = run("--no-text", out="again")
    assert result.exit_code == 2
    assert "made with another key" in result.stderr
    assert "photographs:" not in result.stdout
    assert not (tmp_path / "link.csv.key").exists()
    assert not (tmp_path / "again").exists()


def test_a_table_of_another_study_is_told(run: Run, painted_study: Path, tmp_path: Path) -> None:
    """A photograph of the same name that is another patient's there; naming the key would not help."""
    assert run("--no-text").exit_code == 0
    table = painted_study / "photos.csv"
    lines = table.read_text().splitlines()
    given = [line.replace(",P1,", ",P2,") if "a.png" in line else line for line in lines]
    table.write_text("\n".join(given) + "\n")
    result = run("--no-text", out="again")
    assert result.exit_code == 2
    assert "photos/a.png is a photograph of P1 in it" in result.stderr
    assert "another key" not in result.stderr


def test_nothing_is_overwritten(run: Run, painted_study: Path, tmp_path: Path) -> None:
    """A folder with content, the study itself and a foreign table are refused."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    assert run().exit_code == 2
    assert run(out="study/photos/inside").exit_code == 2
    (tmp_path / "diary.csv").write_text("my,diary\n")
    assert run(out="new", link="diary.csv").exit_code == 2
    assert (tmp_path / "diary.csv").read_text() == "my,diary\n"
    assert not (tmp_path / "new").exists()


def test_a_run_that_is_killed_leaves_no_study(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither half a folder nor a link table; the next run does it all."""
    with monkeypatch.context() as patch:

        def killed(*arguments: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(deidentifying, "_write_tables", killed)
        run("--no-text")
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "link.csv").exists()
    assert run("--no-text").exit_code == 0


def test_an_error_of_the_program_is_status_1(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The photograph is not handed on, its error tells no name, and the others are done."""
    from reepi.privacy import photographs

    whole = photographs.deidentified_copy
    calls = iter([True, False, False])

    def breaks(*arguments: object) -> object:
        if next(calls):
            raise RuntimeError("P1 is broken")
        return whole(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(photographs, "deidentified_copy", breaks)
    result = run("--no-text")
    assert result.exit_code == 1
    assert "2 masked" not in result.stdout
    assert "1 failed" in result.stdout
    assert re.search(r"\bP1\b", (tmp_path / "out" / "findings.csv").read_text()) is None
    assert len(read_study(tmp_path / "out").photos) == 2


def test_results_of_an_earlier_scoring_are_used(
    run: Run, scored: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the study was scored and nothing changed since, no model is loaded."""
    assert (scored / "results" / "run.json").is_file()

    def loads(self: Models) -> None:
        raise RuntimeError("not needed")

    monkeypatch.setattr(type(models), "instruments", loads)
    assert run("--no-text").exit_code == 0


def test_text_and_barcodes_are_told_and_not_read_out(run: Run, painted_study: Path, tmp_path: Path) -> None:
    """A code in a photograph is a finding with its place; what it says stands nowhere."""
    import cv2
    import numpy as np

    path = painted_study / "photos" / "c.png"
    pixels = np.asarray(Image.open(path).convert("RGB")).copy()
    code = cv2.QRCodeEncoder.create().encode("MUELLER 4711")
    code = cv2.resize(code, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    pixels = np.pad(pixels, ((0, 240), (0, 160), (0, 0)), constant_values=255)
    pixels[400 : 400 + len(code), 40 : 40 + len(code)] = code[:, :, None]
    Image.fromarray(pixels).save(path)
    table = painted_study / "photos.csv"
    table.write_text(
        "".join(line for line in table.read_text().splitlines(True) if "/a." not in line and "/b." not in line)
    )
    result = run("--mask", "none")
    assert "barcode" in result.stderr
    found = [row for row in rows(tmp_path / "out" / "findings.csv") if row["finding"] == "barcode"]
    assert len(found) == 1
    assert "bottom left" in found[0]["explanation"]
    assert "MUELLER" not in (tmp_path / "out" / "findings.csv").read_text()


def test_a_tesseract_that_fails_is_told_of_each_photograph(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its language data it reads nothing, which is not the same as nothing to read."""
    program = tmp_path / "bin" / "tesseract"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'Error opening data file eng.traineddata' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    assert run("--mask", "none").exit_code == 0
    told = [row for row in rows(tmp_path / "out" / "findings.csv") if row["finding"] == "text_not_looked_for"]
    assert len(told) == 3
    assert all("Error opening data file eng.traineddata" in row["explanation"] for row in told)


def test_without_tesseract_it_is_said_that_text_was_not_looked_for(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence would look like safety."""
    monkeypatch.setattr("shutil.which", lambda name: None)
    result = run("--mask", "none")
    assert "text_not_looked_for" in result.stderr
    assert "text_not_looked_for" in (tmp_path / "out" / "findings.csv").read_text()


@pytest.mark.parametrize("mask", ["none", "eyes"])
def test_a_dicom_photograph_stays_one(
    run: Run, painted_study: Path, tmp_path: Path, tags: Callable[[bytes], dict[str, Any]], mask: str
) -> None:
    """Exported photographs of a known patient leave as objects of nobody, hidden or as they are."""
    study = read_study(painted_study)
    table = painted_study / "photos.csv"
    for number, entry in enumerate(study.photos):
        visit = Visit("Named study", study.patient(entry.patient_id), entry.taken_at)
        picture = painted_study / entry.file
        picture.with_suffix(".dcm").write_bytes(photograph_image(picture.read_bytes(), entry, visit, number))
        picture.unlink()
    table.write_text(table.read_text().replace(".png", ".dcm"))
    assert run("--no-text", "--mask", mask).exit_code == 0
    new = read_study(tmp_path / "out")
    statuses = [row["status"] for row in rows(tmp_path / "out" / "findings.csv") if row["status"]]
    assert statuses.count("masked") == (0 if mask == "none" else 2)
    for entry in new.photos:
        assert entry.file.endswith(".dcm")
        content = (tmp_path / "out" / entry.file).read_bytes()
        found = tags(content)
        assert found["DICOM:PatientID"] == entry.patient_id
        assert found["DICOM:PatientIdentityRemoved"] == "YES"
        assert found["DICOM:StudyDate"].replace(":", "-") == entry.taken_at.date().isoformat()
        assert not [name for name, value in found.items() if "P1" in str(value) or "Named study" in str(value)]
        assert "DICOM:PatientSex" not in found or not found["DICOM:PatientSex"]


@pytest.mark.parametrize("refused", ["out", "link", "key"])
def test_what_cannot_be_written_is_told_before_anything_is(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    """Status 1, the name that was given, what to do; no hidden name, no number of an error, and no key left behind."""

    def opened(folder: Path) -> IO[bytes]:
        if folder.name == "shut":
            raise PermissionError(errno.EACCES, "Permission denied", str(folder / "hidden"))
        return whole(dir=folder)

    whole = tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda dir: opened(dir))  # noqa: A006
    (tmp_path / "shut").mkdir()
    before = set(tmp_path.iterdir())
    places = {"out": "out", "link": "link.csv", "key": "secret.key"} | {refused: "shut/new"}
    result = run("--key", tmp_path / places["key"], out=places["out"], link=places["link"])
    assert result.exit_code == 1
    assert f"{tmp_path / 'shut' / 'new'}: cannot be written, you may not write there. Give yourself" in result.stderr
    assert "Errno" not in result.stderr
    assert set(tmp_path.iterdir()) == before
