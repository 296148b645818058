"""What lowers trust in a photograph, with what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Finding:
    """One thing that a look at a photograph found.

    Parameters
    ----------
    code : str
        Reason code, such as ``blurred``.
    remedy : str
        What to do at the bedside, in a sentence.
    measured : float, optional
        What was measured, in the unit of ``limit``.
    limit : float, optional
        What it was compared with.
    refuses : bool
        Whether the photograph should be taken again; else it is told and kept.
    """

    code: str
    remedy: str
    measured: float | None = None
    limit: float | None = None
    refuses: bool = False


PLACE_BY_HAND: Final = "place_by_hand"
"""Code of a photograph that is framed as it should be, and on which the body could not be laid all the same."""

REMEDIES: Final[dict[str, str]] = {
    "blurred": "Hold the camera still, with its focus on the skin, and give it more light.",
    "dark": "Give more light, or let the camera expose longer.",
    "overexposed": "Take light away, or let the camera expose shorter.",
    "glare": "Turn the flash off or move the lamp, until no white spot lies on the skin.",
    "colour_cast": "Use one kind of light and the camera's automatic white balance, or lay the card beside the skin.",
    "low_resolution": "Give the camera's original, not a reduced copy.",
    "too_little_skin": "Uncover the skin, and let the body part fill the picture.",
    "view_incomplete": "Bring the whole body part into the picture.",
    "too_far": "Go nearer, until the body part nearly fills the picture.",
    "too_near": "Step back, until the whole body part is in the picture.",
    "wrong_view": "Correct the view that was given, or take the one that is meant.",
    PLACE_BY_HAND: "Place points on it in the review; another photograph of the same framing may fare no better.",
    "face_uncovered": "Cover the patient's eyes and nose, and take it again; delete this one.",
    "card_missing": "Lay the card flat beside the skin, facing the camera, and keep it uncovered.",
    "scale_differs": "Lay the card at the height of the skin, and check the patient's height, or the scale given.",
    "repeated": "Remove one of the two from the list, and see which photograph is missing in its place.",
    "outside_visit": "Check the date of the photograph, the patient's day zero, and the planned visit days.",
    "future_date": "Correct the date of the photograph, or the camera's clock.",
}
"""What to do about each thing that can be found in a photograph that could be read."""


def as_reasons(findings: Iterable[Finding]) -> str:
    """Return findings as the tables of results have them: their codes, in order."""
    return "; ".join(finding.code for finding in findings)
