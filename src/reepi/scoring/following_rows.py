"""Endpoints of the same skin followed from visit to visit: detachment, healing, relapse, speed of the front."""

from collections.abc import Callable
from dataclasses import replace

from reepi.core.results import EndpointRow
from reepi.scoring import definitions
from reepi.scoring.healing import Healing
from reepi.scoring.intervals import Estimate
from reepi.scoring.story import BSA_UNIT, Story, without_value

FRONT_UNIT = "mm/day"


def following_rows(story: Story) -> list[EndpointRow]:
    """Return the skin that detached, healed and opened again, at each assessed visit but the first."""
    rows = _each_visit(story, "new_detachment_bsa", definitions.NEW_DETACHMENT, _new_detachment)
    rows += _each_visit(story, "healed_bsa", definitions.HEALED, _healed)
    return rows + _each_visit(story, "relapse_bsa", definitions.RELAPSE, _relapse)


def _each_visit(
    story: Story, endpoint: str, definition: str, value: Callable[[Healing, float], Estimate]
) -> list[EndpointRow]:
    course, row = story.course, story.row(endpoint, BSA_UNIT, definition)
    rows = [
        story.at_visit(row, visit, value(course.healing[visit], course.tables[visit].open_spread))
        for visit in course.assessed[1:]
    ]
    return rows or [without_value(row, definitions.NO_SECOND_VISIT)]


def _new_detachment(healing: Healing, spread: float) -> Estimate:
    """Return the new detachment; skin that was never assessed before may be new as well."""
    return Estimate.around(healing.new_detachment, spread, spread + healing.first_seen_open, 0, 100)


def _healed(healing: Healing, spread: float) -> Estimate:
    """Return the healed skin; hidden skin that was open or healed may be healed as well."""
    hidden = healing.open_carried + healing.healed_unassessed
    return Estimate.around(healing.healed, spread, spread + hidden, 0, 100)


def _relapse(healing: Healing, spread: float) -> Estimate:
    """Return the skin that opened again."""
    return Estimate.around(healing.relapse, spread, spread, 0, 100)


def front_rows(story: Story) -> list[EndpointRow]:
    """Return how fast the edge of open skin moved before each visit at which skin was assessed but the first."""
    plain = story.row("healing_front_mm_per_day", FRONT_UNIT, definitions.HEALING_FRONT)
    rows = []
    for front in story.fronts:
        row = without_value(plain, f"{front.reason}; since {story.name(front.since)}")
        at = story.at_visit(row, front.visit, front.speed)
        rows.append(at if front.at_least is None else replace(at, low=front.at_least))
    return rows or [without_value(plain, definitions.NO_SECOND_VISIT)]
