"""Which day the names of a photograph's folders and file tell: a date, or a day of the study."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from reepi.store.adding.words import plain

_YEARS: Final = range(1990, 2100)

_STAMP: Final = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})[t_ -]?([01]\d|2[0-3])([0-5]\d)([0-5]\d)(?:\d{3})?(?!\d)")
"""Date and time as telephones name their photographs, with or without thousandths."""

_YEAR_FIRST: Final = re.compile(
    r"(?<!\d)(\d{4})([-_. ]?)(\d{2})\2(\d{2})"
    r"(?:(?:[t_ -]|, |[ -](?:at|um|om|a)[ -])([01]\d|2[0-3])[-_.:h ]?([0-5]\d)(?:[-_.:m ]?([0-5]\d))?)?(?!\d)"
)
_YEAR_LAST: Final = re.compile(
    r"(?<!\d)(\d{1,2})([-_. ])(\d{1,2})\2(\d{4}|\d{2})"
    r"(?:(?:[t_ ]|, | at )([01]\d|2[0-3])[-_.:h ]([0-5]\d)(?:[-_.:m ]([0-5]\d))?)?(?!\d)"
)

_MONTHS: Final = (
    "jan january janvier januar januari enero ene gennaio gen janeiro jaenner",
    "feb february fevrier fev februar februari febrero febbraio fevereiro",
    "mar march mars maerz marz maart mrt marzo marco",
    "apr april avril avr abril abr aprile",
    "may mai mei mayo maggio mag maio",
    "jun june juin juni junio giugno giu junho",
    "jul july juillet juil juli julio luglio lug julho",
    "aug august aout augustus agosto ago",
    "sep sept september septembre septiembre settembre set setembro",
    "oct october octobre oktober okt octubre ottobre ott outubro out",
    "nov november novembre noviembre novembro",
    "dec december decembre dezember dez diciembre dic dicembre dezembro",
)
_MONTH_OF: Final = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
_MONTH_WORDS: Final = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_DAY_MONTH: Final = re.compile(rf"(?<!\d)(\d{{1,2}})[. _-]*(?:de )?({_MONTH_WORDS})[. _-]*(?:de )?(\d{{4}})(?!\d)")
_MONTH_DAY: Final = re.compile(rf"(?<![a-z])({_MONTH_WORDS})[. _-]*(\d{{1,2}})(?:st|nd|rd|th)?,?[. _-]+(\d{{4}})(?!\d)")

_DAY_COUNT: Final = re.compile(
    r"(?<![^\W\d_])(?:visit|visite)?(?:day|jour|tag|dia|giorno|dag)\W?[_ ]?([+-]?)[_ ]?(\d{1,3})(?!\d)"
)
"""Days in English, French, German, Spanish, Portuguese, Italian and Dutch."""

_DAY_LETTER: Final = re.compile(r"(?<![^\W_])[dj]([+-]?)(\d{1,3})(?![^\W_])")
"""The letters that stand for them: within other letters and numbers they stand for anything."""

_CAMERA: Final = re.compile(r"(?:nikon|galaxy)[\W_]*[dj]\d+")
"""Cameras that are called like days."""

_SENT: Final = re.compile(
    r"[-_]wa\d{4}(?!\d)|whats ?app|(?<![^\W_])(?:signal|threema|telegram|viber)(?![^\W_])"
    r"|(?<![^\W_])photo_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(?!\d)"
)
"""A messenger names what it received by the day of sending: WhatsApp, Signal, Threema, Telegram, Viber."""

_SCREEN: Final = re.compile(
    r"screen ?shot|bildschirmfoto|capture d.?ecran|captura de (?:pantalla|ecra|tela)|schermata|schermafbeelding"
)
"""What is taken of a screen is named by when that was, and so is its clock."""

_UNIVERSAL: Final = re.compile(r"(?<![^\W_])pxl[-_ ]?$")
"""Before a stamp in universal time: Pixel telephones name photographs so."""

LOCAL_EARLIER_HOUR: Final = 12
"""Before this hour of universal time it may be the day before somewhere (12 hours behind)."""

LOCAL_LATER_HOUR: Final = 10
"""From this hour of universal time it may be the day after somewhere (14 hours ahead)."""

_SHORT_YEAR: Final = "the year has two digits"


@dataclass(frozen=True)
class DateClue:
    """What names tell of when a photograph was taken.

    Parameters
    ----------
    dates : tuple of date
        Dates that fit, the likeliest first; empty where nothing was told.
    at : time, optional
        Time of day, where the name tells it.
    words : str
        What it rests on.
    doubt : str
        What speaks against it; empty where nothing does.
    contradicted : bool
        Whether a camera's clock does not settle it: names tell several days, or it is a picture of a screen.
    """

    dates: tuple[date, ...] = ()
    at: time | None = None
    words: str = ""
    doubt: str = ""
    contradicted: bool = False


def date_clue(names: Sequence[str], day_zero: date | None) -> DateClue:
    """Return the dates that fit all names that tell one.

    Parameters
    ----------
    names : sequence of str
        From the outermost folder to the file.
    day_zero : date, optional
        What days of the study are counted from; without it they tell nothing.
    """
    clues = [clue for name in reversed(names) for clue in _clues(name, day_zero)]
    if not clues:
        return DateClue()
    words = ", ".join(dict.fromkeys(clue.words for clue in clues))
    at = next((clue.at for clue in clues if clue.at is not None), None)
    common = [day for day in clues[0].dates if all(day in clue.dates for clue in clues)]
    if not common:
        told = dict.fromkeys(day for clue in clues for day in clue.dates)
        return DateClue((*told,), at, words, "names of folders and file tell different days", True)
    # What another name confirms is no longer in doubt.
    doubts = [clue.doubt for clue in clues] if len({clue.words for clue in clues}) == 1 else []
    doubt = next((doubt for doubt in doubts if doubt), "")
    if len(common) > 1:
        doubt = f"it may be {' or '.join(day.isoformat() for day in common)}"
    return DateClue(tuple(common), at, words, doubt, bool(doubt) and any(clue.contradicted for clue in clues))


def _clues(name: str, day_zero: date | None) -> Iterator[DateClue]:
    text = _CAMERA.sub("~", plain(name))
    dated = []
    while (found := _dated(text)) is not None:
        clue, (start, end) = found
        dated.append(clue)
        text = f"{text[:start]}~{text[end:]}"
    # Three short numbers beside a whole date are a counter rather than another date.
    yield from [clue for clue in dated if clue.doubt != _SHORT_YEAR] or dated
    if day_zero is not None:
        yield from _counted(text, day_zero)


def _dated(text: str) -> tuple[DateClue, tuple[int, int]] | None:
    """Return the first date of a text and where it stands."""
    for pattern, read in (
        (_STAMP, _stamp),
        (_YEAR_FIRST, _year_first),
        (_DAY_MONTH, _day_month),
        (_MONTH_DAY, _month_day),
        (_YEAR_LAST, _year_last),
    ):
        for match in pattern.finditer(text):
            clue = read(match)
            if clue.dates:
                return replace(_of_program(clue, text, match), words=match.group().strip()), match.span()
    return None


def _of_program(clue: DateClue, text: str, match: re.Match[str]) -> DateClue:
    """Return what a date tells where a program wrote it: a messenger, a screen, a clock of another zone."""
    if _SCREEN.search(text):
        return replace(clue, doubt=clue.doubt or "the name tells when the screen was taken", contradicted=True)
    if _SENT.search(text):
        return replace(clue, doubt=clue.doubt or "the name tells when it was sent")
    zoned = text[match.end() :].startswith("z") or _UNIVERSAL.search(text[: match.start()])
    return _local(clue, clue.at) if zoned and clue.at is not None else clue


def _local(clue: DateClue, at: time) -> DateClue:
    """Return the days that it may have been where a photograph was taken at a moment of universal time."""
    shifts = [0, *([-1] if at.hour < LOCAL_EARLIER_HOUR else []), *([1] if at.hour >= LOCAL_LATER_HOUR else [])]
    days = [day + timedelta(days=shift) for shift in shifts for day in clue.dates]
    return replace(clue, dates=tuple(dict.fromkeys(days)), at=None)


def _stamp(match: re.Match[str]) -> DateClue:
    year, month, day, hour, minute, second = map(int, match.groups())
    return DateClue(_dates((year, month, day)), time(hour, minute, second))


def _year_first(match: re.Match[str]) -> DateClue:
    return DateClue(_dates((int(match[1]), int(match[3]), int(match[4]))), _time(match))


def _year_last(match: re.Match[str]) -> DateClue:
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    short = len(match[4]) == 2
    year += 2000 * short
    # Dots are used where the day comes first; elsewhere the month may.
    orders = [(year, second, first)] + ([] if match[2] == "." else [(year, first, second)])
    doubt = _SHORT_YEAR if short else ""
    return DateClue(_dates(*orders), _time(match), "", doubt)


def _day_month(match: re.Match[str]) -> DateClue:
    return DateClue(_dates((int(match[3]), _MONTH_OF[match[2]], int(match[1]))))


def _month_day(match: re.Match[str]) -> DateClue:
    return DateClue(_dates((int(match[3]), _MONTH_OF[match[1]], int(match[2]))))


def _time(match: re.Match[str]) -> time | None:
    return None if match[5] is None else time(int(match[5]), int(match[6]), int(match[7] or 0))


def _dates(*orders: tuple[int, int, int]) -> tuple[date, ...]:
    """Return the dates of year, month and day that there are, each once."""
    found = []
    for year, month, day in orders:
        try:
            found += [date(year, month, day)] if year in _YEARS else []
        except ValueError:
            continue
    return tuple(dict.fromkeys(found))


def _counted(text: str, day_zero: date) -> Iterator[DateClue]:
    for match in (*_DAY_COUNT.finditer(text), *_DAY_LETTER.finditer(text)):
        sign, number = match[1], int(match[2])
        # A hyphen may be a minus or part the word from its number.
        days = (number, -number) if sign == "-" and number else (number,)
        dates = tuple(day_zero + timedelta(days=day) for day in days)
        yield DateClue(dates, None, match.group().strip())


def with_time(day: date, at: time | None) -> datetime:
    """Return a date with a time of day, midnight where none is known."""
    return datetime.combine(day, at or time())
