"""Maps of the same skin followed from visit to visit: what became of each face, and how long it took to heal."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.history import FaceChange, SkinHistory, SkinState
from reepi.core.regions import NO_REGION
from reepi.report.textures import Colour, Texture

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Swatch:
    """How one code of a map looks, and what it stands for.

    Parameters
    ----------
    label : str
        What it stands for.
    colour : (int, int, int)
        sRGB.
    texture : Texture
        Marks on it.
    marks : (int, int, int)
        Colour of the marks.
    """

    label: str
    colour: Colour
    texture: Texture = "plain"
    marks: Colour = (255, 255, 255)

    @property
    def hex_colour(self) -> str:
        """The colour as ``#rrggbb``."""
        return "#{:02x}{:02x}{:02x}".format(*self.colour)


class Became(IntEnum):
    """What became of a face since the visit before."""

    CLOSED = 0
    STILL_OPEN = 1
    NEW = 2
    FIRST_SEEN = 3
    HEALED = 4
    STILL_HEALED = 5
    RELAPSE = 6
    HEALED_AT_EDGE = 7
    OPENED_AT_EDGE = 8
    UNASSESSED = 9
    NOT_SKIN = 10


BECAME_SWATCHES: Final = (
    Swatch("never open", (240, 233, 222)),
    Swatch("still open", (233, 164, 156)),
    Swatch("newly detached", (190, 20, 40)),
    Swatch("open when first seen", (190, 20, 40), "diagonals", (250, 225, 220)),
    Swatch("newly healed", (30, 150, 130), "dots", (214, 242, 236)),
    Swatch("healed before", (186, 221, 214)),
    Swatch("open again", (64, 22, 92), "lattice", (240, 200, 90)),
    Swatch("closed at an edge", (112, 186, 173)),
    Swatch("opened at an edge", (214, 92, 96)),
)
"""Looks of `Became`, in its order; what is unassessed or no skin looks as on every chart."""

HEAL_STEPS: Final = (3, 5, 7, 10, 15)
"""Days from first seen open to first seen healed at which the colour of the map changes."""

_STEP_COLOURS: Final = ((222, 240, 199), (161, 214, 169), (93, 180, 157), (45, 134, 140), (29, 88, 117), (25, 42, 82))
"""From fast to slow: one way from light to dark, which grey print keeps."""

NEVER_OPEN_CODE: Final = len(_STEP_COLOURS)
NOT_HEALED_CODE: Final = NEVER_OPEN_CODE + 1


def became(history: SkinHistory, visit: int, regions: npt.NDArray[np.int8]) -> Codes:
    """Return what became of each face at a visit, by its place in the history, as `Became`, (F,).

    A change that lies so near to an edge of open skin that the mapping alone could have moved it has a code of its own.

    Parameters
    ----------
    history : SkinHistory
        Of the patient.
    visit : int
        Place of the visit.
    regions : (F,) int8
        Region of each face, or `NO_REGION`.
    """
    state, change = history.states[visit], history.changes_at(visit)
    codes = np.full(len(state), Became.CLOSED, np.uint8)
    codes[state == SkinState.OPEN] = Became.STILL_OPEN
    codes[state == SkinState.HEALED] = Became.STILL_HEALED
    for happened, code in _HAPPENED.items():
        codes[change == happened] = code
    codes[history.at_edge[visit] & (change == FaceChange.HEALED)] = Became.HEALED_AT_EDGE
    codes[history.at_edge[visit] & (change != FaceChange.HEALED) & (change != FaceChange.NONE)] = Became.OPENED_AT_EDGE
    codes[~history.assessed[visit]] = Became.UNASSESSED
    codes[regions == NO_REGION] = Became.NOT_SKIN
    return codes


_HAPPENED: Final = {
    FaceChange.NEW_DETACHMENT: Became.NEW,
    FaceChange.FIRST_SEEN_OPEN: Became.FIRST_SEEN,
    FaceChange.HEALED: Became.HEALED,
    FaceChange.RELAPSE: Became.RELAPSE,
}


def heal_swatches() -> tuple[Swatch, ...]:
    """Return the looks of a map of times to heal, in the order of its codes."""
    ends = [f"up to {HEAL_STEPS[0]} days", *(f"{low + 1} to {high} days" for low, high in pairwise(HEAL_STEPS))]
    names = [*ends, f"more than {HEAL_STEPS[-1]} days"]
    steps = [Swatch(name, colour) for name, colour in zip(names, _STEP_COLOURS, strict=True)]
    not_healed = Swatch("open, not seen healed", (190, 20, 40), "diagonals", (250, 225, 220))
    return (*steps, Swatch("never open", (240, 233, 222)), not_healed)


def heal_codes(history: SkinHistory, regions: npt.NDArray[np.int8]) -> Codes:
    """Return how long each face took from first seen open to first seen healed, in steps, (F,).

    Codes are those of `heal_swatches`; behind them come that of a face which was never assessed, and of one that is no
    skin.

    Parameters
    ----------
    history : SkinHistory
        Of the patient.
    regions : (F,) int8
        Region of each face, or `NO_REGION`.
    """
    opened, healed = history.first_open_day, history.healed_to_day
    took = np.nan_to_num(healed - opened, nan=-1.0)
    codes: Codes = np.searchsorted(HEAL_STEPS, took, side="left").astype(np.uint8)
    codes[np.isnan(opened)] = NEVER_OPEN_CODE
    codes[~np.isnan(opened) & np.isnan(healed)] = NOT_HEALED_CODE
    codes[(history.states[-1] == SkinState.NEVER_ASSESSED)] = unassessed_code(heal_swatches())
    codes[regions == NO_REGION] = unassessed_code(heal_swatches()) + 1
    return codes


def unassessed_code(swatches: Sequence[Swatch]) -> int:
    """Return the code of unassessed skin on a map of such looks; that of no skin comes next."""
    return len(swatches)
