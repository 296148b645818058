"""Keep ``reepi watch`` under load: photographs arrive all the time, signals end it at random moments, and it goes on.

Run with ``python benchmarks/watching.py [--photographs 60] [--signals 9] [--seconds 1.0] [--seed S]``. Painted
photographs, which need no network, are copied into a folder one by one while the command watches it. Through the first
half of them one process adds and scores, and its memory and open files are read; through the second half it gets
SIGTERM, SIGINT and SIGKILL in turn at random moments, and is begun again. Prints both, and whether in the end every
photograph is in the study once and the tables have the bytes of one plain ``reepi score``; ends with status 1 if not.
"""

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from reepi.cli import app
from reepi.cli.models import Models
from reepi.cli.trial import PaintedModels
from reepi.phantom.trial import INSTRUMENTS, TrialOptions, write_trial
from reepi.store.study import read_study

PATIENTS = 3
"""Enough for a hundred photographs or so."""

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGKILL)
"""How services are ended, how people end them, and how the system does when memory is short."""

GRACE_SECONDS = 60.0
"""A watch that was asked to end must have ended by then [s]."""


@dataclass(frozen=True)
class Ward:
    """A study without photographs, a folder in which they arrive, and those that will.

    Parameters
    ----------
    study, inbox : Path
        The folders.
    arriving : list of (Path, str)
        Files, and their names in the folder.
    """

    study: Path
    inbox: Path
    arriving: list[tuple[Path, str]]

    def arrive(self, number: int) -> None:
        """Let a photograph arrive."""
        path, name = self.arriving[number]
        (self.inbox / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, self.inbox / name)

    def command(self, *words: str) -> subprocess.Popen[bytes]:
        """Begin a command of reepi on the study."""
        log = (self.study.parent / "told.txt").open("ab")
        return subprocess.Popen(
            [sys.executable, __file__, "--as-reepi", str(self.study), *words], stdout=log, stderr=log
        )

    def watch(self, *words: str) -> subprocess.Popen[bytes]:
        """Begin to watch."""
        return self.command("watch", str(self.study), str(self.inbox), "--no-look", *words)


def ward(folder: Path, photographs: int, seed: int) -> Ward:
    """Paint a trial and take its photographs out of its study."""
    study, taken = folder / "study", folder / "taken"
    write_trial(TrialOptions(study, PATIENTS, seed))
    entries = read_study(study).photos[:photographs]
    shutil.move(study / "photos", taken)
    (study / "photos.csv").unlink()
    names = [f"{each.patient_id}/{each.taken_at:%Y-%m-%d} {each.view_name.replace('_', ' ')}.png" for each in entries]
    return Ward(study, folder / "inbox", [(taken / Path(e.file).name, n) for e, n in zip(entries, names, strict=True)])


@contextmanager
def watching(place: Ward) -> Iterator[subprocess.Popen[bytes]]:
    """Watch meanwhile."""
    process = place.watch("--interval", "2")
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(GRACE_SECONDS)


def loaded(place: Ward, numbers: Sequence[int], seconds: float) -> list[tuple[int, int]]:
    """Let photographs arrive while one process watches; return its memory [bytes] and open files after each."""
    seen = []
    with watching(place) as process:
        each = psutil.Process(process.pid)
        for number in numbers:
            place.arrive(number)
            time.sleep(seconds)
            seen.append((each.memory_info().rss, each.num_fds()))
    return seen


def disturbed(place: Ward, numbers: Sequence[int], signals: int, seconds: float, chance: random.Random) -> Counter[str]:
    """Let photographs arrive while signals end the watch again and again; return how it ended, counted."""
    ends: Counter[str] = Counter()
    left = list(numbers)
    for turn in range(signals):
        with watching(place) as process:
            until = time.monotonic() + chance.uniform(1, 4 + 3 * seconds)
            while time.monotonic() < until:
                if left:
                    place.arrive(left.pop(0))
                time.sleep(min(seconds, max(0.0, until - time.monotonic())))
            sent = SIGNALS[turn % len(SIGNALS)]
            process.send_signal(sent)
            ends[f"{sent.name}: status {process.wait(GRACE_SECONDS)}"] += 1
    for number in left:
        place.arrive(number)
    return ends


def faults(place: Ward) -> list[str]:
    """Take in what is left, and return what is not as it should be."""
    found = []
    while (status := place.watch("--once").wait()) != 0:
        found.append(f"the last watch ended with status {status}")
        if len(found) > 1:
            break
    files = [entry.file for entry in read_study(place.study).photos]
    contents = Counter((place.study / file).read_bytes() for file in files)
    for path, name in place.arriving:
        if contents[path.read_bytes()] != 1:
            found.append(f"{name} is in the study {contents[path.read_bytes()]} times")
    strange = [path for path in place.study.rglob(".*") if path.suffix in (".lock", ".part")]
    found += [f"{path} was left" for path in strange]
    place.command("score", str(place.study), "--out", str(place.study.parent / "plain"), "--no-report").wait()
    for table in ("areas.csv", "endpoints.csv", "changes.csv", "disagreement.csv"):
        if (place.study / "results" / table).read_bytes() != (place.study.parent / "plain" / table).read_bytes():
            found.append(f"{table} differs")
    return found


def as_reepi(study: Path, words: list[str]) -> None:
    """Be the command, with instruments that are right on painted photographs."""
    cards = study / INSTRUMENTS
    models = PaintedModels(cards / "painted_tissue", cards / "painted_place")
    Models.chosen = lambda *folders: models  # type: ignore[method-assign,assignment]
    app(words)


def main(arguments: list[str] | None = None) -> int:
    """Load, disturb and compare; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=int, default=60)
    parser.add_argument("--signals", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        place = ward(Path(folder), options.photographs, options.seed)
        place.inbox.mkdir()
        half = len(place.arriving) // 2
        seen = loaded(place, range(half), options.seconds)
        third = max(1, len(seen) // 3)
        for what, part in (("middle third", seen[third : 2 * third]), ("last third", seen[-third:])):
            memory, files = median(m for m, _ in part) / 2**20, median(f for _, f in part)
            print(f"{what}: {memory:.0f} MiB, {files:.0f} open files", flush=True)
        numbers = range(half, len(place.arriving))
        print(dict(disturbed(place, numbers, options.signals, options.seconds, random.Random(options.seed))))
        found = faults(place)
        print(f"{len(place.arriving)} photographs; wrong in the end: {found or 'nothing'}")
        if found:
            print((Path(folder) / "told.txt").read_text()[-3000:])
    return int(bool(found))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--as-reepi"]:
        as_reepi(Path(sys.argv[2]), sys.argv[3:])
    else:
        sys.exit(main())
