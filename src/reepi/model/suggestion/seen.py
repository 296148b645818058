"""What a model saw in training, small enough to travel with it, and how unlike that a photograph is.

Photographs are compared by the encoder's pooled feature: the Mahalanobis distance to the nearest data set's mean under
a covariance that all share (Lee et al., NeurIPS 2018). Only the leading directions have a variance of their own, the
others share one (Tipping & Bishop, J R Stat Soc B 1999;61:611-622), so that few photographs are enough to fit it.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.errors import Fault, InputError
from reepi.model.card import read_card
from reepi.model.data.datasets import DataSet, Sample, distinct, spread
from reepi.model.folder import SEEN, read_model, write_whole
from reepi.model.suggestion.features import Describe, describer

MOST_PHOTOGRAPHS: Final = 240
"""Photographs per data set that are described; more hardly move mean and covariance."""

FEWEST: Final = 2
"""Photographs of training that a covariance needs at least."""

DIRECTIONS: Final = 48
"""Leading directions with a variance of their own, at most."""

LEAST_APART: Final = 20
"""Photographs kept apart that tell by themselves which distances are usual."""

LEAST_VARIANCE: Final = 1e-6
"""Part of all variance that no direction falls below: what never varied must not divide by zero."""

Floats64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """Summary of the features of the training photographs.

    Parameters
    ----------
    means : (K, D) float64
        Mean feature of each data set.
    whitening : (R, D) float64
        Leading directions, each divided by its standard deviation.
    rest : float
        Standard deviation of every other direction.
    typical : (101,) float64
        Percentiles 0 to 100 of the distance of photographs that the summary was not fitted to.
    n_usual : int
        Photographs that the percentiles come from.
    weights_sha256 : str
        Weights whose features these are.
    """

    means: Floats64
    whitening: Floats64
    rest: float
    typical: Floats64
    n_usual: int
    weights_sha256: str

    def distance(self, feature: Floats64) -> float:
        """Return how far a feature (D,) is from the nearest data set's mean, in standard deviations per direction."""
        apart = feature[None] - self.means
        leading = apart @ self.whitening.T
        # What the whitened directions take away, in the units of the feature.
        lengths = np.linalg.norm(self.whitening, axis=1)
        unit = self.whitening / lengths[:, None]
        outside = np.maximum((apart**2).sum(axis=1) - ((apart @ unit.T) ** 2).sum(axis=1), 0)
        squared = (leading**2).sum(axis=1) + outside / self.rest**2
        return float(np.sqrt(squared.min() / feature.size))

    def share_nearer(self, distance: float) -> float:
        """Return the share of photographs like those of training that are nearer than a distance, 0 to 1.

        The photograph itself counts as one more of them, so a few never tell that another is unusual (the rank of
        conformal prediction, Vovk, Gammerman & Shafer 2005).
        """
        share = float(np.searchsorted(self.typical, distance) / len(self.typical))
        return share * self.n_usual / (self.n_usual + 1)


def fit_seen(features: Sequence[Floats64], apart: Floats64, weights_sha256: str = "") -> Seen:
    """Return the summary of features of training photographs.

    Parameters
    ----------
    features : sequence of (N, D)
        Of each data set, two photographs in all at least.
    apart : (M, D)
        Of like photographs that were kept apart, to know which distances are usual; may be none.
    weights_sha256 : str
        Weights that gave them.
    """
    seen = _summary(features, weights_sha256)
    usual = _usual(seen, features, apart)
    return replace(seen, typical=np.percentile(usual, np.arange(101)), n_usual=len(usual))


def _summary(features: Sequence[Floats64], weights_sha256: str = "") -> Seen:
    means = np.stack([part.mean(axis=0) for part in features])
    centred = np.concatenate([part - part.mean(axis=0) for part in features])
    _, lengths, directions = np.linalg.svd(centred, full_matrices=False)
    variances = lengths**2 / max(len(centred) - len(features), 1)
    kept = min(DIRECTIONS, max(len(centred) - len(features) - 1, 1))
    least = (float(variances.sum()) or float((means**2).sum()) or 1.0) * LEAST_VARIANCE
    rest = max(float(variances[kept:].sum()) / max(centred.shape[1] - kept, 1), least)
    whitening = directions[:kept] / np.sqrt(np.maximum(variances[:kept], rest))[:, None]
    return Seen(means, whitening, float(np.sqrt(rest)), np.zeros(101), 0, weights_sha256)


def _usual(seen: Seen, features: Sequence[Floats64], apart: Floats64) -> list[float]:
    """Return distances of photographs that a summary was not fitted to; where too few are apart, by halves."""
    usual = [seen.distance(feature) for feature in apart]
    if len(usual) >= LEAST_APART:
        return usual
    halves = [part[::2] for part in features]
    if sum(map(len, halves)) < 2:
        return usual + [seen.distance(feature) for part in features for feature in part]
    half = _summary(halves)
    return usual + [half.distance(feature) for part in features for feature in part[1::2]]


def write_seen(folder: Path, datasets: Sequence[DataSet]) -> Seen:
    """Describe a model's training photographs and write the summary into its folder; return it.

    Which distances are usual is told by the validation photographs, where there are any.

    Raises
    ------
    InputError
        The model folder is wrong, or the data sets have fewer than two training photographs.
    """
    network, card = read_model(folder)
    describe = describer(network)
    parts = [described for d in distinct(datasets) if len(described := _described(describe, d.of_split("train")))]
    if sum(map(len, parts)) < FEWEST:
        raise InputError([Fault(str(folder), "fewer than two training photographs to describe", "Add data.")])
    apart = [part for d in distinct(datasets) if len(part := _described(describe, d.of_split("validation")))]
    seen = fit_seen(parts, np.concatenate(apart) if apart else np.zeros((0, parts[0].shape[1])), card.sha256)
    write_whole(folder / SEEN, _packed(seen))
    return seen


def read_seen(folder: Path) -> Seen | None:
    """Return what a model saw, or None where its folder does not say.

    Raises
    ------
    InputError
        The file is damaged, or belongs to other weights.
    """
    path = folder / SEEN
    if not path.is_file():
        return None
    remedy = "Train the model to its end, or remove the file."
    try:
        with np.load(path, allow_pickle=False) as arrays:
            parts = [np.asarray(arrays[name], np.float64) for name in ("means", "whitening", "typical")]
            rest, n_usual, weights = float(arrays["rest"]), int(arrays["n_usual"]), str(arrays["weights_sha256"])
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise InputError([Fault(str(path), f"it cannot be read ({error})", remedy)]) from error
    if weights != read_card(folder).sha256:
        raise InputError([Fault(str(path), "it belongs to other weights", remedy)])
    return Seen(parts[0], parts[1], rest, parts[2], n_usual, weights)


def _described(describe: Describe, samples: Sequence[Sample]) -> Floats64:
    return np.array([describe(sample.read_image()) for sample in spread(samples, MOST_PHOTOGRAPHS)])


def _packed(seen: Seen) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(
        content,
        means=seen.means.astype(np.float32),
        whitening=seen.whitening.astype(np.float32),
        rest=np.float32(seen.rest),
        typical=seen.typical.astype(np.float32),
        n_usual=np.int64(seen.n_usual),
        weights_sha256=np.array(seen.weights_sha256),
    )
    return content.getvalue()
