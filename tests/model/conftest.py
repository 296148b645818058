"""Generated training data: squares of known tissue on plain ground, and bodies whose faces are known."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

N_FACES = 40

DATASET = """name = "squares"
source = "generated"
licence = "CC0-1.0"
[values]
0 = "background"
1 = "intact"
4 = "detached"
9 = ["background", "covered"]
255 = "unlabelled"
"""


def write_squares(folder: Path, n: int = 4, *, faces: bool = False, declaration: str = DATASET) -> Path:
    """Write n photographs (96, 72) with a skin square and a red square in it; two of four for training."""
    for name in ("images", "masks", *(["faces"] if faces else [])):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "dataset.toml").write_text(declaration)
    lines = ["stem,patient_id,split,view"]
    for number in range(n):
        stem, split = f"p{number:03d}", ("train", "train", "validation", "test")[number % 4]
        mask = np.zeros((96, 72), np.uint8)
        mask[16:80, 12:60] = 1
        mask[32 : 48 + number % 8, 24:44] = 4
        colours = np.array([[20, 60, 30], [200, 170, 150], [0, 0, 0], [0, 0, 0], [170, 20, 30]], np.uint8)
        cv2.imwrite(str(folder / "images" / f"{stem}.jpg"), colours[mask][..., ::-1])
        cv2.imwrite(str(folder / "masks" / f"{stem}.png"), mask)
        if faces:
            codes = np.where(mask > 0, np.arange(96)[:, None] % N_FACES + 1, 0).astype(np.uint16)
            cv2.imwrite(str(folder / "faces" / f"{stem}.png"), codes)
        lines.append(f"{stem},{split}-{number // 4},{split},trunk_anterior")
    (folder / "samples.csv").write_text("\n".join(lines) + "\n")
    if faces:
        rng = np.random.default_rng(0)
        centroids = rng.uniform(-0.5, 0.5, (N_FACES, 3)).astype(np.float32)
        mirror = np.arange(N_FACES, dtype=np.int32) ^ 1
        centroids[1::2] = centroids[0::2] * np.array([-1, 1, 1], np.float32)
        np.savez(folder / "canonical.npz", centroids=centroids, mirror=mirror)
    return folder


@pytest.fixture
def squares(tmp_path: Path) -> Path:
    """A data folder with tissue masks."""
    return write_squares(tmp_path / "squares")


@pytest.fixture
def bodies(tmp_path: Path) -> Path:
    """A data folder with tissue masks and faces."""
    return write_squares(tmp_path / "bodies", faces=True)


@pytest.fixture
def make_squares() -> Callable[..., Path]:
    """The writer itself, for other numbers and declarations."""
    return write_squares
