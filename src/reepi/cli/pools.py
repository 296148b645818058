"""Who work is handed to: threads of this process, processes on this machine, or those of a Dask cluster."""

import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from reepi.core.errors import Fault, InputError
from reepi.core.memory import KEEPS_MEMORY, give_back_memory, keep_memory
from reepi.model.threads import side_by_side, threads
from reepi.store.recent import RECENT

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS: Final = 30
"""A scheduler that does not answer for so long is taken to be away [s]."""

LANES: Final = 2
"""Photographs that one process measures at a time: much of a photograph's work uses one core. Their networks share the
cores. With a third, two cores were slower."""

COUNTED_SECONDS: Final = 5.0
"""The scheduler is asked so often how many workers there are [s]; asked at each photograph of a large cluster, it would
do little else."""

SETTLE_SECONDS: Final = 30.0
"""After a run that ends with an error, what others are still at is awaited for so long [s]: it still writes."""

LOSSES: Final = 3
"""A photograph is tried so many times more after it ended the worker that had it, since another may have ended that."""


@dataclass(frozen=True)
class Pool:
    """Where work is handed to.

    Parameters
    ----------
    executor : Executor
        Takes the work; what a lost process was at, it hands to another.
    gives_up : tuple of exception types
        What is raised for work that ends every process that takes it up.
    counted : callable
        Number of workers there are now.
    dashboard : str
        Address at which the work can be watched; empty if there is none.
    settle : callable
        Lets work that is under way end after an error, so that nobody writes once the results are given back. A pool
        that ends with the scoring ends its work as well.
    """

    executor: Executor
    gives_up: tuple[type[Exception], ...]
    counted: Callable[[], int]
    dashboard: str = ""
    settle: Callable[[Collection[Future[Any]]], object] = lambda under_way: None

    @property
    def workers(self) -> int:
        """Number of workers, at least one: workers may come later."""
        return max(1, self.counted())


@contextmanager
def own_pool() -> Iterator[Pool]:
    """Begin threads of this process, and end them afterwards; what they have not begun by then is not done.

    There are no more than the process may use; see `reepi.model.threads`.
    """
    keep_memory()
    lanes = min(LANES, threads() or os.cpu_count() or 1)
    executor = ThreadPoolExecutor(lanes, "measuring")
    try:
        with side_by_side(lanes):
            yield Pool(executor, (), lambda: lanes)
    finally:
        executor.shutdown(cancel_futures=True)
        # The networks went with the threads; what comes after, as the report, needs none of this.
        RECENT.clear()
        give_back_memory()


@contextmanager
def local_pool(workers: int) -> Iterator[Pool]:
    """Begin worker processes on this machine, and end them afterwards. Nobody outside of this machine can reach them.

    Parameters
    ----------
    workers : int
        Processes, each of one thread.
    """
    import dask
    from distributed import Client, LocalCluster

    settings = {
        # Dask's own setting gives all memory back at once.
        "distributed.nanny.pre-spawn-environ": {
            **dask.config.get("distributed.nanny.pre-spawn-environ"),
            **KEEPS_MEMORY,
        },
        "distributed.scheduler.allowed-failures": LOSSES,
        # Nobody looks at where a worker is every 10 ms; it would cost a twentieth of its time.
        "distributed.worker.profile.enabled": False,
        # Nor whether each process still answers every 20 ms, or what memory it has every 100: waking up costs as well.
        "distributed.admin.tick.interval": "500ms",
        "distributed.worker.memory.monitor-interval": "500ms",
        # One task to a worker: what lies in wait beside one that ends the worker would be held to have ended it.
        "distributed.scheduler.worker-saturation": 1.0,
    }
    with (
        _own_environment(),
        dask.config.set(settings),
        tempfile.TemporaryDirectory(prefix="reepi-workers-") as scratch,
        LocalCluster(
            n_workers=workers,
            local_directory=scratch,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0" if _has_dashboard() else None,
            silence_logs="CRITICAL",
        ) as cluster,
        Client(cluster) as client,
    ):
        yield _pool_of(client)


@contextmanager
def _own_environment() -> Iterator[None]:
    """Put the environment back in the end: Dask sets what its workers shall find in this process too."""
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


@contextmanager
def cluster_pool(address: str) -> Iterator[Pool]:
    """Hand work to the Dask cluster of a scheduler.

    Parameters
    ----------
    address : str
        Such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    InputError
        There is no scheduler at the address.
    """
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        problem = f"there is no Dask scheduler ({' '.join(str(error).split())})"
        raise InputError([Fault(address, problem, "Begin one with: dask scheduler. Then name its address.")]) from error
    with client:
        # Others cannot be told to stop in the middle of a photograph.
        yield replace(_pool_of(client), settle=partial(wait, timeout=SETTLE_SECONDS))


def _pool_of(client: "Client") -> Pool:
    from distributed import KilledWorker

    known, asked_at = 0, float("-inf")

    def counted() -> int:
        nonlocal known, asked_at
        if time.monotonic() - asked_at > COUNTED_SECONDS:
            known, asked_at = len(client.nthreads()), time.monotonic()
        return known

    dashboard = str(client.dashboard_link) if _has_dashboard() else ""
    return Pool(client.get_executor(pure=False), (KilledWorker,), counted, dashboard)


def _has_dashboard() -> bool:
    from importlib.util import find_spec

    return find_spec("bokeh") is not None
