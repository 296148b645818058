"""Data folders: what mask values mean, and that every fault is named before training starts."""

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from reepi.core.errors import InputError
from reepi.core.tissue import Tissue
from reepi.model.data.datasets import distinct, read_datasets
from reepi.model.data.label_sets import parse_label_sets

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
    for name, content in (
        ("broken", b"no picture"),
        ("empty", b""),
        ("half", (images / "p000.jpg").read_bytes()[:900]),
    ):
        cv2.imwrite(str(masks / f"{name}.png"), np.zeros((96, 72), np.uint8))
        (images / f"{name}.jpg").write_bytes(content)
    cv2.imwrite(str(masks / "black.png"), np.zeros((96, 72), np.uint8))
    cv2.imwrite(str(images / "black.jpg"), np.zeros((96, 72, 3), np.uint8))
    shutil.copy(images / "p001.jpg", images / "p001.jpeg")
    with pytest.raises(InputError) as caught:
        read_datasets([squares, tmp_path / "nowhere"])
    told = {Path(fault.where).name: fault.problem for fault in caught.value.faults}
    assert told.keys() == {
        "p000.png", "p001.png", "p002.png", "p003.jpg", "lonely.png", "broken.jpg", "empty.jpg", "half.jpg",
        "black.jpg", "p001.jpeg", "samples.csv", "dataset.toml",
    }  # fmt: skip
    assert "10 x 10" in told["p000.png"]
    assert "77" in told["p001.png"]
    assert "3 channels" in told["p002.png"]
    assert "empty" in told["empty.jpg"]
    assert "breaks off" in told["half.jpg"]
    assert "same colour" in told["black.jpg"]
    assert all(fault.remedy for fault in caught.value.faults)


INDICES = np.zeros((96, 72), np.uint8)
INDICES[10:60, 10:60] = 1


@pytest.mark.parametrize(
    ("picture", "problem", "remedy"),
    [
        (Image.fromarray(INDICES).convert("P"), "palette PNG", "grey values"),
        (Image.fromarray(INDICES).convert("RGB"), "3 channels of uint8", "keep one of the channels"),
        (Image.fromarray(np.dstack([INDICES, INDICES * 0, INDICES])), "3 channels of uint8", "not its colour"),
        (Image.fromarray(INDICES > 0), "1 bits a pixel", "8 bits"),
        (Image.fromarray(INDICES.astype(np.uint16)), "uint16", "8-bit PNG"),
    ],
    ids=["palette", "grey colours", "colours", "one bit", "sixteen bits"],
)
def test_masks_of_other_kinds_are_told_apart(squares: Path, picture: Image.Image, problem: str, remedy: str) -> None:
    """What looks right in a viewer is read as other values; the remedy is that of the kind."""
    picture.save(squares / "masks" / "p000.png")
    with pytest.raises(InputError) as caught:
        read_datasets([squares])
    (fault,) = caught.value.faults
    assert problem in fault.problem
    assert remedy in fault.remedy


def test_empty_mask_and_mask_of_another_format_are_told(squares: Path) -> None:
    """A file of no bytes is no mask; a JPEG is named, because its values are not those that were drawn."""
    (squares / "masks" / "p000.png").write_bytes(b"")
    (squares / "masks" / "p001.png").rename(squares / "masks" / "p001.jpg")
    with pytest.raises(InputError) as caught:
        read_datasets([squares])
    told = {Path(fault.where).name: str(fault) for fault in caught.value.faults}
    assert "the file is empty" in told["p000.png"]
    assert "Export p001.jpg as p001.png" in told["p001.jpg"]


def test_mask_without_a_label_is_a_doubt(squares: Path) -> None:
    """Nothing can be learnt from it, but nothing is wrong either: it is named and training may go on."""
    cv2.imwrite(str(squares / "masks" / "p001.png"), np.full((96, 72), 255, np.uint8))
    (doubt,) = read_datasets([squares])[0].doubts
    assert Path(doubt.where).name == "p001.png"
    assert "labels no pixel" in doubt.problem


