"""What is found in a photograph, from pixels to the body: the same for the bedside check and for the scoring."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from reepi.body.template import BodyTemplate
from reepi.core.capture import CaptureProtocol
from reepi.core.capture_card import CardSighting
from reepi.core.errors import PhotographRejected
from reepi.core.findings import REMEDIES, Finding
from reepi.core.images import Photograph, TissueMap
from reepi.core.standardisation import NOTHING_DONE, Standardisation
from reepi.core.step_times import StepTimes
from reepi.core.study import Patient, PhotoEntry, Study
from reepi.core.surface import Registration
from reepi.core.views import View
from reepi.imaging.card_detection import find_card_in
from reepi.imaging.card_hiding import without_card
from reepi.imaging.damage import OF_THE_MACHINE
from reepi.imaging.likeness import Fingerprint, fingerprint, repeated
from reepi.imaging.quality import pixel_findings
from reepi.imaging.reading import at_working_size, decode_finely, read_bytes
from reepi.imaging.standardising import standardised
from reepi.mapping.earlier import RegisteredPhotograph
from reepi.mapping.framing import bare_face, framed, mm_per_px
from reepi.mapping.framing_odds import framing_faults
from reepi.mapping.registrar import NotRegistered, Unplaced

Segment = Callable[[Photograph], TissueMap]
Register = Callable[[Photograph, TissueMap, View, BodyTemplate, RegisteredPhotograph | None], Registration]

SURELY_BARE: Final = 0.8
"""Bare share of a face from which it is told where no body lies. In rendered photographs of uncovered faces it is 0.77
and more, of covered ones up to 0.71 (seed 193)."""

DISTANCE: Final = ("too_far", "too_near")
"""Findings on the distance of the camera, of which one photograph has one."""

NEAR_CARD: Final = 0.25
"""Share of the skin, the nearest to the card, whose scale is compared with the card's."""


@dataclass(frozen=True)
class Seen:
    """A photograph before it is laid on a body.

    Parameters
    ----------
    photograph : Photograph
        As it was read.
    standard : Photograph
        With its colours standardised, as the models see it.
    tissues : TissueMap
        Its tissues.
    card : CardSighting, optional
        The card that was found.
    colours : Standardisation
        What was done to its colours.
    """

    photograph: Photograph
    standard: Photograph
    tissues: TissueMap
    card: CardSighting | None = None
    colours: Standardisation = NOTHING_DONE


def see(photograph: Photograph, fine: Photograph, segment: Segment, capture: CaptureProtocol, times: StepTimes) -> Seen:
    """Find the card and the tissues in a photograph.

    Parameters
    ----------
    photograph, fine : Photograph
        It at working size, and its finer copy; see `reepi.imaging.reading.decode_finely`.
    segment : callable
        Finds tissues.
    capture : CaptureProtocol
        Which card to look for, and whether colours are standardised.
    times : StepTimes
        Told how long the steps took.
    """
    with times.step("standardise"):
        card = find_card_in(fine.pixels, capture.chart) if capture.card != "none" else None
        standard, colours = standardised(photograph, card, capture.standardise)
    with times.step("segment"):
        tissues = without_card(segment(standard), card)
    return Seen(photograph, standard, tissues, card, colours)


@dataclass(frozen=True)
class Look:
    """What is known of a photograph when it is judged.

    Parameters
    ----------
    seen : Seen
        What was seen before it was laid on a body.
    view : View
        The declared view.
    template : BodyTemplate
        The body that was laid on it.
    registration : Registration or PhotographRejected
        How that lies, or why it could not be laid.
    mm_per_px : float, optional
        Scale that was told, of a pixel of the original [mm/px].
    own_body : bool
        Whether the template is the patient's and not that of an average adult; the scale is compared only then.
    """

    seen: Seen
    view: View
    template: BodyTemplate
    registration: Registration | PhotographRejected
    mm_per_px: float | None = None
    own_body: bool = True


def photograph_findings(look: Look, capture: CaptureProtocol) -> tuple[Finding, ...]:
    """Return everything that is found in one photograph, what pixels tell first.

    Parameters
    ----------
    look : Look
        What is known of it.
    capture : CaptureProtocol
        The study's limits.
    """
    mask = look.seen.tissues.mask
    found = list(pixel_findings(look.seen.photograph, capture, mask))
    if look.seen.colours.source == "card":
        # The card corrects the colour of the light.
        found = [finding for finding in found if finding.code != "colour_cast"]
    # Where no body was found, skin that one network alone sees is none: bedding may look like it.
    share = 100 * (look.registration.skin if isinstance(look.registration, Unplaced) else float((mask > 0).mean()))
    if share < capture.least_skin_percent:
        found.append(capture.finding("too_little_skin", share, capture.least_skin_percent))
    if isinstance(look.registration, PhotographRejected):
        if isinstance(look.registration, NotRegistered):
            found += [capture.finding(code) for code in framing_faults(look.registration.signs)]
            found += _face_findings(_surely_bare(look.registration.signs.bare_face), capture)
        found.append(rejection_finding(look.registration, capture))
    else:
        found += _framing_findings(look, look.registration, capture)
        bare = bare_face(look.registration, mask, look.template)
        found += _face_findings(_surely_bare(look.registration.bare_face) if bare is None else bare, capture)
        found += _scale_findings(look, look.registration, capture)
    if look.seen.card is None and capture.card == "required":
        found.append(capture.finding("card_missing"))
    return tuple(found)


