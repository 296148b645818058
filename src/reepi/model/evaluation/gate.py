"""Whether a new tissue model may take the place of an old one: both measured on the same photographs, kept frozen."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from reepi.core.errors import Fault, InputError
from reepi.core.tissue import Tissue
from reepi.model.data.datasets import DataSet
from reepi.model.data.splits import Split
from reepi.model.evaluation.bootstrap import Bootstrap, summary
from reepi.model.evaluation.evaluating import TissueEvaluation, Told, area_errors, evaluate_tissue
from reepi.model.evaluation.metrics import dice_parts
from reepi.model.inference import Segmenter

Verdict = Literal["better", "not worse", "unsure", "worse"]

AREA, DICE = "area error [% of photograph]", "pooled Dice"

MARGIN_AREA: Final = 0.3
"""By how much a tissue's mean area error may grow [% of photograph]; readers differ by several times that."""

MARGIN_DICE: Final = 0.02
"""By how much a tissue's pooled Dice may fall; two annotations of the same wounds differ by 0.07 from 1."""

Sums = npt.NDArray[np.float64]
"""What is summed over photographs, (N, 2) for the old and the new model; a figure is a quotient of two sums."""


@dataclass(frozen=True)
class Margins:
    """What a new model may be worse by.

    Parameters
    ----------
    area : float
        Growth of a tissue's mean area error [% of photograph].
    dice : float
        Fall of a tissue's pooled Dice.
    """

    area: float = MARGIN_AREA
    dice: float = MARGIN_DICE


@dataclass(frozen=True)
class Compared:
    """One figure of both models on the same photographs.

    Parameters
    ----------
    dataset, tissue, measure : str
        What was measured, with its unit in brackets.
    old, new : float
        The figure of each model.
    low, high : float, optional
        90 % interval of new - old, over patients; None where too few patients show the tissue.
    verdict : str
        ``better``: the whole interval is; ``worse``: the difference is beyond the margin; ``unsure``: it is within, but
        the interval reaches beyond, or there is none; else ``not worse``.
    n : int
        Photographs that it rests on.
    """

    dataset: str
    tissue: str
    measure: str
    old: float
    new: float
    low: float | None
    high: float | None
    verdict: Verdict
    n: int

    @property
    def difference(self) -> float:
        """New - old."""
        return self.new - self.old

    @property
    def interval(self) -> str:
        """The interval in words."""
        return "none" if self.low is None or self.high is None else f"{self.low:+.3f} to {self.high:+.3f}"


@dataclass(frozen=True)
class Gate:
    """The comparison of two models.

    Parameters
    ----------
    rows : tuple of Compared
        Area errors first, then Dice.
    frozen : str
        Hash of the photographs and masks; see `frozen_hash`.
    photographs : int
        Number of photographs.
    """

    rows: tuple[Compared, ...]
    frozen: str
    photographs: int

    def passes(self, strict: bool = False) -> bool:
        """Return whether nothing is worse beyond its margin; if strict, nothing may be unsure either."""
        refused = ("worse", "unsure") if strict else ("worse",)
        return not any(row.verdict in refused for row in self.rows)


def compare_models(
    old: Segmenter,
    new: Segmenter,
    datasets: Sequence[DataSet],
    split: Split = "test",
    margins: Margins | None = None,
    told: Told = lambda _: None,
) -> Gate:
    """Measure two segmenters on the same photographs and compare them, tissue by tissue.

    Raises
    ------
    InputError
        No data set has photographs in that split, or none of them has a label.
    """
    parts = [(dataset, dataset.of_split(split)) for dataset in datasets if dataset.of_split(split)]
    if not parts:
        names = ", ".join(dataset.name for dataset in datasets)
        raise InputError([Fault(names, f"no photographs in the split {split}", "Choose another split.")])
    pairs = [(evaluate_tissue(old, *part, told), evaluate_tissue(new, *part, told)) for part in parts]
    limits = margins or Margins()
    rows = [row for pair in pairs for row in _area_rows(*pair, limits.area)]
    rows += [row for pair in pairs for row in _dice_rows(*pair, limits.dice)]
    if not rows:
        names = ", ".join(dataset.name for dataset, _ in parts)
        raise InputError([Fault(names, f"no {split} photograph has a label", "Annotate some.")])
    return Gate(tuple(rows), frozen_hash(datasets, split), sum(len(samples) for _, samples in parts))


def frozen_hash(datasets: Sequence[DataSet], split: Split) -> str:
    """Return a hash of one split of data sets: names, patients, what mask values mean, and the content of every file.

    The order of data sets and where they lie do not matter.
    """
    parts = []
    for dataset in datasets:
        digest = hashlib.sha256(dataset.labels.bits.tobytes())
        for sample in dataset.of_split(split):
            files = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (sample.image, sample.mask)]
            digest.update(f"{sample.stem} {sample.patient_id} {' '.join(files)}\n".encode())
        parts.append(f"{dataset.name} {digest.hexdigest()}")
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()


def _area_rows(old: TissueEvaluation, new: TissueEvaluation, margin: float) -> Iterable[Compared]:
    errors = np.stack([area_errors(evaluation) for evaluation in (old, new)], axis=1)
    labelled = np.maximum(old.decided.max(axis=1), 1)
    for tissue in (tissue for tissue in Tissue if old.decided[:, tissue].any()):
        # Where the labels only ever rule a tissue out, all that a model finds of it is a false alarm, whose share of
        # the few pixels that rule it out says little.
        share = 1.0 if tissue in old.tissues else (old.decided[:, tissue] / labelled)[:, None]
        sums = errors[..., tissue] * share, np.ones(errors.shape[:2])
        yield _compared(old, tissue, AREA, sums, margin, worse_is=1)


def _dice_rows(old: TissueEvaluation, new: TissueEvaluation, margin: float) -> Iterable[Compared]:
    counts = np.stack([evaluation.counts for evaluation in (old, new)], axis=1)
    for tissue in old.tissues:
        yield _compared(old, tissue, DICE, dice_parts(counts[:, :, tissue]), margin, worse_is=-1)


def _compared(
    evaluation: TissueEvaluation, tissue: Tissue, measure: str, sums: tuple[Sums, Sums], margin: float, worse_is: int
) -> Compared:
    """Return the comparison of one figure.

    Parameters
    ----------
    evaluation : TissueEvaluation
        Names the data set and the patients.
    tissue : Tissue
        Whose figure it is.
    measure : str
        What the quotient of the sums is.
    sums : ((N, 2), (N, 2))
        What is summed over photographs above and below the line, of the old and of the new model.
    margin : float
        By how much the new one may be worse.
    worse_is : int
        1 where more is worse, -1 where less is.

    Notes
    -----
    Both models see the same photographs, and each sample draws the same patients for both, so what makes a photograph
    hard leaves the difference (paired bootstrap).
    """
    figures = Bootstrap(evaluation.patients).ratios(*sums)
    old, new = (float(value) for value in figures[0])
    _, low, high = summary(figures[:, 1] - figures[:, 0])
    harm, ends = worse_is * (new - old), [worse_is * end for end in (low, high) if end is not None]
    most_harm = max(ends, default=np.inf)
    verdict = judged(harm, most_harm, margin)
    return Compared(evaluation.dataset, tissue.label, measure, old, new, low, high, verdict, len(sums[0]))


def judged(harm: float, most_harm: float, margin: float) -> Verdict:
    """Return the verdict on a figure that is worse by ``harm``, at most by ``most_harm`` in its interval."""
    if harm > margin:
        return "worse"
    if most_harm < 0:
        return "better"
    return "unsure" if most_harm > margin else "not worse"
