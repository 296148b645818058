"""Study folders to write, to break and to score."""

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

from postgres_server import NoServer, fresh_database, running_server
from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph, Pixels, TissueMap
from reepi.core.regions import REGIONS
from reepi.core.study import Patient
from reepi.core.surface import Registration
from reepi.core.tissue import COLOURS, Tissue
from reepi.core.views import View

if TYPE_CHECKING:
    from reepi.body.camera import Camera
    from reepi.body.template import BodyTemplate
    from reepi.cli.models import Models
    from reepi.instruments import Instruments
    from reepi.mapping.earlier import RegisteredPhotograph

# Tests run on shared machines, where one slow example means nothing.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")

SETTINGS = """\
[study]
name = "Two patients"
day_zero = "infusion"
visit_days = [0, 5, 7]

[protocol]
body_surface = "patient"
denominator = "peak"
numerator = "followed"
almost_complete_percent = 90
complete_percent = 100
eligibility_percent = 10
eligibility_days = 10
unassessed = "as_region"
"""

PATIENTS = """\
patient_id,sex,age_years,height_cm,weight_kg,index_date,day_zero_date
P1,F,40,165,62,2024-03-01,2024-03-05
P2,M,67,178,80.5,2024-04-01,
"""

SAME_BODY = """\
patient_id,sex,age_years,height_cm,weight_kg,index_date,day_zero_date
P1,F,40,165,62,2024-03-01,2024-03-05
P2,F,40,165,62,2024-04-01,
"""
"""Two patients of one body, so that only one template has to be built."""

PHOTOS = """\
file,patient_id,taken_at,view
photos/a.png,P1,2024-03-05T09:30:00,whole_anterior
photos/b.png,P1,2024-03-10T09:30:00+01:00,whole_anterior
photos/c.png,P2,2024-04-03,whole_posterior
"""


@dataclass
class StudyFolder:
    """The text files of a study folder, to change before they are written.

    Parameters
    ----------
    path : Path
        The folder.
    settings, patients, photos : str
        Content of ``study.toml``, ``patients.csv`` and ``photos.csv``.
    """

    path: Path
    settings: str = SETTINGS
    patients: str = PATIENTS
    photos: str = PHOTOS
    encoding: str = field(default="utf-8")

    def write(self) -> Path:
        """Write the three files and return the folder."""
        self.path.mkdir(parents=True, exist_ok=True)
        for name, text in (("study.toml", self.settings), ("patients.csv", self.patients), ("photos.csv", self.photos)):
            (self.path / name).write_bytes(text.encode(self.encoding))
        return self.path


@pytest.fixture
def study_folder(tmp_path: Path) -> Callable[..., Path]:
    """Write a valid study folder in which some of the files are replaced; returns it."""

    def _write(**files: str) -> Path:
        return StudyFolder(tmp_path / "study", **files).write()

    return _write


PAINTER_SIZE = (360, 240)
"""Height and width of painted photographs [px]."""


def front_camera(template: "BodyTemplate", behind: bool = False) -> "Camera":
    """Return the camera that shows the whole body from the front, or from behind."""
    from reepi.body.camera import Camera

    centre = template.vertices.mean(axis=0)
    away = np.array([0.0, 3.2 if behind else -3.2, 0.0])
    return Camera.looking_at(centre, centre + away, focal_px=500, size=PAINTER_SIZE)


def painted_photograph(template: "BodyTemplate", tissue_of_region: dict[str, Tissue], behind: bool = False) -> Pixels:
    """Return a picture (H, W, 3) of the body in the tissues' colours, intact where no region is named."""
    from reepi.body.rays import RayCaster

    shown = RayCaster(template.vertices, template.faces).render(front_camera(template, behind)).faces
    tissue_of_face = np.full(template.n_faces + 1, Tissue.INTACT)
    for region, tissue in tissue_of_region.items():
        tissue_of_face[:-1][template.regions == REGIONS.index(region)] = tissue
    # Index -1, no face, is the row behind the last.
    tissue_of_face[-1] = Tissue.BACKGROUND
    return np.array([COLOURS[tissue] for tissue in Tissue], np.uint8)[tissue_of_face[shown]]


