"""How each photograph of a de-identified study ended, and what somebody should look at before it is handed on."""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from typing import Final, Literal

from reepi.store.rows import escape

FINDINGS_FILE: Final = "findings.csv"

Status = Literal["copied", "masked", "withheld", "failed", ""]

_AGAIN: Final = "Copy it again from the camera."
_HEIGHT: Final = "No body could be made for the patient. Check height and weight."
_POINTS: Final = "The points that a reader placed do not fit. Look at them in the review."

_WITHHELD: Final[dict[str, str]] = {
    "missing": "There is no such file. Copy it to its place, or correct its line.",
    "empty": f"The file has no content. {_AGAIN}",
    "truncated": f"The file ends too early. {_AGAIN}",
    "unreadable": "It is no photograph that can be read. Export it as JPEG.",
    "no_extra": "Nothing reads it where the study was de-identified. Install the extra there, or export it as JPEG.",
    "several_pictures": "The file holds several pictures. Export the one that is meant.",
    "too_large": "It is larger than is read. Export it smaller.",
    "too_small": "It is too small to be measured. Give the camera's original.",
    "no_body_template": _HEIGHT,
    "not_registered": "It could not be placed on the body. Place points on it in the review.",
    "place_by_hand": "It could not be placed on the body. Place points on it in the review.",
    "wrong_view": "It looks like another view than the one that was given. Correct the view.",
    "contradictory_points": _POINTS,
    "points_off_body": _POINTS,
    "points_outdated": "It was changed since a reader placed points on it. Restore it, or place them again.",
    "placement_unreadable": "The placement that came with it cannot be read. Restore or remove it.",
    "refused_by_reader": "A reader refused it, or its place. Place it in the review, then go on.",
}
"""What to tell of a withheld photograph to those who get the study, by code."""

_ELSE: Final = "It could not be de-identified. Whoever de-identified the study was told why."


@dataclass(frozen=True)
class PrivacyRow:
    """One line of ``findings.csv``. Nothing in it tells an old name.

    Parameters
    ----------
    file : str
        File of the handed-on study, such as ``photos.csv`` or a photograph; that of a withheld one is not there.
    patient_id : str
        Pseudonym of the patient, where it is about one.
    view : str
        Declared view of a photograph.
    status : str
        How a photograph ended: ``copied``, ``masked``, ``withheld`` or ``failed``; empty for tables.
    finding : str
        Code of what was found; empty where nothing was.
    explanation : str
        The finding in a sentence, with what to do.
    """

    file: str
    patient_id: str
    view: str
    status: Status
    finding: str = ""
    explanation: str = ""


def withheld(code: str) -> str:
    """Return what the handed-on study tells of a photograph that is not in it.

    The explanation of a rejection is made for those who know the patients: it may name readers, files and whatever an
    error of the system says.
    """
    return _WITHHELD.get(code, _ELSE)


def findings_text(rows: Iterable[PrivacyRow]) -> str:
    """Return rows as CSV text with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(PrivacyRow)])
    writer.writerows([escape(cell) for cell in astuple(row)] for row in rows)
    return text.getvalue()
