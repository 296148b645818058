"""Progress bars, on standard error so that results on standard output stay clean."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.progress import Progress

    from reepi.core.results import PhotoRow

REFRESHED: Final = 2
"""How often a second a bar is drawn: ten times would take a hundredth of a core from what it counts."""


@contextmanager
def photograph_progress(total: int) -> Iterator[Callable[["PhotoRow"], None]]:
    """Draw a bar over photographs, with a line for each that was not scored; yields what to call when one has ended.

    Parameters
    ----------
    total : int
        Number of photographs.
    """
    from rich.markup import escape

    with _bar() as bar:
        task = bar.add_task("Photographs", total=total)

        def ended(row: "PhotoRow") -> None:
            bar.advance(task)
            if row.status != "scored":
                bar.console.print(escape(f"{row.file}: {row.status}, {row.reasons}"), highlight=False)

        yield ended


@contextmanager
def counted_progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Draw a bar over things of one kind; yields what to tell the number finished so far.

    Parameters
    ----------
    what : str
        What is counted, such as "Photographs".
    total : int
        How many there are.
    """
    with _bar() as bar:
        task = bar.add_task(what, total=total)
        yield lambda finished: bar.update(task, completed=finished)


@contextmanager
def sample_progress(total: int) -> Iterator[Callable[[str], None]]:
    """Draw a bar over the photographs of data sets; yields what to call with the stem of one that is done.

    Parameters
    ----------
    total : int
        Number of photographs.
    """
    with _bar() as bar:
        task = bar.add_task("Photographs", total=total)
        yield lambda stem: bar.advance(task)


def _bar() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), refresh_per_second=REFRESHED)
