"""Where results may lie: folders, and stores in which an object appears as a whole or not at all."""

import pickle
import sys
from pathlib import Path

import pytest

from reepi.core.errors import InputError
from reepi.store.files import is_remote, remove_files, write_bytes, write_pieces
from reepi.store.places import check_local, check_shared, place_of, results_place


def test_a_path_stays_a_path(tmp_path: Path) -> None:
    """Also one that is written as a URL, with its spaces; without a name it is the folder within the study."""
    assert place_of("some/results") == Path("some/results")
    assert place_of("file:///data/my%20results") == Path("/data/my results")
    assert results_place(tmp_path, None) == tmp_path / "results"
    assert not is_remote(tmp_path)


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
