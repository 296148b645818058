"""Which photographs of a day should be taken again while the patient is still there: rows of the re-shoot list."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Todo = Literal["take again", "take", "look at"]


@dataclass(frozen=True)
class ReshootRow:
    """One line of a re-shoot list.

    Parameters
    ----------
    patient_id : str
        Whose skin.
    date : datetime.date
        Date of the visit.
    day : int or None
        Days since day zero; None where the patient has no day zero yet.
    view : str
        The view; empty where a planned visit has no photograph and nothing tells its views.
    todo : "take again", "take" or "look at"
        The only photographs of a view are of no use; a view is missing; or a photograph counts and something lowers
        trust in it.
    file : str
        The photograph, as in ``photos.csv``; empty where there is none.
    code : str
        Reason code, such as ``blurred``, or ``missing``.
    remedy : str
        What to do, in a sentence.
    """

    patient_id: str
    date: date
    day: int | None
    view: str
    todo: Todo
    file: str
    code: str
    remedy: str
