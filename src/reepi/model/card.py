"""The card of a model: what it is, what it learnt from, how it is used and what was measured."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import cast, get_args

import numpy as np
import numpy.typing as npt

from reepi.core.errors import Fault, InputError
from reepi.core.tissue import Tissue
from reepi.model.architecture import Architecture, Task

CARD = "card.toml"


@dataclass(frozen=True)
class TrainingSource:
    """A data set that a model was trained on.

    Parameters
    ----------
    name, source, licence : str
        As the data set declares them.
    photographs : int
        Number of photographs that trained.
    """

    name: str
    source: str
    licence: str
    photographs: int


@dataclass(frozen=True)
class Calibration:
    """What turns a network's outputs into confidence that can be believed; fitted on validation data.

    Parameters
    ----------
    temperature : float
        Of a correspondence model, the factor of its expected distances; of a tissue model, the temperature of
        tissues that have none of their own.
    by_tissue : dict
        Label of the predicted tissue -> temperature that the logits of such pixels are divided by.
    area : dict
        Label of a tissue, or ``open`` -> factor of the doubtful area that makes a 90 % interval;
        see `reepi.model.area_interval`.
    """

    temperature: float = 1.0
    by_tissue: Mapping[str, float] = field(default_factory=dict)
    area: Mapping[str, float] = field(default_factory=dict)

    @property
    def temperatures(self) -> npt.NDArray[np.float32]:
        """Temperature of each predicted tissue, (7,) in the order of `Tissue`."""
        return np.array([self.by_tissue.get(tissue.label, self.temperature) for tissue in Tissue], np.float32)


@dataclass(frozen=True)
class Card:
    """What goes into ``card.toml``.

    Parameters
    ----------
    name : str
        Name of the model.
    task : "tissue" or "correspondence"
        What it predicts.
    architecture : Architecture
        Size of the network.
    long_side, short_side : int
        Input size [px]: a photograph's largest long side; the short side is 0 where it follows the photograph.
    calibration : Calibration
        What makes its confidence honest.
    sha256 : str
        Hash of ``weights.safetensors``.
    sources : tuple of TrainingSource
        What it was trained on.
    split_rule : str
        How training, validation and test were told apart.
    reepi_version, command : str
        What made it.
    started_from : str
        Hash of the weights that training started from, or nothing where it started from ImageNet.
    measured : dict
        Figures written by commands, never by hand: table name -> figure -> value.
    """

    name: str
    task: Task
    architecture: Architecture
    long_side: int
    short_side: int = 0
    calibration: Calibration = Calibration()
    sha256: str = ""
    sources: tuple[TrainingSource, ...] = ()
    split_rule: str = ""
    reepi_version: str = ""
    command: str = ""
    started_from: str = ""
    measured: Mapping[str, Mapping[str, float | str]] = field(default_factory=dict)

    @property
    def non_commercial(self) -> bool:
        """Whether a training source forbids commercial use."""
        return any(forbids_commercial_use(source.licence) for source in self.sources)

    def after(self, ancestor: "Card") -> "Card":
        """Return a card of weights that went on from another model's: what bound that one binds these as well."""
        inherited = tuple(source for source in ancestor.sources if source not in self.sources)
        return replace(self, sources=(*self.sources, *inherited), started_from=ancestor.sha256)

    def with_measured(self, table: str, figures: Mapping[str, float | str]) -> "Card":
        """Return a card with a table of figures added or replaced."""
        return replace(self, measured={**self.measured, table: dict(figures)})


