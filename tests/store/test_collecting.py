"""From readings to a training data folder that training can use."""

import csv
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from reepi.core.errors import InputError
from reepi.core.reading import NewReading
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.model.data.datasets import DataSet, read_datasets
from reepi.store import trainingdata
from reepi.store.collecting import plan_collection, study_key
from reepi.store.readings import ReadingStore
from reepi.store.trainingdata import Collection, Row, write_collection

SIZE = (96, 128)
SIDEWAYS = 6
"""EXIF orientation of a camera whose right side is up."""


def write_photographs(folder: Path) -> Path:
    """Write the photographs of the study of conftest: a upright, b held on its side with GPS, c as a."""
    (folder / "photos").mkdir()
    pixels = np.full((*SIZE, 3), 60, np.uint8)
    pixels[:48, :64] = (220, 30, 30)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = SIDEWAYS, "Secret camera"
    Image.fromarray(pixels).save(folder / "photos" / "a.png")
    Image.fromarray(pixels).save(folder / "photos" / "b.png", exif=exif)
    Image.fromarray(255 - pixels).save(folder / "photos" / "c.png")
    return folder


@pytest.fixture
def study(study_folder: Callable[..., Path]) -> Path:
    """A study of two patients and three photographs, nothing read."""
    return write_photographs(study_folder())


def say(study: Path, file: str, reader: str, mask: np.ndarray, state: str = "accepted") -> None:
    ReadingStore(study).save(NewReading(f"photos/{file}", reader, state, "as seen"), mask)  # type: ignore[arg-type]


def lying(value: int = Tissue.INTACT) -> np.ndarray:
    """Return a mask of one tissue with its top left quarter detached."""
    mask = np.full(SIZE, value, np.uint8)
    mask[:48, :64] = Tissue.DETACHED
    return mask


def collect(out: Path, *studies: Path, long_side: int = 1024) -> tuple[Row, ...]:
    return write_collection(Collection(plan_collection(studies), "ours", long_side), out)


def loaded(out: Path) -> DataSet:
    (dataset,) = read_datasets([out])
    return dataset


