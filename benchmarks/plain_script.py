"""The script that a user would write instead of reepi: each photograph's tissue mask and overlay, and nothing else.

Run with ``python benchmarks/plain_script.py STUDY --out DIR [--long-side 1024] [--enlarge mask]``. Pillow
decodes the whole photograph and makes it smaller, the shipped tissue network (segmentation-models-pytorch, its own
weights) sees it in plain torch in single precision on all cores, and mask and overlay are written at the photograph's
size. There is no capture card, no registration, no area and no report. ``--enlarge`` says what is brought to the
photograph's size: the network's output, of which the most probable tissue is then taken, as many such scripts do, or
only the finished mask, which costs less. Prints the seconds of each photograph as JSON.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from batch_scoring.studies import spread
from PIL import Image, ImageOps

from reepi.core.tissue import COLOURS, Tissue
from reepi.model.folder import read_model
from reepi.store.shipped import shipped_model

STRIDE = 32
"""The network takes sides that are multiples of it [px]."""

PALETTE = np.array([COLOURS.get(tissue, (0, 0, 0)) for tissue in Tissue], np.uint8)

Enlarge = Literal["probabilities", "mask"]


def segment(path: Path, out: Path, network: torch.nn.Module, long_side: int, enlarge: Enlarge) -> None:
    """Write mask and overlay of one photograph."""
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    scale = long_side / max(image.size)
    width, height = (max(1, round(side * scale / STRIDE)) * STRIDE for side in image.size)
    small = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))
    mask = Image.fromarray(predicted(small, image.size, network, enlarge)).resize(image.size, Image.Resampling.NEAREST)
    mask.save(out / f"{path.stem}.png")
    painted = Image.fromarray(PALETTE[np.asarray(mask)])
    Image.blend(image, painted, 0.35).save(out / f"{path.stem}_overlay.jpg", quality=85)


def predicted(
    pixels: npt.NDArray[np.uint8], size: tuple[int, int], network: torch.nn.Module, enlarge: Enlarge
) -> npt.NDArray[np.uint8]:
    """Return the mask of pixels (h, w, 3), at their size or at the photograph's (width, height)."""
    with torch.inference_mode():
        # The network itself brings 0..1 to the range that its encoder learnt with.
        logits = network(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255)
        if enlarge == "probabilities":
            logits = torch.nn.functional.interpolate(logits, size[::-1], mode="bilinear", align_corners=False)
        return logits.softmax(dim=1).argmax(dim=1)[0].to(torch.uint8).numpy()


def main() -> None:
    """Segment the photographs one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--long-side", type=int, default=1024)
    parser.add_argument("--enlarge", choices=("probabilities", "mask"), default="mask")
    parser.add_argument("--photographs", type=int, default=8, help="so many, evenly over the study")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    network, _ = read_model(shipped_model("tissue"))
    seconds = []
    for row in spread(options.study, options.photographs):
        began = time.perf_counter()
        segment(options.study / row["file"], options.out, network, options.long_side, options.enlarge)
        seconds.append(time.perf_counter() - began)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
