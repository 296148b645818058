"""The contract of the results: what other programs rely on when they read a scored study."""

import json
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from reepi.cli import batch
from reepi.cli.batch import Outcome, score_folder
from reepi.cli.models import Models
from reepi.core.regions import REGIONS
from reepi.instruments import Instruments

PARTS = ["intact", "erythema", "detachable", "detached", "reepithelialised", "unassessed"]
ENDPOINTS = {
    "open_bsa",
    "max_open_bsa",
    "severity_class",
    "eligible",
    "reepithelialisation_rate",
    "reepithelialisation_rate_followed",
    "reepithelialisation_rate_labelled",
    "reepithelialisation_rate_closed",
    "reepithelialisation_rate_as_known",
    "responder",
    "planned_visit",
    "new_detachment_bsa",
    "healed_bsa",
    "relapse_bsa",
    "healing_front_mm_per_day",
    "time_to_50",
    "time_to_90",
    "time_to_100",
    "scorten",
    "scorten_mortality",
}
COLUMNS = {
    "areas.csv": "patient_id,date,day,region,tissue,percent_bsa,percent_bsa_full,low,high,source",
    "endpoints.csv": "patient_id,endpoint,day,value,low,high,unit,definition,source",
    "disagreement.csv": "patient_id,date,day,region,overlap_percent_bsa,differing_percent_bsa,differing_percent,"
    "first,second,pair_percent_bsa,source",
    "changes.csv": "patient_id,date,day,region,new_detachment,first_seen_open,healed,relapse,exchanged,source",
    "photos.csv": "file,status,reasons,residual_mm,seconds,source",
}
"""The contract's columns, and behind them who decided what the numbers rest on."""

Score = Callable[..., Outcome]


@pytest.fixture
def messy_study(painted_study: Path, painted_pictures: dict[str, bytes]) -> Path:
    """Return a study with scored, missing, truncated and unregistered photographs."""
    with (painted_study / "photos.csv").open("a") as table:
        table.write("photos/gone.jpg,P1,2024-03-05,trunk_left\n")
        table.write("photos/cut.png,P1,2024-03-05,trunk_left\n")
        table.write("photos/head.png,P2,2024-04-03,head_anterior\n")
    (painted_study / "photos" / "cut.png").write_bytes(painted_pictures["a.png"][:500])
    (painted_study / "photos" / "head.png").write_bytes(painted_pictures["a.png"])
    return painted_study


