"""The benchmarks of batch scoring work on small studies, and their arithmetic is right."""

import hashlib
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from reepi.store.shipped import sample_study
from reepi.store.study import read_study

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

Load = Callable[[str], ModuleType]


@pytest.fixture
def script_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Return a module of the benchmarks' folder, which is on the path only meanwhile."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(BENCHMARKS)):
            del sys.modules[name]


@pytest.fixture
def studies(script_of: Load) -> ModuleType:
    return script_of("batch_scoring.studies")


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*.*"))}


def test_cheap_studies_are_valid_and_no_two_photographs_alike(studies: ModuleType, tmp_path: Path) -> None:
    """Each photograph has a hash of its own, ten make a patient, and the study is the same each time."""
    study = read_study(studies.cheap_study(tmp_path / "one", 23, long_side=64))
    hashes = _hashes(tmp_path / "one")
    assert len(study.photos) == 23
    assert [patient.patient_id for patient in study.patients] == ["C0000", "C0001", "C0002"]
    assert len(set(hashes.values())) == len(hashes) == 23 + 3
    studies.cheap_study(tmp_path / "two", 23, long_side=64)
    assert _hashes(tmp_path / "two") == hashes


def test_a_few_begin_all_networks(studies: ModuleType, tmp_path: Path) -> None:
    """A whole body is among them, for which a network of its own is begun."""
    rows = read_study(studies.few_of(sample_study(), tmp_path, 3)).photos
    assert len(rows) == 3
    assert [row.view_name.startswith("whole") for row in rows].count(True) == 1


def test_one_patient_has_a_visit_for_every_five(studies: ModuleType, tmp_path: Path) -> None:
    """A long study of one patient goes on day after day."""
    study = read_study(studies.cheap_study(tmp_path, 23, one_patient=True, long_side=64))
    assert len(study.patients) == 1
    assert len({photo.taken_at.date() for photo in study.photos}) == 5


def test_marked_photographs_show_the_same(studies: ModuleType, tmp_path: Path) -> None:
    """The comment that tells two files apart changes no pixel."""
    folder = studies.cheap_study(tmp_path, 11)
    first, again = (
        cv2.imread(str(folder / row["file"])) for row in (studies.read_rows(folder / "photos.csv")[i] for i in (0, 10))
    )
    assert (first == again).all()


def test_enlarged_study_differs_by_patient(studies: ModuleType, tmp_path: Path) -> None:
    """Two patients have the sample's views at the size asked for, and not one file in common."""
    study = read_study(studies.enlarged_study(tmp_path, patients=2, long_side=96))
    hashes = _hashes(tmp_path / "photos")
    assert len(study.patients) == 2
    assert len(set(hashes.values())) == len(study.photos) == 64
    assert max(cv2.imread(str(tmp_path / study.photos[0].file)).shape) == 96


def test_watched_process_tells_children_and_leftovers(script_of: Load) -> None:
    """Memory counts children, and what is left in the folder for temporary files is named."""
    processes = script_of("batch_scoring.processes")
    child = "import time; held = bytearray(60_000_000); time.sleep(1)"
    script = (
        "import pathlib, subprocess, sys, tempfile;"
        "pathlib.Path(tempfile.gettempdir(), 'left').touch();"
        f"subprocess.run([sys.executable, '-c', {child!r}]); print('told')"
    )
    run = processes.run_watched((sys.executable, "-c", script), interval=0.05)
    assert run.output == "told\n"
    assert run.peak_bytes > 60_000_000
    assert max(look.processes for look in run.looks) == 2
    assert (run.left_processes, run.left_files) == ((), ("left",))


def test_watched_process_that_fails_is_told(script_of: Load) -> None:
    """No figure comes of a command that failed."""
    processes = script_of("batch_scoring.processes")
    with pytest.raises(RuntimeError, match="status 3"):
        processes.run_watched((sys.executable, "-c", "raise SystemExit(3)"))


