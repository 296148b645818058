"""Scores studies by the command that users call, and tells the price of a photograph from that of the start."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from batch_scoring.processes import Finished, run_watched
from batch_scoring.studies import read_rows

REEPI: Final = (sys.executable, "-m", "reepi")

SHORT_RUNS: Final = 3
"""The middle one of so many short runs tells the start apart, since one alone may be off by a second."""


@dataclass(frozen=True)
class Scored:
    """A study that was scored.

    Parameters
    ----------
    run : Finished
        What the command took.
    results : Path
        Where the results lie.
    """

    run: Finished
    results: Path

    @property
    def photographs(self) -> int:
        """How many photographs the study has."""
        return len(self._rows)

    @property
    def accepted(self) -> int:
        """How many of them were scored."""
        return sum(row["status"] == "scored" for row in self._rows)

    @property
    def inside(self) -> float:
        """Mean time that a photograph's steps took, each in its own process [s]."""
        return sum(float(row["seconds"]) for row in self._rows) / self.photographs

    @property
    def steps(self) -> dict[str, float]:
        """Mean time of each step [s]."""
        record: dict[str, dict[str, float]] = json.loads((self.results / "run.json").read_text(encoding="utf-8"))
        return record["seconds_per_photograph"]

    @property
    def _rows(self) -> list[dict[str, str]]:
        return read_rows(self.results / "photos.csv")


@dataclass(frozen=True)
class Pace:
    """What a photograph costs, and what a run costs however many there are.

    Parameters
    ----------
    photograph : float
        Wall time of one photograph more [s].
    start : float
        Wall time of a run without its photographs [s].
    processor : float
        Processor time of one photograph more [s].
    """

    photograph: float
    start: float
    processor: float


def pace(few: tuple[int, Finished], many: tuple[int, Finished]) -> Pace:
    """Return the pace of a command from two runs of it, each with its number of photographs."""
    (small, short), (large, long) = few, many
    photograph = (long.seconds - short.seconds) / (large - small)
    processor = (long.processor_seconds - short.processor_seconds) / (large - small)
    return Pace(photograph, short.seconds - small * photograph, processor)


def score(study: Path, results: Path, workers: int = 1) -> Scored:
    """Score a study in a process of its own; results that are there already are taken over, as users know it."""
    wanted = ("--workers", str(workers)) if workers > 1 else ()
    return Scored(run_watched((*REEPI, "score", str(study), "--out", str(results), *wanted)), results)


def score_short(study: Path, results: Path, workers: int = 1) -> Scored:
    """Score a small study several times, into folders of their own, and return the run of middle length."""
    runs = [score(study, results.with_name(f"{results.name}_{turn}"), workers) for turn in range(SHORT_RUNS)]
    return sorted(runs, key=lambda scored: scored.run.seconds)[SHORT_RUNS // 2]


def score_again(study: Path, scored: Scored) -> Finished:
    """Score several times what is finished, and return the run of middle length: nothing is measured in it."""
    runs = [score(study, scored.results).run for _ in range(SHORT_RUNS)]
    return sorted(runs, key=lambda run: run.seconds)[SHORT_RUNS // 2]


def report(study: Path, results: Path) -> Finished:
    """Write the report of a scored study again, several times; return the run of middle length."""
    command = (*REEPI, "report", str(study), "--results", str(results), "--no-pdf")
    return sorted((run_watched(command) for _ in range(SHORT_RUNS)), key=lambda run: run.seconds)[SHORT_RUNS // 2]


def has_workers() -> bool:
    """Return whether this reepi scores with several processes."""
    told = subprocess.run((*REEPI, "score", "--help"), capture_output=True, check=True, text=True)
    return "--workers" in told.stdout
