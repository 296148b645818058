"""How each photograph of a de-identified study ended, and what somebody should look at before it is handed on."""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from typing import Final, Literal

from reepi.store.rows import escape

FINDINGS_FILE: Final = "findings.csv"

Status = Literal["copied", "masked", "withheld", "failed", ""]


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


def findings_text(rows: Iterable[PrivacyRow]) -> str:
    """Return rows as CSV text with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(PrivacyRow)])
    writer.writerows([escape(cell) for cell in astuple(row)] for row in rows)
    return text.getvalue()
