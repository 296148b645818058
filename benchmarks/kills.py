"""Kill ``reepi score`` at random moments, let it go on, and hold every file against those of an undisturbed run.

Run with ``python benchmarks/kills.py [--kills 200] [--seed S] [--workers N]``. A small painted study, which needs no
network, is scored by the command in a process of its own, and its whole process group is killed (SIGKILL) at a moment
drawn over all that is left to do: while a photograph is measured or written, in the tables, in the report. Then it goes
on where it was, is perhaps killed again, and in the end is left to end. On half of the runs every write takes a while,
as on a slow disk, so that many kills fall into writes. Prints how the kills fell, and every file that is not as it is
after an undisturbed run; ends with status 1 if there is one.
"""

import argparse
import csv
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from reepi.cli import app, batch  # noqa: F401 batch is loaded here, once for all runs
from reepi.cli.models import Models
from reepi.cli.trial import PaintedModels
from reepi.phantom.trial import TrialOptions, write_trial
from reepi.store.results import ResultsFolder
from reepi.store.study import read_study

PATIENTS, DAYS, VIEWS = 2, (0, 3, 7), ("whole_anterior", "whole_posterior")
"""A handful of photographs: the fewest with which patients, visits, views and earlier days all occur."""

GOES_ON: Final = 0.6
"""How often a killed run is killed again before it is left to end."""

WRITE_SECONDS: Final = 0.03
"""How long each step of a write takes on a slow disk [s]; a photograph is measured in about ten times that."""

LATER: Final = 1.15
"""Moments are drawn over so many times the expected duration: no run takes always the same."""

EARLY: Final = 0.4
"""Half of the kills fall into this part of a run: most of so small a study's time goes into its report."""

VOLATILE: Final = ("seconds", "steps", "seconds_per_photograph", "written_at", "command")
"""What tells times, in the record and in the marks of finished photographs."""


