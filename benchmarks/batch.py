"""Measure batch scoring at 12 megapixels: against the script that a user would write, and against what none can beat.

Run with ``python benchmarks/batch.py [--patients 3] [--workers 2] [--rounds 3] [--study DIR]`` on a machine that does
nothing else.
Makes the sample study with photographs of 12 megapixels, as large as a camera's files (32 for each patient; kept in
``--study`` for the next time), and measures in one run, all cores free to each:

- the plain script (``plain_script.py``), at several sizes of the network's input;
- the limit (``limit.py``): a scaled decode and the tissue network alone, and with the correspondence network;
- ``reepi score`` in a process of its own, from an empty folder to the finished report, with one process and with
  several.

Machines are faster one minute than the next, so what is compared is measured in turn, in several rounds: a ratio is the
median of those of the rounds, and both ends of them are told.

A photograph of ``reepi score`` costs what the whole run takes longer than a run of a few photographs, shared among the
others: registration, writing, fusing and report are included, and the start, with every network, stands apart. A
photograph of the script and of the limit costs the mean of those after the first, without any start. Prints Markdown
tables: costs and memory, ratios with their targets, and where the time goes.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from batch_scoring.processes import Finished, machine, run_watched, warn_if_busy
from batch_scoring.scoring import Pace, Scored, pace, report, score, score_again, score_short
from batch_scoring.studies import enlarged_study, few_of, first_of, read_rows

from reepi.cli.pools import LANES
from reepi.model.canvas import TISSUE_LARGEST_SIDE

HERE: Final = Path(__file__).parent

PLAIN: Final = ((1024, "probabilities"), (1024, "mask"), (2048, "mask"), (TISSUE_LARGEST_SIDE, "mask"))
"""Long side of the plain script's input [px], and what it enlarges. The first counts: it is the script of the project's
design, at reepi's working size. The second enlarges the mask alone, the third looks closer as most such scripts do,
the last sees no more than reepi's network does."""

SHARE_OF_PLAIN: Final = 1 / 10
TIMES_THE_LIMIT: Final = 3.0
"""Targets: a photograph costs at most that part of the plain script's, and at most so many times the limit."""


@dataclass(frozen=True)
class Cost:
    """What one way of doing it costs: seconds a photograph and before the first one, and memory [bytes]."""

    name: str
    photograph: float
    start: float
    whole: float
    memory: int


@dataclass(frozen=True)
class Limit:
    """Mean seconds of each part of a photograph that cannot be left out."""

    decode: float
    tissue: float
    correspondence: float
    memory: int

    @property
    def one_network(self) -> float:
        """Scaled decode and the tissue network [s]."""
        return self.decode + self.tissue

    @property
    def both_networks(self) -> float:
        """Scaled decode and both networks [s]."""
        return self.decode + self.tissue + self.correspondence


@dataclass(frozen=True)
class Batch:
    """What scoring with a number of processes costs."""

    workers: int
    short: Scored
    whole: Scored
    pace: Pace

    @property
    def cost(self) -> Cost:
        """Its line of the table."""
        run, processes = self.whole.run, f"{self.workers} process" + "es" * (self.workers > 1)
        per_photograph = run.seconds / self.whole.photographs
        name = f"`reepi score`, {processes}"
        return Cost(name, self.pace.photograph, self.pace.start, per_photograph, run.peak_bytes)


def plain_cost(study: Path, out: Path, long_side: int, enlarge: str, photographs: int) -> Cost:
    """Return what the plain script costs."""
    options = ("--long-side", str(long_side), "--enlarge", enlarge, "--photographs", str(photographs))
    run = run_watched((sys.executable, str(HERE / "plain_script.py"), str(study), "--out", str(out), *options))
    seconds: list[float] = json.loads(run.output)["seconds"]
    name = f"plain script, {long_side} px, {enlarge} enlarged"
    start = run.seconds - sum(seconds)
    return Cost(name, statistics.fmean(seconds[1:] or seconds), start, run.seconds / len(seconds), run.peak_bytes)


def measured_limit(study: Path, photographs: int) -> Limit:
    """Return the limit."""
    run = run_watched((sys.executable, str(HERE / "limit.py"), str(study), "--photographs", str(photographs)))
    parts = {part: statistics.fmean(seconds) for part, seconds in json.loads(run.output).items()}
    return Limit(**parts, memory=run.peak_bytes)


def measured_batch(study: Path, few: Path, results: Path, workers: int) -> Batch:
    """Score a study, and its first photographs alone, with so many processes."""
    short = score_short(few, results / f"few_{workers}", workers)
    whole = score(study, results / f"whole_{workers}", workers)
    return Batch(workers, short, whole, pace((short.photographs, short.run), (whole.photographs, whole.run)))


def shares(study: Path, few: Path, batch: Batch) -> dict[str, float]:
    """Return where the time of a photograph goes with one process [s], by part, in order.

    One process has two photographs under way, each in a thread: the parts are seconds of a thread, and together they
    are as many times the seconds on the clock as there are threads. What lies outside of the steps is told apart by
    commands that do only a part of the work: writing the report again, and scoring again what is finished.
    """
    whole, short = batch.whole, batch.short
    sizes = short.photographs, whole.photographs
    told = sum(batch.whole.steps.values())
    steps = {name: seconds * whole.inside / told for name, seconds in whole.steps.items()}
    reports = _pace_of(sizes, report(few, short.results), report(study, whole.results))
    again = _pace_of(sizes, score_again(few, short), score_again(study, whole))
    lanes = min(LANES, os.cpu_count() or 1)
    return {
        **steps,
        "find, fuse, score, tables": again - reports,
        "report": reports,
        "the rest: hashes, the last of all": lanes * batch.pace.photograph - sum(steps.values()) - again,
    }


