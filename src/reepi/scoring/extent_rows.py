"""Endpoints of how much skin is open: at each visit, at most, and what follows from that."""

from dataclasses import replace

from reepi.core.results import UNASSESSED_LABEL, EndpointRow
from reepi.scoring import definitions
from reepi.scoring.changed_maximum import moved_rate, raised_maxima
from reepi.scoring.severity import BOUNDARY_RULES, OVERLAP_FROM, TEN_FROM, eligibility, severity_class
from reepi.scoring.story import BSA_UNIT, Story, remarked, without_value, yes_no


def open_area_rows(story: Story) -> list[EndpointRow]:
    """Return the open skin of each visit."""
    rows = []
    for visit, table in enumerate(story.course.tables):
        hidden, left = max(100 - table.assessed_percent, 0.0), table.estimate(UNASSESSED_LABEL).value
        definition = definitions.open_area(story.protocol, hidden, left)
        row = story.row("open_bsa", BSA_UNIT, definition)
        if visit in story.course.assessed:
            rows.append(story.at_visit(row, visit, story.course.open_area(visit), alone=True))
        else:
            rows.append(story.at_visit(without_value(row, definitions.NOTHING_ASSESSED), visit, None, alone=True))
    return rows or [without_value(story.row("open_bsa", BSA_UNIT, definitions.OPEN), definitions.NO_VISIT)]


def max_open_rows(story: Story) -> list[EndpointRow]:
    """Return the largest open area, with the visits that raised it and what that did to earlier rates."""
    row = story.row("max_open_bsa", BSA_UNIT, definitions.max_open_area(story.protocol))
    peak = story.counted.peak_visit
    if peak is None:
        return [remarked(without_value(row, definitions.NOTHING_ASSESSED), story.not_counted)]
    return [remarked(story.at_visit(row, peak, story.counted.max_open), *_changes_told(story), story.not_counted)]


def _changes_told(story: Story) -> list[str]:
    """Return in words which visits raised the maximum, and which rates have moved since they were first known."""
    raised = [
        f"{story.name(each.visit)} from {each.before:.1f} to {each.after:.1f} % BSA"
        for each in raised_maxima(story.counted)
    ]
    if not raised:
        return []
    protocol, course = story.protocol, story.counted
    found = (moved_rate(course, i, protocol.numerator, protocol.denominator) for i in course.assessed)
    moved = [
        f"{story.name(each.visit)} from {each.known:.1f} to {each.now:.1f} % ({each.points:+.1f} points)"
        for each in found
        if each is not None
    ]
    told = f"raised by the visit of {', '.join(raised)}"
    return [told, f"rates that this moved: {', '.join(moved)}" if moved else "no rate moved with it"]


def severity_rows(story: Story) -> list[EndpointRow]:
    """Return the class of the largest open area, by the protocol's rule."""
    rule, largest = story.protocol.severity_rule, story.counted.max_open
    row = story.row("severity_class", "class", f"max_open_bsa: {BOUNDARY_RULES[rule]}")
    row = remarked(row, story.not_counted)
    if largest is None:
        return [without_value(row, definitions.NOTHING_ASSESSED)]
    past_ten = largest.probability_above(OVERLAP_FROM, inclusive=True)
    past_thirty = largest.probability_above(TEN_FROM, inclusive=rule == "pnds")
    row = remarked(row, definitions.severity(rule, past_ten, past_thirty))
    return [replace(row, value=severity_class(largest.value, rule))]


def eligibility_rows(story: Story) -> list[EndpointRow]:
    """Return whether enough skin was open soon enough."""
    areas = [(story.dates[i], story.course.open_area(i)) for i in story.counted.assessed]
    answer = eligibility(story.patient.index_date, areas, story.protocol)
    row = remarked(story.row("eligible", "yes/no", definitions.eligible(story.protocol)), answer.reason)
    if answer.eligible is None or answer.probability is None:
        return [without_value(row, "not computed")]
    return [remarked(replace(row, value=yes_no(answer.eligible)), f"probability {answer.probability:.2f}")]
