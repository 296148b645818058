"""Shipped networks as plain callables: a photograph in, tissue or points on the body out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reepi.core.correspondence import DensePrediction
from reepi.core.errors import Fault, InputError
from reepi.core.images import Photograph, TissueMap
from reepi.core.views import View
from reepi.model.architecture import Task
from reepi.model.card import Card
from reepi.model.engines import EngineName, Forward, forward_of
from reepi.model.folder import read_blueprint
from reepi.model.prediction import predict_correspondence, predict_tissue

Segmenter = Callable[[Photograph], TissueMap]
CorrespondencePredictor = Callable[[Photograph, View], DensePrediction]


@dataclass(frozen=True)
class TissueSegmenter:
    """A tissue network, ready to use.

    Parameters
    ----------
    card : Card
        What it is.
    forward : callable
        Runs it.
    """

    card: Card
    forward: Forward

    def __call__(self, photograph: Photograph) -> TissueMap:
        """Return calibrated tissue probabilities of every pixel of a photograph at working size."""
        return predict_tissue(self.forward, photograph, self.card.long_side, self.card.calibration.temperatures)


@dataclass(frozen=True)
class BodyPredictor:
    """A correspondence network, ready to use.

    Parameters
    ----------
    card : Card
        What it is.
    forward : callable
        Runs it.
    """

    card: Card
    forward: Forward

    def __call__(self, photograph: Photograph, view: View) -> DensePrediction:
        """Return the point on the reference body of every network pixel, given the declared view."""
        return predict_correspondence(self.forward, photograph, view, self.card.calibration.temperature)


def load_segmenter(model_dir: Path, engine: EngineName = "auto") -> Segmenter:
    """Load the tissue network of a model folder.

    Raises
    ------
    InputError
        The folder holds no tissue model, or its files are wrong.
    EngineError
        The engine that was asked for cannot run here.
    """
    return TissueSegmenter(*_loaded(model_dir, "tissue", engine))


def load_correspondence_predictor(model_dir: Path, engine: EngineName = "auto") -> CorrespondencePredictor:
    """Load the correspondence network of a model folder.

    Raises
    ------
    InputError
        The folder holds no correspondence model, or its files are wrong.
    EngineError
        The engine that was asked for cannot run here.
    """
    return BodyPredictor(*_loaded(model_dir, "correspondence", engine))


def _loaded(model_dir: Path, task: Task, engine: EngineName) -> tuple[Card, Forward]:
    blueprint, card = read_blueprint(model_dir)
    if card.task != task:
        problem = f"it is a {card.task} model, a {task} model is needed"
        raise InputError([Fault(str(model_dir), problem, "Name another model folder.")])
    return card, forward_of(blueprint, engine)
