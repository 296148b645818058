"""Pictures that are on the page already: each is embedded once, however often it is shown."""

from collections.abc import Iterable

from reepi.report.figures import Picture


class PicturesOnce:
    """Remembers which pictures a page holds."""

    def __init__(self) -> None:
        self._held: set[str] = set()

    def new(self, pictures: Iterable[Picture]) -> list[Picture]:
        """Return those of some pictures that the page does not hold yet; from now on it does."""
        found = {picture.name: picture for picture in pictures if picture.name not in self._held}
        self._held.update(found)
        return list(found.values())

    def first(self, name: str) -> bool:
        """Return whether something of a name is not on the page yet; from now on it is."""
        if name in self._held:
            return False
        self._held.add(name)
        return True