def _pace_of(sizes: tuple[int, int], short: Finished, long: Finished) -> float:
    return pace((sizes[0], short), (sizes[1], long)).photograph


def print_costs(costs: Sequence[Cost], limit: Limit) -> None:
    """Print the table of costs and memory."""
    print("\n| | s a photograph | start, s | all of it / photographs, s | peak memory, MB |")
    print("|---|---|---|---|---|")
    for cost in costs:
        print(
            f"| {cost.name} | {cost.photograph:.3f} | {cost.start:.1f} | {cost.whole:.3f} | {cost.memory / 1e6:.0f} |"
        )
    parts = f"decode {limit.decode:.3f}, tissue {limit.tissue:.3f}, correspondence {limit.correspondence:.3f}"
    print(f"| limit: decode and tissue network ({parts}) | {limit.one_network:.3f} | | | {limit.memory / 1e6:.0f} |")
    print(f"| limit: decode and both networks | {limit.both_networks:.3f} | | | |")


@dataclass(frozen=True)
class Round:
    """What is compared, measured one after the other."""

    plain: Cost
    limit: Limit
    batches: tuple[Batch, ...]


def print_ratios(rounds: Sequence[Round], others: Sequence[Cost]) -> None:
    """Print how the batch stands to the plain script and to the limit, and whether the targets are met."""
    names = [batch.cost.name for batch in rounds[0].batches]
    print("\n| ratio: median of the rounds (least to most) | " + " | ".join(names) + " | target |")
    print("|---|" + "---|" * len(names) + "---|")
    rows: list[tuple[str, list[float], float | None]] = [
        (f"to the {rounds[0].plain.name}", [each.plain.photograph for each in rounds], SHARE_OF_PLAIN),
        *((f"to the {each.name}", [each.photograph] * len(rounds), None) for each in others),
        ("to the limit with the tissue network", [each.limit.one_network for each in rounds], TIMES_THE_LIMIT),
        ("to the limit with both networks", [each.limit.both_networks for each in rounds], None),
    ]
    for name, references, target in rows:
        cells = [
            _ratio(
                [each.batches[place].pace.photograph / r for each, r in zip(rounds, references, strict=True)], target
            )
            for place in range(len(names))
        ]
        print(f"| {name} | {' | '.join(cells)} | {'' if target is None else f'at most {target:.3g}'} |")


def _ratio(values: Sequence[float], target: float | None) -> str:
    middle = statistics.median(values)
    judged = "" if target is None else (": met" if middle <= target else ": NOT met")
    return f"{middle:.3f} ({min(values):.3f} to {max(values):.3f}){judged}"


def print_shares(parts: dict[str, float], photograph: float, limit: Limit) -> None:
    """Print where the time goes, and what holds back a photograph at twice the limit."""
    total = sum(parts.values())
    print("\n| part of a photograph, one process | s of a thread | share |\n|---|---|---|")
    for name, seconds in parts.items():
        print(f"| {name} | {seconds:.3f} | {seconds / total:.0%} |")
    print(f"| all | {total:.3f} | 100% |")
    above = photograph - 2 * limit.one_network
    most = sorted(parts, key=lambda name: -parts[name])[:3]
    print(f"\nOn the clock that is {photograph:.3f} s. Twice the limit is {2 * limit.one_network:.3f} s,", end=" ")
    print(f"{above:+.3f} s from it; most is in: {', '.join(most)}.")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=3, help="each has 32 photographs")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3, help="how often what is compared is measured")
    parser.add_argument("--photographs", type=int, help="score the first of them only")
    parser.add_argument("--plain", type=int, default=6, help="photographs of the plain script and of the limit")
    parser.add_argument("--few", type=int, default=2, help="photographs of the short run that tells the start apart")
    parser.add_argument("--study", type=Path, help="keep the enlarged study here")
    options = parser.parse_args()
    warn_if_busy()
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        study = enlarged_study(options.study or scratch / "study", options.patients)
        if options.photographs is not None:
            study = first_of(study, scratch / "first", options.photographs)
        few = few_of(study, scratch / "few", options.few)
        files = [study / row["file"] for row in read_rows(study / "photos.csv")]
        size = statistics.fmean(path.stat().st_size for path in files) / 1e6
        print(f"{len(files)} photographs of 12 megapixels, {size:.1f} MB each; {machine()}")
        others = [plain_cost(study, scratch / "plain", *each, options.plain) for each in PLAIN[1:]]
        processes = [1, options.workers] if options.workers > 1 else [1]
        rounds = []
        for turn in range(options.rounds):
            plain = plain_cost(study, scratch / "plain", *PLAIN[0], options.plain)
            limit = measured_limit(study, options.plain)
            batches = [measured_batch(study, few, scratch / str(turn), number) for number in processes]
            rounds.append(Round(plain, limit, tuple(batches)))
        middle = sorted(rounds, key=lambda each: each.batches[0].pace.photograph / each.plain.photograph)[
            len(rounds) // 2
        ]
        batch = middle.batches[0]
        print(f"{batch.whole.accepted} of {len(files)} photographs were scored, the others rejected with a reason.")
        print("\nThe round in the middle:")
        print_costs([middle.plain, *others, *(each.cost for each in middle.batches)], middle.limit)
        print_ratios(rounds, others)
        print_shares(shares(study, few, batch), batch.pace.photograph, middle.limit)


if __name__ == "__main__":
    main()
