"""What a reader decides of a registration: accepted, or refused with a reason."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from reepi.core.reading import checked_reader

Verdict = Literal["accepted", "refused"]

VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)


@dataclass(frozen=True)
class NewDecision:
    """What a reader is about to save of a photograph's registration.

    Parameters
    ----------
    photograph : str
        File as in ``photos.csv``.
    reader : str
        Who decided.
    verdict : "accepted" or "refused"
        What.
    registration_sha256 : str
        Hash of the registration's file, ``registrations/<stem>.json``, as the reader saw it.
    residual_mm : float, optional
        Residual of that registration [mm].
    reason : str
        Why; a refusal needs one, and so does a change after signing.
    photograph_sha256 : str
        Hash of the photograph as the reader saw it; empty takes the file as it is.
    event_id : str
        Identifier of this saving, so that it can be sent twice; empty makes a new one.

    Raises
    ------
    ValueError
        The reader has no proper name, the verdict is none, a refusal has no reason, or the residual is no number.
    """

    photograph: str
    reader: str
    verdict: Verdict
    registration_sha256: str
    residual_mm: float | None = None
    reason: str = ""
    photograph_sha256: str = ""
    event_id: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reader", checked_reader(self.reader))
        if self.verdict not in VERDICTS:
            raise ValueError(f"{self.verdict!r} is no decision; use one of {', '.join(VERDICTS)}")
        if self.verdict == "refused" and not self.reason.strip():
            raise ValueError("a refused registration needs a reason")
        if self.residual_mm is not None and not math.isfinite(self.residual_mm):
            raise ValueError(f"a residual of {self.residual_mm} mm is none; leave it out")


@dataclass(frozen=True)
class Decision:
    """A decision as it was saved. It is never changed: who thinks again saves another.

    Parameters
    ----------
    number : int
        Place in the trail.
    photograph : str
        File as in ``photos.csv``.
    photograph_sha256 : str
        Hash of its bytes when it was decided.
    reader : str
        Who decided.
    verdict : "accepted" or "refused"
        What.
    registration_sha256 : str
        Hash of the registration that was seen.
    residual_mm : float or None
        Its residual [mm].
    reason : str
        Why, or nothing.
    saved_at : datetime
        When, UTC.
    sha256 : str
        Hash of its event.
    """

    number: int
    photograph: str
    photograph_sha256: str
    reader: str
    verdict: Verdict
    registration_sha256: str
    residual_mm: float | None
    reason: str
    saved_at: datetime
    sha256: str