def rejection_finding(rejection: PhotographRejected, capture: CaptureProtocol) -> Finding:
    """Return the finding of a photograph that could not be measured.

    It refuses, unless its code is left to a study, or says nothing of the photograph.
    """
    judged = rejection.code not in OF_THE_MACHINE
    refuses = judged and (rejection.code not in REMEDIES or rejection.code in capture.refuse)
    return Finding(rejection.code, rejection.explanation, refuses=refuses)


def date_findings(entry: PhotoEntry, patient: Patient, study: Study, today: date) -> tuple[Finding, ...]:
    """Return what a photograph's date tells: ``future_date``, or ``outside_visit`` where visits are planned.

    Parameters
    ----------
    entry : PhotoEntry
        Its line.
    patient : Patient
        Whose day zero counts.
    study : Study
        With the planned days.
    today : date
        The day on which it is judged.
    """
    taken = entry.taken_at.date()
    if taken > today:
        return (study.capture.finding("future_date", float((taken - today).days), 0.0),)
    return visit_findings(entry, patient, study)


def visit_findings(entry: PhotoEntry, patient: Patient, study: Study) -> tuple[Finding, ...]:
    """Return ``outside_visit`` where a photograph is of no planned visit; it needs no clock. See `date_findings`."""
    if patient.day_zero_date is None or not study.visit_days:
        return ()
    day = (entry.taken_at.date() - patient.day_zero_date).days
    away = min(abs(day - planned) for planned in study.visit_days)
    if away <= study.capture.visit_window_days:
        return ()
    return (study.capture.finding("outside_visit", float(away), float(study.capture.visit_window_days)),)


def list_findings(study: Study, contents: Mapping[str, str]) -> dict[str, tuple[Finding, ...]]:
    """Return what the list of photographs tells of each, without looking at any: its visit, and files that are alike.

    Parameters
    ----------
    study : Study
        The study.
    contents : mapping of str to str
        Hash of each photograph's file. Of files with the same bytes, all but the first of the study are ``repeated``.
    """
    first: dict[str, str] = {}
    found: dict[str, tuple[Finding, ...]] = {}
    for entry in study.photos:
        findings = visit_findings(entry, study.patient(entry.patient_id), study)
        earlier = first.setdefault(contents[entry.file], entry.file)
        if earlier != entry.file:
            findings += (_repeats(earlier, 1.0, study.capture),)
        found[entry.file] = findings
    return found


def repeated_findings(prints: Mapping[str, Fingerprint], capture: CaptureProtocol) -> dict[str, Finding]:
    """Return the finding ``repeated`` of every photograph that holds the same picture as an earlier one.

    Parameters
    ----------
    prints : mapping of str to Fingerprint
        Of each file, in the order of the study.
    capture : CaptureProtocol
        What refuses.
    """
    return {file: _repeats(other, alike, capture) for file, (other, alike) in repeated(prints).items()}


def _repeats(other: str, alike: float, capture: CaptureProtocol) -> Finding:
    return capture.finding("repeated", alike, remedy=f"It is the same picture as {other}. {REMEDIES['repeated']}")


@dataclass(frozen=True)
class Inspection:
    """What looking at one file gave.

    Parameters
    ----------
    file : str
        The file.
    view : str
        View by which it was judged.
    findings : tuple of Finding
        What was found.
    seconds : float
        How long it took [s].
    print_ : Fingerprint, optional
        What tells the picture from others, where it could be read.
    """

    file: str
    view: str
    findings: tuple[Finding, ...]
    seconds: float
    print_: Fingerprint | None = None

    @property
    def again(self) -> bool:
        """Whether the photograph should be taken again."""
        return any(finding.refuses for finding in self.findings)

    @property
    def unseen(self) -> bool:
        """Whether nobody looked at the photograph, since this machine could not."""
        return any(finding.code in OF_THE_MACHINE for finding in self.findings)


