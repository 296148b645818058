"""Estimate what a million photographs would cost in time, money and storage, and what would break first.

Run with ``python benchmarks/million.py [--photographs 1000000] [--price 0.05] [--study DIR]`` on a machine that does
nothing else. Scores a few photographs of 12 megapixels, and a few more, with one process and, where reepi can, with
workers, and takes from the differences what one photograph costs: processor time that any core may spend, that of the
report, which one process writes at the end, bytes of results by kind, and bytes that go between scheduler and workers
(those of the loopback network, so nothing else may use it). The scheduler's time and memory for a task are those of
Dask with tasks that do nothing. The rest is arithmetic, without queues, lost machines or slow disks. ``--price`` is the
price of an hour of one core, in the currency of your choice; the default is of the order that providers of virtual
machines ask, and is to be replaced by your own.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psutil
from batch_scoring.processes import machine, warn_if_busy
from batch_scoring.scale import Constants, Estimate, cores_that_the_scheduler_feeds, many_studies, one_study
from batch_scoring.scoring import Scored, has_workers, pace, report, score, score_short
from batch_scoring.studies import enlarged_study, few_of, first_of, read_rows

CORES: Final = (1, 16, 256)
FEW: Final = 2

TASKS: Final = 4000
"""Tasks that do nothing, enough for a second or more of the scheduler's time."""

KNOWN_TASK: Final = (0.001, 10_000.0)
"""Time [s] and memory [bytes] of one of Dask's tasks, assumed where Dask is missing: the upper ends of the usual."""

REPORT_BYTES: Final = 200e6
"""A report above it is no longer opened with pleasure: one of 54 MB takes a browser some seconds."""

SCHEDULER_BYTES: Final = 8e9
"""Memory of a machine that a scheduler commonly gets."""

STORAGE_RATE: Final = 1.25e9
"""What a network of 10 Gbit/s carries [bytes/s]."""

REPORT: Final = "report.html"
TABLES: Final = "tables and records"

REPORT_HOURS: Final = 1.0
"""As long may one process write the report while all others wait."""


def results_by_kind(few: Scored, many: Scored) -> dict[str, float]:
    """Return the bytes of results that one photograph more makes, by folder or file."""
    small, large = _sizes(few.results), _sizes(many.results)
    more = many.photographs - few.photographs
    return {kind: max(0, size - small.get(kind, 0)) / more for kind, size in sorted(large.items())}


def _sizes(results: Path) -> dict[str, int]:
    sizes: dict[str, int] = defaultdict(int)
    for path in results.rglob("*"):
        if path.is_file():
            place = path.relative_to(results)
            kind = place.parts[0] if len(place.parts) > 1 or place.name == REPORT else TABLES
            sizes[kind] += path.stat().st_size
    return sizes


def wire_bytes(few: Path, many: Path, scratch: Path, sizes: tuple[int, int]) -> float:
    """Return what goes over the loopback network for one photograph more, with two workers [bytes]."""
    sent = []
    for name, study in (("few", few), ("many", many)):
        before = _loopback_bytes()
        score(study, scratch / f"wire_{name}", workers=2)
        sent.append(_loopback_bytes() - before)
    return (sent[1] - sent[0]) / (sizes[1] - sizes[0])


def _loopback_bytes() -> int:
    counters = psutil.net_io_counters(pernic=True)
    return sum(counters[name].bytes_sent for name in ("lo", "lo0") if name in counters)


def scheduler_costs() -> tuple[float, float]:
    """Return time [s] and memory [bytes] that Dask's scheduler takes for one task; known values where Dask is missing.

    The time is that of scheduler, client and one worker for a task that does nothing, so it is no less than the
    scheduler's own.
    """
    try:
        from distributed import Client, LocalCluster, wait
    except ImportError:
        return KNOWN_TASK
    quiet = {"dashboard_address": None, "silence_logs": logging.CRITICAL}
    with LocalCluster(n_workers=1, threads_per_worker=1, **quiet) as cluster, Client(cluster) as client:
        wait(client.map(abs, range(100), pure=False))
        before, began = psutil.Process().memory_info().rss, time.perf_counter()
        waiting = client.map(abs, range(TASKS), pure=False)
        wait(waiting)
        seconds, grown = time.perf_counter() - began, psutil.Process().memory_info().rss - before
    return seconds / TASKS, max(0, grown) / TASKS


def measured(scratch: Path, study: Path, photographs: int) -> Constants:
    """Measure the constants on the first photographs of a study."""
    small, large = few_of(study, scratch / "few", FEW), first_of(study, scratch / "all", photographs)
    few, many = score_short(small, small / "results"), score(large, large / "results")
    sizes = few.photographs, many.photographs
    files = [large / row["file"] for row in read_rows(large / "photos.csv")]
    results = results_by_kind(few, many)
    whole = pace((sizes[0], few.run), (sizes[1], many.run))
    end = pace((sizes[0], report(small, few.results)), (sizes[1], report(large, many.results)))
    task, memory = scheduler_costs()
    return Constants(
        work=whole.processor - end.processor,
        report=end.processor,
        start=max(0.0, whole.start),
        photograph=sum(path.stat().st_size for path in files) / len(files),
        results=results,
        wire=wire_bytes(small, large, scratch, sizes) if has_workers() else None,
        task=task,
        task_memory=memory,
    )


