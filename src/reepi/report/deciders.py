"""Who decided what the numbers rest on, in sentences: the model's proposals, readers, or the bedside chart."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reepi.core.results import PhotoRow
from reepi.core.surface import Origin
from reepi.report.words import number
from reepi.scoring.sources import RestsOn
from reepi.store.read_photographs import PROPOSAL, REFUSED, REJECTED

UNCHECKED: Final = "the model's proposals, which nobody checked"

SHORT_HASH: Final = 12
"""Characters of a hash that are shown; enough to tell two trails apart."""

RESTS_ON_WORDS: Final = {
    Origin.PROPOSAL: UNCHECKED,
    Origin.READING: "readings",
    Origin.ADJUDICATION: "adjudications",
    Origin.CHART: "the bedside chart",
}


@dataclass(frozen=True)
class VisitDeciders:
    """Who decided at one visit.

    Parameters
    ----------
    photos : tuple of PhotoRow
        How its photographs ended, and by whose word.
    rests_on : RestsOn or None
        Whose word its assessed skin rests on; None where its surface map cannot be read.
    painted_by : str
        Who painted the body chart that counts; empty where nothing is painted.
    signed : mapping of str to str
        Who signed the visit and changed nothing of it since, with the time [ISO 8601].
    """

    photos: tuple[PhotoRow, ...]
    rests_on: RestsOn | None = None
    painted_by: str = ""
    signed: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentences(self) -> tuple[str, ...]:
        """How many photographs were read and by whom, what the assessed skin rests on, the body chart, signatures."""
        skin = _skin_sentences(self.rests_on)
        return (*photographs_read(self.photos), *skin, self._chart_sentence, *self._signature_sentence)

    @property
    def _signature_sentence(self) -> tuple[str, ...]:
        if self.signed:
            names = ", ".join(f"{reader} ({when[:10]})" for reader, when in sorted(self.signed.items()))
            return (f"Signed by {names}.",)
        return ("Nobody signed it.",) if any(is_read(row) for row in self.photos) else ()

    @property
    def _chart_sentence(self) -> str:
        if not self.painted_by:
            return "Nothing is painted on the body chart."
        hidden = 0.0 if self.rests_on is None else self.rests_on.dressings
        under = f"; {number(hidden)} % BSA under dressings painted on it count as unassessed" if hidden else ""
        return f"The body chart was painted by {self.painted_by}{under}."


@dataclass(frozen=True)
class StudyDeciders:
    """Who decided in a whole study.

    Parameters
    ----------
    photos : tuple of PhotoRow
        How its photographs ended, and by whose word.
    charts : int
        Visits whose body chart was painted.
    placed : int
        Photographs that a reader placed on the body by points.
    events : int
        Events of the trail when the study was scored.
    head : str
        Hash of the newest of them; empty where there is none.
    """

    photos: tuple[PhotoRow, ...]
    charts: int = 0
    placed: int = 0
    events: int = 0
    head: str = ""

    @property
    def is_unchecked(self) -> bool:
        """Whether no person said what any skin is."""
        return not self.charts and not any(is_read(row) for row in self.photos)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a reader of the cover page has to know of where the numbers come from."""
        if self.is_unchecked:
            told: tuple[str, ...] = (f"Nobody read this study: all its numbers are {UNCHECKED}.",)
        else:
            told = (*photographs_read(self.photos), *self._rest_sentence)
        return (*told, *self._other_sentences)

    @property
    def trail_sentence(self) -> str:
        """How long the trail was, where it ended, and what verifies it."""
        if not self.events:
            return "The trail of readings was empty when the study was scored."
        events = "1 event" if self.events == 1 else f"{self.events} events"
        return f"When the study was scored its trail had {events}, the newest with the hash {self.head[:SHORT_HASH]}."

    @property
    def _rest_sentence(self) -> tuple[str, ...]:
        rest = sum(row.source == PROPOSAL and row.status == "scored" for row in self.photos)
        if not rest:
            return ("Every scored photograph was read.",)
        one = rest == 1
        return (f"{rest} scored photograph{'' if one else 's'} rest{'s' if one else ''} on {UNCHECKED}.",)

    @property
    def _other_sentences(self) -> tuple[str, ...]:
        charts = f"The body chart of {_visits(self.charts)} was painted at the bedside." if self.charts else ""
        placed = f"Readers' points place {_photographs(self.placed)} on the body." if self.placed else ""
        return tuple(sentence for sentence in (charts, placed) if sentence)