def inspect_photograph(
    path: Path,
    file: str,
    view: View | Callable[[Photograph], View],
    template: BodyTemplate | PhotographRejected,
    segment: Segment,
    registrar_of: Callable[[BodyTemplate], Register],
    capture: CaptureProtocol,
    told_mm_per_px: float | None = None,
    own_body: bool = True,
) -> Inspection:
    """Read a photograph, find skin, body and card in it, and judge it; what cannot be read is a finding too.

    Parameters
    ----------
    path, file : Path, str
        Where it lies, and how it is called.
    view : View or callable
        The declared view, or what guesses it.
    template : BodyTemplate or PhotographRejected
        The body, or why there is none.
    segment, registrar_of : callable
        What finds the tissues, and what lays the body on this photograph; see `reepi.instruments.Instruments`.
    capture : CaptureProtocol
        The study's limits.
    told_mm_per_px : float, optional
        Scale of the original that was told [mm/px].
    own_body : bool
        Whether the template is the patient's.
    """
    start = time.perf_counter()
    name, print_ = view.name if isinstance(view, View) else "", None
    try:
        content = read_bytes(path)
        fine = decode_finely(content)
        photograph = at_working_size(fine)
        print_ = fingerprint(content, photograph.pixels)
        view = view if isinstance(view, View) else view(photograph)
        name = view.name
        if isinstance(template, PhotographRejected):
            raise template
        seen = see(photograph, fine, segment, capture, StepTimes())
        placed = registered_or_not(registrar_of(template), seen.standard, seen.tissues, view, template)
        look = Look(seen, view, template, placed, told_mm_per_px, own_body)
        findings = photograph_findings(look, capture)
    except PhotographRejected as rejection:
        findings = (rejection_finding(rejection, capture),)
    return Inspection(file, name, findings, time.perf_counter() - start, print_)


def registered_or_not(
    register: Register,
    photograph: Photograph,
    tissues: TissueMap,
    view: View,
    template: BodyTemplate,
    earlier: RegisteredPhotograph | None = None,
) -> Registration | PhotographRejected:
    """Return the registration of a photograph, or why there is none."""
    try:
        return register(photograph, tissues, view, template, earlier)
    except PhotographRejected as rejection:
        return rejection


def capture_record(look: Look | None, findings: Iterable[Finding]) -> dict[str, Any]:
    """Return how a photograph was taken as plain values, for ``capture/``.

    Parameters
    ----------
    look : Look or None
        What is known of it; None where it could not be read.
    findings : iterable of Finding
        What was found in it.
    """
    told = [
        {"code": each.code, "measured": each.measured, "limit": each.limit, "refuses": each.refuses}
        for each in findings
    ]
    card, colours = (None, NOTHING_DONE) if look is None else (look.seen.card, look.seen.colours)
    return {"card": None if card is None else card.record, "colours": colours.record, "findings": told}


def _framing_findings(look: Look, registration: Registration, capture: CaptureProtocol) -> list[Finding]:
    """Judge the framing by the camera, which has the word on distance, and by what was seen: a camera may be wrong."""
    frame = framed(registration, look.view, look.template)
    if frame is None:
        return [capture.finding("too_near")]
    inside, fill, aside = 100 * frame.inside, 100 * frame.fill, 100 * frame.aside
    found = []
    if fill > capture.most_fill_percent:
        found.append(capture.finding("too_near", fill, capture.most_fill_percent))
    elif fill < capture.least_fill_percent:
        found.append(capture.finding("too_far", fill, capture.least_fill_percent))
    if aside > capture.aside_percent:
        found.append(capture.finding("view_incomplete", aside, capture.aside_percent))
    elif inside < capture.least_inside_percent and not found:
        found.append(capture.finding("view_incomplete", inside, capture.least_inside_percent))
    told = {finding.code for finding in found}
    distance_told = not told.isdisjoint(DISTANCE)
    also = [
        code for code in registration.framing_faults if code not in told and not (distance_told and code in DISTANCE)
    ]
    return found + [capture.finding(code) for code in also]


def _surely_bare(bare: float | None) -> float | None:
    """Return the bare share of a face where it leaves no doubt: the network may misplace a covered one."""
    return bare if bare is not None and bare >= SURELY_BARE else None


def _face_findings(bare: float | None, capture: CaptureProtocol) -> list[Finding]:
    """Judge the share of the face that is bare; None where the photograph shows none."""
    if capture.face == "allowed" or bare is None or 100 * bare <= capture.bare_face_percent:
        return []
    return [capture.finding("face_uncovered", 100 * bare, capture.bare_face_percent)]


def _scale_findings(look: Look, registration: Registration, capture: CaptureProtocol) -> list[Finding]:
    """Compare the scale of the body with that of the card, or else with the one that was told."""
    told, near = None, None
    if look.seen.card is not None and np.isfinite(look.seen.card.mm_per_px):
        shrink = look.seen.card.size[0] / look.seen.photograph.size[0]
        told, near = look.seen.card.mm_per_px * shrink, look.seen.card.outline.mean(axis=0) / shrink
    elif look.mm_per_px is not None:
        told = look.mm_per_px * look.seen.photograph.original_size[0] / look.seen.photograph.size[0]
    if told is None or not look.own_body:
        return []
    place = None if near is None else (float(near[0]), float(near[1]))
    found = mm_per_px(registration, look.template, place, NEAR_CARD)
    if found is None:
        return []
    off = 100 * abs(float(np.expm1(abs(np.log(found / told)))))
    return [capture.finding("scale_differs", off, capture.scale_percent)] if off > capture.scale_percent else []
