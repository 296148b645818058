"""Ways to look into data sets."""

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
