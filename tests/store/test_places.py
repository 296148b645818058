"""Where results may lie: folders, and stores in which an object appears as a whole or not at all."""

import json
import pickle
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from reepi.core.errors import InputError
from reepi.store.files import is_remote, remove_files, write_bytes, write_pieces
from reepi.store.places import check_local, check_results, check_shared, place_of, results_place
from reepi.store.study import read_study


def write_study(folder: Path, files: list[str]) -> None:
    """Write the tables of a study of one patient."""
    folder.mkdir()
    patients = ("patient_id,sex,age_years,height_cm,weight_kg,index_date,day_zero_date", "P1,F,40,165,60,2026-01-02,")
    photos = ("file,patient_id,taken_at,view", *(f"{file},P1,2026-01-05T09:00:00,whole_anterior" for file in files))
    for name, lines in (("patients.csv", patients), ("photos.csv", photos)):
        (folder / name).write_text("\n".join(lines) + "\n")
    (folder / "study.toml").write_text('[study]\nname = "S"\nday_zero = "index"\n')


def test_a_path_stays_a_path(tmp_path: Path) -> None:
    """Also one that is written as a URL, with its spaces; without a name it is the folder within the study."""
    assert place_of("some/results") == Path("some/results")
    assert place_of("file:///data/my%20results") == Path("/data/my results")
    assert results_place(tmp_path, None) == tmp_path / "results"
    assert not is_remote(tmp_path)


def test_a_file_url_names_a_folder_by_its_full_path() -> None:
    """What looks like a query or a fragment elsewhere is a letter of its name; a host is no folder."""
    assert place_of("file:///data/study%201#2?x") == Path("/data/study 1#2?x")
    assert place_of("file://localhost/data") == Path("/data")
    for named in ("file://results", "file://results/run1", "file://server/share"):
        with pytest.raises(InputError, match=r"no folder of this machine.*three slashes"):
            place_of(named)


class TestCheckResults:
    """Results go to a folder of their own."""

    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        folder = tmp_path / "study"
        write_study(folder, ["photos/a.jpg"])
        return folder

    @pytest.mark.parametrize("named", ["", "..", "photos", "photos/sub", "placed", "photos/../"])
    def test_not_among_the_files_of_the_study(self, home: Path, named: str) -> None:
        with pytest.raises(InputError, match=r"files of the study itself lie there.*--out"):
            check_results(home / named, home, read_study(home))

    def test_not_by_another_name_of_the_study(self, home: Path, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(home, target_is_directory=True)
        with pytest.raises(InputError, match="files of the study itself"):
            check_results(tmp_path / "link", home, read_study(home))

    def test_not_in_another_study(self, home: Path, tmp_path: Path) -> None:
        write_study(tmp_path / "other", ["photos/b.jpg"])
        with pytest.raises(InputError, match="folder of another study"):
            check_results(tmp_path / "other", home, read_study(home))

    def test_not_over_results_of_another_study(self, home: Path, tmp_path: Path) -> None:
        """They are those of another if they share no photograph; such as grew or shrank are the same."""
        results = tmp_path / "results"
        results.mkdir()
        for declared, refused in (({"photos/b.jpg": ""}, True), ({"photos/a.jpg": "", "photos/b.jpg": ""}, False)):
            (results / "run.json").write_text(json.dumps({"declared": declared}))
            with pytest.raises(InputError, match="results of another study") if refused else nullcontext():
                check_results(results, home, read_study(home))

    @pytest.mark.parametrize("named", ["results", "results/2", "../results", "../study2"])
    def test_everywhere_else(self, home: Path, named: str) -> None:
        """Also where a record is damaged: the next run writes it anew."""
        (home / named).mkdir(parents=True)
        (home / named / "run.json").write_text("{")
        check_results(home / named, home, read_study(home))


@pytest.mark.parametrize("scheme", ["sftp", "http", "s4", "S3"])
def test_a_store_that_shows_halves_is_refused(scheme: str) -> None:
    """The message names those that can be written to."""
    with pytest.raises(InputError, match=f"not written to {scheme}://.*s3://"):
        place_of(f"{scheme}://host/results")


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy is one command."""
    monkeypatch.setitem(sys.modules, "upath", None)
    with pytest.raises(InputError, match=r"needs an extra .*pip install 'reepi\[remote\]'\."):
        place_of("s3://bucket/results")


class TestStore:
    @pytest.fixture
    def store(self) -> Path:
        """An empty folder of a store in memory."""
        pytest.importorskip("upath", reason="RESULTS IN AN OBJECT STORE NOT TESTED: the extra remote is missing")
        place = place_of("memory://reepi-test/places")
        remove_files(path for path in place.rglob("*") if path.is_file())
        return place

    def test_a_file_is_written_and_removed(self, store: Path) -> None:
        """Nothing lies beside it; removing what is not there is no error."""
        file = store / "work" / "a.npz"
        for content in (b"first", b"second"):
            write_bytes(file, content)
            assert file.read_bytes() == content
        assert [path.name for path in store.rglob("*") if path.is_file()] == ["a.npz"]
        remove_files([file, file])
        assert not file.is_file()
        with pytest.raises(FileNotFoundError):
            file.read_bytes()

    def test_pieces_are_put_whole(self, store: Path) -> None:
        """The old file stays until all of the new one is there."""
        file = store / "report.html"
        write_pieces(file, (bytes([k]) * 1000 for k in range(9)))
        assert file.read_bytes() == b"".join(bytes([k]) * 1000 for k in range(9))
        with pytest.raises(ZeroDivisionError):
            write_pieces(file, (bytes(1 // k) for k in (1, 0)))
        assert len(file.read_bytes()) == 9000
        assert [path.name for path in store.rglob("*") if path.is_file()] == ["report.html"]

    def test_it_travels_to_other_processes(self, store: Path) -> None:
        """A worker gets the same place."""
        assert str(pickle.loads(pickle.dumps(store / "x"))) == "memory://reepi-test/places/x"  # noqa: S301

    def test_memory_is_for_one_process(self, store: Path, tmp_path: Path) -> None:
        """Others would write where nobody looks."""
        check_shared(store, 1, None)
        check_shared(tmp_path, 2, None)
        for workers, scheduler in ((2, None), (1, "tcp://host:8786")):
            with pytest.raises(InputError, match="no other process sees it"):
                check_shared(store, workers, scheduler)

    def test_a_store_that_cannot_be_reached_is_told_at_once(self, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Before a photograph is measured for it."""

        def refused(place: object) -> bool:
            raise PermissionError("Forbidden")

        monkeypatch.setattr(type(store), "exists", refused)
        with pytest.raises(InputError, match=r"cannot be reached \(Forbidden\).*your rights there"):
            place_of("memory://reepi-test/places")

    def test_what_needs_a_folder_says_so(self, store: Path, tmp_path: Path) -> None:
        """With the remedy."""
        check_local(tmp_path, "a PDF", "Copy it.")
        with pytest.raises(InputError, match=r"a PDF needs a folder that this machine sees.*Copy it"):
            check_local(store, "a PDF", "Copy it.")