def read(results: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(results / name, dtype={"patient_id": str, "date": str})


def test_every_part_of_the_contract(messy_study: Path, models: Models) -> None:
    """A scored study with good and bad photographs keeps every promise of its results."""
    results = messy_study / "results"
    outcome = score_folder(messy_study, results, models)
    assert outcome.exit_status == 0
    for name, columns in COLUMNS.items():
        assert (results / name).read_text().splitlines()[0] == columns
    check_areas(read(results, "areas.csv"))
    check_endpoints(read(results, "endpoints.csv"))
    check_photos(messy_study, read(results, "photos.csv"))
    check_files(results, read(results, "areas.csv"))


def check_areas(areas: pd.DataFrame) -> None:
    """Every visit has all regions and tissues once, which add up to the body, with intervals around their values."""
    assert areas.date.str.fullmatch(r"\d{4}-\d{2}-\d{2}").all()
    assert not areas.duplicated(["patient_id", "date", "region", "tissue"]).any()
    assert (areas[["percent_bsa", "percent_bsa_full", "low"]] >= 0).all(axis=None)
    known = areas[areas.tissue != "unassessed"]
    assert (known.low <= known.percent_bsa_full + 1e-6).all()
    assert (known.high >= known.percent_bsa_full - 1e-6).all()
    shares: dict[str, pd.Series] = {}
    for (patient, _), visit in areas.groupby(["patient_id", "date"]):
        wide = visit.pivot_table(index="region", columns="tissue", values="percent_bsa")
        assert set(wide.index) == {*REGIONS, "whole_body"}
        assert set(wide.columns) == {*PARTS, "open"}
        assert wide.loc["whole_body", PARTS].sum() == pytest.approx(100, abs=1e-6)
        np.testing.assert_allclose(wide.loc[list(REGIONS)].sum(), wide.loc["whole_body"], atol=1e-6)
        np.testing.assert_allclose(wide.open, wide.detachable + wide.detached, atol=1e-6)
        share = wide[PARTS].sum(axis=1)
        np.testing.assert_allclose(share, shares.setdefault(str(patient), share), atol=1e-6)


def check_endpoints(endpoints: pd.DataFrame) -> None:
    """Every endpoint is there, and every value with unit and definition."""
    assert set(endpoints.endpoint) >= ENDPOINTS
    assert endpoints.definition.notna().all()
    assert set(endpoints.patient_id) <= {"P1", "P2", "cohort"}


def check_photos(study: Path, photos: pd.DataFrame) -> None:
    """Every photograph of the study is there once, in its order, and says why where it was not scored."""
    assert list(photos.file) == list(pd.read_csv(study / "photos.csv").file)
    assert set(photos.status) == {"scored", "rejected"}
    assert photos[photos.status != "scored"].reasons.notna().all()
    scored = photos[photos.status == "scored"]
    assert scored.residual_mm.notna().all()
    for file in scored.file:
        name = PurePosixPath(file).stem
        mask = np.asarray(Image.open(study / "results" / "masks" / f"{name}.png"))
        assert (mask.ndim, mask.dtype) == (2, np.uint8)
        assert mask.max() <= 6
        assert mask.shape[::-1] == Image.open(study / file).size
        json.loads((study / "results" / "registrations" / f"{name}.json").read_text())


def check_files(results: Path, areas: pd.DataFrame) -> None:
    """Every visit has its surface map; the record of the run and the report are there."""
    for patient, day in areas[["patient_id", "date"]].drop_duplicates().itertuples(index=False):
        with np.load(results / "surface" / f"{patient}_{day}.npz", allow_pickle=False) as surface:
            assert surface["tissue"].shape == (len(surface["seen"]), 7)
    for patient in set(areas.patient_id):
        visits = areas[areas.patient_id == patient].date.nunique()
        with np.load(results / "following" / f"{patient}.npz", allow_pickle=False) as history:
            assert history["states"].shape == (visits, len(history["healed_to_day"]))
    run = json.loads((results / "run.json").read_text())
    assert {"versions", "models", "inputs", "protocol", "command"} <= set(run)
    assert (results / "report.html").stat().st_size > 1000


@pytest.fixture
def no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the report where only tables matter; it takes most of the time of a tiny study."""
    monkeypatch.setattr(batch, "write_report", lambda results, study: results)


@pytest.mark.usefixtures("no_report")
class TestSameBytes:
    def test_fresh_runs_agree(self, painted_study: Path, models: Models, tmp_path: Path) -> None:
        """The same inputs and model give the same bytes; only the seconds that a photograph took may differ."""
        folders = [tmp_path / "first", tmp_path / "second"]
        for folder in folders:
            score_folder(painted_study, folder, models, ())
        for name in ("areas.csv", "endpoints.csv", "disagreement.csv", "changes.csv"):
            assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
        first, second = (read(folder, "photos.csv").drop(columns="seconds") for folder in folders)
        pd.testing.assert_frame_equal(first, second)

    def test_second_run_changes_no_table(self, painted_study: Path, models: Models) -> None:
        """A run that finds everything finished writes the same bytes in all tables, seconds included."""
        results = painted_study / "results"
        score_folder(painted_study, results, models)
        before = {name: (results / name).read_bytes() for name in COLUMNS}
        score_folder(painted_study, results, models)
        assert {name: (results / name).read_bytes() for name in COLUMNS} == before


def test_without_a_report_none_of_an_earlier_run_is_left(painted_study: Path, models: Models, tmp_path: Path) -> None:
    """Neither the page nor its PDF: they would tell the numbers of then."""
    results = tmp_path / "results"
    results.mkdir()
    left = [results / name for name in ("report.html", "report.pdf")]
    for path in left:
        path.write_bytes(b"of an earlier run")
    score_folder(painted_study, results, models, (), report=False)
    assert not any(path.exists() for path in left)


@pytest.mark.usefixtures("no_report")
class TestResume:
    def test_killed_run_goes_on(
        self, painted_study: Path, models: Models, instruments: Instruments, tmp_path: Path
    ) -> None:
        """A run killed in its second photograph measures the first no more, and ends as if nothing had happened."""
        seen: list[tuple[int, int]] = []

        class Killed(BaseException):
            """What a kill looks like from inside: nothing may catch it."""

        def counting(kill_at: int | None) -> Callable[..., object]:
            def segment(photograph: object) -> object:
                seen.append(photograph.size)
                if len(seen) == kill_at:
                    raise Killed
                return instruments.segment(photograph)

            return segment

        def with_segmenter(kill_at: int | None) -> Models:
            class Counting(Models):
                def instruments(self) -> Instruments:
                    return Instruments(counting(kill_at), instruments.register)

            return Counting(models.tissue, models.correspondence)

        results = painted_study / "results"
        with pytest.raises(Killed):
            score_folder(painted_study, results, with_segmenter(kill_at=2))
        assert len(seen) == 2
        score_folder(painted_study, results, with_segmenter(kill_at=None))
        assert len(seen) == 2 + 2
        score_folder(painted_study, tmp_path / "whole", models)
        for name in ("areas.csv", "endpoints.csv", "disagreement.csv", "changes.csv"):
            assert (results / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()

    def test_changed_photograph_is_measured_anew(
        self, painted_study: Path, painted_pictures: dict[str, bytes], models: Models
    ) -> None:
        """Replacing a photograph changes its visit, without any option."""
        results = painted_study / "results"
        score_folder(painted_study, results, models, ())
        (painted_study / "photos" / "a.png").write_bytes(painted_pictures["b.png"])
        score_folder(painted_study, results, models, ())
        areas = read(results, "areas.csv")
        body = areas[(areas.region == "whole_body") & (areas.tissue == "open") & (areas.patient_id == "P1")]
        assert body.percent_bsa.max() < 0.1
