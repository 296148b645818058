"""Data folders: what mask values mean, and that every fault is named before training starts."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from reepi.core.errors import InputError
from reepi.core.tissue import Tissue
from reepi.model.datasets import distinct, read_datasets
from reepi.model.label_sets import parse_label_sets

NOT_OPEN = [t for t in Tissue if t not in (Tissue.DETACHABLE, Tissue.DETACHED)]


def test_values_become_label_sets(squares: Path) -> None:
    """One tissue is one bit, a list several, unlabelled none."""
    labels = read_datasets([squares])[0].labels
    encoded = labels.encode(np.array([[0, 1, 4, 9, 255]], np.uint8))
    assert encoded.tolist() == [[1, 2, 16, 1 | 1 << Tissue.COVERED, 0]]


def test_default_stands_for_every_value_not_listed() -> None:
    """A default makes every value known."""
    faults: list = []
    labels = parse_label_sets({"41": "intact", "default": ["background", "covered"]}, "x", faults)
    assert not faults
    assert labels.known.all()
    assert (labels.bits[41], labels.bits[7]) == (2, 1 | 64)


def test_255_means_what_the_data_set_says() -> None:
    """255 is unlabelled unless declared otherwise."""
    faults: list = []
    assert parse_label_sets({"0": "background", "255": "detached"}, "x", faults).bits[255] == 16
    assert parse_label_sets({"0": "background"}, "x", faults).bits[255] == 0
    assert not faults


def test_without_values_masks_hold_tissues() -> None:
    """A folder of readings needs no table."""
    labels = parse_label_sets(None, "x", [])
    assert [int(labels.bits[t]) for t in Tissue] == [1 << t for t in Tissue]
    assert not labels.known[7]


def test_samples_follow_their_table(squares: Path) -> None:
    """Patient, split and view come from samples.csv."""
    dataset = read_datasets([squares])[0]
    assert [(s.stem, s.patient_id, s.split, s.view) for s in dataset.samples][2:] == [
        ("p002", "validation-0", "validation", "trunk_anterior"),
        ("p003", "test-0", "test", "trunk_anterior"),
    ]


def test_every_fault_is_named_at_once(squares: Path, tmp_path: Path) -> None:
    """Wrong size, unknown value, colour mask, missing mask, missing photograph, broken photograph, other folder."""
    masks, images = squares / "masks", squares / "images"
    cv2.imwrite(str(masks / "p000.png"), np.zeros((10, 10), np.uint8))
    cv2.imwrite(str(masks / "p001.png"), np.full((96, 72), 77, np.uint8))
    cv2.imwrite(str(masks / "p002.png"), np.zeros((96, 72, 3), np.uint8))
    (masks / "p003.png").unlink()
    cv2.imwrite(str(masks / "lonely.png"), np.zeros((96, 72), np.uint8))
    cv2.imwrite(str(masks / "broken.png"), np.zeros((96, 72), np.uint8))
    (images / "broken.jpg").write_bytes(b"no picture")
    with pytest.raises(InputError) as caught:
        read_datasets([squares, tmp_path / "nowhere"])
    told = {Path(fault.where).name: fault.problem for fault in caught.value.faults}
    assert told.keys() == {
        "p000.png", "p001.png", "p002.png", "p003.jpg", "lonely.png", "broken.jpg", "dataset.toml",
    }  # fmt: skip
    assert "10 x 10" in told["p000.png"]
    assert "77" in told["p001.png"]
    assert "3 channels" in told["p002.png"]
    assert all(fault.remedy for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("values", "word"),
    [('300 = "intact"', "300"), ('1 = "scab"', "scab"), ("1 = 4", "4"), ('x = "intact"', "x")],
)
def test_wrong_declarations_are_named(
    make_squares: Callable[..., Path], tmp_path: Path, values: str, word: str
) -> None:
    """A value that no mask can hold and a word that is no tissue."""
    declared = f'[values]\n0 = "background"\ndefault = "unlabelled"\n{values}\n'
    with pytest.raises(InputError, match=word):
        read_datasets([make_squares(tmp_path / "d", declaration=declared)])


def test_wrong_lines_are_named_with_their_number(squares: Path) -> None:
    """A view, a split and a photograph that do not exist are found at their lines."""
    lines = ("p000,a,train,moon", "p001,b,maybe,trunk_anterior", "p009,c,train,trunk_anterior", ",c,train,")
    (squares / "samples.csv").write_text("\n".join(["stem,patient_id,split,view", *lines]) + "\n")
    with pytest.raises(InputError) as caught:
        read_datasets([squares])
    assert [fault.line for fault in caught.value.faults] == [2, 3, 4, 5]


def test_patient_in_two_splits_is_refused(squares: Path) -> None:
    """Training on a patient who also tests would flatter the model; splits by default never do."""
    (squares / "samples.csv").write_text("stem,patient_id,split\np000,a,train\np001,b,train\np002,a,test\n")
    with pytest.raises(InputError, match="patient 'a' is in train and in test"):
        read_datasets([squares])


def test_data_set_named_twice_is_one_data_set(squares: Path, make_squares: Callable[..., Path]) -> None:
    """Training draws from it twice as often; what is measured or listed once per data set sees it once."""
    other = make_squares(squares.with_name("other"))
    datasets = read_datasets([squares, other, squares])
    assert len(datasets) == 3
    assert [dataset.folder for dataset in distinct(datasets)] == [squares, other]


def test_the_look_of_a_phantom_is_read(squares: Path) -> None:
    """Where the list has such a column; otherwise there is none."""
    assert {sample.look for sample in read_datasets([squares])[0].samples} == {None}
    lines = [f"p00{n},a{n},train,trunk_anterior,{'raw' if n else ''}" for n in range(4)]
    (squares / "samples.csv").write_text("\n".join(["stem,patient_id,split,view,look", *lines]) + "\n")
    assert [sample.look for sample in read_datasets([squares])[0].samples] == [None, "raw", "raw", "raw"]
