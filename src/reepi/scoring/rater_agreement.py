"""How far raters agree: readers with one another, a model with readers, a method with another."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.scoring import rater_masks
from reepi.scoring.rater_figures import (
    ALL,
    BIAS,
    DICE,
    ICC,
    ICC_RESAMPLED,
    KAPPA,
    LOWER_LIMIT,
    MEAN_DICE,
    METHODS,
    POOLED_DICE,
    SAME_CLASS,
    UPPER_LIMIT,
    WEIGHTED_KAPPA,
    AgreementFigure,
)
from reepi.scoring.rater_limits import limits_of_agreement
from reepi.scoring.rater_masks import Overlap, mean_dice, overlaps, patients_of, pooled_dice
from reepi.scoring.rater_statistics import intraclass_correlation, kappa, resampled_correlation, same_class
from reepi.scoring.rater_values import (
    CLASSES,
    QUANTITIES,
    Classes,
    Quantity,
    RaterResult,
    SideBySide,
    classes_side_by_side,
    side_by_side,
)
from reepi.scoring.statistic import Statistic


@dataclass(frozen=True)
class ClassTable:
    """Patients by the class that each of two raters gave them.

    Parameters
    ----------
    classes : Classes
        Which class.
    counts : (G, G) int64
        Patients by grade of the first rater (rows) and of the second (columns).
    """

    classes: Classes
    counts: npt.NDArray[np.int64]


@dataclass(frozen=True)
class PairAgreement:
    """How far two raters agree.

    Parameters
    ----------
    first, second : str
        The raters.
    numbers : tuple of SideBySide
        Their numbers, quantity by quantity.
    tables : tuple of ClassTable
        Their classes.
    masks : Overlap
        Their masks.
    figures : tuple of AgreementFigure
        Everything computed from these.
    """

    first: str
    second: str
    numbers: tuple[SideBySide, ...]
    tables: tuple[ClassTable, ...]
    masks: Overlap
    figures: tuple[AgreementFigure, ...]


@dataclass(frozen=True)
class RaterAgreement:
    """How far all raters agree.

    Parameters
    ----------
    raters : tuple of str
        Who was compared.
    pairs : tuple of PairAgreement
        Every two of them.
    together : tuple of AgreementFigure
        Of more than two raters at once; empty where there are two.
    """

    raters: tuple[str, ...]
    pairs: tuple[PairAgreement, ...]
    together: tuple[AgreementFigure, ...]

    @property
    def figures(self) -> tuple[AgreementFigure, ...]:
        """Every figure, those of all raters first."""
        return (*self.together, *(figure for pair in self.pairs for figure in pair.figures))


def rater_agreement(
    raters: Mapping[str, RaterResult],
    patient_of: Mapping[str, str] | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> RaterAgreement:
    """Return how far raters agree on areas, endpoints, classes and masks.

    Only what both raters of a pair have is compared: visits at which both saw skin, patients whom both could class,
    photographs that both read.

    Parameters
    ----------
    raters : dict of RaterResult
        By name: a reader, a model or a method.
    patient_of : dict, optional
        Patient of each photograph, for the intervals of Dice; a photograph not in it counts as a patient of its own.
    told : callable
        Told the number of photographs whose masks were compared so far.

    Raises
    ------
    ValueError
        There are fewer than two raters, or a class is none.
    InputError
        Masks of one photograph differ in size.
    """
    if len(raters) < 2:
        raise ValueError(f"agreement is between two raters or more, not {len(raters)}")
    masks = overlaps({name: result.masks for name, result in raters.items()}, told)
    pairs = tuple(_pair(raters, pair, found, patient_of or {}) for pair, found in masks.items())
    together = tuple(_together(raters)) if len(raters) > 2 else ()
    return RaterAgreement(tuple(raters), pairs, together)


def _together(raters: Mapping[str, RaterResult]) -> Iterator[AgreementFigure]:
    for quantity in QUANTITIES:
        yield from _correlations(side_by_side(raters, quantity), ALL, ALL)


def _pair(
    raters: Mapping[str, RaterResult], pair: tuple[str, str], masks: Overlap, patient_of: Mapping[str, str]
) -> PairAgreement:
    both = {name: raters[name] for name in pair}
    first, second = pair
    numbers = tuple(side_by_side(both, quantity) for quantity in QUANTITIES)
    tables = tuple(_table(both, classes) for classes in CLASSES)
    figures = [
        *(figure for each in numbers for figure in _of_numbers(each, first, second)),
        *(figure for each in tables for figure in _of_classes(each, first, second)),
        *_of_masks(masks, first, second, patient_of),
    ]
    return PairAgreement(first, second, numbers, tables, masks, tuple(figures))


def _table(both: Mapping[str, RaterResult], classes: Classes) -> ClassTable:
    counts = np.zeros((len(classes.grades),) * 2, np.int64)
    for first, second in classes_side_by_side(both, classes).values():
        counts[classes.grades.index(first), classes.grades.index(second)] += 1
    return ClassTable(classes, counts)


def _of_numbers(numbers: SideBySide, first: str, second: str) -> Iterator[AgreementFigure]:
    yield from _correlations(numbers, first, second)
    limits = limits_of_agreement(numbers.values[:, 0] - numbers.values[:, 1], numbers.patients)
    for measure, found in ((BIAS, limits.bias), (LOWER_LIMIT, limits.lower), (UPPER_LIMIT, limits.upper)):
        yield _visit_figure(numbers, first, second, measure, found, numbers.quantity.unit)


def _correlations(numbers: SideBySide, first: str, second: str) -> Iterator[AgreementFigure]:
    yield _visit_figure(numbers, first, second, ICC, intraclass_correlation(numbers.values))
    if numbers.repeated:
        resampled = resampled_correlation(numbers.values, numbers.patients)
        yield _visit_figure(numbers, first, second, ICC_RESAMPLED, resampled)


def _visit_figure(
    numbers: SideBySide, first: str, second: str, measure: str, found: Statistic, unit: str = ""
) -> AgreementFigure:
    n, patients = len(numbers.visits), len(set(numbers.patients))
    counted = "visits" if numbers.repeated or any(numbers.visits) else "patients"
    return _figure(first, second, numbers.quantity, measure, found, unit, n, counted, patients)


def _of_classes(table: ClassTable, first: str, second: str) -> Iterator[AgreementFigure]:
    ordered, n = len(table.classes.grades) > 2, int(table.counts.sum())
    measured = kappa(table.counts, weighted=ordered)
    name = WEIGHTED_KAPPA if ordered else KAPPA
    yield _figure(first, second, table.classes, name, measured, "", n, "patients", n)
    yield _figure(first, second, table.classes, SAME_CLASS, same_class(table.counts), "%", n, "patients", n)


def _of_masks(masks: Overlap, first: str, second: str, patient_of: Mapping[str, str]) -> Iterator[AgreementFigure]:
    if not masks.files:
        return
    patients = patients_of(masks.files, patient_of)
    for subject in rater_masks.SUBJECTS:
        dice = masks.dice(subject)
        shown = np.flatnonzero(np.isfinite(dice))
        named, n = f"mask: {subject}", len(shown)
        known = all(masks.files[place] in patient_of for place in shown)
        m = len({patients[place] for place in shown}) if known else None
        for measure, found in (
            (POOLED_DICE, pooled_dice(masks, subject, patients)),
            (MEAN_DICE, mean_dice(masks, subject, patients)),
        ):
            yield _figure(first, second, named, measure, found, "", n, "photographs", m)
        for place in shown:
            found = Statistic(float(dice[place]), remark="no interval: one photograph")
            yield _figure(first, second, named, DICE, found, "", 1, "photographs", 1, masks.files[place])


def _figure(
    first: str,
    second: str,
    subject: Quantity | Classes | str,
    measure: str,
    found: Statistic,
    unit: str,
    n: int,
    counted: str,
    n_patients: int | None,
    photograph: str = "",
) -> AgreementFigure:
    name = subject if isinstance(subject, str) else subject.name
    return AgreementFigure(
        first,
        second,
        name,
        measure,
        photograph,
        found.value,
        found.low,
        found.high,
        unit,
        n,
        counted,
        n_patients,
        METHODS[measure],
        found.remark,
    )
