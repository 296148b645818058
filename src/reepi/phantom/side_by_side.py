"""Renders patients side by side, in processes that end with the one that began them."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeVar

Options = TypeVar("Options")
Rendered = TypeVar("Rendered")


def rendered(
    render_patient: Callable[[Options, int], Rendered], options: Options, patients: int, workers: int
) -> Iterator[Rendered]:
    """Yield what becomes of every patient, in order.

    Parameters
    ----------
    render_patient : callable
        Renders the patient of an index; a function of a module where there are several workers.
    options : Options
        Its first argument.
    patients : int
        Number of patients.
    workers : int
        Processes; with one, this process renders.
    """
    if workers <= 1:
        yield from (render_patient(options, index) for index in range(patients))
        return
    # A forked process inherits torch's locks without its threads, and waits for them for ever.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with_parent) as pool:
        yield from pool.map(render_patient, repeat(options), range(patients))


def _end_with_parent() -> None:
    """End this process when the one that began it is gone; a pool's process would wait for work for ever."""
    Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
