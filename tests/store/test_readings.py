"""Readings are added, never changed; their masks are checked against their hashes."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from reepi.core.errors import InputError, NotWritten
from reepi.core.reading import NewReading
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.store.reading_database import DATABASE
from reepi.store.reading_progress import reading_progress
from reepi.store.readings import ReadingStore

ADA = NewReading("photos/a.png", "Ada", "accepted", model_name="tissue", model_sha256="0" * 64)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder with one photograph (64, 96), and a second whose camera was held on its side (96, 64 upright)."""
    (tmp_path / "photos").mkdir()
    Image.fromarray(np.full((64, 96, 3), 90, np.uint8)).save(tmp_path / "photos" / "a.png")
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(np.full((64, 96, 3), 90, np.uint8)).save(tmp_path / "photos" / "b.jpg", exif=turned)
    return tmp_path


def mask(value: int = Tissue.INTACT) -> np.ndarray:
    return np.full((64, 96), value, np.uint8)


def test_what_is_saved_comes_back(study: Path) -> None:
    """A new store on the same folder gives the same reading and the same mask, named by its content."""
    drawn = mask()
    drawn[:8], drawn[8:16] = Tissue.DETACHED, UNLABELLED
    saved = ReadingStore(study).save(ADA, drawn)
    (found,) = ReadingStore(study).newest()
    assert found == saved
    assert found.saved_at.tzinfo == UTC
    assert found.photograph_sha256 == hashlib.sha256((study / "photos" / "a.png").read_bytes()).hexdigest()
    assert found.mask_file == f"readings/masks/{found.mask_sha256}.png"
    assert hashlib.sha256((study / found.mask_file).read_bytes()).hexdigest() == found.mask_sha256
    np.testing.assert_array_equal(ReadingStore(study).mask(found), drawn)


def test_the_newest_of_each_reader_counts_and_all_are_kept(study: Path) -> None:
    """Ada thinks again, Ben does not; nothing is overwritten."""
    store = ReadingStore(study)
    store.save(ADA, mask(Tissue.INTACT))
    store.save(replace(ADA, reader="Ben"), mask(Tissue.ERYTHEMA))
    store.save(replace(ADA, state="corrected"), mask(Tissue.DETACHED))
    assert [(each.reader, each.state) for each in store.newest()] == [("Ben", "accepted"), ("Ada", "corrected")]
    assert [int(store.mask(each)[0, 0]) for each in store.history()] == [1, 2, 4]


def test_looking_creates_nothing(study: Path) -> None:
    """A study without readings stays as it is."""
    assert ReadingStore(study).newest() == ()
    assert not (study / "readings").exists()


def test_masks_are_of_the_upright_photograph(study: Path) -> None:
    """A camera held on its side gives a mask that stands."""
    store = ReadingStore(study)
    sideways = replace(ADA, photograph="photos/b.jpg")
    assert store.save(sideways, np.ones((96, 64), np.uint8)).photograph == "photos/b.jpg"
    with pytest.raises(InputError, match="96 x 64, the upright photograph 64 x 96"):
        store.save(sideways, mask())


@pytest.mark.parametrize("bad", [mask(7), mask().astype(np.int64), np.ones((64, 96, 3), np.uint8), None])
def test_masks_that_say_nothing_of_tissue_are_refused(study: Path, bad: np.ndarray | None) -> None:
    """Unknown values, other types, colours and no mask at all leave no row."""
    with pytest.raises(InputError, match=r"photos/a\.png"):
        ReadingStore(study).save(ADA, bad)
    assert ReadingStore(study).history() == ()


def test_a_rejected_photograph_needs_no_mask(study: Path) -> None:
    """It has a reason instead, and asking for its mask is told."""
    store = ReadingStore(study)
    saved = store.save(replace(ADA, state="rejected", reason="blurred"), None)
    assert (saved.mask_file, saved.reason) == (None, "blurred")
    with pytest.raises(InputError, match="has no mask"):
        store.mask(saved)


def test_a_changed_mask_is_named(study: Path) -> None:
    """One byte changed, or the file gone: the error names it, and saving the same mask again does not hide it."""
    store = ReadingStore(study)
    saved = store.save(ADA, mask())
    path = study / str(saved.mask_file)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=path.name):
        store.mask(saved)
    with pytest.raises(InputError, match=path.name):
        store.save(ADA, mask())
    path.unlink()
    with pytest.raises(InputError, match=path.name):
        store.mask(saved)


