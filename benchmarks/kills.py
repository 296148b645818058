"""Kill a scoring at random moments, let it go on, and hold what comes out against an undisturbed run.

Run with ``python benchmarks/kills.py [--kills 200] [--seed 0] [--workers 1]`` on Linux or macOS. A small painted study
of two patients (no network is needed) is scored by a process that is killed with SIGKILL, with all that it began, at
moments drawn over its whole run, from reading the study to the last table; every fifth run writes the report too. A
killed run is gone on with, or killed again, and again; whenever one ends by itself, every file that holds numbers,
masks or places is compared byte by byte with those of a run that nobody disturbed, and nothing half-written and no lock
may be left. Then an empty folder begins anew. Prints how many kills hit which part of the run; ends with 1 at the first
difference.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from rich.progress import track

from reepi.cli import batch, jobs, pools, running  # noqa: F401 - imported once here, not by each run
from reepi.cli.trial import PaintedModels
from reepi.phantom.trial import TrialOptions, write_trial
from reepi.report import writing  # noqa: F401
from reepi.store.files import UNFINISHED

VISITS: Final = 2
PHOTOGRAPHS: Final = 2
"""Visits of each patient and photographs of each: the fewest with which one leans on another."""

LET_IT_END: Final = 0.4
"""Share of the runs that are not killed, so that the results are compared often and most kills hit a young folder."""

WITH_REPORT: Final = 0.2
"""Share of the runs that write the report, which takes longer than all else of so small a study."""

DATED: Final = ("run.json", "report.html")
"""What tells when it was written, and so differs from run to run."""


def make_study(folder: Path) -> PaintedModels:
    """Write the study and return what reads it without a network."""
    models = write_trial(TrialOptions(folder, 2, 3))
    heading, *lines = (folder / "photos.csv").read_text().splitlines()
    visits: dict[str, dict[str, list[str]]] = {}
    for line in lines:
        _, patient, taken, *_ = line.split(",")
        visits.setdefault(patient, {}).setdefault(taken[:10], []).append(line)
    kept = [line for days in visits.values() for day in list(days.values())[:VISITS] for line in day[:PHOTOGRAPHS]]
    (folder / "photos.csv").write_text("\n".join([heading, *kept]) + "\n")
    return PaintedModels(models["tissue"], models["place"])


def begun(work: Callable[[], object]) -> int:
    """Do something in a process of a group of its own, which has all imports already; return its number."""
    process = os.fork()
    if process:
        return process
    os.setsid()
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)


def has_ended(process: int, seconds: float) -> bool:
    """Wait for a process, but no longer than so many seconds; an error of it ends the benchmark."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            if status:
                raise SystemExit(f"a run ended by itself with status {os.waitstatus_to_exitcode(status)}")
            return True
        time.sleep(0.002)
    return False


def content(results: Path) -> dict[str, bytes]:
    """Return every file that must be the same in all runs, by its name; seconds are left out."""
    files = [path for path in results.rglob("*") if path.is_file() and path.name not in DATED]
    found = {path.relative_to(results).as_posix(): path.read_bytes() for path in files}
    # Marks hold the time that each step took, beside a surface map that went into those compared.
    found = {name: b"" if name.startswith("work/") and name.endswith(".npz") else each for name, each in found.items()}
    rows = found["photos.csv"].decode().splitlines()
    place = rows[0].split(",").index("seconds") - len(rows[0].split(","))
    found["photos.csv"] = "\n".join(",".join(_without(row.split(","), place)) for row in rows).encode()
    return found


def _without(cells: list[str], place: int) -> list[str]:
    return [cell for number, cell in enumerate(cells) if number != len(cells) + place]


def phase(results: Path, photographs: int) -> str:
    """Return what a killed run was at, as its files tell."""
    marks = len(list(results.glob("work/*.npz")))
    parts = list(results.rglob(f"*{UNFINISHED}"))
    if parts:
        return "while a file was being written"
    if not marks:
        return "before the first photograph was finished"
    if marks < photographs:
        return "between photographs"
    return "when all were measured: tables, record, report"


def main() -> int:
    """Kill, go on, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    with tempfile.TemporaryDirectory() as scratch:
        study, expected_in = Path(scratch) / "study", Path(scratch) / "undisturbed"
        # In a process of its own: a process that has computed with threads is not one to fork from.
        has_ended(begun(lambda: make_study(study)), 600)
        models = PaintedModels(study / "instruments" / "painted_tissue", study / "instruments" / "painted_place")

        def score_to(results: Path) -> int:
            report = rng.random() < WITH_REPORT
            return begun(lambda: batch.score_folder(study, results, models, workers=args.workers, report=report))

        # The first also fills the caches of bodies.
        has_ended(score_to(expected_in), 600)
        shutil.rmtree(expected_in)
        start = time.monotonic()
        has_ended(score_to(expected_in), 600)
        whole, expected = time.monotonic() - start, content(expected_in)
        photographs = sum(name.startswith("masks/") for name in expected)
        counts, ends, number, results = Counter[str](), 0, 0, Path(scratch) / "0"
        for _ in track(range(args.kills), "Kills"):
            while True:
                process = score_to(results)
                patience = 600.0 if rng.random() < LET_IT_END else rng.uniform(0, whole)
                if not has_ended(process, patience):
                    break
                ends += 1
                differing = compared(content(results), expected)
                if differing:
                    print(f"After {ends} ends: {', '.join(differing)}")
                    return 1
                number += 1
                results = Path(scratch) / str(number)
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
            counts[phase(results, photographs)] += 1
        has_ended(score_to(results), 600)
        differing = compared(content(results), expected)
    print(f"{args.kills} kills of a run of {whole:.1f} s ({args.workers} process(es), {photographs} photographs):")
    for name, count in counts.most_common():
        print(f"  {count:4d} {name}")
    print(
        f"{ends + 1} runs ended by themselves. "
        + ("Different: " + ", ".join(differing) if differing else "No byte differs.")
    )
    return int(bool(differing))


def compared(found: dict[str, bytes], expected: dict[str, bytes]) -> list[str]:
    """Return the names of files that differ, are missing or are too many."""
    return sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))


if __name__ == "__main__":
    sys.exit(main())
