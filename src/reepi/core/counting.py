"""Which readings of a photograph count, where several people read it."""

from collections.abc import Sequence
from dataclasses import dataclass

from reepi.core.reading import MADE_BY_A_READER, Reading
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
    """

    readings: tuple[Reading, ...]
    readers: tuple[str, ...]
    origin: Origin
    rejected: str = ""

    @property
    def source(self) -> str:
        """Who decided, in words for ``photos.csv``."""
        names = ", ".join(self.readers)
        if self.origin is Origin.ADJUDICATION:
            return f"adjudication by {names}"
        return f"mean of readings by {names}" if len(self.readers) > 1 else f"reading by {names}"

    @property
    def key(self) -> str:
        """Text that changes with whatever counts."""
        masks = ",".join(f"{reading.photograph_sha256}:{reading.mask_sha256}" for reading in self.readings)
        return f"{self.source}|{masks}|{self.rejected}"


def counting(newest: Sequence[Reading], decided: Reading | None) -> CountingReadings | None:
    """Return which readings of one photograph count, or None where nobody stands for one.

    An adjudication counts until a reader reads the photograph again. Without one, every reader's newest reading counts;
    who rejected the photograph is overruled by who read it, until somebody decides.

    Parameters
    ----------
    newest : sequence of Reading
        The newest of each reader; proposals say nothing.
    decided : Reading, optional
        The newest adjudication.
    """
    told = sorted((each for each in newest if each.state != "proposed"), key=lambda each: each.reader)
    if decided is not None and all(decided.number > each.number for each in told):
        return _of([decided], Origin.ADJUDICATION)
    made = [each for each in told if each.state in MADE_BY_A_READER]
    return _of(made or told[:1], Origin.READING) if told else None


def _of(readings: Sequence[Reading], origin: Origin) -> CountingReadings:
    first = readings[0]
    if first.state in MADE_BY_A_READER:
        return CountingReadings(tuple(readings), tuple(each.reader for each in readings), origin)
    return CountingReadings((), (first.reader,), origin, f"{first.reader} rejected it: {first.reason}")
