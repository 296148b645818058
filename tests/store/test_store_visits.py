"""Charts, decisions on registrations and signatures: what is said of visits, and what a signature binds."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from reepi.core.chart_reading import NewChartReading
from reepi.core.errors import InputError, ReasonNeeded, VisitUnfinished
from reepi.core.reader_points import NewPoints, ReaderPoint
from reepi.core.reading import NewReading
from reepi.core.registration_decision import NewDecision
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.store import masks
from reepi.store.charts import ChartStore
from reepi.store.masks import tissue_pixels
from reepi.store.reader_points import PointStore
from reepi.store.readings import ReadingStore
from reepi.store.registrations import RegistrationStore
from reepi.store.signatures import SignatureStore

FILE, DAY, VISIT = "photos/a.png", date(2024, 3, 5), ("P 1", date(2024, 3, 5))
MASK = np.full((64, 96), Tissue.INTACT, np.uint8)
ADA = NewReading(FILE, "Ada", "accepted")
KNEE = ReaderPoint(0.5, 0.5, 3, (1.0, 0.0, 0.0))


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder with two photographs."""
    (tmp_path / "photos").mkdir()
    for name, grey in (("a.png", 90), ("b.png", 91)):
        Image.fromarray(np.full((64, 96, 3), grey, np.uint8)).save(tmp_path / "photos" / name)
    return tmp_path


def painted(*faces: int, tissue: int = Tissue.DETACHABLE) -> np.ndarray:
    """Return a chart of 10 faces, some of which are painted."""
    chart = np.full(10, UNLABELLED, np.uint8)
    chart[list(faces)] = tissue
    return chart


def chart(reader: str, *faces: int, **more: str) -> NewChartReading:
    return NewChartReading("P 1", DAY, reader, painted(*faces), **more)  # type: ignore[arg-type]


def test_a_chart_comes_back(study: Path, postgres_url: str) -> None:
    """From a file and from a server: visit, reader, reason and every face."""
    for url in (None, postgres_url):
        saved = ChartStore(study, url).save(chart("Ada", 1, 2, 7, reason="Nikolsky"))
        (found,) = ChartStore(study, url).newest()
        assert found == saved
        assert (found.visit, found.reason, found.role) == (VISIT, "Nikolsky", "reader")
        np.testing.assert_array_equal(found.tissue, painted(1, 2, 7))


def test_which_charts_count(study: Path) -> None:
    """The newest of each reader that says something; an adjudicator's before all, even one that says nothing."""
    store = ChartStore(study)
    counts = lambda: [each.number for each in store.counting()[VISIT].charts]  # noqa: E731 - asked after every chart
    store.save(chart("Ada", 1))
    store.save(chart("Ben", 2))
    assert counts() == [1, 2]
    store.save(chart("Ada", 1, 3))
    assert counts() == [2, 3]
    store.save(chart("Ada"))
    assert counts() == [2]
    store.save(chart("Ben"))
    assert store.counting() == {}
    store.save(chart("Eva", role="adjudicator"))
    store.save(chart("Ada", 4))
    assert counts() == [6]
    assert [each.number for each in store.newest()] == [5, 6, 7]


def test_a_second_readers_chart_leaves_what_the_first_painted(study: Path) -> None:
    """Ben, who does not see Ada's chart, paints dressings: her bedside sign stays, and where both painted he counts."""
    store = ChartStore(study)
    store.save(chart("Ada", 1, 2, 3))
    store.save(NewChartReading("P 1", DAY, "Ben", painted(3, 7, tissue=Tissue.COVERED)))
    counts = store.counting()[VISIT]
    expected = painted(1, 2)
    expected[[3, 7]] = Tissue.COVERED
    np.testing.assert_array_equal(counts.tissue, expected)
    assert (counts.readers, counts.differing) == ("Ada, Ben", 1)
    store.save(chart("Ada", 1))
    assert (store.counting()[VISIT].tissue != UNLABELLED).sum() == 3, "what Ada takes back is hers alone"


