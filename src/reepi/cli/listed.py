"""The rows of ``photos.csv``: how photographs ended, with what the list of them tells."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reepi.core.findings import Finding, as_reasons
from reepi.core.measured import EndedPhotograph
from reepi.core.results import PhotoRow
from reepi.core.study import Study
from reepi.inspection import list_findings


def photo_rows(study: Study, ended: Iterable[EndedPhotograph]) -> tuple[PhotoRow, ...]:
    """Return how the photographs of a study ended, in its order.

    Behind the reasons of one that was scored stands what the list tells; one that was not scored has its reason.
    """
    by_file = {each.entry.file: each for each in ended}
    told = list_findings(study, {file: each.mark.content for file, each in by_file.items()})
    return tuple(_with_findings(by_file[entry.file].row, told[entry.file]) for entry in study.photos)


def _with_findings(row: PhotoRow, findings: Sequence[Finding]) -> PhotoRow:
    if row.status != "scored":
        return row
    return replace(row, reasons="; ".join(filter(None, (row.reasons, as_reasons(findings)))))
