"""Painted photographs: the body in the colours of its tissues, and instruments that read them without any network.

A painted photograph is no picture of skin. It carries known tissues through the whole chain, from a file to endpoints,
in a few hundredths of a second, so that a whole trial can be simulated. The shipped models know nothing of it.
"""

import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate, build_template
from reepi.core.errors import PhotographRejected
from reepi.core.images import Mask, Photograph, Pixels, TissueMap
from reepi.core.measured import EndedPhotograph, MeasuredPhotograph
from reepi.core.results import PhotoRow
from reepi.core.study import PhotoEntry, Study
from reepi.core.surface import NO_FACE, Registration, SurfaceMap
from reepi.core.tissue import COLOURS, Tissue
from reepi.core.views import View
from reepi.imaging.reading import read_photograph
from reepi.instruments import Archive
from reepi.mapping.earlier import RegisteredPhotograph
from reepi.mapping.projection import SkinSamples, project_mask, skin_samples
from reepi.mapping.registration import registration_from_pose
from reepi.pipeline import Measurement, measured_in_turn
from reepi.store.files import write_text

SIZE: Final = (360, 240)
"""Height and width of a painted photograph [px]; a pixel is 6 mm of skin, less than a face of the body."""

FOCAL_PX: Final = 500.0
"""Focal length [px]: with the distance below, a body of 2 m leaves a margin."""

DISTANCE_M: Final = 3.2
"""Distance of the camera from the middle of the body [m]."""

CAMERA_SIDES: Final[Mapping[str, tuple[float, float]]] = {
    "anterior": (0.0, -1.0),
    "posterior": (0.0, 1.0),
    "left": (1.0, 0.0),
    "right": (-1.0, 0.0),
}
"""Where the camera stands for each aspect, to the patient's left and behind."""

RESIDUAL_MM: Final = 5.0
"""Error that the registration of a painted photograph states [mm], about half a face."""

_PALETTE: Final = np.array([COLOURS[tissue] for tissue in Tissue], np.uint8)

_CODE: Final = np.array([1 << 16, 1 << 8, 1], np.int32)
"""Makes one number of red, green and blue."""

_PALETTE_CODES: Final = _PALETTE.astype(np.int32) @ _CODE


def camera_of(template: BodyTemplate, view: View) -> Camera:
    """Return the camera of a view: the whole body from the side that the view names.

    Raises
    ------
    PhotographRejected
        No camera stands on that side.
    """
    if view.aspect not in CAMERA_SIDES:
        raise PhotographRejected("not_registered", "Painted photographs are taken from the front, back and sides.")
    centre = template.vertices.mean(axis=0)
    along = np.array([*CAMERA_SIDES[view.aspect], 0.0]) * DISTANCE_M
    return Camera.looking_at(centre, centre + along, focal_px=FOCAL_PX, size=SIZE)


class _Body:
    """A template that is told apart as an object, so that what was computed of it can be kept."""

    def __init__(self, template: BodyTemplate) -> None:
        self.template = template

    def __hash__(self) -> int:
        return id(self.template)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Body) and other.template is self.template


@lru_cache(maxsize=8)
def _registered(body: _Body, view: View) -> Registration:
    """Return the registration of all photographs of a patient from one side, which are taken alike."""
    return registration_from_pose(camera_of(body.template, view), {}, body.template, RESIDUAL_MM)


@lru_cache(maxsize=8)
def _samples(body: _Body, view: View) -> SkinSamples:
    return skin_samples(_registered(body, view), body.template)


def painted_mask(template: BodyTemplate, view: View, tissue: npt.NDArray[np.uint8]) -> Mask:
    """Return the tissue mask (H, W) of a body whose faces have the tissues (F,)."""
    faces = _registered(_Body(template), view).faces
    return np.where(faces == NO_FACE, Tissue.BACKGROUND, tissue[faces]).astype(np.uint8)


def laid_on_body(template: BodyTemplate, view: View, mask: Mask) -> SurfaceMap:
    """Return what a painted photograph's mask (H, W) shows of each face."""
    return project_mask(_samples(_Body(template), view), mask)


def painted_file(mask: Mask) -> bytes:
    """Return a tissue mask (H, W) as a PNG photograph in the tissues' colours, a few kB."""
    content = io.BytesIO()
    Image.fromarray(_PALETTE[mask]).save(content, "PNG", optimize=False, compress_level=6)
    return content.getvalue()


def mask_of(pixels: Pixels) -> Mask:
    """Return the tissue mask (H, W) of painted pixels (H, W, 3); a colour that is no tissue's is background."""
    codes = pixels.astype(np.int32) @ _CODE
    order = np.argsort(_PALETTE_CODES)
    place = np.minimum(np.searchsorted(_PALETTE_CODES, codes, sorter=order), len(order) - 1)
    found = order[place]
    return np.where(_PALETTE_CODES[found] == codes, found, Tissue.BACKGROUND).astype(np.uint8)


def segment_painted(photograph: Photograph) -> TissueMap:
    """Segment a painted photograph: each pixel is the tissue whose colour it has."""
    return TissueMap.from_mask(mask_of(photograph.pixels))


def register_painted(
    photograph: Photograph,
    tissues: TissueMap,
    view: View,
    template: BodyTemplate,
    earlier: RegisteredPhotograph | None = None,
) -> Registration:
    """Register a painted photograph, whose camera is known."""
    return _registered(_Body(template), view)


def measured_painted(path: Path, entry: PhotoEntry, template: BodyTemplate) -> MeasuredPhotograph:
    """Measure a painted photograph as `reepi.pipeline.measure_photograph` would, without what there is no need for.

    Nothing is standardised, judged or traced through rays twice, which makes a trial of hundreds of photographs quick.
    """
    photograph = read_photograph(path)
    mask = mask_of(photograph.pixels)
    placed = _registered(_Body(template), entry.view)
    surface = laid_on_body(template, entry.view, mask)
    row = PhotoRow(entry.file, "scored", "", placed.residual_mm, None)
    return MeasuredPhotograph(row, {}, photograph, mask, placed, template.regions_at(placed.drawn), surface)


def keep_painted(study: Study, folder: Path, archive: Archive) -> None:
    """Measure all photographs of a painted study and keep what they gave, so that scoring finds them finished."""

    def measure(task: Measurement) -> EndedPhotograph:
        measured = archive.find(task.entry, task.patient, task.earlier)
        if measured is None:
            measured = measured_painted(folder / task.entry.file, task.entry, build_template(task.patient))
            archive.keep(task.entry, measured)
        return EndedPhotograph(task.entry, measured.row, measured.steps, archive.mark(task.entry))

    for part in study.by_patient():
        for _ in measured_in_turn(part, measure):
            pass


def write_instrument_cards(folder: Path) -> dict[str, Path]:
    """Write what stands in the place of models in the record of a painted study; return the folders by their use."""
    folders = {}
    for use, words in (("tissue", "Tissues are read from painted colours"), ("place", "The camera is known")):
        folders[use] = folder / f"painted_{use}"
        write_text(folders[use] / "card.toml", f'name = "painted {use}"\nabout = "{words}; this is no network."\n')
    return folders