def test_a_photograph_that_changed_while_it_was_read_is_refused(study: Path) -> None:
    """The reader saw other bytes than those that lie there now."""
    with pytest.raises(InputError, match="changed while it was read"):
        ReadingStore(study).save(replace(ADA, photograph_sha256="f" * 64), mask())


@pytest.mark.parametrize("file", ["../a.png", "/etc/passwd", "photos/../../a.png"])
def test_no_path_leaves_the_study(study: Path, file: str) -> None:
    """Neither that of a photograph nor that of a mask in a data base somebody changed."""
    store = ReadingStore(study)
    with pytest.raises(InputError, match="leaves the study folder"):
        store.save(replace(ADA, photograph=file), mask())
    saved = store.save(ADA, mask())
    with pytest.raises(InputError, match="leaves the study folder"):
        store.mask(replace(saved, mask_file=file))


@pytest.mark.parametrize("change", ["UPDATE events SET reader = 'Ben'", "DELETE FROM events"])
def test_the_data_base_refuses_to_change_a_row(study: Path, change: str) -> None:
    """Rows are only added, even from outside this program."""
    ReadingStore(study).save(ADA, mask())
    with (
        create_engine(f"sqlite:///{study / DATABASE}").begin() as connection,
        pytest.raises(DatabaseError, match="only added"),
    ):
        connection.execute(text(change))


def test_a_damaged_data_base_is_told(study: Path) -> None:
    """No traceback: the file is named."""
    (study / "readings").mkdir()
    (study / DATABASE).write_bytes(b"no data base at all, but long enough to be looked at" * 20)
    with pytest.raises(InputError, match=r"readings\.sqlite"):
        ReadingStore(study).newest()


def test_readers_at_once_lose_nothing(study: Path) -> None:
    """Six readers begin at the same moment, before there is a data base."""

    def read(number: int) -> None:
        ReadingStore(study).save(replace(ADA, reader=f"R{number}"), mask(number))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(read, range(6)))
    assert {each.reader for each in ReadingStore(study).newest()} == {f"R{number}" for number in range(6)}


def test_a_row_follows_its_mask(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the mask cannot be written there is no row that points to nothing."""

    def no_space(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", no_space)
        with pytest.raises(NotWritten, match="disk is full"):
            ReadingStore(study).save(ADA, mask())
    assert ReadingStore(study).history() == ()


@pytest.fixture
def say(study: Path) -> Callable[..., None]:
    """Save a reading of the first photograph."""

    def _say(reader: str, state: str, value: int, reason: str = "") -> None:
        ReadingStore(study).save(NewReading("photos/a.png", reader, state, reason), mask(value))  # type: ignore[arg-type]

    return _say


def test_proposals_settle_nothing_and_differing_readers_unsettle(study: Path, say: Callable[..., None]) -> None:
    """Proposed: open. One reader: settled. A second who says otherwise everywhere: open, and by how much."""
    progress = lambda: reading_progress(ReadingStore(study))  # noqa: E731 - asked again after every reading
    say("tissue", "proposed", 1)
    assert progress().settled == frozenset()
    say("Ada", "accepted", 1)
    assert progress().settled == {"photos/a.png"}
    say("Ben", "corrected", 4)
    assert (progress().settled, progress().differing) == (frozenset(), {"photos/a.png": 1.0})
    say("Ben", "rejected", 4, "blurred")
    assert (progress().settled, progress().differing) == (frozenset(), {"photos/a.png": 1.0})
    ReadingStore(study).save(NewReading("photos/a.png", "Eva", "corrected", role="adjudicator"), mask(4))
    assert progress().settled == {"photos/a.png"}


def test_an_adjudication_settles_what_readers_differ_on(study: Path, say: Callable[..., None]) -> None:
    """Until a reader thinks again; how much difference is too much is for the study to say."""
    say("Ada", "accepted", 1)
    say("Ben", "corrected", 4)
    store = ReadingStore(study)
    assert reading_progress(store, 1.0).settled == {"photos/a.png"}
    store.save(NewReading("photos/a.png", "Eva", "corrected", role="adjudicator"), mask(4))
    assert reading_progress(store).settled == {"photos/a.png"}
    say("Ada", "corrected", 2)
    assert reading_progress(store).differing == {"photos/a.png": 1.0}
