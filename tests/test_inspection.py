"""What is found in a photograph: every finding from what makes it, none without."""

import copy
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framing_examples import FAR, WELL_FRAMED
from reepi.body.template import BodyTemplate, build_template
from reepi.core.capture import REFUSED, CaptureProtocol
from reepi.core.capture_card import CardSighting
from reepi.core.errors import PhotographRejected
from reepi.core.findings import PLACE_BY_HAND, REMEDIES, as_reasons
from reepi.core.images import Photograph, TissueMap
from reepi.core.standardisation import Standardisation
from reepi.core.study import Patient
from reepi.core.surface import NO_FACE, Registration
from reepi.core.views import VIEWS
from reepi.imaging.damage import no_extra, no_memory
from reepi.imaging.reading import read_photograph
from reepi.inspection import (
    Inspection,
    Look,
    Seen,
    date_findings,
    inspect_photograph,
    list_findings,
    photograph_findings,
    rejection_finding,
    repeated_findings,
)
from reepi.instruments import Instruments
from reepi.mapping.framing import mm_per_px
from reepi.mapping.framing_signs import FramingSigns
from reepi.mapping.registrar import NotRegistered, Unplaced
from reepi.store.study import read_study

# Painted skin has colours of no skin, and a painted picture few pixels.
PAINTED = CaptureProtocol(cast_stops=9, least_side_px=100, clipped_percent=100, glare_percent=100)
VIEW = VIEWS["whole_anterior"]


@pytest.fixture
def body() -> BodyTemplate:
    return build_template(Patient("P1", "F", 40, 165, 62))


@pytest.fixture
def look(painted_study: Path, instruments: Instruments, body: BodyTemplate) -> Look:
    """The chest is open; the whole body fits into the picture."""
    photograph = read_photograph(painted_study / "photos" / "a.png")
    tissues = instruments.segment(photograph)
    registration = instruments.register(photograph, tissues, VIEW, body, None)
    return Look(Seen(photograph, photograph, tissues), VIEW, body, registration)


def inspected(path: Path, body: BodyTemplate | PhotographRejected, instruments: Instruments) -> Inspection:
    """Look at a photograph of the whole body from the front."""
    registrar_of = partial(instruments.registrar_of, path.name)
    return inspect_photograph(path, path.name, VIEW, body, instruments.segment, registrar_of, PAINTED)


def seen_with(look: Look, **changes: Any) -> Look:
    """Return the look with something else seen."""
    return replace(look, seen=replace(look.seen, **changes))


def codes(look: Look, capture: CaptureProtocol = PAINTED) -> list[str]:
    return [finding.code for finding in photograph_findings(look, capture)]


def registration_of(look: Look) -> Registration:
    assert isinstance(look.registration, Registration)
    return look.registration


def shown(look: Look, away: float = 1.0, side_m: float = 0.0) -> Look:
    """The same body registered from so many times the distance, and so far to the side."""
    from reepi.mapping.registration import camera_and_pose, registration_from_pose

    camera, pose = camera_and_pose(registration_of(look))
    place = camera.position * np.array([1, away, 1]) + np.array([side_m, 0, 0])
    return replace(look, registration=registration_from_pose(replace(camera, position=place), pose, look.template, 5.0))


def sighting(look: Look, factor: float) -> CardSighting:
    """A card in the middle of the picture, read at twice the working size, whose scale is off by a factor."""
    height, width = (2 * side for side in look.seen.photograph.size)
    true = mm_per_px(registration_of(look), look.template, (width / 4, height / 4), 0.25)
    assert true is not None
    outline = np.array([[width / 2 + x, height / 2 + y] for x, y in ((-9, -9), (9, -9), (9, 9), (-9, 9))])
    patches = np.full((4, 3), 128.0)
    return CardSighting("reepi-a6", np.eye(3), (height, width), true / 2 * factor, 0.0, 0.1, patches, patches, outline)


def test_a_good_photograph_has_no_finding(look: Look) -> None:
    """Sharp, complete, and of the size that it should have."""
    assert codes(look) == []


