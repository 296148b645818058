"""The report: one HTML file that opens offline, from the results of a scored study."""

from pathlib import Path


def write_report(results: Path, study_folder: Path) -> Path:
    """Write ``report.html`` into the results folder and return its path.

    Parameters
    ----------
    results : Path
        Results of a scored study.
    study_folder : Path
        The study they belong to; its photographs are shown beside their overlays.

    Raises
    ------
    InputError
        The study folder is wrong, or the results are missing or damaged.
    """
    from reepi.report.writing import write

    return write(results, study_folder)
