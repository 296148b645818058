"""The results folder: what is kept comes back, and only as long as nothing it follows from has changed."""

import json
import shutil
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from reepi.body.camera import Camera
from reepi.body.template import reference_template
from reepi.core.history import SkinHistory, SkinState
from reepi.core.images import Photograph
from reepi.core.measured import EndedPhotograph, MeasuredPhotograph
from reepi.core.results import ChangeRow, DisagreementRow, PhotoRow
from reepi.core.study import Patient, PhotoEntry
from reepi.core.surface import Registration, SurfaceMap
from reepi.core.tissue import Tissue
from reepi.imaging.reading import read_photograph
from reepi.mapping.registration import registration_from_pose
from reepi.store import finished, provenance
from reepi.store.finished import FinishedPhotographs
from reepi.store.provenance import photograph_hash
from reepi.store.registration_files import registration_text
from reepi.store.results import Picture, ResultsFolder

PATIENT = Patient("P1", "F", 40, 165, 62)
ENTRY = PhotoEntry("photos/a.png", "P1", datetime(2024, 3, 9, 9, 30), "trunk_anterior")
N_FACES = 12


@pytest.fixture
def measured() -> MeasuredPhotograph:
    """A scored photograph of twelve faces, half of them seen."""
    tissue = np.zeros((N_FACES, len(Tissue)), np.float32)
    tissue[:6, Tissue.DETACHED] = 1
    seen = tissue.sum(axis=1)
    registration = Registration(
        np.zeros((2, 3), np.int32), (4, 6), 8.5,
        {"focal_px": np.float64(900), "pose": {"spine": np.array([0.1, 0, 0])}},
    )  # fmt: skip
    return MeasuredPhotograph(
        PhotoRow(ENTRY.file, "scored", "blurred", 8.5, 0.25),
        {"read": 0.05, "segment": 0.2},
        Photograph(np.full((4, 6, 3), 90, np.uint8), (8, 12)),
        np.full((4, 6), Tissue.DETACHED, np.uint8),
        registration,
        np.zeros((4, 6), np.int8),
        SurfaceMap.of_shares(tissue, seen, np.where(seen > 0, 9, 0).astype(np.float32)),
    )


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study folder with one photograph; its content does not matter here."""
    folder = tmp_path / "study"
    (folder / "photos").mkdir(parents=True)
    (folder / ENTRY.file).write_bytes(b"content")
    return folder


@pytest.fixture
def archive(study: Path, tmp_path: Path) -> Callable[..., FinishedPhotographs]:
    """An archive on the same results, as another run opens it."""
    (tmp_path / "results").mkdir()

    def _archive(model: str = "model", pictures: Collection[Picture] = ("overlay",)) -> FinishedPhotographs:
        return FinishedPhotographs(ResultsFolder(tmp_path / "results"), study, model, pictures)

    return _archive


Archive = Callable[..., FinishedPhotographs]


def keep(archive: FinishedPhotographs, measured: MeasuredPhotograph, entry: PhotoEntry = ENTRY) -> None:
    """Keep a photograph as a run does that sought it first."""
    archive.find(entry, PATIENT, None)
    archive.keep(entry, measured)


def failed() -> MeasuredPhotograph:
    """The photograph, where the program failed on it."""
    return MeasuredPhotograph(PhotoRow(ENTRY.file, "failed", "OSError", None, None))


class TestFinished:
    def test_it_comes_back(self, archive: Archive, measured: MeasuredPhotograph) -> None:
        """Row, step times and surface map of a finished photograph are found by the next run."""
        assert archive().find(ENTRY, PATIENT, None) is None
        keep(archive(), measured)
        found = archive().find(ENTRY, PATIENT, None)
        assert found is not None
        assert (found.row, found.steps) == (measured.row, measured.steps)
        np.testing.assert_array_equal(found.surface.tissue, measured.surface.tissue)

    @pytest.mark.parametrize(
        "change",
        [
            lambda study, entry, patient: (study / entry.file).write_bytes(b"changed"),
            lambda study, entry, patient: (study / entry.file).unlink(),
        ],
    )
    def test_changed_photograph_is_measured_anew(
        self, archive: Archive, study: Path, measured: MeasuredPhotograph, change: Callable[..., object]
    ) -> None:
        """Another content, or none, is another photograph."""
        keep(archive(), measured)
        change(study, ENTRY, PATIENT)
        assert archive().find(ENTRY, PATIENT, None) is None

    def test_changed_circumstances(
        self, archive: Archive, measured: MeasuredPhotograph, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another body, view, model or program gives another result; dates of the patient do not."""
        keep(archive(), measured)
        assert archive().find(ENTRY, replace(PATIENT, day_zero_date=date(2024, 3, 1)), None) is not None
        assert archive().find(ENTRY, replace(PATIENT, weight_kg=70), None) is None
        assert archive().find(replace(ENTRY, view_name="trunk_left"), PATIENT, None) is None
        assert archive(model="another").find(ENTRY, PATIENT, None) is None
        monkeypatch.setattr(provenance, "program_hash", lambda: "another program")
        assert archive().find(ENTRY, PATIENT, None) is None

    def test_lost_files_are_made_again(self, archive: Archive, measured: MeasuredPhotograph, tmp_path: Path) -> None:
        """A mask, overlay or registration that somebody removed makes the photograph unfinished."""
        results = ResultsFolder(tmp_path / "results")
        borders = results.picture(ENTRY.file, "borders")
        for path in (borders, results.mask(ENTRY.file), results.overlay(ENTRY.file), results.registration(ENTRY.file)):
            archived = archive(pictures=("overlay", "borders"))
            keep(archived, measured)
            path.unlink()
            assert archived.find(ENTRY, PATIENT, None) is None
        assert archive(pictures=()).find(ENTRY, PATIENT, None) is None

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"\x93NUMPY"])
    def test_damaged_mark(self, archive: Archive, measured: MeasuredPhotograph, tmp_path: Path, content: bytes) -> None:
        """A mark that cannot be read is no mark."""
        keep(archive(), measured)
        ResultsFolder(tmp_path / "results").work(ENTRY.file).write_bytes(content)
        assert archive().find(ENTRY, PATIENT, None) is None

    def test_written_once_more_it_is_never_missing(
        self, archive: Archive, measured: MeasuredPhotograph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A worker held to be lost writes late, while another leans on the photograph: its files are always there."""
        keep(archive(), measured)
        results = ResultsFolder(tmp_path / "results")
        mark = results.work(ENTRY.file)
        there = {path for path in results.path.rglob("*") if path.is_file()} - {mark}
        mark.unlink()
        looks: list[bool] = []
        for name in ("replace", "unlink"):
            step = getattr(Path, name)

            def looked(path: Path, *arguments: Any, step: Callable[..., Any] = step, **options: Any) -> Any:
                result = step(path, *arguments, **options)
                looks.append(all(each.is_file() for each in there))
                return result

            monkeypatch.setattr(Path, name, looked)
        keep(archive(), measured)
        assert len(looks) > len(there)
        assert all(looks)
        assert mark.is_file()

    @pytest.mark.parametrize("status", ["scored", "failed"])
    def test_what_another_finished_meanwhile_stays(
        self, archive: Archive, measured: MeasuredPhotograph, tmp_path: Path, status: str
    ) -> None:
        """It was handed to another process; the first, late, neither writes it anew nor takes it away."""
        late = archive()
        assert late.find(ENTRY, PATIENT, None) is None
        keep(archive(), measured)
        mark = ResultsFolder(tmp_path / "results").work(ENTRY.file)
        before = mark.stat().st_mtime_ns
        late.keep(ENTRY, measured if status == "scored" else failed())
        assert mark.stat().st_mtime_ns == before
        assert archive().find(ENTRY, PATIENT, None) is not None

    def test_rejected_is_finished_failed_is_not(self, archive: Archive, tmp_path: Path) -> None:
        """A rejection is a result; what failed is tried again, and leaves nothing of an earlier run."""
        rejected = MeasuredPhotograph(PhotoRow(ENTRY.file, "rejected", "empty: why.", None, 0.1))
        keep(archive(), rejected)
        assert archive().find(ENTRY, PATIENT, None).row == rejected.row
        keep(archive("later"), failed())
        assert archive("later").find(ENTRY, PATIENT, None) is None
        assert archive().find(ENTRY, PATIENT, None) is None

    def test_results_of_an_earlier_run_do_not_stay(
        self, archive: Archive, measured: MeasuredPhotograph, tmp_path: Path
    ) -> None:
        """A photograph that was scored and is now rejected has no mask any more."""
        keep(archive(), measured)
        keep(archive("later"), MeasuredPhotograph(PhotoRow(ENTRY.file, "rejected", "why", None, None)))
        assert not ResultsFolder(tmp_path / "results").mask(ENTRY.file).exists()


class TestPictures:
    def test_what_is_written(self, measured: MeasuredPhotograph, tmp_path: Path) -> None:
        """The mask has the original's size, the overlay the working size, the registration plain numbers."""
        results = ResultsFolder(tmp_path)
        results.write_pictures(measured, ["overlay"])
        assert Image.open(results.mask(ENTRY.file)).size == (12, 8)
        assert Image.open(results.overlay(ENTRY.file)).size == (6, 4)
        told = json.loads(results.registration(ENTRY.file).read_text())
        assert told == {
            "file": ENTRY.file,
            "residual_mm": 8.5,
            "camera": {"focal_px": 900.0, "pose": {"spine": [0.1, 0.0, 0.0]}},
            "framing_faults": [],
            "bare_face": None,
            "unsure": None,
        }

    def test_pictures_only_where_wanted(self, measured: MeasuredPhotograph, tmp_path: Path) -> None:
        """Where none is wanted no picture of the patient is in the results."""
        results = ResultsFolder(tmp_path)
        results.write_pictures(measured, ["overlay", "borders"])
        assert Image.open(results.picture(ENTRY.file, "borders")).size == (6, 4)
        results.write_pictures(measured, [])
        assert not results.overlay(ENTRY.file).exists()
        assert not results.picture(ENTRY.file, "borders").exists()
        assert results.mask(ENTRY.file).exists()


def test_disagreement_comes_back(tmp_path: Path) -> None:
    """Also of a region that no two photographs show, and with a file that looks like a number or a formula."""
    rows = [
        DisagreementRow("P1", date(2024, 3, 9), 4, "trunk_anterior", 12.5, 2.5, 20.0, "1", "=b.png", 2.0),
        DisagreementRow("P1", date(2024, 3, 9), None, "genitalia", 0.0, 0.0, None, "", "", 0.0),
    ]
    results = ResultsFolder(tmp_path)
    results.write_disagreement(rows)
    assert results.read_disagreement() == rows


class TestSurfaces:
    def test_round_trip(self, measured: MeasuredPhotograph, tmp_path: Path) -> None:
        """A visit's surface map comes back as it was."""
        results = ResultsFolder(tmp_path)
        results.write_surface("P 1", date(2024, 3, 9), measured.surface)
        assert (tmp_path / "surface" / "P 1_2024-03-09.npz").is_file()
        back = results.read_surface("P 1", date(2024, 3, 9))
        for name in ("tissue", "seen", "residual_mm"):
            np.testing.assert_array_equal(getattr(back, name), getattr(measured.surface, name))

    def test_damaged(self, tmp_path: Path) -> None:
        """A damaged map names its file and the remedy."""
        (tmp_path / "surface").mkdir()
        (tmp_path / "surface" / "P1_2024-03-09.npz").write_bytes(b"PK\x03\x04")
        with pytest.raises(ValueError, match="Score the study again"):
            ResultsFolder(tmp_path).read_surface("P1", date(2024, 3, 9))


def history_of(faces: int) -> SkinHistory:
    """Open on the first visit, healed on the second."""
    states = np.array([[SkinState.OPEN] * faces, [SkinState.HEALED] * faces], np.int8)
    seen = np.ones_like(states, bool)
    return SkinHistory(date(2024, 3, 8), (date(2024, 3, 9), date(2024, 3, 12)), states, seen, ~seen)


class TestHistories:
    def test_round_trip(self, tmp_path: Path) -> None:
        """What each face went through comes back, and the same history gives the same bytes."""
        results, history = ResultsFolder(tmp_path), history_of(N_FACES)
        results.write_history("P1", history)
        before = results.following("P1").read_bytes()
        results.write_history("P1", history)
        assert results.read_history("P1") == history
        assert results.following("P1").read_bytes() == before

    def test_other_programs_find_the_days(self, tmp_path: Path) -> None:
        """Healed between day 1 and day 4; never open again is no number."""
        results = ResultsFolder(tmp_path)
        results.write_history("P1", history_of(N_FACES))
        with np.load(results.following("P1"), allow_pickle=False) as kept:
            days = [kept[name][0] for name in ("first_open_day", "healed_from_day", "healed_to_day")]
            assert days == [1, 1, 4]
            assert np.isnan(kept["reopened_day"]).all()

    def test_damaged(self, tmp_path: Path) -> None:
        """A damaged history names its file and the remedy."""
        (tmp_path / "following").mkdir()
        (tmp_path / "following" / "P1.npz").write_bytes(b"PK\x03\x04")
        with pytest.raises(ValueError, match="Score the study again"):
            ResultsFolder(tmp_path).read_history("P1")


def test_changes_come_back(tmp_path: Path) -> None:
    """Row by row."""
    row = ChangeRow("P1", date(2024, 3, 9), 2, "whole_body", 1.5, 0.25, 3.0, 0.5, 0.125, "proposal + reading")
    ResultsFolder(tmp_path).write_changes([row])
    assert ResultsFolder(tmp_path).read_changes() == [row]


def test_leftovers_are_cleared(archive: Archive, measured: MeasuredPhotograph, tmp_path: Path) -> None:
    """Half-written files and results of what left the study go; everything else stays."""
    results = ResultsFolder(tmp_path / "results")
    keep(archive(), measured)
    other = replace(measured, row=replace(measured.row, file="old.b.png"))
    keep(archive(), other, replace(ENTRY, file="old.b.png"))
    results.write_surface("P1", date(2024, 3, 9), measured.surface)
    results.write_surface("P1", date(2024, 3, 10), measured.surface)
    for patient in ("P1", "P9"):
        results.write_history(patient, history_of(N_FACES))
    (results.path / "masks" / ".a.png.77.part").touch()
    (results.path / "masks" / "mine.png").touch()
    results.clear_unfinished()
    results.clear_leftovers([ENTRY.file], [("P1", date(2024, 3, 9))])
    left = sorted(path.relative_to(results.path).as_posix() for path in results.path.rglob("*.*"))
    assert left == [
        "following/P1.npz",
        "masks/a.png",
        "masks/mine.png",
        "overlays/a.jpg",
        "registrations/a.json",
        "surface/P1_2024-03-09.npz",
        "work/a.npz",
        "work/masks/a.png",
        "work/small/a.webp",
    ]


@pytest.mark.parametrize("lost", ["work", "work/old.npz", "registrations"])
def test_leftovers_are_cleared_without_their_mark(
    archive: Archive, measured: MeasuredPhotograph, tmp_path: Path, lost: str
) -> None:
    """Also where the run was killed before it wrote that, or somebody removed the folder, which is allowed."""
    results = ResultsFolder(tmp_path / "results")
    old = replace(measured, row=replace(measured.row, file="old.png"))
    keep(archive(), old, replace(ENTRY, file="old.png"))
    gone = results.path / lost
    gone.unlink() if gone.is_file() else shutil.rmtree(gone)
    results.clear_leftovers([ENTRY.file], [])
    assert not list(results.path.rglob("old.*"))


def test_a_later_day_is_measured_anew_where_the_earlier_one_changed(
    archive: Archive, study: Path, measured: MeasuredPhotograph
) -> None:
    """What a registration leans on belongs to what its result follows from, over any number of days."""
    days = [replace(ENTRY, file=f"photos/{name}.png") for name in "abc"]
    for day in days:
        (study / day.file).write_bytes(day.file.encode())

    def kept() -> list[bool]:
        opened, before, found = archive(), None, []
        for day in days:
            found.append(opened.find(day, PATIENT, before) is not None)
            if not found[-1]:
                opened.keep(day, replace(measured, row=replace(measured.row, file=day.file)))
            before = EndedPhotograph(day, measured.row, {}, opened.mark(day))
        return found

    assert kept() == [False, False, False]
    assert kept() == [True, True, True]
    (study / "photos" / "b.png").write_bytes(b"another photograph")
    assert kept() == [True, False, False]


def test_a_finished_photograph_is_recalled_from_its_files(
    archive: Archive, study: Path, measured: MeasuredPhotograph, tmp_path: Path
) -> None:
    """Photograph, mask and registration come back as the next day needs them; without the files nothing does."""
    template = reference_template()
    assert archive().recall(ENTRY, template) is None
    Image.new("RGB", (300, 400), (90, 90, 90)).save(study / ENTRY.file)
    camera = Camera.looking_at(np.array([0, 0, 1.2]), np.array([0, -2.0, 1.2]), 450.0, (400, 300))
    place = registration_from_pose(camera, {"spine": [0.1, 0, 0]}, template, 8.5)
    mask = np.full((400, 300), Tissue.DETACHED, np.uint8)
    photograph = Photograph(np.full((400, 300, 3), 90, np.uint8), (400, 300))
    keep(archive(), replace(measured, photograph=photograph, mask=mask, registration=place, regions=None))
    recalled = archive().recall(ENTRY, template)
    assert recalled is not None
    assert np.array_equal(recalled.registration.faces, place.faces)
    assert np.array_equal(recalled.mask, mask)
    ResultsFolder(tmp_path / "results").registration(ENTRY.file).write_text('{"camera": {}}')
    assert archive().recall(ENTRY, template) is None


def test_a_photograph_measured_lately_is_not_read_again(
    archive: Archive, study: Path, measured: MeasuredPhotograph, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where the hash of its bytes is told and remembered; else, and always for its results, the files count."""
    template = reference_template()
    Image.new("RGB", (300, 400), (90, 90, 90)).save(study / ENTRY.file)
    camera = Camera.looking_at(np.array([0, 0, 1.2]), np.array([0, -2.0, 1.2]), 450.0, (400, 300))
    place = registration_from_pose(camera, {"spine": [0.1, 0, 0]}, template, 8.5)
    photograph = read_photograph(study / ENTRY.file)
    mask = np.full((400, 300), Tissue.DETACHED, np.uint8)
    keep(archive(), replace(measured, photograph=photograph, mask=mask, registration=place, regions=None))
    content = photograph_hash(study / ENTRY.file)
    read = []
    monkeypatch.setattr(finished, "read_photograph", lambda path: read.append(path) or read_photograph(path))
    for told, times in ((content, 0), ("another", 1), ("", 2)):
        recalled = archive().recall(ENTRY, template, told)
        assert recalled is not None
        assert np.array_equal(recalled.photograph.pixels, photograph.pixels)
        assert len(read) == times
        assert (recalled.registration is place) == (told == content)
        assert np.array_equal(recalled.registration.drawn, place.drawn)
    moved = registration_from_pose(camera, {"spine": [0.2, 0, 0]}, template, 8.5)
    ResultsFolder(tmp_path / "results").registration(ENTRY.file).write_text(registration_text(ENTRY.file, moved))
    again = archive().recall(ENTRY, template, content)
    assert again is not None
    assert np.array_equal(again.registration.drawn, moved.drawn)
