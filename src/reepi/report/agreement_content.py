"""What the report of agreement between raters says, as values: pure, without pictures and without markup."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from reepi.core.results import OPEN_LABEL
from reepi.report.words import NO_VALUE, number
from reepi.scoring.rater_agreement import ClassTable, PairAgreement, RaterAgreement
from reepi.scoring.rater_figures import (
    BIAS,
    DICE,
    ICC,
    ICC_RESAMPLED,
    KAPPA,
    LOWER_LIMIT,
    MEAN_DICE,
    POOLED_DICE,
    SAME_CLASS,
    UPPER_LIMIT,
    WEIGHTED_KAPPA,
    AgreementFigure,
)
from reepi.scoring.rater_masks import SUBJECTS
from reepi.scoring.rater_values import QUANTITIES, RESPONDER, SEVERITY, Quantity, SideBySide

MOST_PHOTOGRAPHS: Final = 10
"""Photographs listed of those on which two raters' open skin overlaps least; all stand in ``agreement.csv``."""

HEADLINES: Final = (
    (OPEN_LABEL, ICC, "Open skin, ICC(2,1)"),
    (OPEN_LABEL, BIAS, "Open skin, bias"),
    (SEVERITY.name, WEIGHTED_KAPPA, "Severity class, weighted kappa"),
    (RESPONDER.name, KAPPA, "Responder, kappa"),
    (f"mask: {OPEN_LABEL}", POOLED_DICE, "Open skin in photographs, pooled Dice"),
)
"""Subject, measure and title of the figures that a reader asks for first."""

Figures = Mapping[tuple[str, str], AgreementFigure]
"""Figures of two raters by subject and measure; those of single photographs are not among them."""


@dataclass(frozen=True)
class NumberLine:
    """One line of the table of numbers: a quantity with its figures.

    Parameters
    ----------
    numbers : SideBySide
        What both raters said.
    correlation : AgreementFigure
        ICC(2,1).
    resampled : AgreementFigure or None
        The same with patients resampled, where patients have several visits.
    bias, lower, upper : AgreementFigure or None
        Mean difference and limits of agreement; None where the line is of more than two raters.
    """

    numbers: SideBySide
    correlation: AgreementFigure
    resampled: AgreementFigure | None
    bias: AgreementFigure | None = None
    lower: AgreementFigure | None = None
    upper: AgreementFigure | None = None


@dataclass(frozen=True)
class ClassLine:
    """A class with the patients by grade of either rater, kappa, and the part put into the same class."""

    table: ClassTable
    kappa: AgreementFigure
    same: AgreementFigure


@dataclass(frozen=True)
class MaskLine:
    """One line of the table of masks: a tissue with its Dice, pooled and per photograph."""

    title: str
    pooled: AgreementFigure
    mean: AgreementFigure


@dataclass(frozen=True)
class PairContent:
    """What is said of two raters.

    Parameters
    ----------
    anchor : str
        Where links jump to.
    pair : PairAgreement
        What was found.
    headlines : tuple
        Title and figure.
    numbers : tuple of NumberLine
        Quantities of which both have a visit.
    missing : tuple of str
        Titles of the quantities of which they share none.
    classes : tuple of ClassLine
        Classes of which both have a patient.
    masks : tuple of MaskLine
        Tissues that either names on a photograph that both have.
    unnamed : tuple of str
        Tissues that neither names on any.
    apart : tuple of AgreementFigure
        Photographs on which their open skin overlaps least, the worst first.
    """

    anchor: str
    pair: PairAgreement
    headlines: tuple[tuple[str, AgreementFigure], ...]
    numbers: tuple[NumberLine, ...]
    missing: tuple[str, ...]
    classes: tuple[ClassLine, ...]
    masks: tuple[MaskLine, ...]
    unnamed: tuple[str, ...]
    apart: tuple[AgreementFigure, ...]

    @property
    def title(self) -> str:
        """The two raters."""
        return f"{self.pair.first} and {self.pair.second}"

    @property
    def shares_nothing(self) -> bool:
        """Whether there is nothing that both have."""
        return not (self.numbers or self.classes or self.masks)


@dataclass(frozen=True)
class AgreementContent:
    """Everything the report of agreement says.

    Parameters
    ----------
    title : str
        What was compared.
    command : str
        What the user called.
    raters : tuple of str
        Who was compared.
    pairs : tuple of PairContent
        Every two of them.
    together : tuple
        Quantity and figures of more than two raters at once.
    """

    title: str
    command: str
    raters: tuple[str, ...]
    pairs: tuple[PairContent, ...]
    together: tuple[tuple[Quantity, AgreementFigure, AgreementFigure | None], ...]


