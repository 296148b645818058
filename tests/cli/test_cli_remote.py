"""Results in an object store: the same bytes as in a folder, and what needs a folder says so."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conftest import painted_models
from reepi.cli import app
from reepi.cli.batch import score_folder
from reepi.cli.models import Models
from reepi.cli.trial import PaintedModels
from reepi.instruments import Instruments
from reepi.report import write_report
from reepi.store.files import is_remote, remove_files
from reepi.store.places import place_of

run = CliRunner().invoke

URL = "memory://reepi-test/results"

pytest.importorskip("upath", reason="RESULTS IN AN OBJECT STORE NOT TESTED: the extra remote is missing")

FOLDERS = ("surface", "following", "masks", "overlays", "registrations", "capture", "work/masks", "work/small")
NUMBERS = ("[acde]*.csv", *(f"{folder}/*" for folder in FOLDERS))
"""Files without dates and times in them."""


class Unused(Models):
    """Models of a study of which everything is finished."""

    def instruments(self) -> Instruments:
        """Return what measures nothing."""

        def never(*_: object) -> object:
            raise AssertionError("a finished photograph was measured again")

        return Instruments(never, never)


def check_same(remote: Path, local: Path) -> None:
    """Every file of numbers, masks and pictures is there with the same bytes, and none besides."""
    for kind in NUMBERS:
        kept = [path for path in sorted(local.glob(kind)) if path.is_file()]
        assert kept
        for path in kept:
            name = path.relative_to(local).as_posix()
            assert (remote / name).read_bytes() == path.read_bytes(), name
        there = [path.name for path in remote.glob(kind) if path.is_file()]
        assert sorted(there) == [path.name for path in sorted(kept, key=lambda path: path.name)]


@pytest.fixture(scope="module")
def study(scored_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that was scored to a folder."""
    return Path(shutil.copytree(scored_once, tmp_path_factory.mktemp("remote") / "study"))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    made = painted_models(tmp_path_factory.mktemp("models"))
    return PaintedModels(made.tissue, made.correspondence)


@pytest.fixture(scope="module")
def remote(study: Path, models: Models) -> Path:
    """The same scored to a store."""
    place = place_of(URL)
    remove_files(path for path in place.rglob("*") if path.is_file())
    score_folder(study, place, models)
    return place


def test_a_store_gets_the_same_bytes(remote: Path, study: Path) -> None:
    """Nothing was written to a folder of that name."""
    assert is_remote(remote)
    check_same(remote, study / "results")
    assert not Path("memory:").exists()


def test_a_run_goes_on_there(remote: Path, study: Path, models: Models) -> None:
    """What is finished in a store is not measured again, and the tables stay, seconds included."""
    before = (remote / "photos.csv").read_bytes()
    score_folder(study, remote, Unused(models.tissue, models.correspondence), report=False)
    assert (remote / "photos.csv").read_bytes() == before
    write_report(remote, study)


def test_the_report_is_written_there(remote: Path, study: Path) -> None:
    """Through the command; it offers no PDF."""
    page = remote / "report.html"
    remove_files([page])
    told = run(app, ["report", str(study), "--results", URL])
    assert told.exit_code == 0, told.output
    assert f"Report: {page}" in told.output
    assert b"</html>" in page.read_bytes()
    told = run(app, ["report", str(study), "--results", URL, "--pdf"])
    assert told.exit_code == 2
    assert "a PDF needs a folder that this machine sees" in told.output


def test_an_audit_counts_there(remote: Path, study: Path) -> None:
    """It says the same of both."""
    told = [run(app, ["audit", str(study), "--out", place]) for place in (URL, str(study / "results"))]
    assert [each.exit_code for each in told] == [0, 0], told[0].output
    assert told[0].output == told[1].output


def test_exports_come_to_a_folder(remote: Path, study: Path, tmp_path: Path) -> None:
    """Tables from a store are those from a folder; without a folder to write to, and for DICOM, it says what to do."""
    local = Path(shutil.copytree(study / "results", tmp_path / "results"))
    # The export holds how long each photograph took, which no two runs share.
    for name in ("photos.csv", "run.json"):
        (local / name).write_bytes((remote / name).read_bytes())
    for place, out in ((URL, "there"), (str(local), "here")):
        told = run(app, ["export", str(study), "--to", "csv", "--results", place, "--out", str(tmp_path / out)])
        assert told.exit_code == 0, told.output
    tables = sorted(path.name for path in (tmp_path / "here").glob("*.csv"))
    assert tables
    for name in tables:
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
    told = run(app, ["export", str(study), "--to", "csv", "--results", URL])
    assert (told.exit_code, "Name a folder to write to with --out" in told.output) == (2, True)
    told = run(app, ["export", str(study), "--to", "dicom", "--results", URL, "--out", str(tmp_path / "dicom")])
    assert (told.exit_code, "Copy the results to a folder" in told.output) == (2, True)


@pytest.fixture(scope="module")
def s3() -> Iterator[None]:
    """A server on this machine that speaks S3; one for all tests, since connections to a store are kept."""
    server_of = pytest.importorskip("moto.server", reason="RESULTS ON S3 NOT TESTED: there is no moto")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = server_of.ThreadedMotoServer("127.0.0.1", port)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "anyone")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "anything")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield
    server.stop()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.usefixtures("s3")
def test_s3_gets_the_same_bytes(study: Path, models: Models, workers: int) -> None:
    """Over the protocol itself, from this process and from two beside it; the next run finds all finished."""
    pytest.importorskip("boto3").client("s3").create_bucket(Bucket=f"trial-{workers}")
    place = place_of(f"s3://trial-{workers}/results")
    score_folder(study, place, models, workers=workers, report=False)
    check_same(place, study / "results")
    score_folder(study, place, Unused(models.tissue, models.correspondence), report=False)
    check_same(place, study / "results")