def card_text(card: Card) -> str:
    """Return a card as TOML."""
    lines = [
        f"name = {_quoted(card.name)}",
        f"task = {_quoted(card.task)}",
        f"sha256 = {_quoted(card.sha256)}",
        f"tissues = [{', '.join(_quoted(tissue.label) for tissue in Tissue)}]",
        f"non_commercial = {str(card.non_commercial).lower()}",
        f"split_rule = {_quoted(card.split_rule)}",
        f"reepi_version = {_quoted(card.reepi_version)}",
        f"command = {_quoted(card.command)}",
        f"started_from = {_quoted(card.started_from)}",
        "\n[architecture]",
        f"encoder = {_quoted(card.architecture.encoder)}",
        *(f"{name} = {value}" for name, value in asdict(card.architecture).items() if name != "encoder"),
        "\n[input]",
        f"long_side_px = {card.long_side}",
        f"short_side_px = {card.short_side}",
        "\n[calibration]",
        f"temperature = {card.calibration.temperature!r}",
        *_table("calibration.by_tissue", card.calibration.by_tissue),
        *_table("calibration.area", card.calibration.area),
    ]
    for source in card.sources:
        lines += ["\n[[training]]", *(f"{key} = {_value(getattr(source, key))}" for key in _SOURCE_KEYS)]
    for table, figures in card.measured.items():
        lines += _table(f"measured.{_quoted(table)}", figures)
    return "\n".join(lines) + "\n"


def _table(name: str, values: Mapping[str, float | str]) -> list[str]:
    return [f"\n[{name}]", *(f"{_quoted(key)} = {_value(value)}" for key, value in values.items())] if values else []


_USE = r"(?:RESEARCH|ACADEMIC|SCIENTIFIC|EDUCATION(?:AL)?|TEACHING)"

_NON_COMMERCIAL = re.compile(
    r"(?<![A-Z])NC(?![A-Z]| STATE)"
    r"|NON ?COMMERCIAL"
    r"|\bNOT?\b(?! RESTRICT| LIMIT)[^,.;]{0,30}\bCOMMERCIAL"
    r"|\bCOMMERCIAL [^,.;]{0,30}\b(?:NOT|FORBIDDEN|PROHIBITED|EXCLUDED)\b"
    rf"|\b{_USE}\b[^,.;]{{0,30}}\bONLY\b|\bONLY\b[^,.;]{{0,30}}\b{_USE}\b"
)
"""In a licence's name or words, in capitals: ``CC BY-NC 4.0``, ``no commercial use``, ``for research use only``."""

_APART = re.compile(r"[\s_\-\u2010-\u2015\u2212]+")
"""What stands between the words of a licence: dashes of any kind among them."""


def forbids_commercial_use(licence: str) -> bool:
    """Return whether a licence says, in one of the usual wordings, that what is under it is not for commercial use."""
    return _NON_COMMERCIAL.search(_APART.sub(" ", licence.upper())) is not None


_SOURCE_KEYS = ("name", "source", "licence", "photographs")


def read_card(folder: Path) -> Card:
    """Read the card of a model folder.

    Raises
    ------
    InputError
        The card is missing or not one of a model that this version can run.
    """
    path = folder / CARD
    if not path.is_file():
        raise InputError([Fault(str(path), "the file is missing", "Give the folder of a model.")])
    try:
        return _card_of(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError([Fault(str(path), f"this is no model card ({error})", "Train the model anew.")]) from error


def _card_of(table: dict[str, object]) -> Card:
    if table["task"] not in get_args(Task):
        raise ValueError(f"unknown task {table['task']!r}")
    inputs = cast("dict[str, int]", table["input"])
    calibration = cast("dict[str, object]", table["calibration"])
    sources = cast("list[dict[str, object]]", table.get("training", []))
    return Card(
        name=str(table["name"]),
        task=cast("Task", table["task"]),
        architecture=Architecture(**cast("dict[str, int]", table["architecture"])),  # type: ignore[arg-type]
        long_side=int(inputs["long_side_px"]),
        short_side=int(inputs["short_side_px"]),
        calibration=Calibration(
            float(cast("float", calibration["temperature"])),
            cast("dict[str, float]", calibration.get("by_tissue", {})),
            cast("dict[str, float]", calibration.get("area", {})),
        ),
        sha256=str(table["sha256"]),
        sources=tuple(TrainingSource(**source) for source in sources),  # type: ignore[arg-type]
        split_rule=str(table["split_rule"]),
        reepi_version=str(table["reepi_version"]),
        command=str(table["command"]),
        started_from=str(table.get("started_from", "")),
        measured=cast("dict[str, dict[str, float | str]]", table.get("measured", {})),
    )


def _quoted(text: str) -> str:
    # What JSON escapes, TOML reads the same way; it lets the delete character through, which TOML does not.
    return json.dumps(text.encode(errors="replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    return _quoted(value) if isinstance(value, str) else repr(value)
