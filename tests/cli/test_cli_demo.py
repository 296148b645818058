"""``reepi demo``: the sample is copied, scored, and compared with what is known."""

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reepi.cli import app, batch
from reepi.cli.known import compare, copy_sample, read_known_open
from reepi.cli.models import Models
from reepi.core.errors import InputError
from reepi.core.results import AreaRow
from reepi.store import shipped

TRUTH = """\
patient_id,date,day,region,tissue,percent_bsa
P1,2024-03-05,0,whole_body,open,13.0
P1,2024-03-05,0,whole_body,intact,87.0
P1,2024-03-05,0,trunk_anterior,open,13.0
P1,2024-03-10,5,whole_body,open,0
"""


@pytest.fixture
def sample(painted_study: Path) -> Path:
    """Return a sample study with its truth."""
    (painted_study / "truth.csv").write_text(TRUTH)
    return painted_study


def whole(day: date, tissue: str, full: float) -> AreaRow:
    return AreaRow("P1", day, 0, "whole_body", tissue, full - 1, full, full - 2, full + 2)


class TestKnown:
    def test_only_open_skin_of_the_whole_body_is_read(self, sample: Path) -> None:
        """Other rows of the truth are for other comparisons."""
        known = read_known_open(sample / "truth.csv")
        assert known == {("P1", date(2024, 3, 5)): 13.0, ("P1", date(2024, 3, 10)): 0.0}

    def test_visits_that_both_have_are_compared(self, sample: Path) -> None:
        """Measured minus known, for the visits in both."""
        areas = (
            whole(date(2024, 3, 5), "open", 14.5),
            whole(date(2024, 3, 5), "intact", 85.5),
            whole(date(2024, 4, 1), "open", 3),
        )
        (visit,) = compare(sample / "truth.csv", areas)
        assert (visit.known, visit.full, visit.error) == (13.0, 14.5, 1.5)

    def test_wrong_truth_is_told(self, sample: Path) -> None:
        """All faults of the truth come with their lines."""
        (sample / "truth.csv").write_text(TRUTH.replace("13.0", "much").replace("2024-03-10", "soon"))
        with pytest.raises(InputError) as error:
            read_known_open(sample / "truth.csv")
        assert [fault.line for fault in error.value.faults] == [2, 5, 5]


class TestCopy:
    def test_twice(self, sample: Path, tmp_path: Path) -> None:
        """A folder that holds the sample already, be it in part, is completed; its results stay."""
        target = tmp_path / "demo"
        copy_sample(sample, target)
        (target / "results").mkdir()
        (target / "patients.csv").unlink()
        copy_sample(sample, target)
        assert (target / "patients.csv").read_bytes() == (sample / "patients.csv").read_bytes()
        assert (target / "results").is_dir()

    @pytest.mark.parametrize("name", ["study.toml", "patients.csv", "photos.csv", "truth.csv"])
    def test_another_study_with_a_truth_stays(self, sample: Path, tmp_path: Path, name: str) -> None:
        """One made by `reepi phantom`, or one's own changes to the sample: told with what differs."""
        target = tmp_path / "demo"
        copy_sample(sample, target)
        (target / name).write_text("changed")
        with pytest.raises(InputError, match=f"{name} in it is not the sample's"):
            copy_sample(sample, target)
        assert (target / name).read_text() == "changed"

    def test_other_contents_are_not_mixed(self, sample: Path, tmp_path: Path) -> None:
        """A folder with something else in it is left alone."""
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "letter.txt").touch()
        with pytest.raises(InputError, match="new or empty folder"):
            copy_sample(sample, tmp_path / "mine")
        assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_demo(sample: Path, models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table shows known beside measured, the report's place comes last, and the sample itself stays as it is."""
    monkeypatch.setattr(Models, "chosen", classmethod(lambda cls, *folders: models))
    monkeypatch.setattr(shipped, "sample_study", lambda: sample)
    monkeypatch.setattr(batch, "write_report", lambda results, study: results)
    result = CliRunner().invoke(app, ["demo", "--out", str(tmp_path / "demo")])
    assert result.exit_code == 0
    assert "known" in result.stdout
    assert "13.0" in result.stdout
    assert result.stdout.strip().splitlines()[-1] == f"Report: {tmp_path / 'demo' / 'results' / 'report.html'}"
    assert not (sample / "results").exists()