def agreement_content(found: RaterAgreement, title: str, command: str) -> AgreementContent:
    """Return what the report of agreement says.

    Parameters
    ----------
    found : RaterAgreement
        What was found.
    title : str
        What was compared.
    command : str
        What the user called.
    """
    pairs = tuple(_pair(f"pair-{place}", pair) for place, pair in enumerate(found.pairs, start=1))
    together = _by_name(found.together)
    lines = ((q, together.get((q.name, ICC)), together.get((q.name, ICC_RESAMPLED))) for q in QUANTITIES)
    shared = tuple((q, icc, resampled) for q, icc, resampled in lines if icc is not None and icc.n)
    return AgreementContent(title, command, found.raters, pairs, shared)


def _by_name(figures: Iterable[AgreementFigure]) -> dict[tuple[str, str], AgreementFigure]:
    return {(each.subject, each.measure): each for each in figures if not each.photograph}


def _pair(anchor: str, pair: PairAgreement) -> PairContent:
    found = _by_name(pair.figures)
    named = [subject for subject in SUBJECTS if np.isfinite(pair.masks.dice(subject)).any()]
    seen = [numbers for numbers in pair.numbers if numbers.visits]
    return PairContent(
        anchor,
        pair,
        headlines=tuple((title, found[s, m]) for s, m, title in HEADLINES if (s, m) in found and found[s, m].n),
        numbers=tuple(_number_line(numbers, found) for numbers in seen),
        missing=tuple(numbers.quantity.title for numbers in pair.numbers if not numbers.visits),
        classes=tuple(_class_line(table, found) for table in pair.tables if table.counts.any()),
        masks=tuple(_mask_line(subject, found) for subject in named),
        unnamed=tuple(subject for subject in SUBJECTS if subject not in named) if pair.masks.files else (),
        apart=_apart(pair),
    )


def _number_line(numbers: SideBySide, found: Figures) -> NumberLine:
    name = numbers.quantity.name
    resampled = found.get((name, ICC_RESAMPLED))
    return NumberLine(
        numbers, found[name, ICC], resampled, *(found[name, each] for each in (BIAS, LOWER_LIMIT, UPPER_LIMIT))
    )


def _class_line(table: ClassTable, found: Figures) -> ClassLine:
    name = table.classes.name
    agreed = found.get((name, WEIGHTED_KAPPA)) or found[name, KAPPA]
    return ClassLine(table, agreed, found[name, SAME_CLASS])


def _mask_line(subject: str, found: Figures) -> MaskLine:
    named = f"mask: {subject}"
    return MaskLine(subject.capitalize(), found[named, POOLED_DICE], found[named, MEAN_DICE])


def _apart(pair: PairAgreement) -> tuple[AgreementFigure, ...]:
    dice = [each for each in pair.figures if each.measure == DICE and each.subject == f"mask: {OPEN_LABEL}"]
    return tuple(sorted(dice, key=lambda each: (each.value or 0.0, each.photograph))[:MOST_PHOTOGRAPHS])


def shown(figure: AgreementFigure | None) -> str:
    """Return a figure's value with its unit; a dash where there is none."""
    if figure is None or figure.value is None:
        return NO_VALUE
    return f"{number(figure.value, _decimals(figure))} {figure.unit}".strip()


def spread(figure: AgreementFigure | None) -> str:
    """Return a figure's 95 % interval, or why it has none."""
    if figure is None:
        return ""
    if figure.low is None or figure.high is None:
        return figure.remark
    return f"{number(figure.low, _decimals(figure))} to {number(figure.high, _decimals(figure))}"


def counted(figure: AgreementFigure) -> str:
    """Return what a figure rests on, such as ``24 visits of 6 patients``."""
    rests = f"{figure.n} {figure.counted if figure.n != 1 else figure.counted[:-1]}"
    if figure.n_patients is None:
        return f"{rests} of unknown patients"
    of = f"{figure.n_patients} patient{'' if figure.n_patients == 1 else 's'}"
    return rests if figure.counted == "patients" else f"{rests} of {of}"


def _decimals(figure: AgreementFigure) -> int:
    return {"": 3, "%": 1}.get(figure.unit, 2)


def outside(line: NumberLine) -> list[int]:
    """Return the places of the visits whose difference lies outside the limits of agreement."""
    if line.lower is None or line.upper is None or line.lower.value is None or line.upper.value is None:
        return []
    differences = line.numbers.values[:, 0] - line.numbers.values[:, 1]
    beyond = (differences < line.lower.value) | (differences > line.upper.value)
    return [int(place) for place in np.flatnonzero(beyond)]
