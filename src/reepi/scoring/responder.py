"""Responders: complete or almost complete re-epithelialisation at day 7, and what counts where there is no such rate.

Death up to day 7 is an outcome, not missing information: whoever died has not re-epithelialised. That is the composite
strategy for an intercurrent event (ICH E9(R1) 2019, A.3.2). A living patient without a rate in the window is missing
information, and the protocol says what that counts as.
"""

from dataclasses import replace
from typing import Final

from reepi.core.results import EndpointRow
from reepi.scoring import definitions
from reepi.scoring.intervals import ROUNDING, Estimate
from reepi.scoring.planned import answering_day, how_answered, in_days, why_unanswered
from reepi.scoring.story import Story, remarked, without_value, yes_no

RESPONDER_DAY: Final = 7
"""Day after day zero at which the trial's responders are told (LYSYME's primary efficacy endpoint)."""


def responder_rows(story: Story) -> list[EndpointRow]:
    """Return the row of `responder_row`."""
    return [responder_row(story)]


def responder_row(story: Story) -> EndpointRow:
    """Return whether a patient responded, by the first of these rules that applies.

    1. The protocol states no threshold: not computed.
    2. The patient has no day zero: not computed.
    3. Died up to and with day 7: no.
    4. A visit answers day 7 (`reepi.scoring.planned`) with a rate: yes if the rate reaches the threshold, else no.
    5. Skin was assessed and never found open: not computed.
    6. Otherwise the rate is missing: no, or not computed, as the protocol's ``missing_responder`` says.
    """
    threshold = story.protocol.almost_complete_percent
    row = story.row("responder", "yes/no", definitions.responder(story.protocol, RESPONDER_DAY), RESPONDER_DAY)
    if threshold is None:
        return without_value(row, "not computed: the protocol states no almost_complete_percent")
    if story.patient.day_zero_date is None:
        return without_value(row, definitions.NO_DAY_ZERO)
    if story.death_day is not None and story.death_day <= RESPONDER_DAY:
        return replace(without_value(row, f"died on day {story.death_day}"), value=yes_no(answer=False))
    rates, window = story.primary_rates(), story.protocol.window_days
    day = answering_day(rates, RESPONDER_DAY, window, story.planned_days)
    if day is not None:
        visit, value = rates[day]
        row = replace(row, source=story.source_up_to(visit))
        row = _judged(row, value, threshold, story, how_answered(tuple(rates), RESPONDER_DAY, window, day))
        if row.value == yes_no(answer=False):
            return row
        complete = story.protocol.complete_percent
        reached = complete if value.value >= complete - ROUNDING else threshold
        return remarked(row, story.contradicted(visit, threshold), story.not_kept(day, reached))
    if story.never_open:
        return without_value(row, story.nothing_to_heal)
    return _missing(row, story)


def _judged(row: EndpointRow, rate: Estimate, threshold: float, story: Story, answered: str) -> EndpointRow:
    """Return the row with the answer that a rate gives."""
    complete = story.protocol.complete_percent
    reached = rate.value >= threshold - ROUNDING
    extent = "complete" if rate.value >= complete - ROUNDING else "almost complete, not complete"
    chance = rate.probability_above(threshold, inclusive=True)
    return remarked(
        replace(row, value=yes_no(reached)),
        answered,
        f"rate {rate.value:.1f} %: {extent if reached else 'not almost complete'}",
        f"probability {chance:.2f} of {threshold:g} % or more",
    )


def _missing(row: EndpointRow, story: Story) -> EndpointRow:
    """Return the row of a living patient without a rate in the window."""
    protocol = story.protocol
    within = f" or within {in_days(protocol.window_days)} of it" if protocol.window_days else ""
    why = f"no rate at day {RESPONDER_DAY}{within}"
    left = story.day_of(story.record.left_study)
    told = f"left the study on day {left}" if left is not None and left <= RESPONDER_DAY + protocol.window_days else ""
    nearest = why_unanswered(tuple(story.primary_rates()), RESPONDER_DAY, protocol.window_days)
    row = remarked(row, told, nearest)
    if protocol.missing_responder == "non_responder":
        return replace(without_value(row, f"{why}: counts as no (missing_responder)"), value=yes_no(answer=False))
    return without_value(row, f"not computed: {why}: left out (missing_responder)")
