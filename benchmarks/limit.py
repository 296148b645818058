"""The limit that no batch on this machine can beat: a scaled JPEG decode and the networks, and nothing else.

Run with ``python benchmarks/limit.py STUDY [--photographs 8]``. A photograph is decoded no larger than the tissue
network needs it. The networks are loaded as reepi loads them and run on all cores; what they find is thrown away.
Prints the seconds of each photograph as JSON: of decoding, of the tissue network, and of the correspondence network,
which sees a photograph and its mirror image.
"""

import argparse
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import simplejpeg
from batch_scoring.studies import spread
from PIL import Image

from reepi.core.images import Pixels
from reepi.core.views import VIEW_NAMES
from reepi.model.canvas import correspondence_canvas
from reepi.model.inference import load_correspondence_predictor, load_segmenter
from reepi.model.letterbox import Letterbox
from reepi.model.prediction import network_input, tissue_logits
from reepi.store.shipped import shipped_model


def decoded(content: bytes, long_side: int) -> Pixels:
    """Return the pixels (h, w, 3) of a JPEG file at the smallest of the decoder's fractions with such a long side."""
    image = Image.open(io.BytesIO(content))
    scale = long_side / max(image.size)
    image.draft("RGB", (max(1, int(image.width * scale)), max(1, int(image.height * scale))))
    return np.asarray(simplejpeg.decode_jpeg(content, min_height=image.height, min_width=image.width))


def body_network(forward: Callable[..., object], pixels: Pixels, view: int) -> None:
    """Run the correspondence network on a photograph and on its mirror image."""
    canvas = network_input(Letterbox(pixels.shape[:2], correspondence_canvas(pixels.shape)).apply(pixels))
    forward(canvas, view)
    forward(np.ascontiguousarray(canvas[..., ::-1]), view)


def main() -> None:
    """Time the parts, photograph by photograph."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=Path)
    parser.add_argument("--photographs", type=int, default=8, help="so many, evenly over the study")
    options = parser.parse_args()
    tissue: Any = load_segmenter(shipped_model("tissue"))
    body: Any = load_correspondence_predictor(shipped_model("correspondence"))
    seconds: dict[str, list[float]] = {"decode": [], "tissue": [], "correspondence": []}

    @contextmanager
    def timed(part: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        seconds[part].append(time.perf_counter() - began)

    rows = spread(options.study, options.photographs)
    for row in (*rows, *rows):
        with timed("decode"):
            pixels = decoded((options.study / row["file"]).read_bytes(), tissue.card.long_side)
        with timed("tissue"):
            tissue_logits(tissue.forward, pixels, tissue.card.long_side)
        with timed("correspondence"):
            body_network(body.forward, pixels, VIEW_NAMES.index(row["view"]))
    # The first time, each shape of photograph is compiled for.
    print(json.dumps({part: times[len(rows) :] for part, times in seconds.items()}))


if __name__ == "__main__":
    main()