def test_distance_and_place_are_told(look: Look) -> None:
    """Too far, too near, and half beside the picture: one name each."""
    assert codes(shown(look, away=2.0)) == ["too_far"]
    assert codes(shown(look, away=0.5)) == ["too_near"]
    assert codes(shown(look, side_m=0.75)) == ["view_incomplete"]


def test_what_was_seen_speaks_beside_the_camera(look: Look) -> None:
    """A body can be laid where its half is missing; nothing is told twice, nor both too far and too near."""
    doubted = replace(look, registration=replace(registration_of(look), framing_faults=("view_incomplete",)))
    assert codes(doubted) == ["view_incomplete"]
    far = shown(look, away=2.0)
    assert codes(replace(far, registration=replace(registration_of(far), framing_faults=("too_near",)))) == ["too_far"]
    both = ("too_far", "view_incomplete")
    half = replace(far, registration=replace(registration_of(far), framing_faults=both))
    assert codes(half) == ["too_far", "view_incomplete"]


def unplaced(look: Look, code: str, signs: FramingSigns) -> Look:
    """The same photograph, on which no body could be laid."""
    return replace(look, registration=NotRegistered(code, "So it is.", signs))


def test_a_photograph_that_missed_the_gate_still_tells_its_framing(look: Look) -> None:
    """The cause stands before the consequence."""
    assert codes(unplaced(look, "not_registered", FAR)) == ["too_far", "not_registered"]
    assert codes(unplaced(look, "wrong_view", FAR)) == ["too_far", "wrong_view"]
    assert codes(unplaced(look, "wrong_view", WELL_FRAMED)) == ["wrong_view"]


def test_what_is_framed_well_and_lies_nowhere_is_told_and_kept(look: Look) -> None:
    """Another photograph like it would lie nowhere either."""
    (found,) = photograph_findings(unplaced(look, PLACE_BY_HAND, WELL_FRAMED), PAINTED)
    assert (found.code, found.refuses) == (PLACE_BY_HAND, False)
    (found,) = photograph_findings(
        unplaced(look, PLACE_BY_HAND, WELL_FRAMED), replace(PAINTED, refuse=(*REFUSED, PLACE_BY_HAND))
    )
    assert found.refuses


def test_skin_that_one_network_alone_sees_is_none_where_no_body_lies(look: Look) -> None:
    """Bedding may look like skin, and not like a body; also where nothing of it has a place on a body."""
    assert "too_little_skin" in codes(unplaced(look, "not_registered", replace(FAR, skin=0.003)))
    for skin, told in ((0.003, ["too_little_skin", "not_registered"]), (0.3, ["not_registered"])):
        assert codes(replace(look, registration=Unplaced("not_registered", "Nothing.", skin))) == told


def test_a_rejection_travels_between_processes_whole(look: Look) -> None:
    """With its signs, or the share of skin."""
    nothing = copy.copy(Unplaced("not_registered", "Nothing.", 0.25))
    assert (nothing.code, nothing.explanation, nothing.skin) == ("not_registered", "Nothing.", 0.25)
    rejection = unplaced(look, "not_registered", FAR).registration
    there = copy.copy(rejection)
    assert isinstance(there, NotRegistered)
    assert (there.code, there.explanation, there.signs) == ("not_registered", "So it is.", FAR)


def test_too_little_skin(look: Look) -> None:
    """Bedding alone has no skin; nor has it a body."""
    empty = TissueMap.from_mask(np.zeros(look.seen.photograph.size, np.uint8))
    lost = PhotographRejected("not_registered", "No skin.")
    assert codes(replace(seen_with(look, tissues=empty), registration=lost)) == ["too_little_skin", "not_registered"]


