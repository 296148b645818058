"""Measures a model folder on data and writes the figures into its card, its page and its example."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reepi.core.errors import Fault, InputError
from reepi.imaging.reading import read_photograph
from reepi.model.card import Card
from reepi.model.data.datasets import DataSet, Sample, distinct
from reepi.model.data.splits import Split
from reepi.model.engines import forward_of
from reepi.model.evaluation.calibrating import calibration_figures
from reepi.model.evaluation.evaluating import Figure, Told, evaluate_correspondence
from reepi.model.evaluation.records import TissueRecords, record_tissue
from reepi.model.evaluation.strata import strata_figures, strata_of
from reepi.model.evaluation.tissue_figures import tissue_figures
from reepi.model.folder import EXAMPLE_EXPECTED, EXAMPLE_INPUT, read_model, write_whole
from reepi.model.inference import load_correspondence_predictor, load_segmenter
from reepi.model.publishing import expected_output, png_bytes, write_card


@dataclass(frozen=True)
class Measured:
    """What an evaluation found.

    Parameters
    ----------
    card : Card
        The model, as it was measured.
    figures : tuple of Figure
        All numbers, those of strata and confusion tables among them.
    records : tuple of TissueRecords
        Of a tissue model: every photograph, by data set.
    """

    card: Card
    figures: tuple[Figure, ...]
    records: tuple[TissueRecords, ...] = ()


def measure_model(
    folder: Path, datasets: Sequence[DataSet], split: Split, told: Told = lambda _: None
) -> tuple[Figure, ...]:
    """Return every figure of a model folder on one split of data sets; see `measure_fully`."""
    return measure_fully(folder, datasets, split, told).figures


def measure_fully(folder: Path, datasets: Sequence[DataSet], split: Split, told: Told = lambda _: None) -> Measured:
    """Measure a model folder on one split of data sets, those without photographs in it left out.

    Raises
    ------
    InputError
        The model folder is wrong, or no data set has photographs in that split.
    """
    parts = [(dataset, dataset.of_split(split)) for dataset in distinct(datasets) if dataset.of_split(split)]
    if not parts:
        names = ", ".join(dataset.name for dataset in datasets)
        raise InputError([Fault(names, f"no photographs in the split {split}", "Choose another split.")])
    card = read_model(folder)[1]
    if card.task == "tissue":
        return _measure_tissue(folder, card, parts, split, told)
    predict = load_correspondence_predictor(folder)
    return Measured(card, tuple(f for d, samples in parts for f in evaluate_correspondence(predict, d, samples, told)))


def _measure_tissue(
    folder: Path, card: Card, parts: Sequence[tuple[DataSet, tuple[Sample, ...]]], split: Split, told: Told
) -> Measured:
    segment = load_segmenter(folder)
    records = tuple(record_tissue(segment, card.long_side, d, samples, told) for d, samples in parts)
    figures = [f for each in records for f in (*tissue_figures(each), *strata_figures(each, strata_of(each)))]
    figures += calibration_figures(folder, [dataset for dataset, _ in parts], split)
    return Measured(card, tuple(figures), records)


def record_figures(folder: Path, figures: Sequence[Figure], split: Split, command: str) -> Card:
    """Write the main figures into the card and the page of a model folder, one table per data set."""
    card = read_model(folder)[1]
    for dataset in dict.fromkeys(figure.dataset for figure in figures):
        table: dict[str, float | str] = {"command": command}
        for figure in figures:
            if figure.dataset == dataset and not figure.detail:
                table |= _rows(figure)
        card = card.with_measured(f"{dataset}, {split}", table)
    write_card(folder, card)
    return card


def _rows(figure: Figure) -> dict[str, float | str]:
    rows: dict[str, float | str] = {figure.key: round(figure.value, 5)}
    if figure.low is not None and figure.high is not None:
        rows[f"{figure.key}, 90 % interval"] = f"{figure.low:.3f} to {figure.high:.3f}"
    return rows


def add_example(folder: Path, example: Path) -> None:
    """Put a photograph that may be given away into a model folder, with what the model says of it."""
    network, card = read_model(folder)
    write_whole(folder / EXAMPLE_INPUT, example.read_bytes())
    image = expected_output(forward_of(network, "auto"), card, read_photograph(folder / EXAMPLE_INPUT))
    write_whole(folder / EXAMPLE_EXPECTED, png_bytes(image))
