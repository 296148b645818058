"""Lesions on photographed skin: they stay on it, and the mask says what was laid there."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from reepi.core.errors import InputError
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.model.data.datasets import read_datasets
from reepi.phantom.composites import NOT_SKIN, CompositeOptions, write_composites
from reepi.phantom.compositing import composite

SKIN = np.array([224, 172, 140], np.uint8)


def person() -> tuple[np.ndarray, np.ndarray]:
    """Return a photograph of a wall with a square of skin, lit from the left, and where the skin is."""
    pixels = np.full((160, 120, 3), (40, 90, 160), np.uint8)
    skin = np.zeros((160, 120), bool)
    skin[20:140, 20:100] = True
    pixels[skin] = (SKIN * np.linspace(1.0, 0.5, 80)[None, :, None]).repeat(120, axis=0).reshape(-1, 3)
    return pixels, skin


def composites() -> list[tuple[np.ndarray, np.ndarray]]:
    return [composite(*person(), np.random.default_rng(seed)) for seed in range(8)]


def test_only_skin_with_lesions_changes() -> None:
    """Away from lesions, by more than the optics blur, the photograph stays as it was."""
    pixels, skin = person()
    for changed, tissue in composites():
        struck = skin & (tissue != Tissue.INTACT)
        near = cv2.dilate(struck.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
        assert np.abs(changed.astype(int) - pixels)[~near].max(initial=0) <= 1
        assert not tissue[~skin].any()


def test_lesions_are_laid_and_seen() -> None:
    """Most draws show several tissues, and what was struck looks different."""
    pixels, skin = person()
    found = composites()
    assert len({int(t) for _, tissue in found for t in np.unique(tissue[skin])}) == 5
    for changed, tissue in found:
        struck = skin & np.isin(tissue, (Tissue.DETACHABLE, Tissue.DETACHED))
        if struck.sum() > 200:
            assert np.abs(changed.astype(int) - pixels)[struck].mean() > 10


def test_light_of_the_photograph_falls_on_lesions() -> None:
    """Where the skin lies in shade, so does the wound on it."""
    sides = [
        [changed[half & (tissue == Tissue.DETACHED)].mean() for half in _halves(tissue)]
        for changed, tissue in composites()
        if all((half & (tissue == Tissue.DETACHED)).sum() > 100 for half in _halves(tissue))
    ]
    assert sides
    assert all(lit > shaded for lit, shaded in sides)


def _halves(tissue: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    left = np.broadcast_to(np.arange(tissue.shape[1]) < 60, tissue.shape)
    return left, ~left


def write_source(folder: Path, meaning: str = "intact") -> Path:
    """Write a data folder of two people of different splits: 0 wall, 1 skin, 2 clothes."""
    pixels, skin = person()
    labels = np.where(skin, 1, 0).astype(np.uint8)
    labels[100:140, 20:100] = 2
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    for stem in ("a", "b"):
        cv2.imwrite(str(folder / "images" / f"{stem}.png"), pixels[..., ::-1])
        cv2.imwrite(str(folder / "masks" / f"{stem}.png"), labels)
    (folder / "dataset.toml").write_text(
        f'name = "people"\nsource = "s"\nlicence = "L"\n[values]\n0 = "background"\n1 = "{meaning}"\n'
        '2 = ["background", "covered"]\n'
    )
    (folder / "samples.csv").write_text("stem,patient_id,split\na,A,train\nb,B,test\n")
    return folder


def test_composites_keep_patient_and_split(tmp_path: Path) -> None:
    """The folder can be trained on; nobody moves from test to training, and a second run changes nothing."""
    options = CompositeOptions(tmp_path / "out", write_source(tmp_path / "people"), 3, 4)
    write_composites(options)
    (dataset,) = read_datasets([options.out])
    assert dataset.licence == "L"
    assert {(s.patient_id, s.split) for s in dataset.samples} == {("A", "train"), ("B", "test")}
    before = {path: path.read_bytes() for path in options.out.rglob("*.*")}
    write_composites(options)
    assert {path: path.read_bytes() for path in options.out.rglob("*.*")} == before
    assert list(pd.read_csv(options.out / "samples.csv")["stem"]) == [f"c3_0000{n}" for n in range(4)]


def test_patients_keep_their_split_while_composites_are_added(tmp_path: Path) -> None:
    """A run that adds some and is stopped leaves every line, and who reads the folder is told what is missing."""
    onto, out = write_source(tmp_path / "people"), tmp_path / "out"
    write_composites(CompositeOptions(out, onto, 3, 4))

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_composites(CompositeOptions(out, onto, 3, 6), stop)
    lines = pd.read_csv(out / "samples.csv")
    assert list(lines["split"]) == ["train", "test"] * 3
    with pytest.raises(InputError, match="images/ holds no photograph 'c3_00005'"):
        read_datasets([out])


def test_fewer_composites_take_no_line_away(tmp_path: Path) -> None:
    """The photographs of the larger set are still there, and still somebody's."""
    onto, out = write_source(tmp_path / "people"), tmp_path / "out"
    write_composites(CompositeOptions(out, onto, 3, 4))
    write_composites(CompositeOptions(out, onto, 3, 2))
    (dataset,) = read_datasets([out])
    assert [(s.patient_id, s.split) for s in dataset.samples] == [("A", "train"), ("B", "test")] * 2