def files(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_accepted_and_corrected_readings_load_as_training_data(study: Path, tmp_path: Path) -> None:
    """What a person stands for is there with patient, view and tissues; proposals and rejections are not."""
    say(study, "a.png", "Ada", lying())
    say(study, "b.png", "tissue", np.ones((128, 96), np.uint8), "proposed")
    say(study, "c.png", "Ada", lying(UNLABELLED), "corrected")
    collect(tmp_path / "data", study)
    dataset = loaded(tmp_path / "data")
    assert [(each.stem[:-9], each.patient_id, each.view) for each in dataset.samples] == [
        ("two-patients_a", "two-patients/P1", "whole_anterior"),
        ("two-patients_c", "two-patients/P2", "whole_posterior"),
    ]
    assert (dataset.licence, dataset.name) == ("ours", "readings of Two patients")
    np.testing.assert_array_equal(dataset.samples[0].read_mask(), lying())
    labels = dataset.labels.encode(dataset.samples[1].read_mask())
    assert labels[0, 0] == 1 << Tissue.DETACHED
    assert labels[-1, -1] == 0


def test_a_batch_can_be_drawn(study: Path, tmp_path: Path) -> None:
    """Training draws cuts whose labels are the readers' tissues, and nothing where they are unlabelled."""
    from reepi.model.training.sampling import TissueDraw

    say(study, "a.png", "Ada", lying(UNLABELLED))
    collect(tmp_path / "data", study)
    batch = TissueDraw([loaded(tmp_path / "data")], 2, 0)(np.random.default_rng(0))
    assert batch["pixels"].shape == (2, 3, 288, 288)
    assert set(batch["labels"].unique().tolist()) == {0, 1 << Tissue.DETACHED}


def test_photographs_are_upright_without_metadata_and_fit_their_masks(study: Path, tmp_path: Path) -> None:
    """A camera held on its side gives a standing photograph; the red quarter and the detached one coincide."""
    turned = np.rot90(lying(), -1)
    say(study, "b.png", "Ada", turned)
    collect(tmp_path / "data", study, long_side=64)
    (sample,) = loaded(tmp_path / "data").samples
    content = sample.image.read_bytes()
    assert b"Secret camera" not in content
    assert not Image.open(sample.image).getexif()
    pixels, mask = sample.read_image(), sample.read_mask()
    assert mask.shape == pixels.shape[:2] == (64, 48)
    np.testing.assert_array_equal(mask == Tissue.DETACHED, pixels[..., 0] > 140)


def test_where_readers_differ_nothing_is_labelled(study: Path, tmp_path: Path) -> None:
    """A quarter on which two readers differ is ignored, the rest stays, and the table says how much."""
    say(study, "a.png", "Ada", lying())
    say(study, "a.png", "Ben", np.full(SIZE, Tissue.INTACT, np.uint8), "corrected")
    (row,) = collect(tmp_path / "data", study)
    mask = loaded(tmp_path / "data").samples[0].read_mask()
    assert (mask[:48, :64] == UNLABELLED).all()
    assert (mask == UNLABELLED).sum() == 48 * 64
    assert (row["readers"], row["differing_percent"]) == ("Ada, Ben", "25")


def test_an_adjudicated_photograph_teaches_what_was_decided(study: Path, tmp_path: Path) -> None:
    """Where readers differed nothing is left open; one that was rejected in the end teaches nothing."""
    for file in ("a.png", "c.png"):
        say(study, file, "Ada", lying())
        say(study, file, "Ben", np.full(SIZE, Tissue.INTACT, np.uint8))
    store = ReadingStore(study)
    store.save(NewReading("photos/a.png", "Eva", "corrected", role="adjudicator"), lying())
    store.save(NewReading("photos/c.png", "Eva", "rejected", "blurred", role="adjudicator"), None)
    (row,) = collect(tmp_path / "data", study)
    np.testing.assert_array_equal(loaded(tmp_path / "data").samples[0].read_mask(), lying())
    assert (row["readers"], row["differing_percent"]) == ("Eva", "")


def test_a_server_holds_one_study(study: Path, tmp_path: Path, postgres_url: str) -> None:
    """Readings on it become training data; several studies cannot be collected from it at once."""
    store = ReadingStore(study, postgres_url)
    store.save(NewReading("photos/a.png", "Ada", "accepted"), lying())
    assert [photo.readers for photo in plan_collection([study], postgres_url).photographs] == ["Ada"]
    other = renamed(study, tmp_path / "other", "Other")
    with pytest.raises(InputError, match="readings of one study"):
        plan_collection([study, other], postgres_url)


def test_patients_of_two_studies_are_told_apart(study: Path, tmp_path: Path) -> None:
    """P1 of two studies is two people; two studies of one name are refused."""
    other = tmp_path / "other"
    shutil.copytree(study, other)
    for each in (study, other):
        say(each, "a.png", "Ada", lying())
    with pytest.raises(InputError, match="cannot be told from"):
        collect(tmp_path / "data", study, other)
    (other / "study.toml").write_text((other / "study.toml").read_text().replace("Two patients", "Café, 2"))
    collect(tmp_path / "data", study, other, study)
    dataset = loaded(tmp_path / "data")
    assert {each.patient_id for each in dataset.samples} == {"two-patients/P1", "cafe-2/P1"}


def test_patients_who_share_a_photograph_are_one_person(study: Path, tmp_path: Path) -> None:
    """Who is in a pilot and in the trial has one split, whatever he is called there; others keep their turn."""
    out, pilot, later = tmp_path / "data", tmp_path / "pilot", renamed(study, tmp_path / "later", "Later")
    shutil.copytree(study, pilot)
    (pilot / "study.toml").write_text((pilot / "study.toml").read_text().replace("Two patients", "Pilot"))
    for each in (study, pilot, later):
        for file in ("a.png", "c.png"):
            say(each, file, "Ada", lying())
    collect(out, later, study)
    before = {row["patient_id"]: row["split"] for row in collect(out, later, study)}
    now = {row["patient_id"]: row["split"] for row in collect(out, later, study, pilot)}
    assert {now[f"pilot/{each}"] == now[f"two-patients/{each}"] for each in ("P1", "P2")} == {True}
    assert before.items() <= now.items()
    assert set(before.values()) == {"train", "validation"}
    assert not loaded(out).doubts


def test_folders_that_share_a_patient_in_two_splits_are_refused(study: Path, tmp_path: Path) -> None:
    """Collected one by one, they cannot know of each other; training on both would flatter the model."""
    other = renamed(study, tmp_path / "other", "Other")
    for each in (study, other):
        say(each, "a.png", "Ada", lying())
        say(each, "c.png", "Ada", lying())
    collect(tmp_path / "both", other, study)
    collect(tmp_path / "alone", study)
    with pytest.raises(InputError) as caught:
        read_datasets([tmp_path / "both", tmp_path / "alone"])
    told = " ".join(fault.problem for fault in caught.value.faults)
    assert "in train is also" in told
    assert "in validation of" in told
    assert "patient 'two-patients/P1'" in told


def test_a_study_s_name_becomes_part_of_a_file_s() -> None:
    """Accents go, what cannot stand in a name becomes a hyphen, and nothing at all still has a name."""
    assert study_key("Lyell, é/../2024") == "lyell-e-2024"
    assert study_key("研究") == "study"


def test_every_fault_is_named_before_anything_is_written(study: Path, tmp_path: Path) -> None:
    """A photograph gone, one changed, a mask changed: all three at once, and no folder."""
    say(study, "a.png", "Ada", lying())
    say(study, "b.png", "Ada", np.rot90(lying(), -1))
    say(study, "c.png", "Ada", lying(Tissue.ERYTHEMA))
    (study / "photos" / "a.png").unlink()
    shutil.copy(study / "photos" / "c.png", study / "photos" / "b.png")
    broken = ReadingStore(study).newest()[-1].mask_file
    (study / str(broken)).write_bytes(b"")
    with pytest.raises(InputError) as told:
        collect(tmp_path / "data", study)
    message = str(told.value)
    for part in ("a.png: it was read, and now is missing", "b.png: it was changed since Ada", str(broken)):
        assert part in message
    assert len(told.value.faults) == 3
    assert not (tmp_path / "data").exists()


def test_a_photograph_off_the_list_is_named(study: Path, tmp_path: Path) -> None:
    """A reading whose line was taken out of photos.csv has no patient."""
    say(study, "a.png", "Ada", lying())
    lines = (study / "photos.csv").read_text().splitlines()
    (study / "photos.csv").write_text("\n".join(line for line in lines if "a.png" not in line))
    with pytest.raises(InputError, match=r"a\.png: it was read but is not in photos\.csv"):
        collect(tmp_path / "data", study)


def test_nothing_read_is_told(study: Path, tmp_path: Path) -> None:
    """An empty data set helps nobody."""
    with pytest.raises(InputError, match="no reading was accepted or corrected"):
        collect(tmp_path / "data", study)


def test_patients_keep_their_split_when_others_join(study: Path, tmp_path: Path) -> None:
    """Of twenty patients fourteen train, two validate and four test; who came first stays, so does a word of ours."""
    studies = [renamed(study, tmp_path / f"s{number:02d}", f"Site {number:02d}") for number in range(20)]
    for each in studies:
        say(each, "a.png", "Ada", lying())
    out, before = tmp_path / "data", {}
    for number in (3, 11, 20):
        rows = collect(out, *reversed(studies[20 - number :]))
        now = {row["patient_id"]: row["split"] for row in rows}
        assert before.items() <= now.items()
        before = now
    assert Counter(now.values()) == {"train": 14, "validation": 2, "test": 4}
    assert [now[f"site-{number}/P1"] for number in (17, 18, 19)] == ["train", "train", "validation"]
    table = (out / "samples.csv").read_text()
    (out / "samples.csv").write_text(table.replace("site-19/P1,validation", "site-19/P1,test"))
    assert {row["patient_id"]: row["split"] for row in collect(out, *studies)} == now | {"site-19/P1": "test"}


@pytest.mark.parametrize("as_before", [False, True], ids=["now", "before splits.csv"])
def test_a_patient_whose_readings_went_comes_back_to_his_split(study: Path, tmp_path: Path, as_before: bool) -> None:
    """Who has trained a model never tests one, also if nothing of his was collected for a while."""
    others = [renamed(study, tmp_path / f"s{number}", f"Site {number}") for number in range(3)]
    for each in (study, *others):
        say(each, "c.png", "Ada", lying())
    say(study, "a.png", "Ada", lying())
    out = tmp_path / "data"

    def splits() -> dict[str, str]:
        return {row["patient_id"]: row["split"] for row in collect(out, study, *others)}

    assert [row["split"] for row in collect(out, study)] == ["train", "train"]
    if as_before:
        (out / "splits.csv").unlink()
    ReadingStore(study).save(NewReading("photos/a.png", "Ada", "rejected", "blurred"), None)
    without = splits()
    assert [*without.values()] == ["train", "validation", "train", "test"], "the turn goes on as if he were there"
    say(study, "a.png", "Ada", lying())
    now = splits()
    assert now == without | {"two-patients/P1": "train"}
    with (out / "splits.csv").open(newline="") as file:
        assert {row["patient_id"]: row["split"] for row in csv.DictReader(file)} == now


def renamed(study: Path, folder: Path, name: str) -> Path:
    """Copy a study under another name, with photographs of its own."""
    shutil.copytree(study, folder)
    for path in (folder / "photos").glob("*.png"):
        with Image.open(path) as image:
            pixels, exif = np.asarray(image).copy(), image.getexif()
        pixels[60:90, 70:120] = np.frombuffer(name.encode()[-3:], np.uint8)
        Image.fromarray(pixels).save(path, exif=exif)
    (folder / "study.toml").write_text((folder / "study.toml").read_text().replace("Two patients", name))
    return folder


def test_collecting_again_writes_only_what_changed(study: Path, tmp_path: Path) -> None:
    """A new reading replaces its mask, a retracted one goes, and files that stay are not touched."""
    out = tmp_path / "data"
    say(study, "a.png", "Ada", lying())
    say(study, "c.png", "Ada", lying())
    collect(out, study)
    before = files(out)
    collect(out, study)
    assert {name for name, time in files(out).items() if before[name] != time} == {
        "dataset.toml",
        "splits.csv",
        "samples.csv",
    }
    say(study, "a.png", "Ada", lying(Tissue.ERYTHEMA))
    ReadingStore(study).save(NewReading("photos/c.png", "Ada", "rejected", "blurred"), None)
    collect(out, study)
    (sample,) = loaded(out).samples
    assert (sample.read_mask()[-1, -1], len(files(out))) == (Tissue.ERYTHEMA, 5)


def test_a_killed_run_goes_on_and_ends_as_an_undisturbed_one(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever write it dies in, the next run ends with the same bytes and does nothing finished twice."""
    say(study, "a.png", "Ada", lying())
    say(study, "c.png", "Ada", lying())
    collect(tmp_path / "whole", study)
    whole = {name: (tmp_path / "whole" / name).read_bytes() for name in files(tmp_path / "whole")}
    for death in range(1, 9):
        out = tmp_path / f"killed{death}"
        left = iter(range(death))

        def dying(path: Path, content: bytes, left: "object" = left) -> None:
            if next(left, None) is None:  # type: ignore[call-overload]
                raise KeyboardInterrupt
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

        with monkeypatch.context() as patch:
            patch.setattr(trainingdata, "write_bytes", dying)
            patch.setattr(trainingdata, "write_text", lambda path, text: dying(path, text.encode()))
            with pytest.raises(KeyboardInterrupt):
                collect(out, study)
        collect(out, study)
        assert {name: (out / name).read_bytes() for name in files(out)} == whole


def test_folders_of_others_are_left_alone(study: Path, tmp_path: Path) -> None:
    """Neither a data set made otherwise, nor one with readings of a study that was not named."""
    say(study, "a.png", "Ada", lying())
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "dataset.toml").write_text('name = "mine"\n')
    with pytest.raises(InputError, match="did not write"):
        collect(foreign, study)
    assert [path.name for path in foreign.iterdir()] == ["dataset.toml"]
    other = tmp_path / "other"
    shutil.copytree(study, other)
    (other / "study.toml").write_text((other / "study.toml").read_text().replace("Two patients", "Others"))
    collect(tmp_path / "data", other)
    with pytest.raises(InputError, match="also holds readings of Others"):
        collect(tmp_path / "data", study)
    assert loaded(tmp_path / "data").samples[0].patient_id == "others/P1"


def test_a_damaged_table_removes_no_file_outside(study: Path, tmp_path: Path) -> None:
    """A stem that somebody turned into a path is no stem."""
    say(study, "a.png", "Ada", lying())
    out = tmp_path / "data"
    collect(out, study)
    (tmp_path / "kept.jpg").write_bytes(b"mine")
    rows = list(csv.reader((out / "samples.csv").open()))
    rows.append(["../../kept", *rows[1][1:]])
    with (out / "samples.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    collect(out, study)
    assert (tmp_path / "kept.jpg").read_bytes() == b"mine"


def test_readings_of_one_photograph_follow_its_bytes(study: Path, tmp_path: Path) -> None:
    """The stem carries the photograph's hash, so a photograph that is read anew is another sample."""
    say(study, "a.png", "Ada", lying())
    collect(tmp_path / "data", study)
    old = loaded(tmp_path / "data").samples[0].stem
    changed = np.full((*SIZE, 3), 200, np.uint8)
    changed[: SIZE[0] // 2] = 100
    cv2.imwrite(str(study / "photos" / "a.png"), changed)
    say(study, "a.png", "Ada", lying())
    collect(tmp_path / "data", study)
    (sample,) = loaded(tmp_path / "data").samples
    assert sample.stem != old
    assert (sample.read_image()[-1] == 200).all()
