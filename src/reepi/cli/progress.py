"""Progress bars, on standard error so that results on standard output stay clean."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reepi.core.results import PhotoRow

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def photograph_progress(total: int) -> Iterator[Callable[[PhotoRow], None]]:
    """Draw a bar over photographs, with a line for each that was not scored; yields what to call when one has ended.

    Parameters
    ----------
    total : int
        Number of photographs.
    """
    from rich.markup import escape

    with _bar() as bar:
        task = bar.add_task("Photographs", total=total)

        def ended(row: PhotoRow) -> None:
            bar.advance(task)
            if row.status != "scored":
                bar.console.print(escape(f"{row.file}: {row.status}, {row.reasons}"), highlight=False)

        yield ended


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
    return Progress(*columns, console=Console(stderr=True))
