"""Content and pictures to one HTML text: everything inside it, nothing fetched, nothing run but its own program."""

import base64
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reepi.body.charts import CHART_TITLES
from reepi.core.results import PART_LABELS
from reepi.report import words
from reepi.report.body3d import Body, body_colours
from reepi.report.cohort_content import cohort_content
from reepi.report.cohort_pictures import draw_cohort
from reepi.report.content import PatientContent, ReportContent
from reepi.report.following import BECAME_SWATCHES, heal_swatches
from reepi.report.notes import lines_of, matrix_of, numbered, pages_of, sources_of
from reepi.report.once import PicturesOnce
from reepi.report.pictures import Pictures
from reepi.report.policy import PRINTED_POLICY, Programs
from reepi.scoring.endpoint_titles import endpoint_title
from reepi.scoring.levels import interval_level
from reepi.scoring.planned import rule

TEMPLATE: Final = "report.html.j2"

NOTICE: Final = (
    "Research software, not a medical device. Its numbers are estimates from photographs and must not decide the care "
    "of a patient. Whether skin is detachable is found at the bedside; a photograph can only suggest it."
)

SHORT_NOTICE: Final = "Research software, not a medical device"
"""Stands on every printed page."""


def rendered(
    content: ReportContent, pictures: Callable[[PatientContent], Pictures], *, bodies: bool, printed: bool = False
) -> Iterator[str]:
    """Yield the report as HTML, piece by piece: the pictures of one patient at a time are in memory.

    Parameters
    ----------
    content : ReportContent
        What it says. All text is escaped.
    pictures : callable
        Returns the pictures of a patient; asked for once, where that patient's part begins.
    bodies : bool
        Whether some patient has a body that turns; what draws it comes before all patients.
    printed : bool
        Give the page as it goes to paper: nothing folded, nothing that runs, every picture in its place.
    """
    environment = page_environment()
    environment.filters.update(
        number=words.number,
        title=endpoint_title,
        shown=words.endpoint_value,
        between=words.endpoint_interval,
        figure=words.endpoint_figure,
        quoted=quoted,
    )
    cohort = draw_cohort(cohort_content(content), content.study)
    programs = Programs.of_report(bodies and not printed)
    yield from environment.get_template(TEMPLATE).generate(
        report=content,
        cohort=cohort,
        became_swatches=BECAME_SWATCHES,
        heal_swatches=heal_swatches(),
        window_rule=rule(content.study.protocol.window_days),
        pictures=pictures,
        notice=NOTICE,
        short_notice=SHORT_NOTICE,
        parts=PART_LABELS,
        chart_titles=CHART_TITLES,
        interval=words.interval,
        embed=embed,
        printed=printed,
        once=PicturesOnce(),
        programs=programs,
        policy=PRINTED_POLICY if printed else programs.policy,
        body_data=body_data,
        numbered=numbered,
        matrix_of=matrix_of,
        pages_of=pages_of,
        lines_of=lines_of,
        level_of=interval_level,
        sources_of=sources_of,
        base64=text_of,
    )


def body_data(body: Body, patient: PatientContent) -> dict[str, object]:
    """Return a body as plain values for the page's program, with what is told of each visit."""
    told = {visit.title: f"open skin {visit.open_words}" for visit in patient.visits}
    return {
        "surface": body.surface.name,
        "corners": text_of(body.corners),
        "colours": body_colours(),
        "visits": [
            {"title": title, "told": told[title], "codes": text_of(codes)} for title, codes in body.visits.items()
        ],
    }


def quoted(text: str) -> Markup:
    """Return text as a string of a style sheet: all but letters and digits is escaped (CSS Syntax 3, 4.3.7)."""
    escaped = "".join(letter if letter.isascii() and letter.isalnum() else f"\\{ord(letter):06x}" for letter in text)
    return Markup(f'"{escaped}"')  # noqa: S704 - nothing of a style sheet or of a page is left in it


@cache
def page_environment() -> Environment:
    """Return what fills templates: all text is escaped, and a name that is not there is an error."""
    return Environment(
        loader=PackageLoader("reepi.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def embed(kind: str, content: bytes) -> str:
    """Return bytes of a media type such as ``image/png`` as a data URI."""
    return f"data:{kind};base64,{text_of(content)}"


def text_of(content: bytes) -> str:
    """Return bytes as base64."""
    return base64.b64encode(content).decode("ascii")
