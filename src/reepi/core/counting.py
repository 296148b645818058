"""Which readings of a photograph count, where several people read it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reepi.core.reading import Reading, counting_readings
from reepi.core.surface import Origin


@dataclass(frozen=True)
class CountingReadings:
    """What counts of a photograph's readings.

    Parameters
    ----------
    readings : tuple of Reading
        Those whose masks are laid on the body; the mean of several counts. None where the photograph is rejected.
    readers : tuple of str
        Who decided.
    origin : Origin
        Whether a reader or an adjudicator said so.
    rejected : str
        Who rejected the photograph and why; empty where it counts.
    overruled : tuple of str
        Who rejected it although it counts, since another reader read it and no adjudicator decided.
    """

    readings: tuple[Reading, ...]
    readers: tuple[str, ...]
    origin: Origin
    rejected: str = ""
    overruled: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Who decided, in words for ``photos.csv``."""
        names = listed(self.readers)
        if self.origin is Origin.ADJUDICATION:
            return f"adjudication by {names}"
        told = f"mean of readings by {names}" if len(self.readers) > 1 else f"reading by {names}"
        return f"{told}, against the rejection by {listed(self.overruled)}" if self.overruled else told

    @property
    def key(self) -> str:
        """Text that changes with whatever counts."""
        masks = ",".join(f"{reading.photograph_sha256}:{reading.mask_sha256}" for reading in self.readings)
        return f"{self.source}|{masks}|{self.rejected}"


def listed(names: Sequence[str]) -> str:
    """Return names in a row; among several, one that holds a comma stands in quotation marks."""
    if len(names) < 2:
        return "".join(names)
    return ", ".join(f'"{name}"' if "," in name else name for name in names)


def counting(newest: Sequence[Reading], decided: Reading | None) -> CountingReadings | None:
    """Return what counts of one photograph, or None where nobody stands for a reading.

    Parameters
    ----------
    newest : sequence of Reading
        The newest of each reader, without hidden repeats.
    decided : Reading, optional
        The newest adjudication.
    """
    counts = counting_readings(newest, decided)
    if not counts:
        return None
    origin = Origin.ADJUDICATION if counts == (decided,) else Origin.READING
    readers = tuple(each.reader for each in counts)
    if counts[0].teaches:
        against = sorted(each.reader for each in newest if each.state == "rejected")
        return CountingReadings(counts, readers, origin, overruled=() if counts == (decided,) else tuple(against))
    why = "; ".join(f"{each.reader} rejected it: {each.reason}" for each in counts)
    return CountingReadings((), readers, origin, why)


def counting_by_file(newest: Iterable[Reading], decided: Mapping[str, Reading]) -> dict[str, CountingReadings]:
    """Return what counts of each photograph that anybody stands for, by file; see `counting`."""
    readings: dict[str, list[Reading]] = {}
    for each in newest:
        readings.setdefault(each.photograph, []).append(each)
    files = dict.fromkeys([*readings, *decided])
    told = {file: counting(readings.get(file, []), decided.get(file)) for file in files}
    return {file: counts for file, counts in told.items() if counts is not None}
