"""Re-epithelialisation rate: three numerators, two denominators, each with its 90 % interval.

Notation at visit t, all in % BSA: open(t) is the whole body's ``open`` in ``percent_bsa_full``; carried(t) is skin that
was open when last assessed and is unassessed at t; h(t) is skin that was seen healed and is unassessed at t; known(t)
is skin open at t or carried; E is the skin ever open, followed face by face; M = max over all visits of open; K = max
over all visits of known; filled is what ``percent_bsa_full`` adds to the skin seen.

===========  =====================================================  ==================  ===================
numerator    area                                                   ``peak``            ``ever``
===========  =====================================================  ==================  ===================
followed     skin open at an earlier visit and seen closed at t     K (1 - h(t) / E)    E - h(t)
labelled     ``reepithelialised`` at t: seen + filled               M                   M max(E / K, 1)
             x (1 - carried(t) / unassessed(t))
closed       max over visits up to t of open, minus                 M                   M max(E / K, 1)
             max(open(t), seen open(t) + carried(t))
===========  =====================================================  ==================  ===================

``followed`` knows only skin that photographs showed, so it is divided by skin that photographs showed; what was seen
healed and is unassessed at t is left out above and below the line. For the other two E is scaled to the whole skin as
the peak is. Unassessed skin that was open stays open: it is never healed.
"""

from dataclasses import dataclass
from math import hypot
from typing import Final, Literal

from reepi.core.results import OPEN_LABEL, UNASSESSED_LABEL
from reepi.core.tissue import Tissue
from reepi.scoring.areas import AreaTable
from reepi.scoring.healing import Healing
from reepi.scoring.intervals import NOTHING, Estimate, part_percent, ratio_percent

Numerator = Literal["followed", "labelled", "closed"]
Denominator = Literal["peak", "ever"]
NUMERATORS: Final[tuple[Numerator, ...]] = ("followed", "labelled", "closed")


@dataclass(frozen=True)
class Course:
    """A patient's visits in numbers, by date.

    Parameters
    ----------
    tables : tuple of AreaTable
        Areas of each visit.
    healing : tuple of Healing
        What following the skin says at each visit.

    Raises
    ------
    ValueError
        There are not as many of one as of the other.
    """

    tables: tuple[AreaTable, ...]
    healing: tuple[Healing, ...]

    def __post_init__(self) -> None:
        if len(self.tables) != len(self.healing):
            raise ValueError(f"{len(self.tables)} tables of areas for {len(self.healing)} visits")

    @property
    def assessed(self) -> tuple[int, ...]:
        """Places of the visits at which any skin was assessed."""
        return tuple(i for i, table in enumerate(self.tables) if table.assessed_percent > 0)

    def up_to(self, visit: int) -> "Course":
        """Return what was known at a visit: the visits up to and with it."""
        return Course(self.tables[: visit + 1], self.healing[: visit + 1])

    def open_area(self, visit: int) -> Estimate:
        """Return the open skin of the whole body at a visit [% BSA]."""
        return self.tables[visit].estimate(OPEN_LABEL)

    @property
    def peak_visit(self) -> int | None:
        """Place of the first visit with the largest open area, or None where nothing was assessed."""
        return max(self.assessed, key=lambda i: self.open_area(i).value, default=None)

    @property
    def max_open(self) -> Estimate | None:
        """Largest open area [% BSA]; each end of its interval is the largest of that end over the visits."""
        areas = [self.open_area(i) for i in self.assessed]
        if not areas:
            return None
        return Estimate(max(a.value for a in areas), max(a.low for a in areas), max(a.high for a in areas))


def rate(course: Course, visit: int, numerator: Numerator, denominator: Denominator) -> Estimate | None:
    """Return the re-epithelialisation rate at a visit [%], or None where it is undefined.

    It is undefined where no skin was assessed at the visit, where none was ever open, and where all that was is hidden.

    Parameters
    ----------
    course : Course
        All visits of the patient; later ones may change the denominator.
    visit : int
        Place of the visit.
    numerator, denominator
        As in the table at the top of this module.
    """
    if visit not in course.assessed:
        return None
    if numerator == "followed":
        return _followed_rate(course, visit, denominator)
    largest = _largest(course, denominator)
    if numerator == "labelled":
        return ratio_percent(_labelled(course, visit), largest)
    return part_percent(_closed(course, visit), largest)


def _followed_rate(course: Course, visit: int, denominator: Denominator) -> Estimate | None:
    """Return the followed rate; what is hidden now or was never seen may have healed or not: it widens the interval."""
    healing, peak = course.healing[visit], course.peak_visit or 0
    ever, known_peak = course.healing[-1].ever_open, _known_peak(course)
    if ever < NOTHING:
        return None
    whole = known_peak if denominator == "peak" else ever
    part_told = 1 - min(healing.healed_unassessed / ever, 1.0)
    never_seen = max(course.open_area(peak).value - known_peak, 0.0)
    spread, peak_spread = course.tables[visit].open_spread, course.tables[peak].open_spread
    healed = Estimate.around(healing.healed, spread, spread + healing.open_carried)
    told = part_percent(healed, Estimate.around(whole * part_told, peak_spread, peak_spread))
    if told is None:
        return None
    # Of skin that no photograph showed at the largest visit, none may have healed, or all.
    share_unseen = never_seen / (whole * part_told + never_seen)
    down, up = hypot(told.down, told.value * share_unseen), hypot(told.up, (100 - told.value) * share_unseen)
    told = Estimate.around(told.value, down, up, 0.0, 100.0)
    if_open, if_healed = (100 * (healing.healed + extra) / whole for extra in (0.0, healing.healed_unassessed))
    return Estimate(told.value, min(told.low, if_open), max(told.high, min(if_healed, 100.0)))


def _known_peak(course: Course) -> float:
    """Return the largest area known to be open at a visit [% BSA]."""
    return max((healing.open_known for healing in course.healing), default=0.0)


def _labelled(course: Course, visit: int) -> Estimate:
    """Return labelled skin; the filled part shrinks by what was open when last assessed."""
    table, label = course.tables[visit], Tissue.REEPITHELIALISED.label
    full, seen, unassessed = table.estimate(label), table.seen_percent(label), table.seen_percent(UNASSESSED_LABEL)
    stays_open = min(course.healing[visit].open_carried / unassessed, 1.0) if unassessed > 0 else 0.0
    value = full.value - (full.value - seen) * stays_open
    return Estimate(value, min(full.low, value), full.high)


def _closed(course: Course, visit: int) -> Estimate:
    """Return how far open skin has shrunk since the largest visit so far; carried skin counts as open."""
    now = course.open_area(visit)
    kept_open = course.tables[visit].seen_percent(OPEN_LABEL) + course.healing[visit].open_carried
    counted = max(now.value, kept_open)
    largest = max(course.open_area(i).value for i in course.assessed if i <= visit)
    return Estimate.around(largest - counted, now.up, now.down + counted - now.value)


def _largest(course: Course, denominator: Denominator) -> Estimate:
    """Return the largest open area [% BSA], scaled from the peak to the union where that is asked."""
    largest, known_peak = course.max_open or Estimate(0.0, 0.0, 0.0), _known_peak(course)
    excess = max(course.healing[-1].ever_open / known_peak, 1.0) if denominator == "ever" and known_peak > 0 else 1.0
    return Estimate.around(largest.value * excess, largest.down, largest.up)
