"""Scoring side by side: processes of this machine, and a Dask cluster of processes that were begun by themselves."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest

from reepi.cli import jobs, pools
from reepi.cli.batch import score_folder
from reepi.cli.jobs import Job
from reepi.cli.models import Models
from reepi.cli.trial import PaintedModels
from reepi.core.capture import CaptureProtocol
from reepi.core.errors import InputError, NotWritten
from reepi.core.images import Photograph, TissueMap
from reepi.instruments import Instruments
from reepi.phantom.painted import register_painted, segment_painted
from reepi.phantom.trial import TrialOptions, write_trial
from reepi.store.recent import RECENT, Recent

VISITS, PHOTOGRAPHS = 2, 2
"""Visits of each of two patients, and photographs of each: the fewest with which one leans on another."""

Trial = tuple[Path, PaintedModels]


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """A painted study of two patients, and what reads it without a network."""
    folder = tmp_path_factory.mktemp("trial") / "study"
    models = write_trial(TrialOptions(folder, 2, 3))
    heading, *lines = (folder / "photos.csv").read_text().splitlines()
    by_visit: dict[str, dict[str, list[str]]] = {}
    for line in lines:
        _, patient, taken, *_ = line.split(",")
        by_visit.setdefault(patient, {}).setdefault(taken[:10], []).append(line)
    kept = [
        line
        for visits in by_visit.values()
        for photographs in list(visits.values())[:VISITS]
        for line in photographs[:PHOTOGRAPHS]
    ]
    assert len(kept) == 2 * VISITS * PHOTOGRAPHS
    (folder / "photos.csv").write_text("\n".join([heading, *kept]) + "\n")
    return folder, PaintedModels(models["tissue"], models["place"])


@pytest.fixture(scope="module")
def alone(trial: Trial, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the study gives when one process scores it."""
    results = tmp_path_factory.mktemp("alone")
    outcome = score_folder(*trial_to(trial, results), report=False)
    assert {photo.status for photo in outcome.photos} == {"scored"}
    return written(results)


def trial_to(trial: Trial, results: Path) -> tuple[Path, Path, PaintedModels, tuple[()]]:
    return trial[0], results, trial[1], ()


def written(results: Path) -> dict[str, bytes]:
    """Return the bytes of every file that holds numbers, masks and places; not those with dates and times in them."""
    kinds = ("[acde]*.csv", "surface/*.npz", "following/*.npz", "masks/*.png", "registrations/*.json", "capture/*.json")
    kept = [path for kind in kinds for path in sorted(results.glob(kind))]
    assert len(kept) > 4 + 8 * 3
    return {path.relative_to(results).as_posix(): path.read_bytes() for path in kept}


