"""A patient's SCORTEN as rows: item by item, the sum, both mortalities, and ABCD-10 where the protocol asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from reepi.core.clinical import Observation
from reepi.core.clinical_items import ITEMS, UREA_NITROGEN
from reepi.core.results import EndpointRow
from reepi.core.study import Protocol
from reepi.scoring import abcd10
from reepi.scoring.clinical_dates import Timeline
from reepi.scoring.intervals import Estimate
from reepi.scoring.planned import in_days
from reepi.scoring.scorten import (
    INTERCEPT,
    LIMITS,
    MORTALITY,
    SCORTEN_ITEMS,
    SLOPE,
    SOURCE,
    Boundaries,
    MortalityForm,
    Score,
    ScortenValues,
    Value,
    point,
    points,
)
from reepi.scoring.story import without_value

POINTS_UNIT: Final = "points"

IN_TIME_DAYS: Final = 1
"""SCORTEN is of the first 24 hours; tables hold dates, so the day after admission is still in time, none before is."""

DAY_THREE: Final = (2, 3)
"""Days after admission on which a repeated SCORTEN is that of day 3, the day of admission being the first (Guegan, J
Invest Dermatol 2006;126:272-276)."""

OF_FORM: Final[dict[MortalityForm, str]] = {
    "table": "mortality observed at that score",
    "logistic": f"logit = {INTERCEPT:g} + {SLOPE:g} x points",
}


@dataclass(frozen=True)
class Known:
    """What is known of an item, and from where.

    Parameters
    ----------
    value : float, bool or None
        In the unit of its limit.
    words : str
        In words; why it is not known, if it is not.
    doubtful : bool
        Whether its interval holds its limit.
    late : bool
        Whether it was observed too late.
    """

    value: Value
    words: str
    doubtful: bool = False
    late: bool = False


def scorten_rows(
    time: Timeline, protocol: Protocol, first_open: Estimate | None, first_visit: date | None
) -> list[EndpointRow]:
    """Return the rows of SCORTEN, and of ABCD-10 where the protocol asks for it; see `clinical_rows`."""
    known = _at_admission(time, protocol.scorten_boundaries, first_open, first_visit)
    values = _values({item: each.value for item, each in known.items()})
    given = points(values, protocol.scorten_boundaries)
    doubtful = [item for item in SCORTEN_ITEMS if known[item].doubtful]
    score = Score.of(given, doubtful=doubtful)
    rows = [_total_row(time, protocol, given, score, known)]
    rows += [_item_row(time, protocol.scorten_boundaries, item, known[item]) for item in SCORTEN_ITEMS]
    rows += _mortality_rows(time, protocol, score)
    rows += _day_three_rows(time, protocol, values, doubtful)
    return rows + (_abcd10_rows(time, values, known["dialysis"], first_open) if protocol.abcd10 else [])


def without_record(time: Timeline, why: str) -> list[EndpointRow]:
    """Return the two rows of a study that tells nothing of SCORTEN."""
    row = _row(time, "scorten", POINTS_UNIT, f"{SOURCE}; {why}")
    return [row, replace(row, endpoint="scorten_mortality", unit="%")]


def _row(time: Timeline, endpoint: str, unit: str, definition: str) -> EndpointRow:
    return EndpointRow(time.patient.patient_id, endpoint, None, None, None, None, unit, definition)


def _at_admission(
    time: Timeline, boundaries: Boundaries, first_open: Estimate | None, first_visit: date | None
) -> dict[str, Known]:
    """Return what is known of each item at admission, in the order of SCORTEN, and of dialysis."""
    known = {
        "age": Known(time.patient.age_years, f"{time.patient.age_years:g} years (patients.csv)"),
        "malignancy": _answer(time, "malignancy"),
        "heart_rate": _first(time, "heart_rate"),
        "initial_open_bsa": _open_skin(time, boundaries, first_open, first_visit),
    }
    known |= {item: _first(time, item) for item in ("urea", "glucose", "bicarbonate")}
    return known | {"dialysis": _answer(time, "dialysis")}


def _answer(time: Timeline, item: str) -> Known:
    answer = time.record.answer(item)
    if answer is None:
        return Known(None, f"not known: clinical.csv has no {item}")
    return Known(answer == "yes", answer)


def _first(time: Timeline, item: str) -> Known:
    observation = _first_observation(time, item)
    if observation is None:
        return Known(None, f"not known: clinical.csv has no {item}")
    return _observed(time, observation)


def _first_observation(time: Timeline, item: str) -> Observation | None:
    """Return the first value since admission; where there is none, the last one before; None without any."""
    found = [each for each in time.record.all(item) if each.number is not None]
    since = [each for each in found if (time.since_admission(each.date) or 0) >= 0]
    return since[0] if since else found[-1] if found else None


def _observed(time: Timeline, observation: Observation) -> Known:
    number, unit = observation.number or 0.0, observation.unit
    written = f"{number:.4g} {unit}"
    unit_written = observation.text.partition(" ")[2]
    if unit_written and unit_written.casefold() != unit.casefold():
        nitrogen = observation.item == "urea" and ITEMS["urea"].factor(unit_written) == UREA_NITROGEN
        written += f" (written as {observation.text}{', taken as blood urea nitrogen' if nitrogen else ''})"
    on = f" on {observation.date}" if observation.date else ", without a date"
    late, remark = _lateness(time, observation.date)
    return Known(number, f"{written}{on}{remark}", late=late)


def _lateness(time: Timeline, on: date | None) -> tuple[bool, str]:
    """Return whether a date is not in time, and what to say of it."""
    days = time.since_admission(on)
    if days is None or 0 <= days <= IN_TIME_DAYS:
        return False, ""
    where = "after" if days > 0 else "before"
    return True, f", {in_days(abs(days))} {where} admission, not of the first 24 hours"


def _open_skin(time: Timeline, boundaries: Boundaries, first_open: Estimate | None, first_visit: date | None) -> Known:
    """Return the initial open skin: as seen at the bedside, or as photographs of the first visit show it."""
    bedside = _first(time, "initial_open_bsa")
    if bedside.value is not None:
        return replace(bedside, words=f"{bedside.words} (initial_open_bsa of clinical.csv)")
    if first_open is None:
        return Known(None, "not known: clinical.csv has no initial_open_bsa, and no visit shows open skin or none")
    ends = {point("initial_open_bsa", end, boundaries) for end in (first_open.low, first_open.high)}
    late, remark = _lateness(time, first_visit)
    on = f" on {first_visit}" if first_visit else ""
    words = (
        f"{first_open.value:.1f} % BSA{on}{remark} (open_bsa of the first visit, 90 % interval "
        f"{first_open.low:.1f} to {first_open.high:.1f}; clinical.csv has no initial_open_bsa)"
    )
    return Known(first_open.value, words, len(ends) > 1, late)


def _total_row(
    time: Timeline, protocol: Protocol, given: Mapping[str, int | None], score: Score, known: Mapping[str, Known]
) -> EndpointRow:
    told = ", ".join(f"{item} {given[item]}" for item in SCORTEN_ITEMS if given[item] is not None)
    definition = f"{SOURCE}; at admission; {_boundary_words(protocol.scorten_boundaries)}; points: {told}"
    late = [item for item in SCORTEN_ITEMS if known[item].late]
    if late:
        definition += f"; not of the first 24 hours: {', '.join(late)}"
    if known["initial_open_bsa"].value is not None:
        definition += f"; open skin: {known['initial_open_bsa'].words}"
    return _with_score(_row(time, "scorten", POINTS_UNIT, definition), score, given)


def _boundary_words(boundaries: Boundaries) -> str:
    rule = "no point" if boundaries == "above" else "a point"
    return f"a value exactly at a limit gives {rule}, bicarbonate counts below 20"


def _with_score(row: EndpointRow, score: Score, given: Mapping[str, int | None]) -> EndpointRow:
    """Return a row with its points; where some are not known, with the fewest and the most."""
    if score.value is None:
        unknown = ", ".join(item for item, number in given.items() if number is None)
        why = f"not computed: {unknown} not known, so {score.low} to {score.high} points are possible"
        return replace(row, low=float(score.low), high=float(score.high), definition=f"{row.definition}; {why}")
    row = replace(row, value=float(score.value))
    return row if score.low == score.high else replace(row, low=float(score.low), high=float(score.high))


def _item_row(time: Timeline, boundaries: Boundaries, item: str, known: Known) -> EndpointRow:
    limit = LIMITS.get(item)
    rule = f"{limit.words} {limit.sign(boundaries)} {limit.limit:g} {limit.unit}" if limit else "there is cancer"
    given = point(item, known.value, boundaries)
    words = known.words if given is not None else known.words.replace("not known", "not computed", 1)
    row = _row(time, f"scorten_{item}", POINTS_UNIT, f"1 point if {rule}; {words}")
    if given is None:
        return replace(row, low=0.0, high=1.0)
    ends = (0.0, 1.0) if known.doubtful else (None, None)
    return replace(row, value=float(given), low=ends[0], high=ends[1])


def _mortality_rows(time: Timeline, protocol: Protocol, score: Score) -> list[EndpointRow]:
    forms: tuple[MortalityForm, ...] = ("table", "logistic")
    rows = {form: _mortality_row(time, form, score) for form in forms}
    chosen = rows[protocol.scorten_mortality]
    definition = f"{chosen.definition}; the protocol's form ({protocol.scorten_mortality})"
    return [replace(chosen, endpoint="scorten_mortality", definition=definition), *rows.values()]


def _mortality_row(time: Timeline, form: MortalityForm, score: Score) -> EndpointRow:
    low, high = MORTALITY[form](score.low).low, MORTALITY[form](score.high).high
    definition = f"predicted by {SOURCE}; {OF_FORM[form]}"
    if form == "table":
        of_one = "low and high its 95 % interval"
        several = f"low and high the ends of the published intervals at {score.low} and {score.high} points"
        definition += f", {of_one if score.low == score.high else several}"
    row = _row(time, f"scorten_mortality_{form}", "%", definition)
    if score.value is None:
        why = f"not computed: SCORTEN is not known, {score.low} to {score.high} points are possible"
        return replace(row, low=low, high=high, definition=f"{row.definition}; {why}")
    percent = MORTALITY[form](score.value).percent
    doubt = "" if score.low == score.high else f" ({score.low} to {score.high} possible)"
    row = replace(row, value=percent, definition=f"{row.definition}; {score.value} points{doubt}")
    return row if low == percent == high else replace(row, low=low, high=high)


def _day_three_rows(
    time: Timeline, protocol: Protocol, first: ScortenValues, doubtful: Sequence[str]
) -> list[EndpointRow]:
    """Return SCORTEN with the values that were observed again at day 3; no row where none was."""
    again: dict[str, Any] = {
        each.item: each.number
        for item in SCORTEN_ITEMS
        for each in reversed(time.record.all(item))
        if each.number is not None
        and time.since_admission(each.date) in DAY_THREE
        and each != _first_observation(time, item)
    }
    if not again:
        return []
    given = points(replace(first, **again), protocol.scorten_boundaries)
    definition = (
        f"{SOURCE}, repeated {DAY_THREE[0]} or {DAY_THREE[1]} days after admission; observed again: "
        f"{', '.join(again)}; other items as at admission; {_boundary_words(protocol.scorten_boundaries)}"
    )
    row = _row(time, "scorten_day_3", POINTS_UNIT, definition)
    return [_with_score(row, Score.of(given, doubtful=[item for item in doubtful if item not in again]), given)]


def _values(values: Mapping[str, Value]) -> ScortenValues:
    numbers = {item: None if (value := values[item]) is None else float(value) for item in LIMITS}
    malignancy = values["malignancy"]
    return ScortenValues(malignancy=None if malignancy is None else bool(malignancy), **numbers)


def _abcd10_rows(
    time: Timeline, values: ScortenValues, dialysis: Known, first_open: Estimate | None
) -> list[EndpointRow]:
    given = abcd10.abcd10_points(values, None if dialysis.value is None else bool(dialysis.value))
    doubtful = [item for item in ("initial_open_bsa",) if _open_skin(time, "above", first_open, None).doubtful]
    score = Score.of(given, abcd10.WORTH, doubtful)
    told = ", ".join(f"{item} {number}" for item, number in given.items() if number is not None)
    row = _with_score(_row(time, "abcd10", POINTS_UNIT, f"{abcd10.SOURCE}; points: {told}"), score, given)
    mortality = _row(time, "abcd10_mortality", "%", f"predicted by {abcd10.SOURCE}")
    if score.low != score.high:
        low, high = (abcd10.abcd10_mortality(end) for end in (score.low, score.high))
        possible = f"{score.low} to {score.high} points are possible"
        definition = f"{mortality.definition}; low and high: of the fewest and the most points, {possible}"
        mortality = replace(mortality, low=low, high=high, definition=definition)
    if score.value is None:
        return [row, without_value(mortality, "not computed: ABCD-10 is not known")]
    return [row, replace(mortality, value=abcd10.abcd10_mortality(score.value))]