def test_mask_fits_the_upright_photograph(squares: Path) -> None:
    """A photograph taken with the camera on its side is as high as its stored form is wide."""
    path = squares / "images" / "p000.jpg"
    with Image.open(path) as upright:
        stored = upright.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    stored.save(path, exif=exif)
    sample = read_datasets([squares])[0].samples[0]
    assert sample.read_image().shape[:2] == sample.read_mask().shape


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
    lines = (*lines, "p002,d,train,", "p003,e,train,")
    (squares / "samples.csv").write_text("\n".join(["stem,patient_id,split,view", *lines]) + "\n")
    with pytest.raises(InputError) as caught:
        read_datasets([squares])
    assert [fault.line for fault in caught.value.faults] == [2, 3, 4, 5]


def test_patient_in_two_splits_is_refused(squares: Path) -> None:
    """Training on a patient who also tests would flatter the model; splits by default never do."""
    (squares / "samples.csv").write_text("stem,patient_id,split\np000,a,train\np001,b,train\np002,a,test\n")
    with pytest.raises(InputError, match="patient 'a' is in train and in test"):
        read_datasets([squares])


def test_a_split_told_once_is_that_of_all_of_a_patients_photographs(squares: Path) -> None:
    """A line without one would put the patient's other photographs where blocks of files lie: into training."""
    lines = ("p000,a,test", "p001,a,", "p002,b,", "p003,b,val")
    (squares / "samples.csv").write_text("\n".join(["stem,patient_id,split", *lines]) + "\n")
    assert [sample.split for sample in read_datasets([squares])[0].samples] == ["test", "test"] + ["validation"] * 2


def test_words_for_one_split_are_no_contradiction(squares: Path) -> None:
    lines = ("p000,a,val", "p001,a,validation", "p002,a,valid", "p003,a,Validation")
    (squares / "samples.csv").write_text("\n".join(["stem,patient_id,split", *lines]) + "\n")
    assert [sample.split for sample in read_datasets([squares])[0].samples] == ["validation"] * 4


@pytest.mark.parametrize(
    ("photographs", "told"), [(5, "no line for p004. "), (9, "no line for p004, p005, p006 and 2 more. ")]
)
def test_photographs_that_the_table_leaves_out_are_named(
    make_squares: Callable[..., Path], tmp_path: Path, photographs: int, told: str
) -> None:
    """Each may show a patient of the test split, so none is trained on as somebody of its own."""
    folder = make_squares(tmp_path / "data", photographs)
    table = folder / "samples.csv"
    table.write_text("\n".join(table.read_text().splitlines()[:5]) + "\n")
    with pytest.raises(InputError) as caught:
        read_datasets([folder])
    (fault,) = caught.value.faults
    assert fault.where == str(table)
    assert told in str(fault)


def test_without_a_table_every_photograph_is_a_patient(squares: Path) -> None:
    """A table is optional; one that is there has to be whole."""
    (squares / "samples.csv").unlink()
    assert [sample.patient_id for sample in read_datasets([squares])[0].samples] == ["p000", "p001", "p002", "p003"]


def test_data_sets_of_one_name_are_told_apart(squares: Path, make_squares: Callable[..., Path]) -> None:
    """Else the figures of the one would stand in the place of the other's."""
    other = make_squares(squares.with_name("other"))
    name = read_datasets([squares])[0].name
    found = [dataset.name for dataset in read_datasets([squares, other, squares])]
    assert found == [f"{name} ({squares.name})", f"{name} (other)", f"{name} ({squares.name})"]


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


def write_table(folder: Path, *lines: str, encoding: str = "utf-8") -> None:
    text = "\n".join(["stem,patient_id,split", *lines]) + "\n"
    (folder / "samples.csv").write_text(text, encoding=encoding)


def test_spaces_around_cells_make_no_other_patient(squares: Path) -> None:
    """Else one patient would train and test under two names."""
    write_table(squares, "p000,P1,train", " p001,P1 ,", "p002, P2,val ", "p003,P3,test")
    assert [(s.patient_id, s.split) for s in read_datasets([squares])[0].samples] == [
        ("P1", "train"), ("P1", "train"), ("P2", "validation"), ("P3", "test"),
    ]  # fmt: skip
    write_table(squares, "p000,P1,train", "p001,P1 ,test", "p002,P2,val", "p003,P3,test")
    with pytest.raises(InputError, match="patient 'P1' is in train and in test"):
        read_datasets([squares])


