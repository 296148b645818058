"""A reader's signature under a visit as a value."""

from dataclasses import dataclass
from datetime import date, datetime

from reepi.core.trail import Visit


@dataclass(frozen=True)
class Signature:
    """What a reader stands for with a signature: the newest of everything they said of a visit.

    Parameters
    ----------
    number : int
        Place in the trail.
    patient_id : str
        Whose visit.
    date : date
        Day of the visit.
    reader : str
        Who signed.
    files : tuple of str
        Photographs that were signed, as in ``photos.csv``.
    signed : tuple of str
        Hashes of the events that were signed.
    saved_at : datetime
        When, UTC.
    sha256 : str
        Hash of its event.
    """

    number: int
    patient_id: str
    date: date
    reader: str
    files: tuple[str, ...]
    signed: tuple[str, ...]
    saved_at: datetime
    sha256: str

    @property
    def visit(self) -> Visit:
        """Patient and day."""
        return self.patient_id, self.date
