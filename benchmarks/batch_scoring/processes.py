"""Runs a command and watches it and its children: time, processor time, memory, open files, and what it leaves."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

INTERVAL_S: Final = 1.0
"""Time between two looks at a process [s]: each costs 10 to 20 milliseconds of a core, in which the process cannot take
memory. Four a second made a photograph a twentieth slower."""

GRACE_S: Final = 5.0
"""A child that ends this long after its parent [s] is not left: it has seen that nobody needs it."""

BUSY_LOAD: Final = 0.5
"""Load from which on a machine is not idle, and times say little."""


@dataclass(frozen=True)
class Look:
    """What a command and its children held at one moment.

    Parameters
    ----------
    seconds : float
        Time since the command began [s].
    memory : int
        Memory of all processes, pages that several share counted once [bytes].
    files : int
        Files and connections that they had open.
    processes : int
        How many processes they were.
    """

    seconds: float
    memory: int
    files: int
    processes: int


@dataclass(frozen=True)
class Finished:
    """A command that ended.

    Parameters
    ----------
    seconds : float
        Wall time from its start to its end [s].
    processor_seconds : float
        Processor time of it and its children [s].
    looks : tuple of Look
        What it held over time.
    output : str
        What it wrote to standard output.
    left_processes, left_files : tuple of str
        Children that still ran after it, and files that it left in the folder for temporary files.
    """

    seconds: float
    processor_seconds: float
    looks: tuple[Look, ...]
    output: str
    left_processes: tuple[str, ...] = ()
    left_files: tuple[str, ...] = ()

    @property
    def peak_bytes(self) -> int:
        """Largest memory at one moment [bytes]."""
        return max((look.memory for look in self.looks), default=0)


def run_watched(
    command: Sequence[str], interval: float = INTERVAL_S, environment: Mapping[str, str] | None = None
) -> Finished:
    """Run a command to its end and return what it took.

    Raises
    ------
    RuntimeError
        It ended with another status than 0; tells the end of what it wrote to standard error.
    """
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        settings = {**os.environ, "TMPDIR": scratch, **(environment or {})}
        before, began = _children_seconds(), time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=errors, env=settings)
        try:
            looks, seen = _watched(process, began, interval)
        finally:
            # Nothing goes on unseen where the benchmark itself is stopped.
            process.terminate()
        seconds = time.perf_counter() - began
        if process.returncode != 0:
            errors.seek(0)
            told = errors.read()[-2000:].decode(errors="replace")
            raise RuntimeError(f"{' '.join(command)} ended with status {process.returncode}:\n{told}")
        out.seek(0)
        return Finished(
            seconds,
            _children_seconds() - before,
            tuple(looks),
            out.read().decode(),
            tuple(sorted(_command_of(child) for child in psutil.wait_procs(seen, GRACE_S)[1])),
            tuple(sorted(str(path.relative_to(scratch)) for path in Path(scratch).rglob("*"))),
        )


def _watched(process: subprocess.Popen[bytes], began: float, interval: float) -> tuple[list[Look], set[psutil.Process]]:
    """Return what a process held until it ended, and all children that were ever seen."""
    looks, seen, root = [], set(), psutil.Process(process.pid)
    while True:
        try:
            process.wait(interval)
        except subprocess.TimeoutExpired:
            children = _children(root)
            seen.update(children)
            held = [look for each in (root, *children) if (look := _held(each)) is not None]
            memory, files = (sum(values) for values in zip(*held, strict=True)) if held else (0, 0)
            looks.append(Look(time.perf_counter() - began, memory, files, len(held)))
        else:
            return looks, seen


def _children(root: psutil.Process) -> list[psutil.Process]:
    try:
        return root.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _held(process: psutil.Process) -> tuple[int, int] | None:
    """Return memory [bytes] and number of open files, or None where the process has just ended."""
    try:
        memory = process.memory_full_info()
        # Linux tells the process's part of shared pages; elsewhere its own pages must do.
        return getattr(memory, "pss", memory.uss), process.num_fds()
    except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
        return None


def _command_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return f"process {process.pid}"


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def warn_if_busy() -> None:
    """Say on standard error that times will say little, where other work has the machine."""
    load = os.getloadavg()[0]
    if load > BUSY_LOAD:
        print(f"This machine is busy (load {load:.1f}): times say little, ratios somewhat more.", file=sys.stderr)


def machine() -> str:
    """Return the machine in words."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB memory"