def test_photograph_with_two_lines_is_named(squares: Path) -> None:
    """The last of them counted, and the other patient was forgotten."""
    write_table(squares, "p000,a,train", "p001,b,train", "p002,c,val", "p003,d,test", "p003,a,train")
    with pytest.raises(InputError, match="'p003' has a line already") as caught:
        read_datasets([squares])
    assert [fault.line for fault in caught.value.faults] == [6]


def test_table_of_excel_is_read_and_one_of_another_encoding_is_told(squares: Path) -> None:
    """The mark at its start is none of the first column; what is not UTF-8 is a fault with a remedy."""
    lines = ("p000,Müller,train", "p001,Müller,train", "p002,c,val", "p003,d,test")
    write_table(squares, *lines, encoding="utf-8-sig")
    assert read_datasets([squares])[0].samples[0].patient_id == "Müller"
    write_table(squares, *lines, encoding="latin-1")
    with pytest.raises(InputError) as caught:
        read_datasets([squares])
    (fault,) = caught.value.faults
    assert (Path(fault.where).name, fault.remedy) == ("samples.csv", "Save it as CSV UTF-8.")


def test_photograph_in_two_splits_is_a_doubt(squares: Path, make_squares: Callable[..., Path]) -> None:
    """Also under another name and with a comment; the same one in the same split of another folder is none."""
    for name in ("images/p003.jpg", "masks/p003.png"):
        shutil.copy(squares / name.replace("p003", "p000"), squares / name)
    copy = squares / "images" / "p003.jpg"
    content = copy.read_bytes()
    copy.write_bytes(content[:2] + b"\xff\xfe\x00\x06mine" + content[2:])
    (doubt,) = read_datasets([squares])[0].doubts
    assert f"p003.jpg in test is also p000.jpg in train of {squares}" in str(doubt)
    assert "one split" in doubt.remedy
    other = make_squares(squares.with_name("other"))
    first, second, third = read_datasets([squares, other, squares])
    assert (first.doubts, second.doubts, third.doubts) == ((doubt,), (), (doubt,))
    table = other / "samples.csv"
    table.write_text(table.read_text().replace("p000,train-0,train", "p000,x,val").replace("p001,train-0", "p001,y"))
    (crossed,) = read_datasets([squares, other])[1].doubts
    assert crossed.where == str(other)
    assert f"p000.jpg in validation is also p000.jpg in train of {squares}" in crossed.problem
    assert "more such" not in crossed.problem


def test_patient_in_two_splits_of_two_folders_is_a_doubt(squares: Path, make_squares: Callable[..., Path]) -> None:
    """Two clinics may both have a patient 1, so training may go on; of those without a name nothing is known."""
    other = make_squares(squares.with_name("other"), 12)
    write_table(squares, "p000,P1,train", "p001,P2,train", "p002,p002,val", "p003,P3,test")
    write_table(other, *(f"p{n:03d},P{n % 3 + 1},{('test', 'test', 'train')[n % 3]}" for n in range(12)))
    first, second = read_datasets([squares, other])
    assert not first.doubts
    (told,) = (str(doubt) for doubt in second.doubts if "also patient" in doubt.problem)
    assert f"patient 'P1' in test is also patient 'P1' in train of {squares}; there are 2 more such" in told


def test_photographs_that_are_only_much_alike_are_no_doubt(squares: Path) -> None:
    """Two that cannot be told apart at an eighth of their size are compared in full."""
    pixels = cv2.imread(str(squares / "images" / "p000.jpg"))
    for stem, value in (("p000", 0), ("p003", 9)):
        (squares / "images" / f"{stem}.jpg").unlink()
        pixels[1, 1] = value
        cv2.imwrite(str(squares / "images" / f"{stem}.png"), pixels)
    shutil.copy(squares / "masks" / "p000.png", squares / "masks" / "p003.png")
    dataset = read_datasets([squares])[0]
    assert not dataset.doubts
