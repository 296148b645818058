"""Backgrounds come from training photographs only, and hold no skin."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from reepi.core.errors import InputError
from reepi.phantom.backdrops import load_backdrops

SIDE = 40
COLOURS = {"train": (200, 30, 30), "validation": (30, 200, 30), "test": (30, 30, 200)}
SKIN = (250, 250, 0)


def write_photographs(folder: Path, splits: list[str], values: str = '0 = "background"\n1 = "intact"') -> Path:
    """Write photographs of one colour per split whose right third is skin, in yellow."""
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    head = 'name = "rooms"\nsource = "generated"\nlicence = "CC0-1.0"\n[values]\n'
    (folder / "dataset.toml").write_text(head + values + "\n")
    lines = ["stem,patient_id,split"]
    for number, split in enumerate(splits):
        mask = np.zeros((SIDE, SIDE), np.uint8)
        mask[:, SIDE * 2 // 3 :] = 1
        pixels = np.where(mask[..., None] == 1, SKIN, COLOURS[split]).astype(np.uint8)
        cv2.imwrite(str(folder / "images" / f"r{number}.png"), pixels[..., ::-1])
        cv2.imwrite(str(folder / "masks" / f"r{number}.png"), mask)
        lines.append(f"r{number},{number},{split}")
    (folder / "samples.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_crops_are_free_of_skin_and_of_held_out_photographs(tmp_path: Path) -> None:
    """Only the colour of training photographs is met: neither skin nor the other splits."""
    crops = load_backdrops(write_photographs(tmp_path / "rooms", ["train", "test", "validation", "train"] * 2))
    assert crops
    assert {tuple(colour) for crop in crops for colour in crop.reshape(-1, 3)} == {COLOURS["train"]}


def test_unlabelled_pixels_may_be_skin(tmp_path: Path) -> None:
    """What nobody has labelled is not taken for background."""
    folder = write_photographs(tmp_path / "rooms", ["train"] * 3, '0 = "unlabelled"\n1 = "intact"')
    with pytest.raises(InputError, match="no training photograph has a crop free of skin"):
        load_backdrops(folder)


def test_folder_without_training_photographs_is_refused(tmp_path: Path) -> None:
    """There is nothing to cut from, and the message says so."""
    with pytest.raises(InputError, match="no training photograph"):
        load_backdrops(write_photographs(tmp_path / "rooms", ["test", "validation"]))