def test_the_face_counts_where_it_must_be_covered(look: Look) -> None:
    """A bare face is told in a study that forbids it, and a covered one is not."""
    near = replace(shown(look, away=0.5), view=VIEWS["head_anterior"])
    strict = replace(PAINTED, face="covered", most_fill_percent=1e9, least_inside_percent=0, least_fill_percent=0)
    skin = TissueMap.from_mask(np.ones(look.seen.photograph.size, np.uint8))
    covered = TissueMap.from_mask(np.full(look.seen.photograph.size, 6, np.uint8))
    assert "face_uncovered" in codes(seen_with(near, tissues=skin), strict)
    assert "face_uncovered" not in codes(seen_with(near, tissues=covered), strict)
    assert "face_uncovered" not in codes(seen_with(near, tissues=skin), replace(strict, face="allowed"))


def test_a_face_that_the_body_was_not_laid_on_counts_where_it_is_surely_bare(look: Look) -> None:
    """A body laid a little too low has its face beside the picture; the network sees the patient's all the same."""
    strict, place = replace(PAINTED, face="covered"), registration_of(look)
    headless = replace(look, registration=replace(place, drawn=np.full_like(place.drawn, NO_FACE)))
    assert "face_uncovered" not in codes(headless, strict)
    for bare, told in ((0.95, True), (0.5, False), (None, False)):
        seen = replace(headless, registration=replace(registration_of(headless), bare_face=bare))
        assert ("face_uncovered" in codes(seen, strict)) is told


@pytest.mark.parametrize(("bare", "told"), [(0.9, True), (0.6, False), (None, False)])
def test_a_face_is_seen_where_no_body_lies(look: Look, bare: float | None, told: bool) -> None:
    """Whose photograph could not be placed shows the face all the same."""
    signs = replace(WELL_FRAMED, bare_face=bare)
    found = codes(unplaced(look, PLACE_BY_HAND, signs), replace(PAINTED, face="covered"))
    assert found == (["face_uncovered"] if told else []) + [PLACE_BY_HAND]
    assert codes(unplaced(look, PLACE_BY_HAND, signs)) == [PLACE_BY_HAND]


@pytest.mark.parametrize(("factor", "told"), [(1.0, []), (1.1, []), (1.3, ["scale_differs"]), (0.7, ["scale_differs"])])
def test_the_card_and_the_body_must_agree(look: Look, factor: float, told: list[str]) -> None:
    """Up to a fifth is the height of the card over the skin; more is a wrong card or a wrong patient."""
    assert codes(seen_with(look, card=sighting(look, factor))) == told


def test_a_scale_that_was_told_is_compared_with_the_patients_own_body_only(look: Look) -> None:
    """It refers to the original's pixels; an average adult says nothing of it."""
    photograph = replace(look.seen.photograph, original_size=tuple(4 * side for side in look.seen.photograph.size))
    far, true = seen_with(look, photograph=photograph), mm_per_px(registration_of(look), look.template)
    assert true is not None
    assert codes(replace(far, mm_per_px=true / 4)) == []
    assert codes(replace(far, mm_per_px=true)) == ["scale_differs"]
    assert codes(replace(far, mm_per_px=true, own_body=False)) == []


def test_a_card_is_missed_only_where_one_is_required(look: Look) -> None:
    """Required and not found; optional, or found, is no fault."""
    required = replace(PAINTED, card="required")
    assert codes(look, required) == ["card_missing"]
    assert codes(seen_with(look, card=sighting(look, 1.0)), required) == []


def test_a_card_settles_the_colour_of_the_light(look: Look) -> None:
    """Where the card corrects it, no cast is told; where nothing is standardised, it is."""
    coloured = replace(PAINTED, cast_stops=0)
    photograph = look.seen.photograph
    cast = seen_with(look, photograph=Photograph(photograph.pixels[..., ::-1].copy(), photograph.original_size))
    assert codes(cast, coloured) == ["colour_cast"]
    seen = seen_with(cast, card=sighting(look, 1.0))
    assert codes(seen_with(seen, colours=Standardisation("card")), coloured) == []
    assert codes(seen, coloured) == ["colour_cast"]


