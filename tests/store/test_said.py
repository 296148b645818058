"""What people said of a study as one scoring hears it: of its photographs and visits, and told where of others."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reepi.core.chart_reading import NewChartReading
from reepi.core.reader_points import NewPoints, ReaderPoint
from reepi.core.reading import NewReading
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.store.charts import ChartStore
from reepi.store.reader_points import PointStore
from reepi.store.readings import ReadingStore
from reepi.store.said import Said, said_of
from reepi.store.study import read_study
from reepi.store.trail import Trail

FILE, DAY = "photos/a.png", date(2024, 3, 5)


@pytest.fixture
def study(study_folder: Callable[..., Path]) -> Path:
    """A study with a reading, points and a body chart of its first visit, and a chart of another that was erased."""
    folder = study_folder()
    (folder / "photos").mkdir()
    Image.fromarray(np.full((64, 96, 3), 90, np.uint8)).save(folder / FILE)
    ReadingStore(folder).save(NewReading(FILE, "Ada", "accepted"), np.full((64, 96), Tissue.INTACT, np.uint8))
    PointStore(folder).save(NewPoints(FILE, "Ada", (ReaderPoint(0.5, 0.5, 3, (1.0, 0.0, 0.0)),)))
    ChartStore(folder).save(NewChartReading("P1", DAY, "Ada", np.array([UNLABELLED, 3], np.uint8)))
    ChartStore(folder).save(NewChartReading("P1", date(2024, 3, 7), "Ada", np.array([UNLABELLED] * 2, np.uint8)))
    return folder


def said(study: Path) -> Said:
    return said_of(study, Trail(study))


def test_all_that_was_said_of_a_study_is_heard(study: Path) -> None:
    """Nothing is told where everything counts, and the record names all of it."""
    content = read_study(study)
    assert said(study).unheard(content) == ""
    record = said(study).within(content).record
    assert list(record["readings"]) == list(record["points"]) == [FILE]
    assert list(record["charts"]) == ["P1 2024-03-05"]


def test_charts_on_which_readers_differ_are_told(study: Path) -> None:
    """Ben paints a dressing where Ada found loose skin: both charts are on record, and whoever scores is told."""
    assert said(study).charts_that_differ == ()
    ChartStore(study).save(NewChartReading("P1", DAY, "Ben", np.array([UNLABELLED, 6], np.uint8)))
    told = "Ada, Ben painted 1 faces of the body chart of P1 2024-03-05 differently; on each the newest chart counts."
    assert said(study).charts_that_differ == (told,)
    assert [len(each) for each in said(study).record["charts"].values()] == [2]
    assert said(study).record["painters"] == {"P1 2024-03-05": "Ada, Ben"}


def test_what_was_said_of_other_photographs_and_visits_is_told(study: Path) -> None:
    """A photograph was renamed and its date corrected: what was said of it is in no record of a run, and told."""
    photos = study / "photos.csv"
    (study / FILE).rename(study / "photos/front.png")
    photos.write_text(photos.read_text().replace(FILE, "photos/front.png").replace("2024-03-05", "2024-03-06"))
    content = read_study(study)
    record = said(study).within(content).record
    assert (record["readings"], record["points"], record["charts"], record["painters"]) == ({}, {}, {}, {})
    told = said(study).unheard(content)
    assert f"the reading of {FILE}; points on {FILE}; the body chart of P1 2024-03-05 by Ada." in told
