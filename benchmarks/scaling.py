"""Measure how the cost of a photograph and the memory grow with a study, or what a long run keeps and leaves.

Run with ``python benchmarks/scaling.py [--photographs 10,100,1000] [--workers 1] [--long-side PX] [--many-only]`` on a
machine that does nothing else. Cheap studies of so many photographs (ten of the sample, each file with a comment of its
own) are scored in a process of its own, once with a patient for every ten and once all of one patient, who then has a
visit for every five. A photograph costs what the run takes longer than a run of two, shared among the others; memory is
the median over a run after its start. Prints a Markdown table and whether the targets are met.

With ``--soak [2000]`` one such study is scored instead, and its memory, open files and processes are told over time,
with what is left of them, and of temporary files, when it has ended.
"""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from batch_scoring.processes import Look, machine, warn_if_busy
from batch_scoring.scoring import Pace, Scored, pace, score, score_short
from batch_scoring.studies import cheap_study

FEW: Final = 2
"""Photographs of the run that tells the start apart."""

COST_WITHIN: Final = 0.10
MEMORY_WITHIN: Final = 0.05
"""Targets: how far cost and memory of the largest study may be above those of the one before, as shares."""

WARM_UP: Final = 0.1
"""Share of a long run in which models and bodies are still being loaded; memory is judged after it."""

PERIODS: Final = 10
"""Lines of the table of a long run."""


@dataclass(frozen=True)
class Size:
    """A study that was scored, and its pace."""

    scored: Scored
    pace: Pace

    @property
    def memory(self) -> float:
        """Median of the memory after the start [bytes]."""
        return statistics.median(look.memory for look in settled(self.scored.run.looks))


def measured_sizes(
    scratch: Path, sizes: Sequence[int], one_patient: bool, workers: int, side: int | None
) -> list[Size]:
    """Score studies of these sizes and print a line of each."""
    few = cheap_study(scratch / f"few_{one_patient}", FEW, one_patient, side)
    short = score_short(few, few / "results", workers)
    kind, found = "one patient" if one_patient else "a patient for every ten", []
    for size in sizes:
        folder = scratch / f"{size}_{one_patient}"
        scored = score(cheap_study(folder, size, one_patient, side), folder / "results", workers)
        found.append(Size(scored, pace((FEW, short.run), (size, scored.run))))
        run, cost = scored.run, found[-1].pace
        print(
            f"| {kind} | {size} | {scored.accepted} | {run.seconds:.0f} | {cost.photograph:.3f} | {cost.processor:.3f} "
            f"| {found[-1].memory / 1e6:.0f} | {run.peak_bytes / 1e6:.0f} |",
            flush=True,
        )
    return found


def print_targets(kind: str, found: Sequence[Size]) -> None:
    """Print how the largest study stands to the one before."""
    before, largest = found[-2:]
    sizes = f"{largest.scored.photographs} against {before.scored.photographs} photographs, {kind}"
    for name, ratio, within in (
        ("time of a photograph", largest.pace.photograph / before.pace.photograph, COST_WITHIN),
        ("processor time of a photograph", largest.pace.processor / before.pace.processor, COST_WITHIN),
        ("memory", largest.memory / before.memory, MEMORY_WITHIN),
    ):
        judged = "met" if ratio <= 1 + within else "NOT met"
        print(f"{sizes}: {name} x {ratio:.3f} (target: at most {1 + within:.2f}: {judged})")
    # Of ten times as many looks the largest is larger, also where nothing grows; so it is told and not judged.
    at_most = largest.scored.run.peak_bytes / before.scored.run.peak_bytes
    print(f"{sizes}: largest memory at one moment x {at_most:.3f}")


def settled(looks: Sequence[Look]) -> Sequence[Look]:
    """Return the looks at a run after its start."""
    return looks[int(len(looks) * WARM_UP) :]


def growth(looks: Sequence[Look]) -> float:
    """Return how much larger memory was in the last quarter of a run than in the first, as a share of the first.

    Each is the median of its quarter, after the start is left out; the end of a run, which writes tables and report, is
    part of the last quarter.
    """
    after = settled(looks)
    quarter = max(1, len(after) // 4)
    first, last = (statistics.median(look.memory for look in part) for part in (after[:quarter], after[-quarter:]))
    return last / first - 1


def print_soak(scored: Scored) -> None:
    """Print a long run over time, and what it left."""
    looks = scored.run.looks
    print("\n| until, s | memory, MB | largest, MB | open files | processes |\n|---|---|---|---|---|")
    length = max(1, -(-len(looks) // PERIODS))
    for start in range(0, len(looks), length):
        part = looks[start : start + length]
        memory = statistics.median(look.memory for look in part) / 1e6
        largest, files = max(look.memory for look in part) / 1e6, statistics.median(look.files for look in part)
        processes = max(look.processes for look in part)
        print(f"| {part[-1].seconds:.0f} | {memory:.0f} | {largest:.0f} | {files:.0f} | {processes} |")
    grown = growth(looks)
    judged = "met" if grown <= MEMORY_WITHIN else "NOT met"
    unfinished = [path for path in scored.results.rglob(".*") if path.is_file()]
    print(f"\n{scored.photographs} photographs, {scored.accepted} scored, in {scored.run.seconds:.0f} s")
    print(f"memory, last quarter against first: {grown:+.1%} (target: at most {MEMORY_WITHIN:+.0%}: {judged})")
    print(f"processes left: {len(scored.run.left_processes)}", *scored.run.left_processes, sep="\n  ")
    print(f"temporary files left: {len(scored.run.left_files)}", *scored.run.left_files[:9], sep="\n  ")
    print(f"unfinished files in the results: {len(unfinished)}", *unfinished[:9], sep="\n  ")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", default="10,100,1000", help="sizes of the studies, rising")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--long-side", type=int, help="of the photographs [px]; 720 as in the sample unless told")
    parser.add_argument("--many-only", action="store_true", help="leave out the studies of one patient")
    parser.add_argument("--soak", type=int, nargs="?", const=2000, help="one long run of so many photographs instead")
    options = parser.parse_args()
    warn_if_busy()
    print(f"{machine()}; {options.workers} process(es)")
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        if options.soak:
            study = cheap_study(scratch / "study", options.soak, long_side=options.long_side)
            print_soak(score(study, scratch / "results", options.workers))
            return
        sizes = [int(size) for size in options.photographs.split(",")]
        print(
            "\n| study | photographs | scored | s | s a photograph | processor s a photograph | memory, MB | peak, MB |"
        )
        print("|---|---|---|---|---|---|---|---|")
        found = {
            one_patient: measured_sizes(scratch, sizes, one_patient, options.workers, options.long_side)
            for one_patient in ([False] if options.many_only else [False, True])
        }
        print()
        for one_patient, measured in found.items():
            if len(measured) > 1:
                print_targets("one patient" if one_patient else "a patient for every ten", measured)


if __name__ == "__main__":
    main()