def test_one_photograph_at_a_time_gives_the_same_bytes(
    trial: Trial, alone: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process measures two at a time; in turn, each of them gives what it gave beside another."""
    monkeypatch.setattr(pools, "LANES", 1)
    score_folder(*trial_to(trial, tmp_path), report=False)
    assert written(tmp_path) == alone


class TestOwnPool:
    def test_two_are_at_work_at_a_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "cpu_count", lambda: 8)
        both = threading.Barrier(2, timeout=30)
        with pools.own_pool() as pool:
            assert pool.workers == 2
            monkeypatch.setenv("REEPI_THREADS", "1")
            with pools.own_pool() as alone:
                assert alone.workers == 1
            assert sorted(pool.executor.map(lambda _: both.wait(), range(2))) == [0, 1]

    def test_what_was_not_begun_when_it_ends_is_not_done(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As after Ctrl-C: what is under way ends in order, and the rest is left for the next run."""
        monkeypatch.setattr(pools, "LANES", 1)
        begun, may_end, done = threading.Event(), threading.Event(), []

        def work(number: int) -> None:
            begun.set()
            may_end.wait(30)
            done.append(number)

        def interrupted() -> None:
            with pools.own_pool() as pool:
                for number in range(3):
                    pool.executor.submit(work, number)
                begun.wait(30)
                threading.Timer(0.2, may_end.set).start()
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert done == [0]


def test_settings_of_workers_are_not_left_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask sets them here, for its workers to inherit; what this process begins later has its own."""
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    before = dict(os.environ)
    with pools.local_pool(1) as pool:
        assert pool.executor.submit(os.getenv, "MALLOC_ARENA_MAX").result() == "1"
        assert dict(os.environ) != before
    assert dict(os.environ) == before


def measuring_processes() -> list[psutil.Process]:
    return [each for each in psutil.Process().children(recursive=True) if "spawn_main" in " ".join(each.cmdline())]


@contextmanager
def a_worker_killed_meanwhile(results: Path) -> Iterator[list[int]]:
    """Kill one of the measuring processes as soon as a photograph is finished; give the number of each one killed."""
    killed: list[int] = []

    def kill() -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until and not list(results.glob("work/*.npz")):
            time.sleep(0.02)
        for each in measuring_processes()[:1]:
            each.send_signal(signal.SIGKILL)
            killed.append(each.pid)

    thread = threading.Thread(target=kill)
    thread.start()
    yield killed
    thread.join()


def test_a_lost_worker_changes_no_byte(trial: Trial, alone: dict[str, bytes], tmp_path: Path) -> None:
    """Two processes score, one is killed in mid-run: the bytes of one process alone, and no process is left."""
    with a_worker_killed_meanwhile(tmp_path) as killed:
        score_folder(*trial_to(trial, tmp_path), workers=2, report=False)
    assert killed
    assert written(tmp_path) == alone
    assert measuring_processes() == []


class DeadlyModels(PaintedModels):
    """Models on one of whose photographs the process ends, as it does where memory is short."""

    def instruments(self) -> Instruments:
        """Return instruments that end the process at the second patient's first visit."""
        return Instruments(ends_the_process, register_painted)


def ends_the_process(photograph: Photograph) -> TissueMap:
    """Segment, but not the photograph that is named in the environment."""
    tissues = segment_painted(photograph)
    if photograph.pixels.tobytes() == Path(os.environ["DEADLY_PIXELS"]).read_bytes():
        os.kill(os.getpid(), signal.SIGKILL)
    return tissues


def test_a_photograph_that_ends_every_worker_has_failed(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told with its reason, all others are scored, and the command will end with 1."""
    from reepi.imaging.reading import read_photograph
    from reepi.store.study import read_study

    folder, models = trial
    last = read_study(folder).photos[-1].file
    (tmp_path / "pixels").write_bytes(read_photograph(folder / last).pixels.tobytes())
    monkeypatch.setenv("DEADLY_PIXELS", str(tmp_path / "pixels"))
    monkeypatch.setattr(pools, "LOSSES", 0)
    deadly = DeadlyModels(models.tissue, models.correspondence)
    outcome = score_folder(folder, tmp_path / "results", deadly, (), workers=2, report=False)
    ended = {photo.file: photo for photo in outcome.photos}
    assert ended[last].status == "failed"
    assert "worker" in ended[last].reasons
    assert {photo.status for file, photo in ended.items() if file != last} == {"scored"}
    assert outcome.exit_status == 1


@contextmanager
def dask_cluster(folder: Path, workers: int) -> Iterator[str]:
    """Begin a scheduler and workers as processes of their own; give the scheduler's address."""
    place = folder / "scheduler.json"
    common = ["--scheduler-file", str(place)]
    begun = [
        [
            sys.executable,
            "-m",
            "distributed.cli.dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
        ],
        *[[sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-dashboard"]] * workers,
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path])}
    processes = []
    try:
        for command in begun:
            processes.append(
                subprocess.Popen(
                    [*command, *common],
                    cwd=folder,
                    env=environment,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
            until = time.monotonic() + 60
            while not place.is_file() and time.monotonic() < until:
                time.sleep(0.05)

        yield json.loads(place.read_text())["address"]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


@contextmanager
def no_room_for_masks(results: Path) -> Iterator[Path]:
    """Let no process of any kind write masks, as on a full disk: a file lies where their folder should be."""
    masks = results / "masks"
    results.mkdir()
    masks.touch()
    yield masks
    assert [path for path in results.rglob("*") if path.name.startswith(".")] == []
    assert list(results.glob("work/*.npz")) == []
    masks.unlink()


def test_workers_that_cannot_write_end_the_run(trial: Trial, tmp_path: Path) -> None:
    """No photograph is blamed: the file and the remedy are told, nothing is half-written and no process is left."""
    with no_room_for_masks(tmp_path / "results") as masks:
        with pytest.raises(NotWritten, match=r"a file lies where a folder is needed\. Remove it") as told:
            score_folder(*trial_to(trial, tmp_path / "results"), workers=2, report=False)
        assert Path(told.value.path).parent == masks
    assert measuring_processes() == []


def test_a_cluster_gives_the_same_bytes(trial: Trial, alone: dict[str, bytes], tmp_path: Path) -> None:
    """A scheduler and two workers, each a process that knows nothing of this one, give what one process alone gives.

    So also after a run that could not write, on the same workers.
    """
    results = tmp_path / "results"
    with dask_cluster(tmp_path, 2) as address:
        with no_room_for_masks(results), pytest.raises(NotWritten, match="masks"):
            score_folder(*trial_to(trial, results), scheduler=address, report=False)
        score_folder(*trial_to(trial, results), scheduler=address, report=False)
    assert written(results) == alone


def test_no_scheduler_is_told_with_its_address(trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens there: a fault of the call, with what to do."""
    monkeypatch.setattr(pools, "CONNECT_SECONDS", 0.5)
    with pytest.raises(InputError, match=r"tcp://127\.0\.0\.1:9: there is no Dask scheduler"):
        score_folder(*trial_to(trial, tmp_path), scheduler="tcp://127.0.0.1:9")


def test_a_worker_that_joins_a_scoring_knows_nothing_of_the_last_one(
    models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was laid on one body may be laid on another now, with the same camera and pose."""
    monkeypatch.setattr(jobs, "use_threads", lambda number: None)
    RECENT.put("a", Recent(Photograph(np.zeros((4, 6, 3), np.uint8), (4, 6))))
    jobs._join(Job(tmp_path, tmp_path / "results", models, CaptureProtocol(), made_with=models.made_with))
    assert RECENT.get("a") is None