def segment_painted(photograph: Photograph) -> TissueMap:
    """Segment a painted photograph: each pixel is the tissue whose colour it has."""
    palette = np.array([COLOURS[tissue] for tissue in Tissue], int)
    distance = np.abs(photograph.pixels[:, :, None].astype(int) - palette).sum(axis=-1)
    return TissueMap.from_mask(distance.argmin(axis=-1).astype(np.uint8))


def register_painted(
    photograph: Photograph,
    tissues: TissueMap,
    view: View,
    template: "BodyTemplate",
    earlier: "RegisteredPhotograph | None" = None,
) -> Registration:
    """Register a painted photograph, whose camera is known; the head is never found."""
    from reepi.mapping.registration import registration_from_pose

    if view.part == "head":
        raise PhotographRejected("not_registered", "The body was not found. Take the photograph again.")
    camera = front_camera(template, behind=view.aspect == "posterior")
    return registration_from_pose(camera, {}, template, residual_mm=5.0)


@pytest.fixture
def instruments() -> "Instruments":
    """Instruments that are right on painted photographs, without any network."""
    from reepi.instruments import Instruments

    return Instruments(segment_painted, register_painted)


@pytest.fixture(scope="session")
def painted_pictures() -> dict[str, bytes]:
    """PNG files of two patients: the chest detached, then healed; a back that is intact."""
    from reepi.body.template import build_template

    body = build_template(Patient("P1", "F", 40, 165, 62))
    pictures = {
        "a.png": painted_photograph(body, {"trunk_anterior": Tissue.DETACHED}),
        "b.png": painted_photograph(body, {"trunk_anterior": Tissue.REEPITHELIALISED}),
        "c.png": painted_photograph(body, {}, behind=True),
    }
    return {name: png(pixels) for name, pixels in pictures.items()}


def png(pixels: Pixels) -> bytes:
    """Return pixels (H, W, 3) as a PNG file."""
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def painted_study(study_folder: Callable[..., Path], painted_pictures: dict[str, bytes]) -> Path:
    """Write a study folder whose three photographs are painted."""
    folder = study_folder(patients=SAME_BODY)
    (folder / "photos").mkdir()
    for name, content in painted_pictures.items():
        (folder / "photos" / name).write_bytes(content)
    return folder


@pytest.fixture(scope="session")
def painter() -> "Callable[[BodyTemplate], Camera]":
    """The camera before which painted photographs are taken."""
    return front_camera


def painted_models(folder: Path) -> "Models":
    """Return models whose folders exist and whose instruments are right on painted photographs."""
    from reepi.cli.models import Models
    from reepi.instruments import Instruments

    class PaintedModels(Models):
        def instruments(self) -> "Instruments":
            return Instruments(segment_painted, register_painted)

    for name in ("skin", "place"):
        (folder / name).mkdir()
        (folder / name / "card.toml").write_text(f'name = "{name}"\n')
    return PaintedModels(folder / "skin", folder / "place")


@pytest.fixture
def models(tmp_path: Path) -> "Models":
    """Return models whose folders exist and whose instruments are right on painted photographs."""
    return painted_models(tmp_path)


@pytest.fixture(scope="session")
def scored_once(tmp_path_factory: pytest.TempPathFactory, painted_pictures: dict[str, bytes]) -> Path:
    """A study of three painted photographs, scored, to be copied; two readers and an adjudicator are wanted."""
    from reepi.cli.batch import score_folder

    folder = tmp_path_factory.mktemp("scored")
    reading = "\n[reading]\nreaders = 2\nadjudicators = ['Cleo']\ndiffer_percent = 2\n"
    study = StudyFolder(folder / "study", settings=SETTINGS + reading, patients=SAME_BODY).write()
    (study / "photos").mkdir()
    for name, content in painted_pictures.items():
        (study / "photos" / name).write_bytes(content)
    score_folder(study, study / "results", painted_models(folder))
    return study


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A running PostgreSQL server; skips where there is none, but not in continuous integration, which installs it."""
    # Another user runs the server, so its folder cannot lie in pytest's, which only its owner may enter.
    with tempfile.TemporaryDirectory(prefix="reepi-postgres-") as folder:
        try:
            import psycopg  # noqa: F401

            with running_server(Path(folder)) as url:
                yield url
        except (NoServer, ImportError) as trouble:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(f"PostgreSQL NOT TESTED: {trouble}")


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """URL of a PostgreSQL data base in which there is nothing."""
    return fresh_database(postgres_server)
