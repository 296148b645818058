"""The cohort as it goes onto the page: what is said of it, and its drawings."""

from dataclasses import dataclass

from reepi.core.study import Study
from reepi.report.cohort_content import CohortContent
from reepi.report.cohort_drawings import curves_drawing, lanes_drawing
from reepi.report.course import Plan
from reepi.report.healing_curves import healing_drawing, healing_text
from reepi.report.words import DAY_ZERO_WORDS


@dataclass(frozen=True)
class CohortShown:
    """The cohort with its drawings.

    Parameters
    ----------
    content : CohortContent
        What is said of it.
    lanes, curves : bytes or None
        SVG of all courses along the days, and of a small curve a patient; None where no visit has a day.
    healing : bytes or None
        SVG of the share of patients that has healed, by day; None where no patient has a time.
    """

    content: CohortContent
    lanes: bytes | None
    curves: bytes | None
    healing: bytes | None

    @property
    def healing_text(self) -> str:
        """The healing curves in a sentence."""
        return healing_text(self.content.healing)


def draw_cohort(content: CohortContent, study: Study) -> CohortShown:
    """Return the cohort with its drawings."""
    drawn = [course for course in content.courses if course.days]
    if not drawn:
        return CohortShown(content, None, None, None)
    axis = DAY_ZERO_WORDS.get(study.day_zero, "day")
    plan = Plan(study.visit_days, study.protocol.window_days)
    return CohortShown(
        content,
        lanes_drawing(drawn, axis, plan),
        curves_drawing(drawn, axis, plan),
        healing_drawing(content.healing, axis, plan),
    )
