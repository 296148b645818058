"""Opens photographs in another thread: the next one before the reader asks for it, and earlier days beside this one."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from reepi.core.errors import ReepiError
from reepi.core.images import Pixels
from reepi.core.study import PhotoEntry
from reepi.review.desk import Desk, OpenPhotograph
from reepi.review.worklist import Key, Task


@dataclass(frozen=True)
class Ready:
    """A photograph that was opened ahead.

    Parameters
    ----------
    photograph : OpenPhotograph
        The photograph.
    sizes : list of (H, W, 3) uint8
        Its pixels at its own size and smaller, for drawing.
    """

    photograph: OpenPhotograph
    sizes: list[Pixels]


@dataclass(frozen=True)
class EarlierPicture:
    """A photograph of an earlier day, or None in the place of its pixels where it cannot be read."""

    entry: PhotoEntry
    pixels: Pixels | None


class OpeningAhead:
    """Reads one photograph after the other in a thread of its own, so that the window never waits for a file.

    Parameters
    ----------
    desk : Desk
        Opens photographs.
    sizes_of : callable
        Makes the smaller sizes of a photograph (H, W, 3).
    """

    def __init__(self, desk: Desk, sizes_of: Callable[[Pixels], list[Pixels]]) -> None:
        self._desk = desk
        self._sizes_of = sizes_of
        self._worker = ThreadPoolExecutor(1, "opening ahead")
        self._next: tuple[Key, Future[Ready]] | None = None
        self._earlier: Future[list[EarlierPicture]] | None = None

    def begin(self, entries: Sequence[PhotoEntry], following: Task | None) -> None:
        """Begin to read photographs of earlier days, then the one that follows in the worklist."""
        self._earlier = self._worker.submit(self._pictures, entries)
        self._next = None if following is None else (following.key, self._worker.submit(self._ready, following))

    def take_earlier(self) -> list[EarlierPicture] | None:
        """Return the photographs of earlier days, once, or None while they are read."""
        if self._earlier is None or not self._earlier.done():
            return None
        done, self._earlier = self._earlier, None
        return done.result()

    def take(self, task: Task) -> Ready | None:
        """Return a photograph if it is the one that was opened ahead, waiting for it where it is not ready yet."""
        opened, self._next = self._next, None
        if opened is None:
            return None
        key, future = opened
        if key != task.key:
            future.cancel()
            return None
        try:
            return future.result()
        except (ReepiError, OSError, ValueError):
            # Opening it again tells what is wrong.
            return None

    def close(self) -> None:
        """End the thread once what it reads is read."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _pictures(self, entries: Sequence[PhotoEntry]) -> list[EarlierPicture]:
        return [EarlierPicture(entry, self._desk.picture(entry.file)) for entry in entries]

    def _ready(self, task: Task) -> Ready:
        photograph = self._desk.open(task)
        return Ready(photograph, self._sizes_of(photograph.pixels))
