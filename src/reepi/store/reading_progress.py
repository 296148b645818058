"""How far the reading of a study is: which photographs are settled, and which readers do not agree on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reepi.core.errors import Fault, InputError
from reepi.core.reading import Reading, agreement
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
    # A photograph and no photograph differ entirely.
    differing = dict.fromkeys(_rejected_by_one(store, counting) if most_differing < 1 else (), 1.0)
    faults: list[Fault] = []
    for file, counted in counting.items():
        readings = [reading for reading in counted if reading.teaches]
        if len(readings) < 2 or file in differing:
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


def _rejected_by_one(store: ReadingStore, counting: Mapping[str, tuple[Reading, ...]]) -> set[str]:
    """Return the photographs that one reader rejected and another did not, and that nobody has decided on since."""
    rejected = {reading.photograph for reading in store.newest() if reading.state == "rejected"}
    undecided = (file for file, readings in counting.items() if all(each.role == "reader" for each in readings))
    return {file for file in undecided if file in rejected and any(each.teaches for each in counting[file])}