def test_charts_of_different_bodies_are_not_laid_over_each_other(study: Path) -> None:
    """The newest counts alone, as when the body template became another one."""
    store = ChartStore(study)
    store.save(NewChartReading("P 1", DAY, "Ada", np.array([UNLABELLED, 3], np.uint8)))
    store.save(chart("Ben", 1))
    assert [each.reader for each in store.counting()[VISIT].charts] == ["Ben"]


def test_the_newest_decision_of_a_registration_counts(study: Path) -> None:
    """Ada refuses, Ben accepts; both are kept."""
    store = RegistrationStore(study)
    refused = store.save(NewDecision(FILE, "Ada", "refused", "1" * 64, 21.5, "left arm is off"))
    accepted = store.save(NewDecision(FILE, "Ben", "accepted", "2" * 64))
    assert RegistrationStore(study).counting() == {FILE: accepted}
    assert RegistrationStore(study).newest() == (refused, accepted)
    assert (refused.residual_mm, refused.reason, accepted.residual_mm) == (21.5, "left arm is off", None)


def test_a_decision_needs_its_photograph(study: Path) -> None:
    """A registration of other pixels is not decided on."""
    with pytest.raises(InputError, match="changed while it was read"):
        RegistrationStore(study).save(NewDecision(FILE, "Ada", "accepted", "1" * 64, photograph_sha256="f" * 64))


@pytest.fixture
def signed(study: Path) -> Path:
    """A study whose only visit Ada has read, painted and signed."""
    ReadingStore(study).save(ADA, MASK)
    ReadingStore(study).save(replace(ADA, state="corrected"), MASK)
    PointStore(study).save(NewPoints(FILE, "Ada", (KNEE,)))
    ChartStore(study).save(chart("Ada", 1))
    SignatureStore(study).sign("P 1", DAY, "Ada", [FILE])
    return study


def test_a_signature_names_the_newest_of_everything(signed: Path) -> None:
    """The corrected reading, not the one it replaced; points and chart with it; nothing of other readers."""
    (signature,) = SignatureStore(signed).newest()
    (reading,), (points,), (painting,) = (
        ReadingStore(signed).newest(),
        PointStore(signed).newest(),
        ChartStore(signed).newest(),
    )
    assert signature.signed == (reading.sha256, points.sha256, painting.sha256)
    assert (signature.visit, signature.reader, signature.files) == (VISIT, "Ada", (FILE,))


