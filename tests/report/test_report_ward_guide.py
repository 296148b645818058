"""The guide that hangs in the ward: complete, legible, and the same for the same study."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from reepi.body.template import BodyTemplate, reference_template
from reepi.core.capture import CaptureProtocol
from reepi.core.regions import REGIONS
from reepi.core.study import PhotoEntry, Protocol, Study
from reepi.core.views import VIEW_NAMES, VIEWS, closest_view
from reepi.report import ward_guide
from reepi.report.guide_drawings import spread_out
from reepi.report.guide_pictures import CARD_M, Viewfinder, framed_with, viewfinder
from reepi.report.guide_words import STANDARD_VIEWS, round_of, rules
from reepi.report.page import Page, text_width, wrapped
from reepi.report.ward_guide import RIM_MM, guide, guide_pages, write_guide

STUDY = Study("Cells in Lyell syndrome", "infusion", (0, 5), Protocol(), (), ())


@pytest.fixture(scope="module")
def template() -> BodyTemplate:
    return reference_template()


@pytest.fixture
def plain_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """One drawing for all views: what is measured here are words."""
    blank = np.ones((117, 88), np.float32)
    half = np.indices(blank.shape)[0] > 60
    drawn = Viewfinder(blank, half, half, (10, 13, 68, 90), None, 1.04)
    monkeypatch.setattr(ward_guide, "viewfinder", lambda *_: drawn)
    monkeypatch.setattr(ward_guide, "framed_with", lambda *_, **__: drawn)
    monkeypatch.setattr(ward_guide, "draw_round", lambda *_: None)
    monkeypatch.setattr(ward_guide, "draw_viewfinder", lambda *_: None)


def words_of(page: Page) -> list[str]:
    return [text.get_text() for text in page.figure.findobj(Text) if text.get_text()]


class TestRound:
    def test_the_standard_round_shows_every_region(self) -> None:
        """The view that frames a region closest is in the round, for every region of the body."""
        assert {closest_view(region).name for region in REGIONS} <= set(STANDARD_VIEWS)

    def test_every_view_has_its_words_and_its_number(self) -> None:
        """Whatever a study names can be printed, in an order that has no gaps, each title once."""
        steps = round_of(VIEW_NAMES)
        assert [step.number for step in steps] == list(range(1, len(VIEWS) + 1))
        assert {step.view.name for step in steps} == set(VIEW_NAMES)
        assert len({step.title for step in steps}) == len(VIEWS)
        assert all(step.hint for step in steps)

    def test_the_patient_is_turned_once(self) -> None:
        """All views on the back come before all views on the side."""
        postures = [step.posture for step in round_of(VIEW_NAMES)]
        assert postures == sorted(postures)
        assert set(postures) == {"back", "side"}

    def test_a_limb_is_finished_before_the_next(self) -> None:
        """Of one side, palm up first, with its hand, then the other surface."""
        arms = [step.view.name for step in round_of(VIEW_NAMES) if step.view.part in ("arm", "hand")]
        right = ["arm_right_anterior", "hand_right_palmar", "arm_right_posterior", "hand_right_dorsal"]
        assert arms == [*right, *(name.replace("right", "left") for name in right)]

    def test_a_view_named_twice_is_taken_once(self) -> None:
        """Photographs of many visits name the same view again."""
        assert len(round_of(["trunk_anterior", "trunk_anterior"])) == 1


class TestRules:
    def test_they_follow_the_study(self) -> None:
        """A study without a card says nothing of it; one that requires it, or covers faces, says so."""

        def told(**changes: str) -> str:
            return " ".join(
                " ".join((heading, *lines)) for heading, lines in rules(replace(CaptureProtocol(), **changes))
            )

        assert "card" not in told(card="none")
        assert "sent back" in told(card="required")
        assert "sent back" not in told(card="optional")
        assert "Cover the face" in told(face="covered")
        assert "Cover the face" not in told(face="allowed")


class TestDrawing:
    @pytest.mark.parametrize("name", ["trunk_anterior", "hand_left_palmar"])
    def test_the_card_lies_in_the_frame_beside_the_body(self, template: BodyTemplate, name: str) -> None:
        """It covers no skin, has the sides of A6, and the framed part fits into the frame with it."""
        seen = viewfinder(template, VIEWS[name])
        assert seen.card is not None
        left, top, width, height = seen.card
        assert not seen.body[round(top) : round(top + height), round(left) : round(left + width)].any()
        assert max(width, height) / min(width, height) == pytest.approx(CARD_M[1] / CARD_M[0], rel=0.05)
        x, y, across, down = seen.frame
        assert x < left
        assert left + width < x + across
        assert y < top
        assert top + height < y + down
        rows, columns = np.nonzero(seen.part)
        assert x - 1 <= columns.min() <= columns.max() <= x + across + 1
        assert y - 1 <= rows.min() <= rows.max() <= y + down + 1

    def test_the_wrong_framings_are_wrong(self, template: BodyTemplate) -> None:
        """Too near leaves the frame, and too far is farther."""
        view = VIEWS["trunk_anterior"]
        near, far = framed_with(template, view, 1.45), framed_with(template, view, 0.4)
        assert np.nonzero(near.part)[0].min() < near.frame[1]
        assert far.distance_m > 2 * near.distance_m
        assert far.part.sum() < near.part.sum() / 4

    @settings(max_examples=20)
    @given(arrays(np.float64, st.tuples(st.integers(0, 12), st.just(2)), elements=st.floats(0, 60)))
    def test_numbers_do_not_lie_on_each_other(self, places: np.ndarray) -> None:
        """Wherever they begin, no two are closer than their width, and the argument stays as it is."""
        before = places.copy()
        spread = spread_out(places, 5.0)
        apart = np.hypot(*(spread[:, None] - spread[None]).transpose(2, 0, 1))
        assert (apart[~np.eye(len(spread), dtype=bool)] > 4.5).all()
        np.testing.assert_array_equal(places, before)

    def test_numbers_that_have_room_stay(self) -> None:
        """Nothing is moved without need."""
        places = np.array([[0.0, 0.0], [0.0, 6.0], [9.0, 3.0]])
        np.testing.assert_array_equal(spread_out(places, 5.0), places)


class TestPage:
    @settings(max_examples=30)
    @given(st.lists(st.text("abcdefghijklmnop", min_size=1, max_size=9), min_size=1, max_size=30))
    def test_lines_fit_and_lose_no_word(self, words: list[str]) -> None:
        """Every line is as narrow as asked for, and together they are the words."""
        lines = wrapped(" ".join(words), 8, 40)
        assert " ".join(lines).split() == words
        assert all(text_width(line, 8) <= 40 for line in lines)

    @pytest.mark.usefixtures("plain_pictures")
    @pytest.mark.parametrize("views", [VIEW_NAMES, ("trunk_anterior",)])
    def test_all_words_are_on_the_page_and_none_on_another(self, views: tuple[str, ...]) -> None:
        """However many views there are, words keep to the rims and do not run into each other."""
        study = replace(STUDY, capture=CaptureProtocol("required", "card", "covered"))
        for page in guide_pages(study, views):
            # Fine enough that letters are not rounded to whole pixels.
            page.figure.set_dpi(600)
            renderer = FigureCanvasAgg(page.figure).get_renderer()
            texts = [text for text in page.figure.findobj(Text) if text.get_text()]
            boxes = np.array([text.get_window_extent(renderer).extents for text in texts])
            boxes *= 25.4 / page.figure.dpi
            assert boxes[:, 0].min() > RIM_MM - 1
            assert boxes[:, 2].max() < page.width - RIM_MM + 1
            assert boxes[:, 1].min() > 8
            assert boxes[:, 3].max() < page.height - 8
            overlap = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:]) - np.maximum(
                boxes[:, None, :2], boxes[None, :, :2]
            )
            # Boxes hold the room above and below letters that have none there.
            met = (overlap[..., 0] > 0.2) & (overlap[..., 1] > 1.2)
            met &= ~np.eye(len(texts), dtype=bool)
            assert [(texts[i].get_text(), texts[j].get_text()) for i, j in np.argwhere(met)] == []


class TestGuide:
    @pytest.mark.usefixtures("plain_pictures")
    def test_the_views_are_those_of_the_call_the_study_or_the_standard(self) -> None:
        """Named views win; else those of the protocol, of the study's photographs, or the round that shows all skin."""
        photographs = tuple(
            PhotoEntry(f"{name}.jpg", "P01", datetime(2026, 1, 1, 10), name)
            for name in ("head_left", "trunk_posterior")
        )
        study = replace(STUDY, photos=photographs)
        planned = replace(study, capture=CaptureProtocol(views=("head_left", "arm_left_anterior")))
        for views, expected in (
            (guide_pages(planned, ["foot_left_dorsal"]), {"foot_left_dorsal"}),
            (guide_pages(planned), {"head_left", "arm_left_anterior"}),
            (guide_pages(study), {"head_left", "trunk_posterior"}),
            (guide_pages(), set(STANDARD_VIEWS)),
        ):
            assert set(words_of(views[1])) & set(VIEW_NAMES) == expected

    @pytest.mark.usefixtures("plain_pictures")
    def test_it_names_the_study_no_patient_and_no_card_that_is_not_used(self) -> None:
        """The study's name stands on both pages; names of photographs do not, nor an unused card."""
        photograph = PhotoEntry("P01_secret.jpg", "P01", datetime(2026, 1, 1, 10), "head_left")
        study = replace(STUDY, photos=(photograph,), capture=CaptureProtocol(card="none"))
        for page in guide_pages(study):
            words = " ".join(words_of(page))
            assert STUDY.name in words
            assert "P01" not in words
            assert "card" not in words.lower()

    def test_the_file_is_a_pdf_of_two_pages(self, tmp_path: Path) -> None:
        """Nothing else is left in the folder."""
        path = tmp_path / "guide.pdf"
        write_guide(path, STUDY, ["trunk_anterior"])
        assert path.read_bytes().startswith(b"%PDF")
        assert b"/Count 2" in path.read_bytes()
        assert [file.name for file in tmp_path.iterdir()] == ["guide.pdf"]

    @pytest.mark.usefixtures("plain_pictures")
    def test_the_same_study_gives_the_same_bytes(self) -> None:
        """A print of last month can be told from one of today by what it says alone."""
        assert guide(STUDY, ["trunk_anterior"]) == guide(STUDY, ["trunk_anterior"])
