"""What lowers trust in a photograph, with what to do about it."""

from dataclasses import dataclass


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
