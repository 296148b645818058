"""What the package ships: models and the sample study, in a checkout as in an installed wheel."""

import tomllib
from pathlib import Path
from typing import Final, Literal

import reepi
from reepi.core.errors import Fault, InputError

_PACKAGE: Final = Path(reepi.__file__).parent
_CHECKOUT: Final = _PACKAGE.parent.parent

CARD: Final = "card.toml"
"""Name of a model's card, which says what the model is for."""


def shipped_model(task: Literal["tissue", "correspondence", "pose"]) -> Path:
    """Return the folder of the shipped model for a task; of several, the last by name.

    Raises
    ------
    InputError
        The installation has no such model.
    """
    return find_model(models_folder(), task)


def find_model(models: Path, task: str) -> Path:
    """Return the last folder by name, in a folder of models, whose card names a task; see `shipped_model`."""
    cards = sorted(models.glob(f"*/{CARD}"))
    fitting = [card.parent for card in cards if tomllib.loads(card.read_text(encoding="utf-8")).get("task") == task]
    if not fitting:
        raise InputError([Fault(str(models), f"no model for the task {task}", "Install reepi again, or name a model.")])
    return fitting[-1]


def models_folder() -> Path:
    """Return the folder of the shipped models (`InputError` if the installation lacks it)."""
    return first_folder(_PACKAGE / "_models", _CHECKOUT / "models")


def sample_study() -> Path:
    """Return the folder of the sample study (`InputError` if the installation lacks it)."""
    return first_folder(_PACKAGE / "_sample_images", _CHECKOUT / "sample_images")


def first_folder(installed: Path, checkout: Path) -> Path:
    """Return the first of two folders that is there (`InputError` if none is)."""
    for folder in (installed, checkout):
        if folder.is_dir():
            return folder
    problem = "the package was installed without it"
    raise InputError([Fault(checkout.name, problem, "Install reepi again from its wheel, or work in its checkout.")])
