"""Which photographs to annotate next: those that the model is least sure of, most torn about, and knows least.

Each signal ranks the photographs by itself, and the mean of the ranks is the score, so no scale outweighs another.
Photographs are then chosen one by one; one that looks like those chosen or read before counts for less.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist
from scipy.stats import rankdata

from reepi.core.tissue import Tissue
from reepi.model.suggestion.signals import Signals

DECIMALS: Final = 5
"""Signals are compared to so many decimals, so that the last bits of a machine decide no order."""

NEAR: Final = 0.15
"""Two photographs much alike are apart by this part of what two of a study usually are; on the sample study the same
view of two visits is apart by 0.38 (median), another view by 1.1."""

LEAST_SPREAD: Final = 0.1
"""Directions that vary less than this part of the usual spread are not stretched further."""

TOLD_RANK: Final = 0.5
"""A signal is given as a reason where the photograph is in the upper half by it."""

TOLD_SHARE: Final = 0.005
"""Shares of skin below this are no reason worth telling."""

UNUSUAL: Final = 0.95
"""A photograph further from the training photographs than this share of their like is called unlike them."""

Floats64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Candidate:
    """A photograph that might be annotated.

    Parameters
    ----------
    file : str
        As in ``photos.csv``.
    signals : Signals
        What the model's answer tells.
    feature : (D,) float64
        What the encoder sees.
    readers_differ : float
        Share of skin at which readers differ, 0 to 1; 0 where fewer than two read it.
    distance : float or None
        From the training photographs; None where the model does not say what it saw.
    share_nearer : float or None
        Share of photographs like those of training that are nearer, 0 to 1.
    """

    file: str
    signals: Signals
    feature: Floats64
    readers_differ: float = 0.0
    distance: float | None = None
    share_nearer: float | None = None

    @property
    def disagreement(self) -> float:
        """Share of skin at which the mirrored photograph, or readers, say something else, 0 to 1."""
        return max(self.signals.mirrored, self.readers_differ)


@dataclass(frozen=True)
class Suggestion:
    """A photograph in its place.

    Parameters
    ----------
    candidate : Candidate
        The photograph.
    score : float
        Mean rank times what is not redundant, 0 to 1.
    mean_rank : float
        Mean of the ranks of its signals, 1 for the first of all and 0 for the last.
    redundancy : float
        How much it looks like photographs chosen or read before, 0 to 1.
    why : str
        The reasons, in words.
    """

    candidate: Candidate
    score: float
    mean_rank: float
    redundancy: float
    why: str


def suggest(candidates: Sequence[Candidate], read: Sequence[Floats64] = ()) -> tuple[Suggestion, ...]:
    """Return photographs in the order in which annotating them would teach most.

    Parameters
    ----------
    candidates : sequence of Candidate
        Photographs that nobody has read, or that readers differ on.
    read : sequence of (D,)
        Features of photographs that were read: what looks like them teaches less.
    """
    if not candidates:
        return ()
    ordered = sorted(candidates, key=lambda candidate: candidate.file)
    ranks = signal_ranks(ordered)
    means = ranks.mean(axis=0)
    alike = likeness(np.stack([each.feature for each in ordered]), read)
    count = len(ordered)
    redundancy = alike[:, count:].max(axis=1, initial=0.0)
    left, chosen = list(range(count)), []
    while left:
        # Of equals the first by name, so the order is the same everywhere.
        best = max(left, key=lambda place: (round(means[place] * (1 - redundancy[place]), DECIMALS), -place))
        left.remove(best)
        score, repeated = float(means[best] * (1 - redundancy[best])), float(redundancy[best])
        why = reasons(ordered[best], ranks[:, best])
        chosen.append(Suggestion(ordered[best], score, float(means[best]), repeated, why))
        redundancy = np.maximum(redundancy, alike[:, best])
    return tuple(chosen)


def signal_ranks(candidates: Sequence[Candidate]) -> Floats64:
    """Return the rank of every photograph (S, N) by each signal, 1 for the first, 0 for the last, ties shared.

    The signals are entropy, disagreement and, where the model says what it saw, distance.
    """
    signals = [[each.signals.entropy for each in candidates], [each.disagreement for each in candidates]]
    distances = [each.distance for each in candidates if each.distance is not None]
    if len(distances) == len(candidates):
        signals.append(distances)
    ranks = np.stack([rankdata(np.round(values, DECIMALS)) for values in signals])
    return np.asarray((ranks - 1) / (len(candidates) - 1) if len(candidates) > 1 else ranks, np.float64)


def likeness(features: Floats64, read: Sequence[Floats64]) -> Floats64:
    """Return how much photographs look like each other and like those read, (N, N + M), from 0 to 1.

    Every direction of the features is divided by its spread over all of them, so that none outweighs the others; two
    photographs drawn by chance are then apart by the root of twice the number of directions (root mean square). A
    direction that hardly varies is noise, and is not blown up.
    """
    everything = np.concatenate([features, np.stack(list(read))]) if len(read) else features
    spread = everything.std(axis=0)
    spread = np.maximum(spread, LEAST_SPREAD * np.sqrt((spread**2).mean()))
    even = everything / (np.where(spread > 0, spread, 1) * np.sqrt(2 * features.shape[1]))
    return np.asarray(np.exp(-0.5 * (cdist(even[: len(features)], even) / NEAR) ** 2))


def reasons(candidate: Candidate, ranks: Floats64) -> str:
    """Return in words why a photograph has its place, the strongest reason first.

    Parameters
    ----------
    candidate : Candidate
        The photograph.
    ranks : (S,)
        Its rank by each signal; see `signal_ranks`.
    """
    told = (_doubt(candidate), _contradiction(candidate), _unlikeness(candidate))
    strong = [(rank, words) for rank, words in zip(ranks, told, strict=False) if words and rank >= TOLD_RANK]
    ordered = [words for _, words in sorted(strong, key=lambda pair: -pair[0])]
    return "; ".join(ordered) or "nothing stands out"


def _doubt(candidate: Candidate) -> str:
    doubt = candidate.signals.doubt
    if doubt.share < TOLD_SHARE:
        return ""
    if doubt.first == Tissue.BACKGROUND:
        return f"unsure whether {doubt.second.label} or {doubt.first.label} on {_percent(doubt.share)} of skin"
    return f"unsure whether {doubt.first.label} or {doubt.second.label} on {_percent(doubt.share)} of skin"


def _contradiction(candidate: Candidate) -> str:
    told = []
    if candidate.readers_differ >= TOLD_SHARE:
        told.append(f"readers differ on {_percent(candidate.readers_differ)} of skin")
    if candidate.signals.mirrored >= TOLD_SHARE:
        told.append(f"another answer in the mirror on {_percent(candidate.signals.mirrored)} of skin")
    return "; ".join(told)


def _unlikeness(candidate: Candidate) -> str:
    if candidate.share_nearer is None or candidate.share_nearer < UNUSUAL:
        return ""
    return f"unlike the training photographs (further than {_percent(min(candidate.share_nearer, 0.99))} of their like)"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.095 else f"{100 * share:.1f} %"
