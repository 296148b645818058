"""Writes the report of agreement between raters: one page that opens offline, and its numbers as CSV beside it."""

from pathlib import Path
from typing import Final

from reepi.report.agreement_content import (
    HEADLINES,
    AgreementContent,
    PairContent,
    agreement_content,
    counted,
    shown,
    spread,
)
from reepi.report.agreement_drawings import difference_drawing, small_drawings
from reepi.report.agreement_tables import agreement_csv, visits_csv
from reepi.report.rendering import embed, page_environment
from reepi.scoring.rater_agreement import RaterAgreement
from reepi.scoring.rater_statistics import LEAST_VISITS, RESAMPLES
from reepi.scoring.statistic import LEAST_PATIENTS
from reepi.store.files import write_text

PAGE: Final = "index.html"
FIGURES: Final = "agreement.csv"
VISITS: Final = "visits.csv"

LEAST_DRAWN: Final = 2
"""Visits below which there is nothing to draw."""


def write_agreement(folder: Path, found: RaterAgreement, title: str, command: str) -> Path:
    """Write page and tables of agreement into a folder and return the path of the page.

    Parameters
    ----------
    folder : Path
        Where to; it is made if it is not there.
    found : RaterAgreement
        What was found.
    title : str
        What was compared.
    command : str
        What the user called.
    """
    page = render_agreement(agreement_content(found, title, command))
    write_text(folder / FIGURES, agreement_csv(found.figures))
    write_text(folder / VISITS, visits_csv(found))
    write_text(folder / PAGE, page)
    return folder / PAGE


def render_agreement(content: AgreementContent) -> str:
    """Return the report of agreement as HTML; all text is escaped, nothing is fetched."""
    environment = page_environment()
    environment.filters.update(shown=shown, spread=spread, counted=counted)
    return environment.get_template("agreement.html.j2").render(
        report=content,
        drawings={pair.anchor: _drawings(pair) for pair in content.pairs},
        embed=embed,
        headline_titles=[title for _, _, title in HEADLINES],
        methods={"resamples": RESAMPLES, "least_patients": LEAST_PATIENTS, "least_visits": LEAST_VISITS},
    )


def _drawings(content: PairContent) -> dict[str, bytes]:
    """Return the large plot of the first quantity, and the small ones of those on which raters differ at all."""
    drawn = [line for line in content.numbers if len(line.numbers.visits) >= LEAST_DRAWN and line.numbers.values.any()]
    drawings = {}
    if drawn:
        drawings["first"] = difference_drawing(drawn[0], content.pair.first, content.pair.second)
    if drawn[1:]:
        drawings["others"] = small_drawings(drawn[1:])
    return drawings
