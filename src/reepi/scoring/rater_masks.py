"""How far two raters' tissue masks of the same photographs overlap: Dice, pooled and per photograph.

Dice = 2 n_ab / (n_a + n_b) over the pixels that both raters labelled (Dice, Ecology 1945;26:297-302). A photograph on
which neither names a tissue has no Dice for it: agreeing that nothing is there is not overlap.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.errors import Fault, InputError
from reepi.core.images import Mask
from reepi.core.results import OPEN_LABEL
from reepi.core.tissue import OPEN, Tissue
from reepi.scoring.rater_statistics import NO_SPREAD, RESAMPLES
from reepi.scoring.skin import Floats
from reepi.scoring.statistic import LEAST_PATIENTS, TAIL, Statistic

Masks = Mapping[str, Callable[[], Mask]]

SKIN_LABEL: Final = "skin"
"""Every tissue but background, covered skin too: whether raters see the same body."""

_ORDER: Final = (
    Tissue.DETACHED,
    Tissue.DETACHABLE,
    Tissue.ERYTHEMA,
    Tissue.REEPITHELIALISED,
    Tissue.INTACT,
    Tissue.COVERED,
)

SUBJECTS: Final[dict[str, tuple[Tissue, ...]]] = {
    OPEN_LABEL: OPEN,
    **{tissue.label: (tissue,) for tissue in _ORDER},
    SKIN_LABEL: tuple(tissue for tissue in Tissue if tissue != Tissue.BACKGROUND),
}
"""What masks are compared on, and the tissues it is made of."""


@dataclass(frozen=True)
class Overlap:
    """Pixels of photographs by what each of two raters called them.

    Parameters
    ----------
    files : tuple of str, N
        The photographs that both raters have.
    counts : (N, 7, 7) int64
        Pixels that both labelled, by tissue of the first rater (rows) and of the second (columns).
    """

    files: tuple[str, ...]
    counts: npt.NDArray[np.int64]

    def both_and_either(self, subject: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return twice the pixels that both call the subject, and the pixels of either added up, (N,) each."""
        chosen = list(SUBJECTS[subject])
        first, second = self.counts[:, chosen].sum(axis=(1, 2)), self.counts[:, :, chosen].sum(axis=(1, 2))
        return 2 * self.counts[:, chosen][:, :, chosen].sum(axis=(1, 2)), first + second

    def dice(self, subject: str) -> Floats:
        """Return the Dice of each photograph, (N,); nan where neither rater names the subject."""
        both, either = self.both_and_either(subject)
        return np.asarray(np.divide(both, either, out=np.full(len(both), np.nan), where=either > 0), np.float64)


def overlaps(
    masks: Mapping[str, Masks], told: Callable[[int], None] = lambda _: None
) -> dict[tuple[str, str], Overlap]:
    """Return, for every two raters, what they called each pixel of the photographs that both have.

    Each photograph's masks are opened once and let go before the next, since a mask may have 12 million pixels.

    Parameters
    ----------
    masks : dict of dict
        By rater, of each photograph a call that returns its mask.
    told : callable
        Told the number of photographs finished so far.

    Raises
    ------
    InputError
        Two masks of a photograph differ in size; names all such photographs.
    """
    counted: dict[tuple[str, str], dict[str, npt.NDArray[np.int64]]] = {pair: {} for pair in combinations(masks, 2)}
    faults = []
    for number, file in enumerate(shared_photographs(masks), start=1):
        opened = {rater: calls[file]() for rater, calls in masks.items() if file in calls}
        sizes = sorted({mask.shape for mask in opened.values()})
        if len(sizes) > 1:
            told_sizes = " and ".join(f"{width} x {height}" for height, width in sizes)
            faults.append(Fault(file, f"its masks are {told_sizes}", "Compare masks of the same photograph."))
        else:
            for first, second in combinations(opened, 2):
                counted[first, second][file] = _counted(opened[first], opened[second])
        told(number)
    if faults:
        raise InputError(faults)
    return {pair: _overlap(counts) for pair, counts in counted.items()}


def shared_photographs(masks: Mapping[str, Masks]) -> list[str]:
    """Return the photographs of which two raters or more have a mask, in alphabetical order."""
    having = Counter(file for calls in masks.values() for file in calls)
    return sorted(file for file, raters in having.items() if raters > 1)


def _overlap(counts: Mapping[str, npt.NDArray[np.int64]]) -> Overlap:
    n = len(Tissue)
    return Overlap(tuple(counts), np.array(list(counts.values()), np.int64).reshape(len(counts), n, n))


def _counted(first: Mask, second: Mask) -> npt.NDArray[np.int64]:
    n = len(Tissue)
    labelled = (first < n) & (second < n)
    pairs = first[labelled].astype(np.intp) * n + second[labelled]
    return np.bincount(pairs, minlength=n * n).reshape(n, n)


def pooled_dice(found: Overlap, subject: str, patients: Sequence[str]) -> Statistic:
    """Return the Dice of all photographs' pixels together, with the interval that drawing patients gives.

    Parameters
    ----------
    found : Overlap
        Of N photographs.
    subject : str
        One of `SUBJECTS`.
    patients : sequence of str, N
        Patient of each photograph; those of one patient are drawn together.
    """
    return _resampled(*found.both_and_either(subject), patients)


def mean_dice(found: Overlap, subject: str, patients: Sequence[str]) -> Statistic:
    """Return the mean Dice of the photographs on which either rater names the subject; see `pooled_dice`."""
    dice = found.dice(subject)
    return _resampled(np.nan_to_num(dice), np.isfinite(dice), patients)


def _resampled(
    numerators: npt.NDArray[np.generic], denominators: npt.NDArray[np.generic], patients: Sequence[str]
) -> Statistic:
    """Return sum / sum over photographs, with percentiles over samples of patients."""
    shown = np.flatnonzero(denominators)
    if not len(shown):
        return Statistic(None, remark="no photograph on which either names it")
    names, index = np.unique(np.asarray(patients)[shown], return_inverse=True)
    above, below = (np.bincount(index, weights=each[shown]) for each in (numerators, denominators))
    value = float(above.sum() / below.sum())
    if len(names) < LEAST_PATIENTS:
        few = f"no interval: shown by fewer than {LEAST_PATIENTS} patients"
        return Statistic(value, remark=few)
    drawn = np.random.default_rng(0).multinomial(len(names), [1 / len(names)] * len(names), RESAMPLES)
    low, high = np.percentile((drawn @ above) / (drawn @ below), [100 * TAIL, 100 * (1 - TAIL)])
    if high - low < NO_SPREAD:
        return Statistic(value, remark="no interval: all patients have the same")
    return Statistic(value, float(low), float(high))


def patients_of(files: Iterable[str], known: Mapping[str, str]) -> tuple[str, ...]:
    """Return the patient of each photograph; one whose patient is not known is taken as a patient of its own."""
    return tuple(known.get(file, f"photograph {file}") for file in files)