def test_composites_stay_their_patients_where_the_source_grows(tmp_path: Path) -> None:
    """Photographs take turns anew, but those that were made show whom they showed."""
    onto, out = write_source(tmp_path / "people"), tmp_path / "out"
    write_composites(CompositeOptions(out, onto, 3, 3))
    for part in ("images", "masks"):
        (onto / part / "c.png").write_bytes((onto / part / "b.png").read_bytes())
    (onto / "samples.csv").write_text("stem,patient_id,split\na,A,train\nb,B,test\nc,C,val\n")
    write_composites(CompositeOptions(out, onto, 3, 6))
    (dataset,) = read_datasets([out])
    assert [sample.patient_id for sample in dataset.samples] == ["A", "B", "A", "A", "B", "C"]


def test_mask_knows_only_what_is_known(tmp_path: Path) -> None:
    """Wall stays background, clothes stay clothes or background, the rim of the skin is left open."""
    options = CompositeOptions(tmp_path / "out", write_source(tmp_path / "people"), 3, 1)
    write_composites(options)
    values = cv2.imread(str(options.out / "masks" / "c3_00000.png"), cv2.IMREAD_UNCHANGED)
    assert values is not None
    assert (values[:20] == Tissue.BACKGROUND).all()
    assert (values[100:140, 20:100] == NOT_SKIN).all()
    assert (values[20, 20:100] == UNLABELLED).all()
    assert np.isin(values[21:99, 21:99], [t.value for t in Tissue]).all()


def test_what_the_source_does_not_know_stays_unlabelled(tmp_path: Path) -> None:
    """Skin that nobody labelled, and a wound of the patient's own, are neither background nor covered."""
    onto = write_source(tmp_path / "people")
    declared = onto / "dataset.toml"
    declared.write_text(declared.read_text() + '3 = "detached"\n4 = "covered"\n')
    labels = cv2.imread(str(onto / "masks" / "a.png"), cv2.IMREAD_UNCHANGED)
    assert labels is not None
    labels[100:110], labels[110:120], labels[120:130] = UNLABELLED, 3, 4
    cv2.imwrite(str(onto / "masks" / "a.png"), labels)
    write_composites(CompositeOptions(tmp_path / "out", onto, 3, 1))
    values = cv2.imread(str(tmp_path / "out" / "masks" / "c3_00000.png"), cv2.IMREAD_UNCHANGED)
    assert values is not None
    assert (values[100:120] == UNLABELLED).all()
    assert (values[120:140, 20:100] == NOT_SKIN).all()


def test_photographs_without_skin_are_refused(tmp_path: Path) -> None:
    """A folder that knows no intact skin has nothing to lay lesions on."""
    with pytest.raises(InputError, match="no photograph shows skin"):
        write_composites(CompositeOptions(tmp_path / "out", write_source(tmp_path / "p", "detached"), 3, 1))