CHANGES: dict[str, Callable[[Path, str], object]] = {
    "reading": lambda study, reason: ReadingStore(study).save(replace(ADA, reason=reason), MASK),
    "points": lambda study, reason: PointStore(study).save(NewPoints(FILE, "Ada", (), reason=reason)),
    "chart": lambda study, reason: ChartStore(study).save(chart("Ada", 2, reason=reason)),
    "registration": lambda study, reason: RegistrationStore(study).save(
        NewDecision(FILE, "Ada", "accepted", "1" * 64, reason=reason)
    ),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_after_signing_needs_a_reason(signed: Path, kind: str) -> None:
    """Without one nothing is saved; with one it is, and the signature stands no longer until the visit is signed."""
    store = SignatureStore(signed)
    for silence in ("", "  "):
        with pytest.raises(ReasonNeeded, match=r"Ada signed P 1 2024-03-05 on .* needs a reason"):
            CHANGES[kind](signed, silence)
    assert (len(store.trail.events()), len(store.standing())) == (5, 1)
    CHANGES[kind](signed, "wrong side")
    assert store.standing() == ()
    assert store.sign("P 1", DAY, "Ada", [FILE]) == store.standing()[0]
    with pytest.raises(InputError, match="needs a reason"):
        CHANGES[kind](signed, "")


def test_a_signature_binds_nobody_else_and_nothing_else(signed: Path) -> None:
    """Ben, another photograph, another visit and a hidden repeat need no reason."""
    ReadingStore(signed).save(replace(ADA, reader="Ben"), MASK)
    ReadingStore(signed).save(replace(ADA, photograph="photos/b.png"), MASK)
    ReadingStore(signed).save(replace(ADA, occasion=2), MASK)
    ChartStore(signed).save(NewChartReading("P 1", date(2024, 3, 6), "Ada", painted(1)))
    assert len(SignatureStore(signed).standing()) == 1


def test_what_was_kept_before_signing_can_be_sent_again(study: Path) -> None:
    """A sender who heard no answer sends again after signing; that is no change."""
    store, new = ReadingStore(study), replace(ADA, event_id="sent-twice")
    first = store.save(new, MASK)
    SignatureStore(study).sign("P 1", DAY, "Ada", [FILE])
    assert store.save(new, MASK) == first
    assert len(store.history()) == 1


def test_only_a_finished_visit_is_signed(study: Path) -> None:
    """A proposal or another's reading is not the reader's; each open photograph is named; nothing said is nothing."""
    store = SignatureStore(study)
    with pytest.raises(InputError, match="said nothing of this visit"):
        store.sign("P 1", DAY, "Ada", [])
    ReadingStore(study).save(replace(ADA, state="proposed"), MASK)
    ReadingStore(study).save(replace(ADA, photograph="photos/b.png", reader="Ben"), MASK)
    with pytest.raises(VisitUnfinished) as told:
        store.sign("P 1", DAY, "Ada", [FILE, "photos/b.png"])
    assert [fault.where for fault in told.value.faults] == [FILE, "photos/b.png"]
    assert store.history() == ()


def test_hidden_repeats_and_adjudications_are_kept_apart(study: Path) -> None:
    """Neither is what a reader newly says; each has its own list."""
    store = ReadingStore(study)
    first = store.save(ADA, MASK)
    repeat = store.save(replace(ADA, occasion=2), MASK)
    judged = store.save(replace(ADA, reader="Eva", role="adjudicator"), MASK)
    assert (store.newest(), store.repeats(), store.decided()) == ((first,), (repeat,), {FILE: judged})
    assert store.counting() == {FILE: (judged,)}
    again = store.save(replace(ADA, state="corrected"), MASK)
    assert store.counting() == {FILE: (again,)}


def test_what_counted_once_can_be_asked_again(study: Path) -> None:
    """Stores on one trail share it; on its past they say what they said then."""
    readings = ReadingStore(study)
    first = readings.save(ADA, MASK)
    points = PointStore(study, trail=readings.trail)
    placed = points.save(NewPoints(FILE, "Ada", (KNEE,)))
    readings.save(replace(ADA, state="corrected"), MASK)
    points.save(NewPoints(FILE, "Ada", ()))
    past = readings.trail.until(2)
    assert ReadingStore(study, trail=past).counting() == {FILE: (first,)}
    assert PointStore(study, trail=past).counting() == {FILE: placed}
    assert points.counting() == {}


def test_pixels_are_counted_when_a_mask_is_saved(study: Path) -> None:
    """So that the audit can count them again."""
    mask = MASK.copy()
    mask[0], mask[1] = Tissue.DETACHED, UNLABELLED
    saved = ReadingStore(study).save(ADA, mask)
    assert dict(saved.tissue_pixels) == {1: 62 * 96, 4: 96, 255: 96}
    assert ReadingStore(study).newest() == (saved,)
    assert ReadingStore(study).save(replace(ADA, state="rejected", reason="blur"), None).tissue_pixels == {}


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.sampled_from([0, 1, 6, 255])))
def test_every_pixel_is_counted(mask: np.ndarray) -> None:
    """As often as numpy finds it, however many rows are counted at once."""
    values, counts = np.unique(mask, return_counts=True)
    expected = dict(zip(values.tolist(), counts.tolist(), strict=True))
    assert tissue_pixels(mask) == expected
    assert tissue_pixels(mask[:, ::2]) == {v: int((mask[:, ::2] == v).sum()) for v in np.unique(mask[:, ::2]).tolist()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masks, "EXACT_PIXELS", 5)
        assert tissue_pixels(mask) == expected


def test_large_areas_are_counted_exactly() -> None:
    """More pixels of one value than a 32-bit float can count one by one."""
    side = 4097
    assert tissue_pixels(np.ones((side, side), np.uint8)) == {1: side * side}