def test_plain_script_writes_masks_of_full_size(
    script_of: Load,
    studies: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Mask and overlay have the photograph's size, whatever the network saw and whatever is enlarged."""
    study, script = studies.cheap_study(tmp_path / "study", 2), script_of("plain_script")
    rows = studies.read_rows(study / "photos.csv")
    for enlarge in ("mask", "probabilities"):
        out = tmp_path / enlarge
        told = ["plain", str(study), "--out", str(out), "--long-side", "64", "--enlarge", enlarge]
        monkeypatch.setattr(sys, "argv", told)
        script.main()
        assert len(json.loads(capsys.readouterr().out)["seconds"]) == 2
        for row in rows:
            photograph = cv2.imread(str(study / row["file"]))
            mask = cv2.imread(str(out / f"{Path(row['file']).stem}.png"), cv2.IMREAD_UNCHANGED)
            assert mask.shape == photograph.shape[:2]
            assert mask.max() < 7
            assert cv2.imread(str(out / f"{Path(row['file']).stem}_overlay.jpg")).shape == photograph.shape


def test_limit_tells_all_parts(
    script_of: Load,
    studies: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Decoding and both networks are timed once for each photograph; warming up is not told."""
    study = studies.cheap_study(tmp_path, 2, long_side=128)
    monkeypatch.setattr(sys, "argv", ["limit", str(study), "--photographs", "2"])
    script_of("limit").main()
    told = json.loads(capsys.readouterr().out)
    assert {part: len(seconds) for part, seconds in told.items()} == {"decode": 2, "tissue": 2, "correspondence": 2}
    assert min(min(seconds) for seconds in told.values()) > 0


def test_limit_decodes_at_a_fraction(script_of: Load) -> None:
    """A large JPEG is decoded at the smallest of the decoder's fractions that has the side asked for."""
    _, content = cv2.imencode(".jpg", np.zeros((3000, 4000, 3), np.uint8))
    assert script_of("limit").decoded(content.tobytes(), 768).shape == (750, 1000, 3)
    assert script_of("limit").decoded(content.tobytes(), 1024).shape == (1500, 2000, 3)


def test_pace_parts_start_and_photographs(script_of: Load) -> None:
    """A run of 3 s and a quarter second a photograph is told from 4 and from 20 of them."""
    processes, scoring = script_of("batch_scoring.processes"), script_of("batch_scoring.scoring")
    runs = [(n, processes.Finished(3 + n / 4, 5 + n / 2, (), "")) for n in (4, 20)]
    assert scoring.pace(*runs) == scoring.Pace(photograph=0.25, start=3.0, processor=0.5)


def test_estimates_follow_from_constants(script_of: Load) -> None:
    """Round numbers: 3,600 photographs of one second, an hour on one core, half a minute's work on 120 cores."""
    scale = script_of("batch_scoring.scale")
    constants = scale.Constants(
        work=1.0, report=0.0, start=0.0, photograph=3e6, results={"masks": 1e6}, wire=None, task=0.01, task_memory=1e4
    )
    assert constants.lost_in_noise == ["report"]
    one, many = (scale.one_study(constants, 3600, cores) for cores in (1, 120))
    assert (one.hours, one.core_hours, one.transfer, one.scheduler) == (1.0, 1.0, 4e6, 0.01)
    # Beyond 100 cores the scheduler, a hundredth of a second a task, is what all wait for.
    assert many.hours == pytest.approx(36 / 3600)
    assert scale.cores_that_the_scheduler_feeds(constants) == pytest.approx(100)
    # As ten studies on 120 cores, each on one core: no sooner than one of them.
    assert scale.many_studies(constants, 3600, 360, 120).hours == pytest.approx(0.1)


def test_growth_compares_the_ends_of_a_run(script_of: Load) -> None:
    """What grows by a tenth after the start is told as a tenth; the start itself does not count."""
    processes, scaling = script_of("batch_scoring.processes"), script_of("scaling")
    memory = [1, 1, 100, 100, 100, 100, 105, 105, 105, 105, 105, 105, 110, 110, 110, 110, 110, 110, 110, 110]
    assert scaling.growth([processes.Look(i, held, 0, 1) for i, held in enumerate(memory)]) == pytest.approx(0.1)


def test_every_benchmark_is_run_or_named(script_of: Load) -> None:
    """``make bench`` runs each script or says why it does not."""
    runner = script_of("run")
    told = {runner.script(command) for command in (*runner.SHORT, *runner.OTHERS)}
    assert told == {path.name for path in BENCHMARKS.glob("*.py")} - {"run.py"}
