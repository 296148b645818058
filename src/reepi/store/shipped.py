"""What the package ships: models and the sample study, in a checkout as in an installed wheel."""

from pathlib import Path
from typing import Final

import reepi
from reepi.core.errors import Fault, InputError

_PACKAGE: Final = Path(reepi.__file__).parent
_CHECKOUT: Final = _PACKAGE.parent.parent


def models_folder() -> Path:
    """Return the folder of the shipped models (`InputError` if the installation lacks it)."""
    return _shipped(_PACKAGE / "_models", _CHECKOUT / "models")


def sample_study() -> Path:
    """Return the folder of the sample study (`InputError` if the installation lacks it)."""
    return _shipped(_PACKAGE / "_sample_images", _CHECKOUT / "sample_images")


def _shipped(installed: Path, checkout: Path) -> Path:
    for folder in (installed, checkout):
        if folder.is_dir():
            return folder
    raise InputError(
        [Fault(checkout.name, "the package was installed without it", "Install reepi again from its wheel.")]
    )
