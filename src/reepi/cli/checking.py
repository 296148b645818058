"""Looks through photographs for ``reepi check``: those of a study, or files without one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from reepi.body.template import BodyTemplate, reference_template
from reepi.core.capture import CaptureProtocol
from reepi.core.errors import Fault, InputError, PhotographRejected
from reepi.core.findings import Finding
from reepi.core.images import Photograph
from reepi.core.study import Patient, PhotoEntry, Study
from reepi.core.views import VIEW_NAMES, VIEWS, View
from reepi.inspection import (
    Inspection,
    date_findings,
    inspect_photograph,
    repeated_findings,
)
from reepi.instruments import Instruments
from reepi.mapping.registrar import NetworkRegistrar
from reepi.scoring.visits import day_number


@dataclass(frozen=True)
class Checked:
    """One photograph that was checked.

    Parameters
    ----------
    inspection : Inspection
        What was found.
    visit : (str, datetime.date), optional
        Patient and date, in a study.
    day : int, optional
        Day of the visit after day zero.
    guessed : float, optional
        How probable the view is, where nobody named it, 0 to 1.
    """

    inspection: Inspection
    visit: tuple[str, date] | None = None
    day: int | None = None
    guessed: float | None = None

    @property
    def result(self) -> str:
        """Whether it is ``fine``, something is ``told``, it should be taken ``again``, or was ``unseen``."""
        if self.inspection.again:
            return "again"
        return "unseen" if self.inspection.unseen else "told" if self.inspection.findings else "fine"


def check_study(
    study: Study,
    folder: Path,
    instruments: Instruments,
    today: date,
    wanted: Callable[[PhotoEntry], bool] = lambda entry: True,
    progress: Callable[[int], None] = lambda finished: None,
) -> list[Checked]:
    """Look through the photographs of a study.

    Parameters
    ----------
    study, folder : Study, Path
        The study and its folder.
    instruments : Instruments
        What finds skin and body, with where photographs were placed by people and before they were handed on.
    today : date
        The day; photographs from later days are told.
    wanted : callable
        Which photographs to look at; repeats are told among these.
    progress : callable
        Told the number of photographs finished so far.
    """
    checked = []
    for entry in filter(wanted, study.photos):
        patient = study.patient(entry.patient_id)
        inspection = inspect_photograph(
            folder / entry.file,
            entry.file,
            entry.view,
            _template_of(patient, instruments),
            instruments.segment,
            partial(instruments.registrar_of, entry.file),
            study.capture,
            told_mm_per_px=entry.mm_per_px,
        )
        dated = (*inspection.findings, *date_findings(entry, patient, study, today))
        visit = entry.taken_at.date()
        day = day_number(visit, patient.day_zero_date)
        checked.append(Checked(replace(inspection, findings=dated), (entry.patient_id, visit), day))
        progress(len(checked))
    return with_repeats(checked, study.capture)


def check_files(
    files: Sequence[Path],
    instruments: Instruments,
    capture: CaptureProtocol,
    view: View | None = None,
    progress: Callable[[int], None] = lambda finished: None,
) -> list[Checked]:
    """Look through photographs without a study, on the body of an average adult.

    Parameters
    ----------
    files : sequence of Path
        The photographs.
    instruments, capture, progress
        See `check_study`.
    view : View, optional
        What all of them show; else the view whose name stands in a file's name, else the one that the network sees.

    Raises
    ------
    InputError
        No view was named, and these instruments cannot guess it.
    """
    template = reference_template()
    checked = []
    for file in files:
        named = view or view_in_name(file.stem)
        guesses = _Guesses(instruments)
        inspection = inspect_photograph(
            file,
            str(file),
            named or guesses,
            template,
            instruments.segment,
            lambda body: instruments.register,
            capture,
            own_body=False,
        )
        checked.append(Checked(inspection, guessed=guesses.probability))
        progress(len(checked))
    return with_repeats(checked, capture)


def view_in_name(stem: str) -> View | None:
    """Return the view whose name stands in a file's name, the longest of several; None where none does."""
    plain = stem.lower().replace("-", "_").replace(" ", "_")
    return max((VIEWS[name] for name in VIEW_NAMES if name in plain), key=lambda view: len(view.name), default=None)


def with_repeats(checked: Sequence[Checked], capture: CaptureProtocol) -> list[Checked]:
    """Return checked photographs with the finding of those that repeat an earlier one."""
    prints = {each.inspection.file: each.inspection.print_ for each in checked}
    found = repeated_findings({file: print_ for file, print_ in prints.items() if print_ is not None}, capture)
    return [_with(each, [found[each.inspection.file]] if each.inspection.file in found else []) for each in checked]


def views_again(checked: Iterable[Checked]) -> Iterator[Checked]:
    """Give the photographs to take again: not those whose view another photograph of the visit shows well."""
    everything = list(checked)
    well = {(each.visit, each.inspection.view) for each in everything if each.visit and each.result in ("fine", "told")}
    return (each for each in everything if each.result == "again" and (each.visit, each.inspection.view) not in well)


class _Guesses:
    """Guesses the view of a photograph, and remembers how probable it was."""

    def __init__(self, instruments: Instruments) -> None:
        self.register = instruments.register
        self.probability: float | None = None

    def __call__(self, photograph: Photograph) -> View:
        if not isinstance(self.register, NetworkRegistrar):
            raise InputError([Fault("--view", "the view of a photograph is not known", "Name it with --view.")])
        view, self.probability = self.register.guessed_view(photograph)
        return view


def _with(checked: Checked, findings: Sequence[Finding]) -> Checked:
    if not findings:
        return checked
    return replace(checked, inspection=replace(checked.inspection, findings=(*checked.inspection.findings, *findings)))


def _template_of(patient: Patient, instruments: Instruments) -> BodyTemplate | PhotographRejected:
    try:
        return instruments.template_of(patient)
    except ValueError as error:
        return PhotographRejected("no_body_template", f"{error}. Check the patient's height and weight.")