def study_deciders(photos: Sequence[PhotoRow], origin: Mapping[str, Any]) -> StudyDeciders:
    """Return who decided in a study, from its photographs and the content of ``run.json``."""
    trail, said = origin.get("trail") or {}, origin.get("said") or {}
    return StudyDeciders(
        tuple(photos),
        len(painters(origin)),
        len(said.get("points") or {}),
        int(trail.get("events") or 0),
        str(trail.get("head") or ""),
    )


def painters(origin: Mapping[str, Any]) -> dict[str, str]:
    """Return who painted the body chart of each visit, by its name in the trail, from the content of ``run.json``."""
    return dict((origin.get("said") or {}).get("painters") or {})


def signatures(origin: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return who signed each visit and when, by the visit's name in the trail, from the content of ``run.json``."""
    return {visit: dict(by) for visit, by in ((origin.get("said") or {}).get("signatures") or {}).items()}


def is_read(row: PhotoRow) -> bool:
    """Return whether a person said what a photograph shows."""
    return row.source not in ("", PROPOSAL)


def decided_words(row: PhotoRow) -> str:
    """Return who decided what a photograph shows; nothing where it shows nothing that counts."""
    if is_read(row):
        return row.source
    return "the model's proposal, which nobody checked" if row.source == PROPOSAL and row.status == "scored" else ""


def why_words(row: PhotoRow) -> str:
    """Return why a photograph was not scored; what a reader said of it stands for itself, without its code."""
    return row.reasons.removeprefix(f"{REJECTED}: ").removeprefix(f"{REFUSED}: ")


def photographs_read(photos: Sequence[PhotoRow]) -> tuple[str, ...]:
    """Return how many of some photographs were read, by whom, and how many of them readers turned away."""
    if not photos:
        return ("There is no photograph.",)
    away = _turned_away(photos)
    by = Counter(row.source for row in photos if is_read(row))
    if not by:
        none = "The one photograph was not" if len(photos) == 1 else f"None of {len(photos)} photographs was"
        return (f"{none} read.", *away)
    names = "; ".join(f"{source} ({count})" for source, count in sorted(by.items()))
    n_read = sum(by.values())
    started = f"{_share_of(n_read, len(photos))} {'was' if n_read == 1 else 'were'} read: {names}."
    return (started, *away)


def _turned_away(photos: Sequence[PhotoRow]) -> tuple[str, ...]:
    rejected, refused = (sum(row.reasons.startswith(f"{code}: ") for row in photos) for code in (REJECTED, REFUSED))
    words = (
        (rejected, f"Readers rejected {_photographs(rejected)}."),
        (refused, f"Readers refused the place of {_photographs(refused)} on the body."),
    )
    return tuple(sentence for count, sentence in words if count)


def _skin_sentences(rests_on: RestsOn | None) -> tuple[str, ...]:
    if rests_on is None:
        return ("The surface map cannot be read, so it is not known what the assessed skin rests on.",)
    parts = [(number(percent), RESTS_ON_WORDS[origin]) for origin, percent in rests_on.assessed.items() if percent > 0]
    total = number(sum(rests_on.assessed.values()))
    if not parts:
        return ("No skin was assessed.",)
    if len(parts) == 1:
        return (f"All of the {total} % BSA that were assessed rest on {parts[0][1]}.",)
    words = [f"{percent} {'on' if at else 'rest on'} {what}" for at, (percent, what) in enumerate(parts)]
    return (f"Of the {total} % BSA that were assessed, {'; '.join(words[:-1])}; and {words[-1]}.",)


def _share_of(part: int, total: int) -> str:
    if total == 1:
        return "The one photograph"
    return f"All {total} photographs" if part == total else f"{part} of {total} photographs"


def _photographs(count: int) -> str:
    return f"{count} photograph{'' if count == 1 else 's'}"


def _visits(count: int) -> str:
    return f"{count} visit{'' if count == 1 else 's'}"
