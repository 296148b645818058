"""What all kinds of events of a trail have in common: one look at them, each read once."""

from abc import ABC, abstractmethod
from functools import cache
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from reepi.core.trail import Event, EventKind
from reepi.store.trail import Trail

Told = TypeVar("Told")


class TrailStore(ABC, Generic[Told]):
    """The events of one kind of one study folder.

    Nothing is created until the first one is saved, so looking leaves a study as it is.

    Parameters
    ----------
    study : Path
        The study folder.
    url : str, optional
        Data base of several readers; the file in the study folder if none.
    trail : Trail, optional
        The study's trail, where it is open already or its past is wanted; in place of ``url``.
    """

    kind: ClassVar[EventKind]

    def __init__(self, study: Path, url: str | None = None, trail: Trail | None = None) -> None:
        self._study = study
        self.trail = trail or Trail(study, url)
        # What an event says never changes, so each is read once.
        self._said = cache(self._told)

    def history(self) -> tuple[Told, ...]:
        """Return everything that was saved, in order, after the hashes of the trail were checked.

        Raises
        ------
        InputError
            The data base cannot be used, or the trail does not hold; names the first such place.
        """
        return tuple(map(self._said, self.trail.events(self.kind)))

    @abstractmethod
    def _told(self, event: Event) -> Told:
        """Return what an event says (`ValueError` if its content is none of its kind)."""
