"""Planned days and the visits that answer them: missing, late, early and double visits by one stated rule.

A planned day is answered by the visit nearest to it within the protocol's window, of two equally near by the earlier. A
visit answers one planned day at most: the nearest, of two equally near the earlier. So pairs of day and visit are made
in the order of their distance, each day and each visit once.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from reepi.core.results import EndpointRow

PLANNED_VISIT: Final = "planned_visit"
"""Endpoint that tells which visit answers a planned day."""


def answers(days: Iterable[int], planned_days: Iterable[int], window: int) -> dict[int, int]:
    """Return the day of the visit that answers each planned day; planned days that none answers are left out.

    Parameters
    ----------
    days : iterable of int
        Days of the visits that have what is asked for.
    planned_days : iterable of int
        Planned days; they compete for visits.
    window : int
        A visit may lie so many days before or after the planned day.
    """
    visits = sorted(set(days))
    pairs = sorted((abs(day - planned), planned, day) for planned in set(planned_days) for day in visits)
    answered: dict[int, int] = {}
    for distance, planned, day in pairs:
        if distance <= window and planned not in answered and day not in answered.values():
            answered[planned] = day
    return answered


def answering_visits(rows: Iterable[EndpointRow]) -> dict[int, int]:
    """Return the day of the visit that answers each planned day of a patient, as the results say.

    Parameters
    ----------
    rows : iterable of EndpointRow
        The patient's; those of ``planned_visit`` tell it.
    """
    told = (row for row in rows if row.endpoint == PLANNED_VISIT and row.day is not None)
    return {row.day: int(row.value) for row in told if row.day is not None and isinstance(row.value, int | float)}


def answering_day(days: Iterable[int], planned: int, window: int, others: Iterable[int] = ()) -> int | None:
    """Return the day of the visit that answers a planned day, or None where none does.

    Parameters
    ----------
    days : iterable of int
        Days of the visits that have what is asked for.
    planned : int
        The planned day.
    window : int
        A visit may lie so many days before or after it.
    others : iterable of int
        The study's other planned days: a visit that is nearer to one of them, or equally near to an earlier one,
        answers that one.
    """
    return answers(days, {planned, *others}, window).get(planned)


def rule(window: int) -> str:
    """Return the rule by which visits answer planned days, in words."""
    if window == 0:
        return "a planned day is answered by the visit of that day alone"
    return (
        f"a planned day is answered by the nearest visit within {in_days(window)} of it, of two equally near the "
        f"earlier; a visit answers one planned day at most"
    )


def in_days(count: int) -> str:
    """Return a number of days in words."""
    return f"{count} day" if count == 1 else f"{count} days"


def how_answered(days: Sequence[int], planned: int, window: int, answer: int) -> str:
    """Return which visit answers a planned day: early, late, or one of several.

    Parameters
    ----------
    days : sequence of int
        Days of the visits that have what is asked for.
    planned, window : int
        The planned day, and how far from it a visit may lie.
    answer : int
        Day of the visit that answers it.
    """
    away = answer - planned
    told = f"answered by the visit of day {answer}"
    told += f", {in_days(abs(away))} {'late' if away > 0 else 'early'}" if away else ""
    near = sorted(day for day in set(days) if abs(day - planned) <= window)
    return f"{told}; visits in its window: days {', '.join(map(str, near))}" if len(near) > 1 else told


def why_unanswered(days: Iterable[int], planned: int, window: int) -> str:
    """Return why no visit answers a planned day, with the nearest visit there is."""
    nearest = min(sorted(set(days)), key=lambda day: abs(day - planned), default=None)
    if nearest is None:
        return f"no visit for day {planned}"
    if abs(nearest - planned) <= window:
        return f"no visit for day {planned}: that of day {nearest} answers another planned day"
    where = f"within {in_days(window)} of day {planned}" if window else f"on day {planned}"
    return f"no visit {where}; the nearest is that of day {nearest}"
