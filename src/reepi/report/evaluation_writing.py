"""Writes the report of a tissue model's evaluation: one page that opens offline, and its numbers as CSV beside it."""

from pathlib import Path
from typing import Final

from reepi.core.tissue import COLOURS, Tissue
from reepi.model.data.splits import SPLIT_RULE, Split
from reepi.model.evaluation.bootstrap import LEAST_PATIENTS, RESAMPLES
from reepi.model.evaluation.evaluating import Figure
from reepi.model.evaluation.measuring import Measured
from reepi.model.evaluation.skin_colour import AROUND_PX, LEAST_PIXELS, TONES
from reepi.model.evaluation.subjects import OPEN_SKIN
from reepi.model.evaluation.surface_distance import TOLERANCE_PX
from reepi.model.evaluation.worst_cases import LEAST_SHARE
from reepi.model.inference import Segmenter
from reepi.report.evaluation_content import (
    DataSetContent,
    EvaluationContent,
    evaluation_content,
    is_folded,
)
from reepi.report.evaluation_drawings import area_drawing, drawn_measure, strata_drawing, tissue_drawing
from reepi.report.evaluation_pictures import case_pictures
from reepi.report.evaluation_tables import figures_csv, photographs_csv
from reepi.report.rendering import embed, page_environment
from reepi.report.words import NO_VALUE, number
from reepi.store.files import write_text

PAGE: Final = "index.html"
FIGURES: Final = "figures.csv"
PHOTOGRAPHS: Final = "photographs.csv"


def write_evaluation(folder: Path, measured: Measured, segment: Segmenter, split: Split, command: str) -> Path:
    """Write page and tables of an evaluation into a folder and return the path of the page.

    Parameters
    ----------
    folder : Path
        Where to; it is made if it is not there.
    measured : Measured
        What was found, of a tissue model.
    segment : callable
        The model, for the pictures.
    split : "train", "validation" or "test"
        Which part of the data it was.
    command : str
        What the user called.
    """
    page = render_evaluation(evaluation_content(measured, split, command), segment)
    write_text(folder / FIGURES, figures_csv(measured.figures))
    write_text(folder / PHOTOGRAPHS, photographs_csv(measured.records))
    write_text(folder / PAGE, page)
    return folder / PAGE


def render_evaluation(content: EvaluationContent, segment: Segmenter) -> str:
    """Return the report of an evaluation as HTML; all text is escaped, nothing is fetched."""
    environment = page_environment()
    environment.filters.update(shown=shown, spread=spread, number=number)
    return environment.get_template("evaluation.html.j2").render(
        report=content,
        drawings={each.anchor: _drawings(each) for each in content.datasets},
        pictures={each.anchor: _pictures(each, segment) for each in content.datasets},
        folded=is_folded,
        drawn_measure=drawn_measure,
        embed=embed,
        colours=[(tissue.label, "#{:02x}{:02x}{:02x}".format(*COLOURS[tissue])) for tissue in Tissue],
        tissues=[tissue.label for tissue in Tissue],
        methods={
            "split_rule": SPLIT_RULE,
            "resamples": RESAMPLES,
            "tolerance": TOLERANCE_PX,
            "least_pixels": LEAST_PIXELS,
            "around": AROUND_PX,
            "least_share": 100 * LEAST_SHARE,
            "least_patients": LEAST_PATIENTS,
            "tones": TONES,
        },
    )


def _drawings(content: DataSetContent) -> dict[str, bytes]:
    drawings = {"tissues": tissue_drawing(content.tissues)} if content.tissues.rows else {}
    tables = [table for table in content.strata if not is_folded(table) and table.columns]
    tables = [table for table in tables if table.columns[0] == tables[0].columns[0]]
    if tables:
        drawings["strata"] = strata_drawing(tables)
    if OPEN_SKIN in content.records.known:
        drawings["areas"] = area_drawing(content.records)
    return drawings


def _pictures(content: DataSetContent, segment: Segmenter) -> list[tuple[bytes, bytes, bytes]]:
    dataset = content.records.dataset
    return [case_pictures(segment, dataset, each.record.sample) for each in content.cases]


def shown(figure: Figure | None) -> str:
    """Return a figure's value: two decimals where it is a percentage, else three; a dash where there is none."""
    return NO_VALUE if figure is None else number(figure.value, _decimals(figure))


def spread(figure: Figure | None) -> str:
    """Return a figure's 90 % interval, or nothing."""
    if figure is None or figure.low is None or figure.high is None:
        return ""
    return f"{number(figure.low, _decimals(figure))} to {number(figure.high, _decimals(figure))}"


def _decimals(figure: Figure) -> int:
    return 2 if "%" in figure.measure else 3
