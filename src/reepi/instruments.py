"""What a study is measured with: two models, what people said, and a memory of what is finished."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Protocol

import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate, build_template
from reepi.core.capture import CaptureProtocol
from reepi.core.images import Photograph, TissueMap
from reepi.core.measured import EndedPhotograph, Mark, MeasuredPhotograph
from reepi.core.reader_points import ReaderPoint
from reepi.core.study import Patient, PhotoEntry
from reepi.core.surface import Origin, Registration
from reepi.core.views import View
from reepi.mapping.earlier import RegisteredPhotograph
from reepi.mapping.placement import Placement
from reepi.mapping.reader import register_with_points

PROPOSAL = Origin.PROPOSAL.label
"""Source of a photograph that nobody read."""


class Segmenter(Protocol):
    """Says what tissue each pixel of a photograph shows."""

    def __call__(self, photograph: Photograph, /) -> TissueMap:
        """Return the tissue map at the photograph's working size."""


class Registrar(Protocol):
    """Finds the face of the body template that each pixel of a photograph shows."""

    def __call__(
        self,
        photograph: Photograph,
        tissues: TissueMap,
        view: View,
        template: BodyTemplate,
        earlier: RegisteredPhotograph | None,
        /,
    ) -> Registration:
        """Return the registration, or raise `PhotographRejected` where none passes the gate.

        ``earlier`` is the same view of an earlier day, if there is one.
        """


class Readers(Protocol):
    """Says what people who looked at the photographs and the patient found; it outranks the model."""

    def __call__(
        self, entry: PhotoEntry, measured: MeasuredPhotograph, template: BodyTemplate, /
    ) -> MeasuredPhotograph:
        """Return what a photograph gives once its readings are heard."""

    def chart_of(self, patient_id: str, day: date, /) -> npt.NDArray[np.uint8] | None:
        """Return what was painted on a visit's body chart, (F,): a tissue or 255; None where nothing was."""


class Nobody:
    """Nobody read anything: the model's proposals count."""

    def __call__(
        self, entry: PhotoEntry, measured: MeasuredPhotograph, template: BodyTemplate, /
    ) -> MeasuredPhotograph:
        """Return what the model found."""
        source = PROPOSAL if measured.row.status == "scored" else ""
        return replace(measured, row=replace(measured.row, source=source))

    def chart_of(self, patient_id: str, day: date, /) -> None:
        """Return that nothing was painted."""
        return


class Archive(Protocol):
    """Remembers measured photographs from one run to the next, and from one visit to the next.

    ``earlier`` is the same view of an earlier day, from which a photograph's registration follows as well.
    """

    def find(self, entry: PhotoEntry, patient: Patient, earlier: EndedPhotograph | None) -> MeasuredPhotograph | None:
        """Return what a photograph gave, or None where it must be measured."""

    def keep(self, entry: PhotoEntry, measured: MeasuredPhotograph) -> None:
        """Keep what a photograph gave that was sought before."""

    def mark(self, entry: PhotoEntry) -> Mark:
        """Return what the result of a photograph that was sought before follows from."""

    def fetch(self, ended: EndedPhotograph) -> MeasuredPhotograph | None:
        """Return what a photograph gave that was found or kept, perhaps by another process; None if it is gone."""

    def recall(self, entry: PhotoEntry, template: BodyTemplate, content: str = "") -> RegisteredPhotograph | None:
        """Return a kept photograph with its registration, or None where that is not kept.

        ``content`` is the hash of its file's bytes, where it is known.
        """


class MemoryArchive:
    """Remembers one run, pixels and all, and nothing of it in the next: for small studies that are tried out."""

    def __init__(self) -> None:
        self._kept: dict[str, MeasuredPhotograph] = {}

    def find(self, entry: PhotoEntry, patient: Patient, earlier: EndedPhotograph | None) -> MeasuredPhotograph | None:
        """Return that everything must be measured."""
        return None

    def keep(self, entry: PhotoEntry, measured: MeasuredPhotograph) -> None:
        """Keep what a photograph gave."""
        self._kept[entry.file] = measured

    def mark(self, entry: PhotoEntry) -> Mark:
        """Return an empty mark: nothing is looked for by it."""
        return Mark()

    def fetch(self, ended: EndedPhotograph) -> MeasuredPhotograph | None:
        """Return what a photograph gave."""
        return self._kept.get(ended.entry.file)

    def recall(self, entry: PhotoEntry, template: BodyTemplate, content: str = "") -> RegisteredPhotograph | None:
        """Return a photograph with its registration, if it was registered."""
        kept = self._kept.get(entry.file)
        if kept is None or kept.photograph is None or kept.mask is None or kept.registration is None:
            return None
        return RegisteredPhotograph(kept.photograph, kept.mask, kept.registration)


@dataclass(frozen=True)
class Instruments:
    """What the measurement is made with.

    Parameters
    ----------
    segment : Segmenter
        Tissue of each pixel.
    register : Registrar
        Body face of each pixel.
    template_of : callable
        Body template of a patient.
    capture : CaptureProtocol
        How photographs are taken and judged.
    points_of : callable
        Points that a reader placed on a photograph, by its file; where there are any, they decide its registration.
    placement_of : callable
        Where a photograph was placed on a body before it was handed on, by its file; there it is laid, and not sought.
    refuses : callable
        Whether a reader refused where a photograph lies, by its file; asked where eyes are hidden.
    readers : Readers
        What people read.
    """

    segment: Segmenter
    register: Registrar
    template_of: Callable[[Patient], BodyTemplate] = build_template
    capture: CaptureProtocol = field(default_factory=CaptureProtocol)
    points_of: Callable[[str], Sequence[ReaderPoint]] = lambda file: ()
    placement_of: Callable[[str, BodyTemplate], Placement | None] = lambda file, template: None
    refuses: Callable[[str], bool] = lambda file: False
    readers: Readers = field(default_factory=Nobody)

    def registrar_of(self, file: str, template: BodyTemplate) -> Registrar:
        """Return the registrar of a photograph: that of all, or its placement, led by a reader's points if any."""
        placement, points = self.placement_of(file, template), self.points_of(file)
        register = self.register if placement is None else _as_placed(placement)
        return partial(register_with_points, points, register) if points else register


def _as_placed(placement: Placement) -> Registrar:
    """Return what lays a photograph where it was placed before it was handed on."""
    return lambda photograph, tissues, view, template, earlier: placement.on(template, photograph.size)
