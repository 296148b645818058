"""The report: one HTML file that opens offline, and a PDF of it, from the results of a scored study."""

from pathlib import Path


def write_report(results: Path, study_folder: Path, browser: str | None = None) -> Path:
    """Write ``report.html`` into the results folder and return its path.

    Parameters
    ----------
    results : Path
        Results of a scored study.
    study_folder : Path
        The study they belong to; its photographs are shown with their tissues.
    browser : str, optional
        Program that prints ``report.pdf`` beside it; see `reepi.report.printing.find_browser`. Without one there is no
        PDF, and one that says something else than the new page is removed.

    Raises
    ------
    InputError
        The study folder is wrong, or the results are missing or damaged.
    NoPdf
        The page is written, but the browser could not print it.
    """
    from reepi.report.writing import write

    return write(results, study_folder, browser)
