"""The flat body and its patient."""

from datetime import timedelta

import pytest
from flat_body import DAY_ZERO, flat_skin

from reepi.core.study import Patient
from reepi.scoring.skin import Skin


@pytest.fixture(scope="session")
def skin() -> Skin:
    """Skin of 33 regions of 20 equal faces."""
    return flat_skin()


@pytest.fixture(scope="session")
def patient() -> Patient:
    """A patient whose first symptoms came four days before day zero."""
    return Patient("P01", "F", 40, 165, 60, DAY_ZERO - timedelta(4), DAY_ZERO)
