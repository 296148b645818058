"""Measure the review's window at 12 megapixels: opening, strokes, live numbers, and going to the next photograph.

Run with ``python benchmarks/review_window.py`` where there is a display (``xvfb-run -a`` makes one in memory). The
photographs of one visit of the sample study are enlarged to 12 megapixels and scored first, which takes some minutes
once; ``--study DIR`` keeps them there for the next time. Times are from the reader's action until the window has drawn
what it led to, the middle one of several; beside each stands what it may cost, and its ratio to decoding one of these
photographs in the same run, which tells machines apart. On a machine without a graphics card the drawing is done by
the processor and is most of the time.
"""

import argparse
import csv
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from reepi.cli.batch import score_folder
from reepi.cli.models import Models
from reepi.core.tissue import Tissue
from reepi.imaging.reading import decode_photograph
from reepi.review.app import open_review
from reepi.review.desk import FULL_SIZE
from reepi.store.shipped import sample_study

LONG_SIDE = 4000
"""Long side of the photographs [px]; with sides of 3 to 4 that is 12 megapixels."""

DAY = "d05"
"""The visit whose photographs are enlarged."""


class Silence:
    """Answers nothing, and makes of trouble what it is in a benchmark."""

    def choose(self, question: str, answers: object) -> str:
        """Return no answer."""
        return ""

    def write(self, question: str) -> str:
        """Return no answer."""
        return ""

    def tell(self, text: str) -> None:
        """Raise trouble."""
        if "Everything is read" not in text:
            raise RuntimeError(text)


def enlarged_study(folder: Path) -> None:
    """Write the sample study's visit at 12 megapixels, and score it."""
    source = sample_study()
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    for name in ("study.toml", "patients.csv"):
        (folder / name).write_bytes((source / name).read_bytes())
    with (source / "photos.csv").open(newline="") as file:
        lines = [line for line in csv.DictReader(file) if DAY in line["file"]]
    for line in lines:
        pixels = cv2.imread(str(source / line["file"]))
        scale = LONG_SIDE / max(pixels.shape[:2])
        large = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        noise = np.random.default_rng(0).normal(0, 4, (*large.shape[:2], 1))
        cv2.imwrite(str(folder / line["file"]), np.clip(large + noise, 0, 255).astype(np.uint8))
    with (folder / "photos.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    score_folder(folder, folder / "results", Models.chosen())


def timed(action: Callable[[], object]) -> float:
    """Return the time of an action until everything that it led to is drawn [s]."""
    from qtpy.QtWidgets import QApplication

    begin = time.perf_counter()
    action()
    QApplication.processEvents()
    return time.perf_counter() - begin


def settle(seconds: float) -> None:
    """Let what goes on in the background come to its end."""
    from qtpy.QtWidgets import QApplication

    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        QApplication.processEvents()
        time.sleep(0.01)


def measure(folder: Path) -> list[tuple[str, float, float]]:
    """Return what was measured, each with its time and what it may cost [s]."""
    from qtpy.QtWidgets import QApplication

    from reepi.review.window import ReviewWindow

    QApplication.instance() or QApplication([])
    window = ReviewWindow(open_review(folder, f"benchmark {time.time():.0f}"), ask=Silence())  # type: ignore[arg-type]
    window.viewer.window._qt_window.resize(1600, 1000)
    path = folder / window.review.tasks[0].entry.file
    content = path.read_bytes()
    decode = [timed(lambda: decode_photograph(content, FULL_SIZE)) for _ in range(5)]
    window.start()
    settle(4)
    found = [("decode a photograph, for comparison", float(np.median(decode)), float("nan"))]
    cold = []
    for at in (4, 2, 6, 1, 5):
        cold.append(timed(lambda at=at: window.open(at)))
        settle(4)
    found.append(("open a photograph from the list", float(np.median(cold)), 1.0))
    layer, kept, strokes, counts = window.layers.tissues, [], [], []
    for number in range(7):
        window.choose(Tissue.DETACHED if number % 2 else Tissue.ERYTHEMA)
        place = (1000 + 60 * number, 1500)

        begin = time.perf_counter()
        layer.paint(place, int(window.tissue))
        window.take_strokes()
        kept.append(time.perf_counter() - begin)
        QApplication.processEvents()
        strokes.append(time.perf_counter() - begin)
        counts.append(timed(window.count))
    found.append(("a stroke: painted and kept", float(np.median(kept)), 0.05))
    found.append(("a stroke: painted, kept and drawn", float(np.median(strokes)), 0.05))
    found.append(("the visit's numbers, on panel and chart", float(np.median(counts)), 0.3))
    window.open(0)
    ahead = []
    for _ in range(4):
        settle(5)
        ahead.append(timed(window.accept))
    found.append(("save, and show the next photograph", float(np.median(ahead)), 1.0))
    window.close()
    return found


def main() -> None:
    """Measure in a folder of its own, or in one that is kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, help="folder of the enlarged study, kept for the next time")
    chosen = parser.parse_args()
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        print("There is no display to draw on; run it with xvfb-run -a.")
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.study or Path(temporary)
        if not (folder / "results" / "areas.csv").is_file():
            enlarged_study(folder)
        found = measure(folder)
    unit = found[0][1]
    print("| at 12 megapixels | measured [ms] | limit [ms] | times decoding |\n|---|---|---|---|")
    for what, seconds, limit in found:
        allowed = "" if np.isnan(limit) else f"{1000 * limit:.0f}"
        print(f"| {what} | {1000 * seconds:.0f} | {allowed} | {seconds / unit:.1f} |")


if __name__ == "__main__":
    main()
