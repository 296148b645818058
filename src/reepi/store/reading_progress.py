"""How far the reading of a study is: which photographs are settled, and which readers do not agree on."""

from dataclasses import dataclass
from typing import Final

from reepi.core.errors import Fault, InputError
from reepi.core.reading import agreement
from reepi.store.readings import ReadingStore

SETTLED: Final = 0.10
"""Readers who differ on a larger share of skin than this have not settled a photograph. Chosen, not measured: two
annotations of FUSeg wounds agree with Dice 0.93, so 13 % of what either calls wound differs among good readers."""


@dataclass(frozen=True)
class ReadingProgress:
    """What the newest readings say of a study's photographs.

    Parameters
    ----------
    settled : frozenset of str
        Files that somebody accepted, corrected or rejected, and that readers do not differ on.
    differing : dict
        File to the share of skin at which its readers differ, where that is too much, 0 to 1.
    """

    settled: frozenset[str]
    differing: dict[str, float]


def reading_progress(store: ReadingStore, most_differing: float = SETTLED) -> ReadingProgress:
    """Return how far the reading of a study is; a proposal settles nothing, an adjudication does.

    Parameters
    ----------
    store : ReadingStore
        Its readings.
    most_differing : float
        Readers who differ on a larger share of skin than this have not settled a photograph, 0 to 1.

    Raises
    ------
    InputError
        The data base or a mask was changed; names all such masks.
    """
    counting = store.counting()
    differing: dict[str, float] = {}
    faults: list[Fault] = []
    for file, counted in counting.items():
        readings = [reading for reading in counted if reading.teaches]
        if len(readings) < 2:
            continue
        try:
            share = agreement([store.mask(reading) for reading in readings]).differing
        except InputError as error:
            faults += error.faults
            continue
        if share > most_differing:
            differing[file] = share
    if faults:
        raise InputError(faults)
    return ReadingProgress(frozenset(counting.keys() - differing.keys()), differing)
