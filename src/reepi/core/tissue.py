"""The one list of tissues: the class of a skin pixel, its mask value, colour and meaning."""

from enum import IntEnum
from typing import Final


class Tissue(IntEnum):
    """Tissue of a pixel; the value is the one stored in a mask."""

    BACKGROUND = 0
    INTACT = 1
    ERYTHEMA = 2
    DETACHABLE = 3
    DETACHED = 4
    REEPITHELIALISED = 5
    COVERED = 6

    @property
    def label(self) -> str:
        """The word used in files, screens and reports, such as ``detached``."""
        return self.name.lower()

    @classmethod
    def from_label(cls, label: str) -> "Tissue":
        """Return the tissue of a word.

        Raises
        ------
        ValueError
            The word names no tissue; the message lists those that exist.
        """
        try:
            return cls[label.strip().upper()]
        except KeyError:
            words = ", ".join(tissue.label for tissue in cls)
            raise ValueError(f"{label!r} is no tissue; use one of {words}") from None


UNLABELLED: Final = 255
"""Mask value of a pixel that nobody labelled: ignored by training, never predicted."""

OPEN: Final = (Tissue.DETACHABLE, Tissue.DETACHED)
"""What counts as body surface involved. Erythema never counts."""

ASSESSED: Final = (
    Tissue.INTACT,
    Tissue.ERYTHEMA,
    Tissue.DETACHABLE,
    Tissue.DETACHED,
    Tissue.REEPITHELIALISED,
)
"""Tissues that a reader can see. Covered skin is skin, but unassessed."""

CLOSED: Final = (Tissue.INTACT, Tissue.ERYTHEMA, Tissue.REEPITHELIALISED)
"""Tissues whose epidermis holds: what healed skin may look like."""

COLOURS: Final[dict[Tissue, tuple[int, int, int]]] = {
    Tissue.BACKGROUND: (0, 0, 0),
    Tissue.INTACT: (222, 200, 175),
    Tissue.ERYTHEMA: (236, 120, 120),
    Tissue.DETACHABLE: (132, 94, 194),
    Tissue.DETACHED: (190, 20, 40),
    Tissue.REEPITHELIALISED: (30, 150, 130),
    Tissue.COVERED: (130, 140, 150),
}
"""sRGB colour of each tissue in overlays and charts, 0 to 255."""
