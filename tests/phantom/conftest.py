"""One body and its lesions, and small photographs of it."""

from collections.abc import Callable

import numpy as np
import pytest

from reepi.body.template import BodyTemplate, build_template
from reepi.core.study import Patient
from reepi.phantom.framing import Framing
from reepi.phantom.lesions import Course, Surface, draw_course
from reepi.phantom.patients import PhantomPatient, draw_patient, on_day
from reepi.phantom.rendering import RenderedPhotograph, render_photograph
from reepi.phantom.scene import draw_scene
from reepi.phantom.subject import canonical_surface

PERSON = Patient("P1", "F", 40, 165, 62)


@pytest.fixture(scope="session")
def body() -> BodyTemplate:
    """Return the body that all tests of this folder share."""
    return build_template(PERSON)


@pytest.fixture(scope="session")
def skin_surface(body: BodyTemplate) -> Surface:
    """Return where lesions are sown."""
    return canonical_surface(body)


@pytest.fixture(scope="session")
def course(skin_surface: Surface) -> Course:
    """Return a course that opens about a fifth of the skin."""
    return draw_course(np.random.default_rng(5), skin_surface, 20.0)


@pytest.fixture(scope="session")
def phantom() -> PhantomPatient:
    """Return a patient with severe disease."""
    return draw_patient(np.random.default_rng(8), PERSON, 40.0)


@pytest.fixture(scope="session")
def framing() -> Framing:
    """Return a small upright picture from straight ahead."""
    return Framing((128, 96), 45.0, 0.85, (0.0, 0.0), azimuth_rad=0.0, elevation_rad=0.0, roll_rad=0.0)


@pytest.fixture(scope="session")
def photograph(phantom: PhantomPatient, framing: Framing) -> Callable[..., RenderedPhotograph]:
    """Return a function that takes a small photograph of a view on a day."""

    def take(view: str, day: float = 5, seed: int = 1, dressings: int = 0) -> RenderedPhotograph:
        rng = np.random.default_rng(seed)
        subject = on_day(phantom, day, rng, dressings, clothed=False)
        return render_photograph(subject, draw_scene(rng, phantom.template, view, framing, tidy=True), rng)

    return take
