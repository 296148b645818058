"""Text and barcodes in a photograph: a wristband, a label on a bag. They are found and told, not read out."""

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np

from reepi.core.images import Pixels

LOOKED_AT_PX: Final = 2000
"""Long side at which text is looked for [px]: letters of 3 mm on a photograph of half a metre are 12 px high."""

TURNS: Final = 4
"""Quarter turns in which text is looked for: a wristband lies along the arm, and Tesseract reads upright lines only.
Lines that slant by 20 degrees it misses mostly."""

LEAST_CONFIDENCE: Final = 60.0
"""Of a word, by Tesseract, 0 to 100: below it, folds and hair of photographs without text are taken for words."""

LEAST_LETTERS: Final = 3
SECONDS: Final = 60.0

Kind = Literal["barcode", "text"]


@dataclass(frozen=True)
class Written:
    """Something in a photograph that could be read.

    Parameters
    ----------
    kind : "barcode" or "text"
        What it is.
    box : (float, float, float, float)
        Left, top, right and bottom, as shares of the picture's width and height.
    """

    kind: Kind
    box: tuple[float, float, float, float]

    @property
    def place(self) -> str:
        """Where it is, in words such as ``top left``."""
        x, y = (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2
        row = "top" if y < 1 / 3 else "bottom" if y > 2 / 3 else "middle"
        column = "left" if x < 1 / 3 else "right" if x > 2 / 3 else "centre"
        return f"{row} {column}"


class TextNotReadError(Exception):
    """Tesseract is there and does not work, as without its language data: that is not the same as no text."""


def text_is_looked_for() -> bool:
    """Return whether Tesseract is installed; without it, only barcodes are found."""
    return shutil.which("tesseract") is not None


def written_in(pixels: Pixels) -> list[Written]:
    """Return barcodes, and text where Tesseract is installed, in pixels (H, W, 3), sRGB and upright.

    Raises
    ------
    TextNotReadError
        Tesseract failed.
    """
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    return [*_barcodes(grey), *_words(grey)]


def _barcodes(grey: Pixels) -> list[Written]:
    found = []
    for detect in (cv2.QRCodeDetector().detectMulti, cv2.barcode.BarcodeDetector().detectMulti):
        try:
            some, corners = detect(grey)[:2]
        except cv2.error:
            continue
        for corner in corners if some and corners is not None else ():
            (left, top), (right, bottom) = np.min(corner, axis=0), np.max(corner, axis=0)
            found.append(_written("barcode", (left, top, right, bottom), grey))
    return found


def _words(grey: Pixels) -> list[Written]:
    program = shutil.which("tesseract")
    if program is None:
        return []
    with ThreadPoolExecutor(TURNS) as pool:
        turned = pool.map(lambda turn: _words_after(program, grey, turn), range(TURNS))
    return [word for words in turned for word in words]


def _words_after(program: str, grey: Pixels, turn: int) -> list[Written]:
    """Return the words that are upright after some quarter turns against the clock."""
    picture = np.ascontiguousarray(np.rot90(grey, turn))
    content = cv2.imencode(".png", picture)[1].tobytes()
    # 11: text anywhere, in no order.
    command = [program, "stdin", "stdout", "--psm", "11", "tsv"]
    surroundings = os.environ | {"OMP_THREAD_LIMIT": "1"}
    try:
        answer = subprocess.run(  # noqa: S603 the program that the system finds under its name
            command, input=content, capture_output=True, timeout=SECONDS, check=True, env=surroundings
        )
    except subprocess.CalledProcessError as error:
        raise TextNotReadError(_last_line(error.stderr)) from error
    except (subprocess.SubprocessError, OSError) as error:
        raise TextNotReadError(type(error).__name__) from error
    lines = (line.split("\t") for line in answer.stdout.decode("utf-8", "replace").splitlines()[1:])
    found = [_written("text", _box(cells), picture) for cells in lines if len(cells) == 12 and _is_word(cells)]
    return [Written(word.kind, _turned_back(word.box, turn)) for word in found]


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _turned_back(box: tuple[float, float, float, float], turn: int) -> tuple[float, float, float, float]:
    """Return a box of shares as it lay before some quarter turns against the clock."""
    for _ in range(turn):
        left, top, right, bottom = box
        box = 1 - bottom, left, 1 - top, right
    return box


def _is_word(cells: list[str]) -> bool:
    letters = sum(letter.isalnum() for letter in cells[11])
    return float(cells[10]) >= LEAST_CONFIDENCE and letters >= LEAST_LETTERS


def _box(cells: list[str]) -> tuple[float, float, float, float]:
    left, top, width, height = (float(cell) for cell in cells[6:10])
    return left, top, left + width, top + height


def _written(kind: Kind, box: tuple[float, float, float, float], grey: Pixels) -> Written:
    height, width = grey.shape
    return Written(kind, (box[0] / width, box[1] / height, box[2] / width, box[3] / height))
