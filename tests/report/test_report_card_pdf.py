"""The printed card has its true size, carries the study's name, and is found when it is photographed."""

import functools
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reepi.imaging.card_detection import find_card
from reepi.imaging.card_layout import LAYOUTS, CardLayout, reference_colours
from reepi.report import card_pdf

POINTS_MM = 72 / 25.4

card = functools.cache(card_pdf.card)
"""Every card is drawn once."""


def page_sizes(pdf: bytes) -> list[tuple[float, float]]:
    boxes = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", pdf)
    return [(float(width) / POINTS_MM, float(height) / POINTS_MM) for width, height in boxes]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))
def test_pages_have_their_size(layout: CardLayout) -> None:
    """The card alone, and a sheet of A4 to cut it from."""
    alone, sheet = page_sizes(card(layout))
    assert alone == pytest.approx(layout.size, abs=0.1)
    assert sorted(sheet) == pytest.approx([210, 297], abs=0.1)


def test_same_study_same_bytes() -> None:
    assert card_pdf.card(LAYOUTS["a6"]) == card(LAYOUTS["a6"])


def test_what_is_printed_is_what_is_found(tmp_path: Path) -> None:
    """Paper and search agree on every millimetre and colour: the PDF, made a picture by another program, is found."""
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed (poppler-utils): the printed card is not looked at")
    (tmp_path / "card.pdf").write_bytes(card(LAYOUTS["a6"], "A study with a name that is longer than there is room"))
    command = ["pdftoppm", "-r", "127", "-png", "-f", "2", "-l", "2", str(tmp_path / "card.pdf"), str(tmp_path / "p")]
    subprocess.run(command, check=True)
    (page,) = tmp_path.glob("p*.png")
    found = find_card(np.asarray(Image.open(page).convert("RGB")))
    assert found is not None
    assert found.mm_per_px == pytest.approx(25.4 / 127, rel=1e-3)
    assert found.patches == pytest.approx(reference_colours(), abs=2)