def test_what_cannot_be_read_refuses(painted_study: Path, instruments: Instruments, body: BodyTemplate) -> None:
    """It ends as a finding with its remedy, and the rest goes on; a body that cannot be built is one too."""
    (painted_study / "photos" / "b.png").write_bytes(b"")
    path = painted_study / "photos" / "b.png"
    ended = inspected(path, body, instruments)
    assert [finding.code for finding in ended.findings] == ["empty"]
    assert ended.again
    assert ended.print_ is None
    no_body = PhotographRejected("no_body_template", "No such body.")
    path = painted_study / "photos" / "a.png"
    ended = inspected(path, no_body, instruments)
    assert [finding.code for finding in ended.findings] == ["no_body_template"]


def test_a_study_may_keep_a_wrong_view(look: Look) -> None:
    """Codes of its list are the study's to refuse; what cannot be measured always refuses."""
    wrong, lost = (PhotographRejected(code, "So it is.") for code in ("wrong_view", "not_registered"))
    assert rejection_finding(wrong, PAINTED).refuses
    assert not rejection_finding(wrong, replace(PAINTED, refuse=())).refuses
    assert rejection_finding(lost, replace(PAINTED, refuse=())).refuses


@pytest.mark.parametrize("rejection", [no_memory(), no_extra("a DICOM object", "dicom")])
def test_a_machine_that_cannot_read_it_refuses_nothing(rejection: PhotographRejected) -> None:
    """That says nothing of the photograph."""
    assert not rejection_finding(rejection, PAINTED).refuses


@pytest.mark.parametrize(
    ("taken", "told"),
    [("2024-03-05", []), ("2024-03-11", []), ("2024-03-08", ["outside_visit"]), ("2030-01-01", ["future_date"])],
)
def test_dates_are_compared_with_the_planned_visits(painted_study: Path, taken: str, told: list[str]) -> None:
    """Days 0, 5 and 7 are planned, each with a day to both sides; the future has not been photographed."""
    study = read_study(painted_study)
    entry = replace(study.photos[0], taken_at=study.photos[0].taken_at.fromisoformat(taken))
    found = date_findings(entry, study.patient("P1"), study, date(2025, 1, 1))
    assert [finding.code for finding in found] == told
    assert not any(finding.refuses for finding in found)


def test_without_day_zero_or_plan_no_visit_is_missed(painted_study: Path) -> None:
    """Nothing to compare with."""
    study = read_study(painted_study)
    entry = replace(study.photos[0], taken_at=study.photos[0].taken_at.replace(year=2023))
    patient = study.patient("P1")
    assert date_findings(entry, replace(patient, day_zero_date=None), study, date(2025, 1, 1)) == ()
    assert date_findings(entry, patient, replace(study, visit_days=()), date(2025, 1, 1)) == ()


def test_a_repeated_picture_names_the_first(painted_study: Path, instruments: Instruments, body: BodyTemplate) -> None:
    """Two files of one content."""
    path = painted_study / "photos" / "a.png"
    print_ = inspected(path, body, instruments).print_
    assert print_ is not None
    (found,) = repeated_findings({"a": print_, "again": print_}, PAINTED).items()
    assert found[0] == "again"
    assert found[1].remedy.startswith("It is the same picture as a.")


def test_the_list_tells_dates_and_files_that_are_alike(painted_study: Path) -> None:
    """Of each photograph, without opening one; of two alike the first of the study is told nothing."""
    study = read_study(painted_study)
    first, second, third = study.photos
    study = replace(study, photos=(first, replace(second, taken_at=second.taken_at.replace(day=25)), third))
    found = list_findings(study, {first.file: "1", second.file: "1", third.file: "3"})
    assert {file: as_reasons(findings) for file, findings in found.items()} == {
        first.file: "",
        second.file: "outside_visit; repeated",
        third.file: "",
    }
    assert found[second.file][1].remedy.startswith(f"It is the same picture as {first.file}.")


def test_reasons_are_codes_in_order() -> None:
    """As photos.csv has them."""
    assert as_reasons([PAINTED.finding("blurred"), PAINTED.finding("dark")]) == "blurred; dark"
    assert as_reasons([]) == ""


def test_every_refusal_has_a_remedy() -> None:
    """Nobody is sent back to the bed without being told what to do."""
    assert set(REFUSED) <= set(REMEDIES)
