"""Content and pictures to one HTML text: everything inside it, nothing fetched, nothing run."""

import base64
from collections.abc import Mapping
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from reepi.body.charts import CHART_TITLES
from reepi.core.results import PART_LABELS
from reepi.report import words
from reepi.report.content import ReportContent
from reepi.report.pictures import Pictures

TEMPLATE: Final = "report.html.j2"

NOTICE: Final = (
    "Research software, not a medical device. Its numbers are estimates from photographs and must not decide the care "
    "of a patient. Whether skin is detachable is found at the bedside; a photograph can only suggest it."
)


def render(content: ReportContent, pictures: Mapping[str, Pictures]) -> str:
    """Return the report as HTML.

    Parameters
    ----------
    content : ReportContent
        What it says. All text is escaped.
    pictures : dict of Pictures
        Pictures of each patient, by `PatientContent.anchor`.
    """
    environment = page_environment()
    environment.filters.update(
        number=words.number, title=words.endpoint_title, shown=words.endpoint_value, between=words.endpoint_interval
    )
    return environment.get_template(TEMPLATE).render(
        report=content,
        pictures=pictures,
        notice=NOTICE,
        parts=PART_LABELS,
        chart_titles=CHART_TITLES,
        interval=words.interval,
        embed=embed,
    )


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
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
