"""Who decided, in sentences: how many photographs were read, whose word skin rests on, and what nobody checked."""

from dataclasses import replace

import pytest

from reepi.core.results import PhotoRow
from reepi.core.surface import Origin
from reepi.report.deciders import (
    StudyDeciders,
    VisitDeciders,
    decided_words,
    photographs_read,
    signatures,
    study_deciders,
    why_words,
)
from reepi.scoring.sources import RestsOn

PROPOSED = PhotoRow("a.jpg", "scored", "", 5.0, 1.0, "proposal")
ADA = replace(PROPOSED, source="reading by Ada")
BOTH = replace(PROPOSED, source="mean of readings by Ada, Ben")
REJECTED = replace(ADA, status="rejected", reasons="rejected_by_reader: Ada rejected it: blurred")
UNPLACED = PhotoRow("a.jpg", "rejected", "not_registered: The body was not found.", None, 1.0)
REFUSED = replace(ADA, status="rejected", reasons="registration_refused: Ben refused its place on the body: arm")

NOBODY = dict.fromkeys([Origin.PROPOSAL, Origin.READING, Origin.ADJUDICATION, Origin.CHART], 0.0)


def rests(dressings: float = 0.0, **percent: float) -> RestsOn:
    return RestsOn(NOBODY | {Origin[name.upper()]: value for name, value in percent.items()}, dressings)


def test_a_photograph_says_who_decided() -> None:
    """Readers by name, a proposal as unchecked; what shows nothing that counts claims nobody."""
    assert decided_words(PROPOSED) == "the model's proposal, which nobody checked"
    assert decided_words(BOTH) == "mean of readings by Ada, Ben"
    assert decided_words(UNPLACED) == ""
    assert decided_words(replace(PROPOSED, status="rejected", reasons="refused")) == ""


def test_reasons_of_readers_stand_without_their_code() -> None:
    """Codes are for programs; what the program itself found keeps its code, by which it is looked up."""
    assert why_words(REJECTED) == "Ada rejected it: blurred"
    assert why_words(REFUSED) == "Ben refused its place on the body: arm"
    assert why_words(UNPLACED) == UNPLACED.reasons


@pytest.mark.parametrize(
    ("photos", "sentences"),
    [
        ([], ("There is no photograph.",)),
        ([PROPOSED], ("The one photograph was not read.",)),
        ([PROPOSED, UNPLACED], ("None of 2 photographs was read.",)),
        ([ADA], ("The one photograph was read: reading by Ada (1).",)),
        ([ADA, PROPOSED], ("1 of 2 photographs was read: reading by Ada (1).",)),
        ([ADA, ADA, BOTH], ("All 3 photographs were read: mean of readings by Ada, Ben (1); reading by Ada (2).",)),
        (
            [REJECTED, REFUSED, PROPOSED],
            (
                "2 of 3 photographs were read: reading by Ada (2).",
                "Readers rejected 1 photograph.",
                "Readers refused the place of 1 photograph on the body.",
            ),
        ),
        (
            [replace(REFUSED, source="proposal")],
            ("The one photograph was not read.", "Readers refused the place of 1 photograph on the body."),
        ),
    ],
)
def test_how_many_were_read_and_by_whom(photos: list[PhotoRow], sentences: tuple[str, ...]) -> None:
    """Numbers agree with their verbs, and each name stands with its photographs."""
    assert photographs_read(photos) == sentences


def test_a_visit_says_what_its_skin_rests_on() -> None:
    """In % BSA, without what does not occur; parts add up to the whole."""
    visit = VisitDeciders((ADA, PROPOSED), rests(2.5, proposal=30.0, reading=40.5, chart=4.0), "Ada")
    assert visit.sentences[1:] == (
        "Of the 74.5 % BSA that were assessed, 30.0 rest on the model's proposals, which nobody checked; "
        "40.5 on readings; and 4.0 on the bedside chart.",
        "The body chart was painted by Ada; 2.5 % BSA under dressings painted on it count as unassessed.",
        "Nobody signed it.",
    )


def test_a_visit_that_nobody_read() -> None:
    """All of it is unchecked, and no chart is claimed."""
    assert VisitDeciders((PROPOSED,), rests(proposal=70.0)).sentences == (
        "The one photograph was not read.",
        "All of the 70.0 % BSA that were assessed rest on the model's proposals, which nobody checked.",
        "Nothing is painted on the body chart.",
    )


def test_who_signed_a_visit_is_told_where_somebody_read_it() -> None:
    """Every name with its day; a visit that was read and not signed says so."""
    signed = VisitDeciders((ADA,), signed={"Ben": "2024-03-09T07:00:00+00:00", "Ada": "2024-03-08T16:30:00+00:00"})
    assert signed.sentences[-1] == "Signed by Ada (2024-03-08), Ben (2024-03-09)."
    assert VisitDeciders((ADA,)).sentences[-1] == "Nobody signed it."
    assert signatures({"said": {"signatures": {"P1 2024-03-10": {"Ada": "2024-03-11"}}}}) == {
        "P1 2024-03-10": {"Ada": "2024-03-11"}
    }
    assert signatures({}) == {}


def test_a_visit_whose_skin_is_not_known() -> None:
    """A surface map that cannot be read is told, and one without skin is no division by nothing."""
    assert "cannot be read" in VisitDeciders((ADA,)).sentences[1]
    assert VisitDeciders((UNPLACED,), rests()).sentences[1] == "No skin was assessed."


def test_a_study_that_nobody_read_says_so_plainly() -> None:
    """Also where the trail has events, none of which says what skin is."""
    study = study_deciders([PROPOSED, UNPLACED], {"trail": {"events": 0, "head": ""}})
    assert study.is_unchecked
    assert study.sentences == (
        "Nobody read this study: all its numbers are the model's proposals, which nobody checked.",
    )
    assert "empty" in study.trail_sentence
    assert replace(study, events=3, head="ab" * 32).is_unchecked
    assert study_deciders([PROPOSED], {}).is_unchecked


def test_a_painted_chart_alone_is_told() -> None:
    """The photographs are still unchecked, the study is not."""
    study = StudyDeciders((PROPOSED, PROPOSED), charts=1)
    assert not study.is_unchecked
    assert study.sentences == (
        "None of 2 photographs was read.",
        "2 scored photographs rest on the model's proposals, which nobody checked.",
        "The body chart of 1 visit was painted at the bedside.",
    )


def test_a_study_that_was_read() -> None:
    """Charts, points and trail come from ``run.json``; the hash is cut short."""
    origin = {
        "trail": {"events": 12, "head": "0123456789abcdef" * 4},
        "said": {"points": {"a.jpg": "x"}, "painters": {"P1 2024-03-05": "Ada", "P1 2024-03-10": "Ben"}},
    }
    study = study_deciders([ADA, REJECTED], origin)
    assert study.sentences == (
        "All 2 photographs were read: reading by Ada (2).",
        "Readers rejected 1 photograph.",
        "Every scored photograph was read.",
        "The body chart of 2 visits was painted at the bedside.",
        "Readers' points place 1 photograph on the body.",
    )
    assert study.trail_sentence.endswith("its trail had 12 events, the newest with the hash 0123456789ab.")
