"""Reads photographs as the models see them when a study is scored: with the light of the room taken out."""

from pathlib import Path

from reepi.core.capture import CaptureProtocol
from reepi.core.images import Photograph
from reepi.imaging.card_detection import find_card_in
from reepi.imaging.limits import WORKING_SIDE
from reepi.imaging.reading import decode_finely, decode_photograph, read_bytes
from reepi.imaging.standardising import standardised


def read_standardised(path: Path, capture: CaptureProtocol, working_side: int = WORKING_SIDE) -> Photograph:
    """Read a photograph of a study and standardise its colours by the card in it, as the study asks for.

    Parameters
    ----------
    path : Path
        Its file.
    capture : CaptureProtocol
        Which card to look for, and whether colours are standardised.
    working_side : int
        Long side of the result [px].

    Raises
    ------
    PhotographRejected
        It cannot be read; see `reepi.imaging.reading.read_photograph`.
    """
    content = read_bytes(path)
    card = find_card_in(decode_finely(content).pixels, capture.chart) if capture.card != "none" else None
    return standardised(decode_photograph(content, working_side), card, capture.standardise)[0]