@dataclass
class Tally:
    """How the kills fell, and what was found after the runs that were left to end.

    Parameters
    ----------
    phases : Counter
        Kills by what was under way.
    left : Counter
        Kills by what they left behind: a lock, half-written files, photographs whose mark is missing.
    ended : int
        Runs that were left to end, or ended before they could be killed.
    wrong : list of str
        Files that are not as they should be.
    """

    phases: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    ended: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Scoring:
    """A study to score again and again.

    Parameters
    ----------
    study : Path
        Its folder.
    models : PaintedModels
        What to score it with.
    workers : int
        Processes that measure.
    """

    study: Path
    models: PaintedModels
    workers: int

    def begun(self, results: Path, slow: bool = False) -> int:
        """Begin the command in a process group of its own; return its number."""
        child = os.fork()
        if child:
            return child
        status = 70
        try:
            os.setsid()
            silent = os.open(os.devnull, os.O_WRONLY)
            told = os.open(results.with_suffix(".told"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(silent, 1)
            os.dup2(told, 2)
            if slow:
                _slow_disk()
            Models.chosen = lambda *folders: self.models  # type: ignore[method-assign,assignment]
            call = ["score", str(self.study), "--out", str(results), "--workers", str(self.workers)]
            status = app(call, standalone_mode=False) or 0
        finally:
            os._exit(status if isinstance(status, int) else 0)

    def ended(self, results: Path) -> float:
        """Score and wait until that has ended; return how long it took [s]."""
        begin = time.monotonic()
        status = os.waitstatus_to_exitcode(os.waitpid(self.begun(results), 0)[1])
        if status != 0:
            raise SystemExit(f"status {status}: {results.with_suffix('.told').read_text()}")
        return time.monotonic() - begin

    def killed(self, results: Path, after: float, slow: bool) -> bool:
        """Score, and kill it after a while [s]; return whether it was still running."""
        child = self.begun(results, slow)
        until = time.monotonic() + after
        while time.monotonic() < until:
            if os.waitpid(child, os.WNOHANG)[0]:
                return False
            time.sleep(min(0.005, max(0.0, until - time.monotonic())))
        os.killpg(child, signal.SIGKILL)
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _slow_disk() -> None:
    """Let each step of a write take a while."""
    for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink")):
        setattr(owner, name, _slowly(getattr(owner, name)))


def _slowly(step: Any) -> Any:
    def slow(*arguments: Any, **options: Any) -> Any:
        time.sleep(WRITE_SECONDS)
        result = step(*arguments, **options)
        time.sleep(WRITE_SECONDS)
        return result

    return slow


def told(results: Path) -> dict[str, object]:
    """Return what every file of a results folder tells, by its name; bytes but where times stand in it."""
    return {
        path.relative_to(results).as_posix(): _without_times(path.relative_to(results), path.read_bytes())
        for path in sorted(results.rglob("*"))
        if path.is_file()
    }


def _without_times(name: Path, content: bytes) -> object:
    if name.name == "photos.csv":
        rows = csv.DictReader(content.decode().splitlines())
        return [{name: cell for name, cell in row.items() if name not in VOLATILE} for row in rows]
    if name.name == "run.json":
        run = {key: value for key, value in json.loads(content).items() if key not in VOLATILE}
        # That table tells seconds.
        run["outputs"].pop("photos.csv", None)
        return run
    if name.parts[0] == "work" and name.suffix == ".npz":
        return _arrays(content)
    if name.name == "report.html":
        return [line for line in content.splitlines() if not line.strip().startswith(b"scored 20")]
    return content


def _arrays(content: bytes) -> object:
    with tempfile.SpooledTemporaryFile() as file:
        file.write(content)
        file.seek(0)
        with np.load(file, allow_pickle=False) as arrays:
            kept = {name: arrays[name] for name in arrays.files}
    record = json.loads(str(kept.pop("record")))
    row = {key: value for key, value in record.pop("row", {}).items() if key not in VOLATILE}
    plain = {key: value for key, value in record.items() if key not in VOLATILE}
    return row, plain, {name: (each.shape, str(each.dtype), each.tobytes()) for name, each in kept.items()}


def differences(found: dict[str, object], right: dict[str, object]) -> list[str]:
    """Return the files that are missing, strange or otherwise than they should be."""
    missing = [f"{name} is missing" for name in sorted(right.keys() - found.keys())]
    strange = [f"{name} is strange" for name in sorted(found.keys() - right.keys())]
    return missing + strange + [f"{name} differs" for name in right if name in found and found[name] != right[name]]


def phase(results: Path, n_photos: int) -> str:
    """Return what was under way in a results folder whose run was killed."""
    target = ResultsFolder(results)
    marks = len(list(results.glob("work/*.npz")))
    if not results.is_dir() or not target.lock.exists():
        return "before or after all"
    if marks < n_photos:
        return "photographs"
    if not target.run.exists():
        return "patients and tables"
    return "report" if not target.report.exists() else "again"


def note(results: Path, tally: Tally, n_photos: int) -> None:
    """Count what a kill left behind."""
    tally.phases[phase(results, n_photos)] += 1
    if not results.is_dir():
        return
    tally.left["lock"] += ResultsFolder(results).lock.exists()
    tally.left["half-written file"] += any(True for _ in results.rglob("*.part"))
    masks = {path.stem for path in results.glob("masks/*.png")}
    tally.left["mask without mark"] += bool(masks - {path.stem for path in results.glob("work/*.npz")})


def expected(results: Path, whole: float, n_photos: int, slow: bool) -> float:
    """Return about how long a run takes that goes on [s]; a third of the whole is for all that follows photographs."""
    left = 1 - len(list(results.glob("work/*.npz"))) / n_photos
    writes = (8 * n_photos * left + 12) * 3 * WRITE_SECONDS if slow else 0.0
    return whole * (1 + 2 * left) / 3 + writes


def disturbed(scoring: Scoring, results: Path, kills: int, whole: float, chance: random.Random, tally: Tally) -> int:
    """Score into an empty folder with one kill or several, then let it end; return the number of kills."""
    n_photos, done = len(read_study(scoring.study).photos), 0
    shutil.rmtree(results, ignore_errors=True)
    while done < kills:
        slow = chance.random() < 0.5
        span = LATER * expected(results, whole, n_photos, slow) * (EARLY if chance.random() < 0.5 else 1)
        if not scoring.killed(results, chance.random() * span, slow):
            break
        done += 1
        note(results, tally, n_photos)
        if chance.random() > GOES_ON:
            break
    scoring.ended(results)
    tally.ended += 1
    return done


def main(arguments: list[str] | None = None) -> int:
    """Kill and compare; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args(arguments)
    chance, tally = random.Random(options.seed), Tally()
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "study"
        cards = write_trial(TrialOptions(study, PATIENTS, options.seed, days=DAYS, views=VIEWS))
        scoring = Scoring(study, PaintedModels(cards["tissue"], cards["place"]), options.workers)
        scoring.ended(Path(folder) / "first")
        whole = scoring.ended(Path(folder) / "right")
        right = told(Path(folder) / "right")
        if unlike := differences(told(Path(folder) / "first"), right):
            raise SystemExit(f"two undisturbed runs differ: {unlike}")
        print(f"{len(right)} files, {whole:.1f} s undisturbed, {options.workers} workers", flush=True)
        done = 0
        while done < options.kills:
            results = Path(folder) / "killed"
            done += disturbed(scoring, results, options.kills - done, whole, chance, tally)
            tally.wrong += differences(told(results), right)
            print(f"{done} kills, {tally.ended} runs ended, {len(tally.wrong)} files wrong", flush=True)
    print(f"\nKills by what was under way: {dict(tally.phases)}\nLeft behind by kills: {dict(tally.left)}")
    print(f"Files that were not as after an undisturbed run: {tally.wrong or 'none'}")
    return int(bool(tally.wrong))


if __name__ == "__main__":
    sys.exit(main())
