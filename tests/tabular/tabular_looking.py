"""Ways to look into data sets."""

from dataclasses import replace

from reepi.core.results import UNASSESSED_LABEL, AreaRow
from reepi.tabular.analysis import ScoredStudy, analysis_data_sets
from reepi.tabular.dataset import Cell, DataSet

EVIL = "=HYPERLINK(0)"
"""Text that a spreadsheet would take for a formula."""


def by_name(scored: ScoredStudy) -> dict[str, DataSet]:
    """Return the analysis data sets by name."""
    return {data.name: data for data in analysis_data_sets(scored)}


def records(data: DataSet) -> list[dict[str, Cell]]:
    """Return the rows of a data set, each as a mapping."""
    names = [variable.name for variable in data.variables]
    return [dict(zip(names, row, strict=True)) for row in data.rows]


def with_nothing_assessed(scored: ScoredStudy, day: int = 8) -> ScoredStudy:
    """Return the study with all skin of the visit of a day unassessed."""
    return replace(scored, areas=[_unassessed(row) if row.day == day else row for row in scored.areas])


def _unassessed(row: AreaRow) -> AreaRow:
    share = (100.0 if row.region == "whole_body" else 100 / 33) if row.tissue == UNASSESSED_LABEL else 0.0
    return replace(row, percent_bsa=share, percent_bsa_full=share, low=share, high=share)