def print_constants(constants: Constants) -> None:
    """Print what was measured."""
    print("\n| constant | measured |\n|---|---|")
    print(f"| processor time to measure, fuse and score a photograph | {constants.work:.3f} s |")
    print(f"| processor time of its part of the report | {constants.report:.4f} s |")
    print(f"| start of a run | {constants.start:.1f} s |")
    print(f"| a photograph's file | {constants.photograph / 1e6:.2f} MB |")
    for kind, size in constants.results.items():
        print(f"| its results: {kind} | {size / 1e3:.1f} kB |")
    print(f"| all its results | {constants.stored / 1e6:.2f} MB |")
    wire = f"{constants.wire / 1e3:.1f} kB" if constants.wire is not None else "not measured: no option --workers"
    print(f"| between scheduler and workers | {wire} |")
    print(f"| the scheduler's time for a task | {constants.task * 1e3:.2f} ms |")
    print(f"| the scheduler's memory for a task that waits | {constants.task_memory / 1e3:.1f} kB |")


def print_estimates(kind: str, estimates: Sequence[Estimate], price: float) -> None:
    """Print what it takes on each number of cores."""
    print(f"\n| {kind} | time | core hours | cost at {price} an hour | storage, MB/s | scheduler busy |")
    print("|---|---|---|---|---|---|")
    for each in estimates:
        length = f"{each.hours:.1f} h" if each.hours < 48 else f"{each.hours / 24:.1f} days"
        print(
            f"| {each.cores} cores | {length} | {each.core_hours:.0f} | {each.core_hours * price:.2f} "
            f"| {each.transfer / 1e6:.1f} | {each.scheduler:.1%} |"
        )


def limits(constants: Constants, photographs: int) -> list[tuple[float, str]]:
    """Return what breaks, the first first: how much of the whole is possible, and in words what ends it."""
    page, cores = constants.results.get(REPORT, 0.0), CORES[-1]
    writing, memory = constants.report * photographs / 3600, constants.task_memory * photographs
    transfer = cores * (constants.photograph + constants.stored) / constants.work
    wire = cores * (constants.wire or 0.0) / constants.work
    fed = cores_that_the_scheduler_feeds(constants)
    breaking = [
        (
            REPORT_BYTES / max(page * photographs, 1),
            f"one report would be {page * photographs / 1e9:.1f} GB: {REPORT_BYTES / max(page, 1):.0f} photographs "
            f"make {REPORT_BYTES / 1e6:.0f} MB",
        ),
        (
            REPORT_HOURS / max(writing, 1e-9),
            f"one process would write the report in {writing:.1f} h while all others wait",
        ),
        (
            SCHEDULER_BYTES / max(memory, 1),
            f"tasks that all wait at once would take {memory / 1e9:.1f} GB of the scheduler's memory",
        ),
        (fed / cores, f"the scheduler has time to feed {fed:.0f} cores"),
        (
            STORAGE_RATE / max(wire, 1),
            f"{wire / 1e6:.1f} MB/s go between the scheduler and {cores} cores; a network of 10 Gbit/s carries "
            f"{STORAGE_RATE / 1e6:.0f}",
        ),
        (
            STORAGE_RATE / transfer,
            f"{cores} cores read and write {transfer / 1e6:.0f} MB/s; a network of 10 Gbit/s carries "
            f"{STORAGE_RATE / 1e6:.0f}",
        ),
    ]
    return sorted(breaking)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=int, default=1_000_000)
    parser.add_argument("--study-size", type=int, default=1000, help="photographs of a study, where there are many")
    parser.add_argument("--price", type=float, default=0.05, help="of an hour of one core, in any currency")
    parser.add_argument("--sample", type=int, default=32, help="photographs to measure")
    parser.add_argument("--study", type=Path, help="keep the enlarged study here; the same as that of batch.py")
    options = parser.parse_args()
    warn_if_busy()
    print(machine())
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        study = enlarged_study(options.study or scratch / "study")
        constants = measured(scratch, study, options.sample)
    print_constants(constants)
    if constants.lost_in_noise:
        lost = ", ".join(constants.lost_in_noise)
        sys.exit(f"No estimate: {lost} came out as nothing or less. Take an idle machine or a larger --sample.")
    wanted = options.photographs
    whole = [one_study(constants, wanted, cores) for cores in CORES]
    split = [many_studies(constants, wanted, options.study_size, cores) for cores in CORES]
    print_estimates(f"{wanted:,} photographs, one study", whole, options.price)
    print_estimates(f"{wanted:,} photographs, studies of {options.study_size:,}", split, options.price)
    print(f"\nstorage: {wanted * constants.stored / 1e12:.2f} TB of results, ", end="")
    print(f"{wanted * constants.photograph / 1e12:.2f} TB of photographs")
    print(f"\nWhat breaks first, as one study on {CORES[-1]} cores, with the part of it that is possible:\n")
    for possible, words in limits(constants, wanted):
        print(f"- {min(possible, 9.99):.2%}: {words}" if possible < 1 else f"- holds: {words}")


if __name__ == "__main__":
    main()
