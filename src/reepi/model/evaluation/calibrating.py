"""Fits a model folder's calibration on validation data, and measures on other data what it is worth."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from reepi.core.errors import Fault, InputError
from reepi.core.tissue import Tissue
from reepi.model.area_interval import KnownArea, coverage, fit_factors, measured_areas, true_areas
from reepi.model.card import Calibration, Card
from reepi.model.data.datasets import DataSet, distinct, spread
from reepi.model.data.splits import Split
from reepi.model.engines import Forward, forward_of
from reepi.model.evaluation.calibration import (
    MOST_PHOTOGRAPHS,
    calibration_error,
    collect_logits,
    distance_factor,
    fit_temperatures,
    told_apart,
)
from reepi.model.evaluation.evaluating import Figure, as_photograph
from reepi.model.folder import read_model
from reepi.model.inference import Segmenter, TissueSegmenter
from reepi.model.prediction import ONES
from reepi.model.publishing import write_card

Figures = dict[str, float | str]

CALIBRATION_ERROR: Final = "expected calibration error"
HELD: Final = "area intervals that hold the truth"
"""Measures that rest on the calibration."""


def calibrate_model(folder: Path, datasets: Sequence[DataSet]) -> Card:
    """Fit a model folder's calibration on validation data; write it into the card with the error before and after.

    Figures in the card that tell what another calibration was worth are removed.

    Raises
    ------
    InputError
        The model folder is wrong, or no data set has validation photographs that can be calibrated on.
    """
    network, card = read_model(folder)
    forward, used = forward_of(network, "auto"), [d for d in distinct(datasets) if d.of_split("validation")]
    if not used:
        raise InputError([Fault(str(folder), "no validation photographs to calibrate on", "Add data.")])
    fit = _fit_distances if card.task == "correspondence" else _fit_tissues
    calibration, figures = fit(forward, card, used)
    card = recalibrated(card, calibration).with_measured("calibration on validation data", figures)
    write_card(folder, card)
    return card


def recalibrated(card: Card, calibration: Calibration) -> Card:
    """Return a card with a calibration, without the figures that rest on another one."""
    if calibration == card.calibration:
        return card
    measured = {
        table: {name: value for name, value in figures.items() if not name.endswith((CALIBRATION_ERROR, HELD))}
        for table, figures in card.measured.items()
    }
    return replace(card, calibration=calibration, measured=measured)


def _fit_distances(forward: Forward, card: Card, used: Sequence[DataSet]) -> tuple[Calibration, Figures]:
    factor, n = distance_factor(forward, used, "validation")
    if not n:
        problem = "no validation photograph has faces and a view to calibrate on"
        raise InputError([Fault(card.name, problem, "Add phantoms.")])
    return Calibration(factor), {"mean of distance / expected distance before": factor, "pixels": n}


def _fit_tissues(forward: Forward, card: Card, used: Sequence[DataSet]) -> tuple[Calibration, Figures]:
    """Return temperatures, then the factors of the area intervals that follow from them."""
    every = collect_logits(forward, used, card.long_side, "validation")
    if not len(every.label_sets):
        raise InputError([Fault(card.name, "no validation photograph has a label to calibrate on", "Annotate some.")])
    fitted = fit_temperatures(every)
    segment = TissueSegmenter(replace(card, calibration=fitted), forward)
    known = [
        [area for areas in areas_by_photograph(segment, dataset, "validation") for area in areas] for dataset in used
    ]
    figures: Figures = {}
    for dataset in used:
        pixels, alike = collect_logits(forward, [dataset], card.long_side, "validation"), told_apart(dataset.labels)
        if not len(pixels.label_sets):
            continue
        figures[f"{dataset.name} ECE before"] = calibration_error(pixels, ONES, alike)
        figures[f"{dataset.name} ECE after"] = calibration_error(pixels, fitted.temperatures, alike)
    return replace(fitted, area=fit_factors(known)), figures


def areas_by_photograph(segment: Segmenter, dataset: DataSet, split: Split) -> list[list[KnownArea]]:
    """Return measured beside true areas of each photograph of one split, where the labels decide them."""
    found = []
    for sample in spread(dataset.of_split(split), 2 * MOST_PHOTOGRAPHS):
        tissues = segment(as_photograph(sample))
        skin = int((tissues.mask != Tissue.BACKGROUND).sum())
        areas = measured_areas(tissues)
        true = true_areas(dataset.labels.encode(sample.read_mask()), skin) if skin else {}
        found.append([KnownArea(name, areas[name], percent) for name, percent in true.items()])
    return found


def calibration_figures(folder: Path, datasets: Sequence[DataSet], split: Split) -> tuple[Figure, ...]:
    """Return calibration error and coverage of the area intervals of a tissue model, by data set.

    Raises
    ------
    InputError
        The model folder is wrong.
    """
    network, card = read_model(folder)
    forward = forward_of(network, "auto")
    segment = TissueSegmenter(card, forward)
    parts = [dataset for dataset in distinct(datasets) if dataset.of_split(split)]
    return tuple(f for d in parts for f in _figures(forward, segment, d, split))


def _figures(forward: Forward, segment: TissueSegmenter, dataset: DataSet, split: Split) -> Iterable[Figure]:
    card = segment.card
    pixels = collect_logits(forward, [dataset], card.long_side, split)
    if len(pixels.label_sets):
        error = calibration_error(pixels, card.calibration.temperatures, told_apart(dataset.labels))
        n = min(len(dataset.of_split(split)), MOST_PHOTOGRAPHS)
        yield Figure(dataset.name, "all", CALIBRATION_ERROR, error, None, None, n)
    by_photograph = areas_by_photograph(segment, dataset, split)
    held = coverage([each for known in by_photograph for each in known], card.calibration.area)
    for subject, (share, count) in held.items():
        yield Figure(dataset.name, subject, HELD, share, None, None, count)
    if held:
        mean = float(np.average([share for share, _ in held.values()], weights=[count for _, count in held.values()]))
        n = sum(bool(coverage(known, card.calibration.area)) for known in by_photograph)
        yield Figure(dataset.name, "all", HELD, mean, None, None, n)
