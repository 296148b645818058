"""Figures of agreement as values: what each is of, what it rests on and how it was computed."""

from dataclasses import dataclass
from typing import Final

ALL: Final = "all"
"""Stands in the place of both raters where a figure is of more than two."""

ICC: Final = "ICC(2,1)"
ICC_RESAMPLED: Final = "ICC(2,1), patients resampled"
BIAS: Final = "bias"
LOWER_LIMIT: Final = "lower limit of agreement"
UPPER_LIMIT: Final = "upper limit of agreement"
SAME_CLASS: Final = "same class"
KAPPA: Final = "kappa"
WEIGHTED_KAPPA: Final = "weighted kappa"
POOLED_DICE: Final = "pooled Dice"
MEAN_DICE: Final = "mean Dice per photograph"
DICE: Final = "Dice"

METHODS: Final = {
    ICC: "two-way random effects, absolute agreement, single rater (Shrout & Fleiss 1979); interval of McGraw & Wong "
    "1996: raters drawn from many, visits taken as independent",
    ICC_RESAMPLED: "the same value; interval by drawing patients with replacement, visits of a patient together, these "
    "raters taken as given",
    BIAS: "first less second, mean over patients of their mean difference; Student's interval over patients",
    LOWER_LIMIT: "bias - 1.96 standard deviations of a difference (Bland & Altman 1986; several visits of a patient "
    "2007); MOVER interval (Zou 2013)",
    UPPER_LIMIT: "bias + 1.96 standard deviations of a difference (Bland & Altman 1986; several visits of a patient "
    "2007); MOVER interval (Zou 2013)",
    SAME_CLASS: "patients put into the same class; exact interval (Clopper & Pearson 1934)",
    KAPPA: "Cohen 1960; large-sample interval (Fleiss, Cohen & Everitt 1969)",
    WEIGHTED_KAPPA: "Cohen's kappa with linear weights (Cicchetti & Allison 1971); large-sample interval (Fleiss, "
    "Cohen & Everitt 1969)",
    POOLED_DICE: "over the pixels of all photographs that both labelled; interval by drawing patients",
    MEAN_DICE: "over the photographs on which either names it; interval by drawing patients",
    DICE: "of one photograph, over the pixels that both labelled",
}
"""How each measure is computed, in a sentence."""


@dataclass(frozen=True)
class AgreementFigure:
    """One figure of agreement: one line of ``agreement.csv``.

    Parameters
    ----------
    first, second : str
        The raters, or `ALL` twice.
    subject : str
        What they are compared on: a tissue, an endpoint, or a tissue of masks.
    measure : str
        One of `METHODS`.
    photograph : str
        File, where the figure is of one photograph.
    value, low, high : float or None
        The figure with its 95 % interval, as far as they can be computed.
    unit : str
        Unit of these three; empty for a pure number.
    n : int
        How many visits, patients or photographs it rests on.
    counted : str
        Which of these.
    n_patients : int, optional
        How many patients these are of, where that is known.
    method : str
        How it was computed.
    remark : str
        Why there is no value or no interval.
    """

    first: str
    second: str
    subject: str
    measure: str
    photograph: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    n: int
    counted: str
    n_patients: int | None
    method: str
    remark: str
