"""Photographs that were measured lately, read and registered: the same view of the next day leans on them."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from reepi.core.images import Photograph
from reepi.core.surface import Registration

MOST_PHOTOGRAPHS: Final = 32
"""Photographs that are remembered, as many as a visit has at most; at working size they take a few megabytes each."""


@dataclass(frozen=True)
class Recent:
    """A photograph at working size and its registration, where it has one."""

    photograph: Photograph
    registration: Registration | None = None


class RecentPhotographs:
    """Remembers photographs by the hash of their files' bytes; that asked for longest ago goes first.

    Any thread may ask. What is remembered is what reading the file again would give, and a registration as it was made
    in the scoring that goes on: whoever begins another one clears it.

    Parameters
    ----------
    most : int
        How many are remembered.
    """

    def __init__(self, most: int = MOST_PHOTOGRAPHS) -> None:
        self._most = most
        self._kept: OrderedDict[str, Recent] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, content: str, recent: Recent) -> None:
        """Remember a photograph whose file's bytes have this hash."""
        with self._lock:
            self._kept[content] = recent
            self._kept.move_to_end(content)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def get(self, content: str) -> Recent | None:
        """Return the photograph whose file's bytes have this hash, if it is remembered."""
        with self._lock:
            if content not in self._kept:
                return None
            self._kept.move_to_end(content)
            return self._kept[content]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()


RECENT: Final = RecentPhotographs()
"""Those of this process, whichever of its threads measured them."""
